// The gallery in Chromium: a viewer's way in, the presiding judge's doors, and a look at the picture itself.
import { expect, type Browser, type Locator, type Page } from '@playwright/test';
import { vi as words } from '../../web/src/gallery/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { newPerson } from './browser.ts';

/** A device that sends nothing: only what it receives is tested, and drawing it is work enough for the machine. */
export async function newViewer(browser: Browser): Promise<Page> {
  const page = await newPerson(browser, {
    permissions: [],
    viewport: { width: 1024, height: 768 },
  });
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('none', 'NotFoundError'));
  });
  return page;
}

/** From the link, past the two declarations, to the page that watches. */
export async function watch(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('checkbox', { name: words.age }).check();
  await page.getByRole('checkbox', { name: words.silence }).check();
  await page.getByRole('button', { name: words.enter }).click();
  await expect(page.locator('main[data-scene]')).toBeVisible();
}

export async function expectScene(page: Page, scene: string, milliseconds = 15_000): Promise<void> {
  await expect(page.locator('main[data-scene]')).toHaveAttribute('data-scene', scene, {
    timeout: milliseconds,
  });
}

/** The presiding judge's panel of the doors, open. */
export async function doors(judge: Page): Promise<Locator> {
  const panel = judge.getByRole('dialog', { name: vi.gallery.title });
  if (!(await panel.isVisible())) {
    await judge.locator('button.doors').click();
  }
  await expect(panel).toBeVisible();
  return panel;
}

export async function confirm(page: Page, action: string): Promise<void> {
  await page.getByRole('alertdialog').getByRole('button', { name: action, exact: true }).click();
  await expect(page.getByRole('alertdialog')).toBeHidden();
}

export async function openGallery(judge: Page): Promise<void> {
  await (await doors(judge)).getByRole('switch', { name: vi.gallery.name }).click();
  await confirm(judge, vi.gallery.confirm.openGallery);
}

/** One press, and no question. */
export async function closeGallery(judge: Page): Promise<void> {
  await (await doors(judge)).getByRole('switch', { name: vi.gallery.name }).click();
  await judge.keyboard.press('Escape');
}

export async function setDelay(judge: Page, seconds: number): Promise<void> {
  const slider = (await doors(judge)).getByRole('slider');
  await slider.fill(String(seconds));
  await slider.dispatchEvent('change');
  await expect(slider).toHaveValue(String(seconds));
  await judge.keyboard.press('Escape');
}

/**
 * Watches the picture of this page from now on and resolves with the time, by the machine's clock, at which it became another
 * one: more than a sixteenth of a coarse grid of its light changed much. Times are comparable between pages of one machine.
 */
export function pictureChanges(page: Page, milliseconds: number): Promise<number> {
  return page.evaluate(async (patience) => {
    const columns = 16;
    const rows = 9;
    const video = document.querySelector('main video') as HTMLVideoElement;
    const canvas = new OffscreenCanvas(columns, rows);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const look = (): number[] => {
      if (!context) throw new Error('no canvas');
      context.drawImage(video, 0, 0, columns, rows);
      const { data } = context.getImageData(0, 0, columns, rows);
      return Array.from({ length: columns * rows }, (_, i) => data[i * 4 + 1] ?? 0);
    };
    const frame = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    await frame();
    const first = look();
    const until = Date.now() + patience;
    while (Date.now() < until) {
      await frame();
      const now = look();
      const changed = now.filter((light, i) => Math.abs(light - (first[i] ?? 0)) > 24).length;
      if (changed > (columns * rows) / 16) return Date.now();
    }
    throw new Error('the picture stayed as it was');
  }, milliseconds);
}

/** Packets that this device has received so far, of every medium. */
export function packetsReceived(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const all = (window as unknown as { madeConnections: RTCPeerConnection[] }).madeConnections;
    let sum = 0;
    for (const connection of all) {
      for (const report of (await connection.getStats()).values()) {
        const stats = report as RTCInboundRtpStreamStats;
        if (stats.type === 'inbound-rtp') sum += stats.packetsReceived ?? 0;
      }
    }
    return sum;
  });
}

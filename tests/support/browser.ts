// People in Chromium: one browser context each, a fake camera and microphone, and a look at what really arrives.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';

const ROOT = resolve(import.meta.dirname, '../..');
const CHROMIUM = '/usr/bin/chromium';

/** Headless as root, no traffic of its own, and 127.0.0.1 as a candidate. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--mute-audio',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
  // Not the context's own way of it: that one starts a request anew for each connection, gives up after 32 of them
  // (ERR_TOO_MANY_RETRIES), and covers neither media nor downloads.
  '--ignore-certificate-errors',
];

const PATIENCE_MS = 120_000; // with one click or one way to a page

export function launch(flags: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
}

export interface PersonOptions {
  viewport?: { width: number; height: number };
  locale?: string;
  permissions?: string[];
}

/** A fresh device: no cookies, its own permissions. */
export async function newPerson(browser: Browser, options: PersonOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: options.locale ?? 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    viewport: options.viewport ?? { width: 1440, height: 900 },
    permissions: options.permissions ?? ['camera', 'microphone'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await rememberConnections(context);
  const page = await context.newPage();
  tellTroubles(page);
  return page;
}

/** Everybody turns their device off, so that the next case has the machine to itself. */
export async function turnOff(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()));
}

/** What goes wrong in the page stands under the case, when that fails. */
function tellTroubles(page: Page): void {
  page.on('crash', () => console.log(`page crashed: ${page.url()}`));
  page.on('requestfailed', (request) => {
    console.log(`request failed: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
  page.on('pageerror', (error) => console.log(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy')) {
      console.log(`page says: ${message.text()}`);
    }
  });
}

/** Keeps every RTCPeerConnection of the page where received() finds it. */
async function rememberConnections(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const made: RTCPeerConnection[] = [];
    (window as unknown as { madeConnections: RTCPeerConnection[] }).madeConnections = made;
    window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
      construct(target, args: ConstructorParameters<typeof RTCPeerConnection>) {
        const connection = new target(...args);
        made.push(connection);
        return connection;
      },
    });
  });
}

/** What one device has received so far, by m-line. */
export interface Received {
  video: Record<string, number>;
  audio: Record<string, number>;
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const all = (window as unknown as { madeConnections: RTCPeerConnection[] }).madeConnections;
    const found: Received = { video: {}, audio: {} };
    for (const connection of all.filter((one) => one.connectionState === 'connected')) {
      for (const report of (await connection.getStats()).values()) {
        const stats = report as RTCInboundRtpStreamStats;
        if (stats.type !== 'inbound-rtp' || stats.mid === undefined) {
          continue;
        }
        if (stats.kind === 'video') {
          found.video[stats.mid] = stats.framesDecoded ?? 0;
        } else {
          // Samples that were really decoded, not made up for what did not come.
          found.audio[stats.mid] =
            (stats.totalSamplesReceived ?? 0) - (stats.concealedSamples ?? 0);
        }
      }
    }
    return found;
  });
}

/** How many pictures and sounds arrive at this device now: m-lines whose counters grow. */
export async function arriving(page: Page): Promise<{ video: number; audio: number }> {
  const before = await received(page);
  await page.waitForTimeout(1_200);
  const after = await received(page);
  const growing = (kind: keyof Received) =>
    Object.entries(after[kind]).filter(([mid, count]) => count > (before[kind][mid] ?? 0)).length;
  return { video: growing('video'), audio: growing('audio') };
}

/** Waits until exactly so many pictures and sounds arrive. */
export async function expectArriving(page: Page, video: number, audio: number): Promise<void> {
  await expect
    .poll(() => arriving(page), { timeout: 20_000, intervals: [100] })
    .toEqual({ video, audio });
}

/** No accessibility rule is broken on this screen. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const said = violations.map(
    (rule) => `${rule.id}: ${rule.help}\n  ${rule.nodes.map((node) => node.html).join('\n  ')}`,
  );
  expect(said).toEqual([]);
}

/** A picture of the screen for test-results; with UPDATE_SCREENS=1 the one in docs/screens, where a document shows it, is taken anew. */
export async function picture(page: Page, name: string): Promise<void> {
  const shown = join(ROOT, 'docs/screens', `${name}.png`);
  const updates = process.env.UPDATE_SCREENS === '1' && existsSync(shown);
  const path = updates ? shown : join(ROOT, 'test-results/screens', `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
}

// Every screen on its own: by keyboard alone, on a phone, in English, and when a device does not work.
import { expect, type Browser, type Page } from '@playwright/test';
import { en } from '../../web/src/lib/i18n/en.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture, turnOff } from '../support/browser.ts';
import { launchWith } from '../support/camera.ts';
import { test } from '../support/fixtures.ts';
import { arrive, enterAsCourt, passCheck } from '../support/screens.ts';

let browser: Browser;

test.beforeAll(async () => {
  browser = await launchWith('counsel');
});

test.afterEach(() => turnOff(browser));

test.afterAll(async () => {
  await browser?.close();
});

/** Tabs to what has this name and presses the key there. */
async function press(page: Page, name: string | RegExp, key = 'Enter'): Promise<void> {
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) {
      continue;
    }
    const matches = page
      .getByRole('button', { name })
      .or(page.getByRole('checkbox', { name }))
      .or(page.getByRole('menuitem', { name }));
    if ((await focused.and(matches).count()) > 0) {
      await page.keyboard.press(key);
      return;
    }
  }
  throw new Error(`${String(name)} cannot be reached with the keyboard`);
}

async function expectFits(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
}

test('says what to do to someone who comes without a link', async ({ server }) => {
  const page = await newPerson(browser);
  await page.goto(server.url);
  await expect(page.getByText(vi.welcome.text)).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'welcome');
});

test('opens on a line that fails at first, and says so when it takes long', async ({ server }) => {
  const page = await newPerson(browser);
  let away = true;
  await page.route(/\/assets\/App-/, (route) => (away ? route.abort() : route.continue()));
  await page.goto(server.url);
  await expect(page.getByText(/^Trang mở lâu hơn thường lệ/)).toBeVisible();
  away = false;
  await expect(page.getByText(vi.welcome.text)).toBeVisible();
  await expect(page.getByText(/^Trang mở lâu hơn thường lệ/)).toHaveCount(0);
});

test('is never drawn without its styles, whatever of them failed to come', async ({ server }) => {
  const page = await newPerson(browser);
  const refused = new Map<string, number>();
  await page.route(/\.css$/, (route) => {
    const times = (refused.get(route.request().url()) ?? 0) + 1;
    refused.set(route.request().url(), times);
    return times <= 2 ? route.abort() : route.continue();
  });
  await page.goto(server.url);
  await expect(page.getByText(vi.welcome.text)).toBeVisible();
  expect(refused.size).toBeGreaterThan(1); // the page's own and the part's
  const without = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')]
      .filter((link) => {
        try {
          return !link.sheet?.cssRules.length;
        } catch {
          return true; // it did not come, so nobody may read it
        }
      })
      .map((link) => link.href),
  );
  expect(without).toEqual([]);
});

test('says so when a link is wrong', async ({ server }) => {
  const page = await newPerson(browser);
  await page.goto(`${server.url}/join#${'A'.repeat(43)}`);
  await page.getByRole('button', { name: vi.join.button }).click();
  await expect(page.getByText(/Đường dẫn tham gia không đúng/)).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'link-refused');
});

test('can be gone through with the keyboard alone', async ({ hearing }) => {
  const page = await newPerson(browser);
  await page.goto(hearing.links.counsel);
  await press(page, vi.join.button);
  await expect(page.getByRole('heading', { name: people.introduction.title })).toBeVisible();
  await press(page, people.introduction.go);
  await expect(page.getByText(/^Đã kết nối/)).toBeVisible();
  await press(page, vi.check.next);
  await expect(page.getByText(people.try.answerFirst)).toBeVisible();
  await press(page, vi.check.next);
  await expect(page.getByRole('heading', { name: people.rules.title })).toBeVisible();
  await press(page, people.rules.go);
  const box = page.getByRole('checkbox');
  await expect(box).toBeVisible();
  await press(page, people.declaration.tick, 'Space');
  await expect(box).toBeChecked();
  await press(page, people.declaration.enter);
  await expect(page.getByRole('heading', { name: people.waiting.title })).toBeVisible();
});

test('fits a phone from the link to the courtroom', async ({ hearing }) => {
  const page = await newPerson(browser, { viewport: { width: 390, height: 844 } });
  await page.goto(hearing.links.clerk);
  await expectFits(page);
  await picture(page, 'phone-join');
  await enterAsCourt(page, hearing.links.clerk);
  await expectFits(page);
  await expectAccessible(page);
  await picture(page, 'phone-courtroom-clerk');
  const waiting = await newPerson(browser, { viewport: { width: 390, height: 844 } });
  await arrive(waiting, hearing.links.witness);
  await expectFits(waiting);
  expect(await waiting.evaluate(() => scrollY)).toBe(0);
  await picture(waiting, 'phone-waiting-room');
});

test('keeps every screen before the courtroom accessible', async ({ hearing }) => {
  const page = await newPerson(browser);
  await page.goto(hearing.links.counsel);
  await expectAccessible(page);
  await picture(page, 'join');
  await page.getByRole('button', { name: vi.join.button }).click();
  await expect(page.getByRole('heading', { name: people.introduction.title })).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'introduction');
  await page.getByRole('button', { name: people.introduction.go }).click();
  await expectAccessible(page);
  await picture(page, 'equipment-check');
  await passCheck(page);
  await expect(page.getByRole('heading', { name: people.rules.title })).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'rules');
  await page.getByRole('button', { name: people.rules.go }).click();
  await expect(
    page.getByRole('heading', { name: people.declaration.title, exact: true }),
  ).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'declaration');
});

test('speaks English to who wants it', async ({ hearing }) => {
  const page = await newPerson(browser, { locale: 'en-GB' });
  await page.goto(hearing.links.counsel);
  await page.getByRole('button', { name: en.language.en }).click();
  await expect(page.getByRole('button', { name: en.join.button })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await picture(page, 'join-english');
});

test('says what to do when the browser may not use the camera', async ({ hearing }) => {
  const strict = await launch(['--deny-permission-prompts']);
  const page = await newPerson(strict, { permissions: [] });
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('denied', 'NotAllowedError'));
  });
  await page.goto(hearing.links.counsel);
  await page.getByRole('button', { name: vi.join.button }).click();
  await page.getByRole('button', { name: people.introduction.go }).click();
  await expect(page.getByText(vi.device.camera.denied).first()).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'camera-refused');
  await strict.close();
});

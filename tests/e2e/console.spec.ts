// The officer console, in Chromium: alerts come by themselves, are taken and ticked off; hearings with their people.
import { create } from '@bufbuild/protobuf';
import { test as base, type Browser, type Page } from '@playwright/test';
import { en } from '../../web/src/console/i18n/en.ts';
import { vi as words } from '../../web/src/console/i18n/vi.ts';
import { AskHelpSchema } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import {
  expectAccessible,
  launch,
  newPerson,
  picture,
  turnOff,
  type PersonOptions,
} from '../support/browser.ts';
import { Courtroom } from '../support/courtroom.ts';
import { expect } from '../support/fixtures.ts';
import { Server, type Hearing, type Person } from '../support/server.ts';

interface Worker {
  server: Server;
  browser: Browser;
  account: { login: string; password: string };
}

const test = base.extend<{ hearing: Hearing; courtroom: Courtroom }, Worker>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  browser: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
    async ({}, use) => {
      const browser = await launch();
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  account: [
    async ({ server }, use) => {
      const login = 'truc.phien';
      const password = await server.assize(
        ...['account', 'add', login, '--name', 'Ngô Văn Trực', '--role', 'officer', '--generate'],
      );
      await server.sql(`UPDATE account SET must_change = false WHERE login = '${login}'`);
      await use({ login, password: password.trim() });
    },
    { scope: 'worker' },
  ],
  hearing: async ({ server }, use) => {
    const hearing = await server.seed();
    await server.sql(`UPDATE hearing SET scheduled_at = now() WHERE id = '${hearing.id}'`);
    await use(hearing);
  },
  courtroom: async ({ server, hearing }, use) => {
    const courtroom = new Courtroom(server, hearing);
    await use(courtroom);
    courtroom.leave();
  },
});

async function sitDown(
  { server, browser, account }: Worker,
  options: PersonOptions = {},
): Promise<Page> {
  const page = await newPerson(browser, options);
  await page.goto(`${server.url}/console`);
  await page.waitForURL(/\/signin/);
  await page.locator('#login').fill(account.login);
  await page.locator('#password').fill(account.password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${server.url}/console`);
  await expect(page.locator('h1')).not.toHaveText(words.opening, { timeout: 15_000 });
  return page;
}

/** How many sounds the page makes from now on. */
async function countSounds(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const { start } = OscillatorNode.prototype;
    document.body.dataset['sounds'] = '0';
    OscillatorNode.prototype.start = function (when?: number) {
      document.body.dataset['sounds'] = String(Number(document.body.dataset['sounds']) + 1);
      start.call(this, when);
    };
  });
  return () => page.evaluate(() => Number(document.body.dataset['sounds']));
}

/** As when another tab is in front: what runs here cannot put one there. */
async function hide(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

async function askHelp(courtroom: Courtroom, said: string, who: Person = 'counsel'): Promise<void> {
  const asker = await courtroom.arrive(who);
  const value = create(AskHelpSchema, { words: said });
  expect((await asker.answerTo(asker.send({ case: 'askHelp', value }))).refusal).toBeUndefined();
}

test.afterEach(({ browser }) => turnOff(browser));

test('an alert comes by itself and is taken and ticked off by keyboard', async ({
  server,
  browser,
  account,
  hearing,
  courtroom,
}) => {
  const page = await sitDown({ server, browser, account });
  const card = page.locator('section[aria-labelledby="alerts"] [data-alert="HELP"]');
  await expect(page.getByText(words.alerts.none)).toBeVisible();
  await expect(page).toHaveTitle(words.product);
  await picture(page, 'console-quiet');
  await askHelp(courtroom, 'Loa không có tiếng');
  await expect(card).toContainText('Loa không có tiếng', { timeout: 15_000 });
  await expect(card).toContainText(words.alerts.nobody);
  await card.getByRole('button', { name: words.alerts.take }).press('Enter');
  await expect(card).toContainText('Ngô Văn Trực');
  await card.getByRole('button', { name: words.alerts.tickOff }).press('Enter');
  await card.getByLabel(words.alerts.words).fill('Đã hướng dẫn bật loa');
  await page.keyboard.press('Enter');
  await expect(card).toHaveCount(0);
  const row = page.locator(`[data-hearing="${hearing.id}"]`);
  await row.getByRole('button', { name: words.hearings.openOf('12/2026/TLST-HS') }).press('Enter');
  await expect(row.locator('[data-alert="HELP"]')).toContainText('Đã hướng dẫn bật loa');
  await page.close();
});

test('shows hearings with their sites, people and alerts, and reads well everywhere', async ({
  server,
  browser,
  account,
  hearing,
  courtroom,
}) => {
  await courtroom.arrive('judge');
  await courtroom.arrive('detention');
  await askHelp(courtroom, 'Camera của tôi không lên hình');
  const page = await sitDown({ server, browser, account });
  const row = page.locator(`[data-hearing="${hearing.id}"]`);
  await expect(row).toContainText('Nguyễn Thị Minh Hạnh');
  await expect(page.locator('[data-alert="HELP"]').first()).toBeVisible();
  await row.getByRole('combobox').selectOption({ label: 'Ngô Văn Trực' });
  await expect(page.getByText(words.hearings.allocated)).toBeVisible();
  await row.getByRole('button', { name: words.hearings.openOf('12/2026/TLST-HS') }).click();
  await expect(row.getByRole('heading', { name: words.people.title })).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'console');
  for (const width of [1024, 390]) {
    await page.setViewportSize({ width, height: 844 });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  }
  await picture(page, 'console-phone');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('h1')).toHaveText(en.title);
  await page.setViewportSize({ width: 1440, height: 900 });
  await picture(page, 'console-en');
  await page.close();
});

test('an alert sounds, and counts in the title, while another tab is in front', async ({
  server,
  browser,
  account,
  courtroom,
}) => {
  const page = await sitDown({ server, browser, account });
  const cards = page.locator('section[aria-labelledby="alerts"] [data-alert]');
  const sounds = await countSounds(page);
  await hide(page);
  await askHelp(courtroom, 'Không thấy hình');
  await expect(cards.filter({ hasText: 'Không thấy hình' })).toBeVisible({ timeout: 30_000 });
  await expect.poll(sounds).toBeGreaterThan(0);
  const isCounted = async () =>
    (await page.title()) === `(${await cards.count()}) ${words.product}`;
  await expect.poll(isCounted).toBe(true);

  await page.getByRole('switch', { name: words.alerts.chime }).press('Enter');
  const before = await sounds();
  await askHelp(courtroom, 'Không nghe thấy', 'victim');
  await expect(cards.filter({ hasText: 'Không nghe thấy' })).toBeVisible({ timeout: 30_000 });
  expect(await sounds()).toBe(before);
  await page.close();
});

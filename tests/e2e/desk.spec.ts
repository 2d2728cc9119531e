// The clerk's page, in Chromium: the day, scheduling from a case, links, and the way in.
import { expect, test as base, type Browser, type Page } from '@playwright/test';
import { en } from '../../web/src/desk/i18n/en.ts';
import { vi as words } from '../../web/src/desk/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import {
  expectAccessible,
  launch,
  newPerson,
  picture,
  turnOff,
  type PersonOptions,
} from '../support/browser.ts';
import { arrive, openCheck } from '../support/screens.ts';
import { NAMES, Server, type Hearing } from '../support/server.ts';

interface Worker {
  server: Server;
  browser: Browser;
  accounts: Map<string, { login: string; password: string }>;
}
interface Test {
  /** A hearing whose judge and clerk are the staff of the demonstration. */
  hearing: Hearing;
}

const test = base.extend<Test, Worker>({
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
  accounts: [
    async ({ server }, use) => {
      const lines = (await server.assize('demo', 'accounts')).trim().split('\n');
      const read = lines.map((line) => line.split(' '));
      await use(
        new Map(
          read.map(([role, login, password]) => [
            role ?? '',
            { login: login ?? '', password: password ?? '' },
          ]),
        ),
      );
    },
    { scope: 'worker' },
  ],
  hearing: async ({ server, accounts }, use) => {
    expect(accounts.size).toBe(4); // they are there before the hearing is
    await use(await server.seed());
  },
});

test.afterEach(({ browser }) => turnOff(browser));

const EVERYBODY = Object.keys(NAMES).length;

const day = (ms: number) => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 10);
const tomorrow = () => day(Date.now() + 24 * 3_600_000);

/** Somebody of the staff who opened this page of the desk, and had to sign in for it. */
async function sitDown(
  { browser, server, accounts }: Worker,
  role: string,
  path = '/desk',
  options: PersonOptions = {},
): Promise<Page> {
  const page = await newPerson(browser, options);
  await page.goto(server.url + path);
  await page.waitForURL(/\/signin/);
  const account = accounts.get(role);
  await page.locator('#login').fill(account?.login ?? '');
  await page.locator('#password').fill(account?.password ?? '');
  await page.locator('button[type=submit]').click();
  await page.waitForURL(server.url + path);
  await expect(page.locator('h1')).not.toHaveText(words.opening);
  return page;
}

/** The day of the hearing: a demonstration begins in a quarter of an hour, which may be tomorrow. */
async function openDay(page: Page, server: Server, { id }: Hearing): Promise<void> {
  const [row] = await server.sql(
    `SELECT (extract(epoch FROM scheduled_at) * 1000)::bigint FROM hearing WHERE id = '${id}'`,
  );
  await page.goto(`${server.url}/desk?date=${day(Number(row?.[0]))}`);
  await expect(page.locator(`[data-hearing="${id}"]`)).toBeVisible();
}

async function expectFits(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
}

test('signs in, sees the hearing of the day and enters it as the clerk', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  const page = await sitDown({ server, browser, accounts }, 'clerk');
  await openDay(page, server, hearing);
  const row = page.locator(`[data-hearing="${hearing.id}"]`);
  await expect(row).toContainText('12/2026/TLST-HS');
  await expect(row.locator('[data-status="SCHEDULED"]')).toBeVisible();
  await expect(row).toContainText(words.people(0, EVERYBODY));
  await expect(row.locator('[data-recording="NONE"]')).toBeVisible();
  await picture(page, 'desk-day');
  await row.getByRole('button', { name: words.enterOf('12/2026/TLST-HS') }).click();
  await page.waitForURL(/\/join/);
  await page.getByRole('button', { name: vi.join.button }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(NAMES.clerk);
});

test('shows who has come without being asked to', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  const page = await sitDown({ server, browser, accounts }, 'clerk', `/desk?hearing=${hearing.id}`);
  const person = page.locator('[data-participant="3"]');
  await expect(person).toContainText(words.hearing.standing.NOT_SIGNED_IN);
  await arrive(await newPerson(browser), hearing.links.counsel);
  await expect(person).toContainText(words.hearing.standing.WAITING, { timeout: 20_000 });
  await expect(page.locator('dl')).toContainText(words.people(1, EVERYBODY));
});

test('schedules a hearing from its case and issues a link that leads to the waiting room', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  expect(hearing.id).not.toBe('');
  const page = await sitDown({ server, browser, accounts }, 'clerk', '/desk?cases=');
  await page.getByRole('searchbox', { name: words.cases.search }).fill('trom cap');
  await picture(page, 'desk-cases');
  await page.getByRole('link', { name: words.cases.chooseOf('12/2026/TLST-HS') }).click();

  await page.getByRole('button', { name: words.form.review }).click();
  await expect(page.getByRole('alert').getByRole('link')).toHaveCount(2);
  await page.getByRole('alert').getByRole('link', { name: words.form.errors.date }).click();
  await expect(page.locator('#date')).toBeFocused();
  await picture(page, 'desk-form');
  await page.locator('#date').fill(tomorrow());
  await page.locator('#time').fill('09:30');
  await page.getByRole('button', { name: words.form.review }).click();
  await expect(page.getByRole('heading', { name: words.review.title })).toBeFocused();
  await picture(page, 'desk-review');
  await page.getByRole('button', { name: words.review.save }).click();

  await expect(page.getByText(words.review.saved)).toBeVisible();
  const witness = page.locator('[data-participant="6"]');
  await expect(witness).toContainText(NAMES.witness);
  await expect(witness).toContainText(words.links.none);
  const judge = page.locator('[data-participant="1"]');
  await expect(judge).toContainText(words.links.byAccount);
  await expect(judge.getByRole('button', { name: words.links.issue })).toHaveCount(0);
  await expect(page.getByText(words.links.leftOut(2))).toBeVisible();
  await witness.getByRole('button', { name: words.links.issue }).click();
  await witness.getByRole('button', { name: words.links.create, exact: true }).click();
  const address = witness.getByRole('textbox');
  await expect(address).toHaveValue(/\/join#/);
  await picture(page, 'desk-hearing');

  const other = await newPerson(browser);
  await arrive(other, await address.inputValue());
  await expect(witness).toContainText(words.hearing.standing.WAITING, { timeout: 20_000 });
  await expect(witness).toContainText(words.links.usedOnce);
});

test('withdraws a link after asking, and issues one for everybody else at once', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  const page = await sitDown({ server, browser, accounts }, 'clerk', `/desk?hearing=${hearing.id}`);
  const counsel = page.locator('[data-participant="3"]');
  await counsel.getByRole('button', { name: words.links.revoke }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText(words.links.revokeAsk);
  await dialog.getByRole('button', { name: words.links.revoke, exact: true }).click();
  await expect(page.getByText(words.links.revoked)).toBeVisible();
  await expect(counsel).toContainText(words.links.none);
  const left = await newPerson(browser);
  await left.goto(hearing.links.counsel);
  await left.getByRole('button', { name: vi.join.button }).click();
  await expect(left.getByText(/đã bị thu hồi/)).toBeVisible();

  await page.getByRole('button', { name: words.links.issueAll }).click();
  await expect(page.getByText(words.links.issuedAll(1))).toBeVisible();
  await openCheck(await newPerson(browser), await counsel.getByRole('textbox').inputValue());
});

test('keeps what a case knows of somebody, and gives the seat to somebody else', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  const page = await sitDown({ server, browser, accounts }, 'clerk', `/desk?hearing=${hearing.id}`);
  const counsel = page.locator('[data-participant="3"]');
  await expect(counsel).toContainText(words.seat.summonsOf('12/2026/GTT-03'));
  await counsel.getByRole('button', { name: words.seat.edit }).press('Enter');
  const summons = counsel.getByRole('textbox', { name: words.seat.summons });
  await expect(summons).toBeFocused();
  await summons.fill('12/2026/GTT-30');
  const number = counsel.getByRole('textbox', { name: words.seat.personalNumber });
  await number.fill('12345');
  await number.press('Enter');
  await expect(counsel.getByText(words.form.errors.personalNumber)).toBeVisible();
  await expect(number).toBeFocused();
  await picture(page, 'desk-details');
  await expectAccessible(page);
  await number.fill('001184000999');
  await number.press('Enter');
  await expect(page.getByText(words.seat.saved)).toBeVisible();
  await expect(counsel).toContainText(words.seat.summonsOf('12/2026/GTT-30'));
  await expect(counsel).toContainText('001184000999');
  await expect(counsel.getByRole('button', { name: words.seat.edit })).toBeFocused();

  await counsel.getByRole('button', { name: words.seat.replace }).press('Enter');
  const name = counsel.getByRole('combobox', { name: words.seat.newName });
  await name.press('Enter');
  await expect(counsel.getByText(words.form.errors.name)).toBeVisible();
  await expectAccessible(page);
  await name.fill('Ngô Thị Hồng Vân');
  await name.press('Enter');
  await expect(page.getByText(words.seat.replaced('Ngô Thị Hồng Vân'))).toBeVisible();
  await expect(counsel).toContainText('Ngô Thị Hồng Vân');
  await expect(counsel).toContainText(words.seat.nothing);
  await expect(counsel).toContainText(words.links.none);
});

test('changes the time, then cancels', async ({ server, browser, accounts, hearing }) => {
  const page = await sitDown({ server, browser, accounts }, 'clerk', `/desk?hearing=${hearing.id}`);
  const changes = page.getByRole('region', { name: words.hearing.changes });
  await changes.getByLabel(words.form.date).fill('2001-01-01');
  await changes.getByRole('button', { name: words.hearing.rescheduleSave }).click();
  await expect(changes.getByText(words.form.errors.past)).toBeVisible();
  await changes.getByLabel(words.form.date).fill(tomorrow());
  await changes.getByLabel(words.form.time).fill('14:15');
  await changes.getByRole('button', { name: words.hearing.rescheduleSave }).click();
  await expect(page.getByText(words.hearing.rescheduled)).toBeVisible();
  await expect(page.locator('dl')).toContainText('14:15');

  await changes.getByRole('button', { name: words.hearing.cancel }).click();
  const dialog = page.getByRole('alertdialog');
  const sure = dialog.getByRole('button', { name: words.hearing.cancel, exact: true });
  await expect(sure).toBeDisabled();
  await dialog.getByRole('checkbox').check();
  await sure.click();
  await expect(page.locator('[data-status="CANCELLED"]')).toBeVisible();
  await expect(page.getByRole('button', { name: words.enterOf('12/2026/TLST-HS') })).toHaveCount(0);
});

test('breaks no rule of accessibility on any page, in either language', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  test.setTimeout(300_000); // each look at a whole page takes seconds on a busy machine
  const page = await sitDown({ server, browser, accounts }, 'clerk');
  await openDay(page, server, hearing);
  await expectAccessible(page);
  await page.goto(`${server.url}/desk?date=2099-12-31`);
  await expect(page.getByRole('heading', { name: words.day.empty })).toBeVisible();
  await expectAccessible(page);

  await page.goto(`${server.url}/desk?hearing=${hearing.id}`);
  const counsel = page.locator('[data-participant="3"]');
  await counsel.getByRole('button', { name: words.links.issue }).click();
  await counsel.getByRole('radio', { name: words.links.multi }).check();
  await expectAccessible(page);
  await counsel.getByRole('button', { name: words.links.create, exact: true }).click();
  await expect(counsel.getByRole('textbox')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: words.hearing.cancel }).click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await expectAccessible(page);

  await page.goto(`${server.url}/desk?cases=`);
  await page.getByRole('button', { name: 'English' }).click();
  const choose = page.getByRole('link', { name: en.cases.chooseOf('12/2026/TLST-HS') });
  await expect(choose).toBeVisible();
  await expectAccessible(page);
  await choose.click();
  await page.getByRole('button', { name: en.form.review }).click();
  await expect(page.getByRole('alert').getByRole('link')).toHaveCount(2);
  await expectAccessible(page);
  await page.locator('#date').fill(tomorrow());
  await page.locator('#time').fill('09:30');
  await page.getByRole('button', { name: en.form.review }).click();
  await expect(page.getByRole('heading', { name: en.review.title })).toBeVisible();
  await expectAccessible(page);
});

test('says what to do on a day without hearings, and shows a judge nothing to change', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  const page = await sitDown({ server, browser, accounts }, 'judge', '/desk?date=2099-12-31');
  await expect(page.getByRole('heading', { name: words.day.empty })).toBeVisible();
  await expect(page.getByText(words.day.emptyOther)).toBeVisible();
  await picture(page, 'desk-empty');
  await page.goto(`${server.url}/desk?hearing=${hearing.id}`);
  await expect(page.getByText(words.hearing.readOnly)).toBeVisible();
  await expect(page.getByRole('button', { name: words.links.issue })).toHaveCount(0);
  await expect(page.getByRole('region', { name: words.hearing.changes })).toHaveCount(0);
  await expect(page.getByRole('button', { name: words.enterOf('12/2026/TLST-HS') })).toBeVisible();
});

test('keeps what is shown, and says how old it is, while the server is away', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  const page = await sitDown({ server, browser, accounts }, 'clerk');
  await openDay(page, server, hearing);
  const row = page.locator(`[data-hearing="${hearing.id}"]`);
  const note = page.getByText(words.stale('').split(' từ ')[0] ?? '');
  await page.route('**/assize.desk.v1.DeskService/*', (route) => route.abort());
  await expect(note).toBeVisible({ timeout: 20_000 });
  await expect(row).toBeVisible();
  await page.unroute('**/assize.desk.v1.DeskService/*');
  await expect(note).toBeHidden({ timeout: 20_000 });
});

test('fits a phone and twice the letters, in English too', async ({
  server,
  browser,
  accounts,
  hearing,
}) => {
  const page = await sitDown({ server, browser, accounts }, 'clerk', '/desk', {
    viewport: { width: 390, height: 844 },
  });
  await openDay(page, server, hearing);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { name: en.day.title })).toBeVisible();
  await expectFits(page);
  await picture(page, 'desk-day-phone');
  const row = page.locator(`[data-hearing="${hearing.id}"]`);
  await row.getByRole('link', { name: en.day.openOf('12/2026/TLST-HS') }).click();
  await expect(page.getByRole('heading', { name: en.hearing.people })).toBeVisible();
  await expectFits(page);
  await picture(page, 'desk-hearing-phone');
  await page.getByRole('link', { name: en.nav.schedule }).click();
  await page.getByRole('link', { name: en.cases.chooseOf('12/2026/TLST-HS') }).click();
  await expect(page.getByRole('heading', { name: en.form.title })).toBeVisible();
  await expectFits(page);
  // 200 % of a desktop window is half its width.
  await page.setViewportSize({ width: 720, height: 450 });
  await expectFits(page);
  await page.goto(`${server.url}/desk?hearing=${hearing.id}`);
  await expect(page.getByRole('heading', { name: en.hearing.people })).toBeVisible();
  await expectFits(page);
});

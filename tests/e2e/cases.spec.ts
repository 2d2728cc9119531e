// The court's cases, in Chromium, beside a real centre that takes them in, returns what is wrong, and goes away: found, read as of any
// time, and how far each change is, live.
import { randomUUID } from 'node:crypto';
import { test, type Browser, type Page } from '@playwright/test';
import { en } from '../../web/src/cases/i18n/en.ts';
import { vi as words } from '../../web/src/cases/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture, turnOff } from '../support/browser.ts';
import { answered, person, writeRecord } from '../support/clerk.ts';
import { Exchange } from '../support/exchange.ts';
import { expect } from '../support/fixtures.ts';
import { press, write } from '../support/keyboard.ts';
import { bundle } from '../support/bundle.ts';
import { addAccount, type Account } from '../support/staff.ts';

test.describe.configure({ mode: 'serial' });

const RETURNED = '15/2026/TLST-HS';
const HEARD = '12/2026/TLST-HS';
const CORRECTED = '9/2026/TLST-DS';

let exchange: Exchange;
let browser: Browser;
let clerk: Account;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  await exchange.court.assize('demo', 'cases');
  await answered(exchange);
  clerk = await addAccount(exchange.court, 'clerk');
  browser = await launch();
});

test.afterEach(() => turnOff(browser));

test.afterAll(async () => {
  await browser?.close();
  await exchange?.dispose();
});

async function arrive(who = clerk, viewport = { width: 1440, height: 900 }): Promise<Page> {
  const page = await newPerson(browser, { viewport });
  await page.goto(`${exchange.court.url}/cases`);
  await page.waitForURL(/\/signin\?next=%2Fcases$/);
  await page.locator('#login').fill(who.login);
  await page.locator('#password').fill(who.password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${exchange.court.url}/cases`);
  return page;
}

async function sitDown(who = clerk, viewport = { width: 1440, height: 900 }): Promise<Page> {
  const page = await arrive(who, viewport);
  await page.getByRole('button', { name: words.why.begin }).click();
  await expect(page.locator('[data-case]').first()).toBeVisible();
  return page;
}

async function open(page: Page, number: string): Promise<void> {
  await page.goto(`${exchange.court.url}/cases?case=${await keyOf(number)}`);
  await expect(page.locator('h1')).toHaveText(number);
}

async function keyOf(number: string): Promise<string> {
  const [row] = await exchange.court.sql(`SELECT id FROM court_case WHERE number = '${number}'`);
  return String(row?.[0]);
}

async function search(page: Page, text: string): Promise<void> {
  await write(page.getByRole('searchbox', { name: words.list.search }), text);
  await page.keyboard.press('Enter');
}

const stateIn = (page: Page, number: string) =>
  page.locator(`[data-case="${number}"] [data-state]`);
const line = (page: Page) => page.getByRole('region', { name: words.line.label });

async function expectFits(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
}

test('asks first why one looks, and says it on every page and in the log', async () => {
  const page = await arrive();
  await expect(page.locator('h1')).toHaveText(words.why.title);
  await expect(page.getByRole('radio', { name: words.purposes.ADJUDICATION })).toBeChecked();
  const basis = page.getByRole('textbox', { name: words.why.basis });
  await expect(basis).toHaveValue(words.clerkBasis);
  await expectAccessible(page);
  await picture(page, 'cases-why');
  await basis.fill(' ');
  await press(page.getByRole('button', { name: words.why.begin }));
  await expect(page.getByText(words.why.missing)).toBeVisible();
  const asked = 'SELECT count(*) FROM access_log';
  expect(await exchange.court.sql(asked)).toEqual([['0']]);
  await basis.fill('Điều 195 Bộ luật Tố tụng dân sự');
  await page.getByRole('radio', { name: words.purposes.INTAKE }).check();
  await press(page.getByRole('button', { name: words.why.begin }));
  await expect(page.locator('h1')).toHaveText(words.list.title);
  await expect(page.getByText('Điều 195 Bộ luật Tố tụng dân sự')).toBeVisible();
  await page.reload();
  await expect(page.locator('h1')).toHaveText(words.list.title);
  const said = await exchange.court.sql(
    'SELECT DISTINCT method, purpose, legal_basis FROM access_log ORDER BY method',
  );
  const why = ['intake', 'Điều 195 Bộ luật Tố tụng dân sự'];
  expect(said).toEqual([
    ['Search', ...why],
    ['WatchChanges', ...why],
  ]);
  await press(page.getByRole('button', { name: words.why.change }));
  await expect(page.locator('h1')).toHaveText(words.why.title);
});

test('lists the cases, the newest first, with how far each is, and what was returned before all', async () => {
  const page = await sitDown();
  await expect(page.locator('[data-case]')).toHaveCount(25);
  await expect(page.locator('[data-case]').first()).toHaveAttribute('data-case', RETURNED);
  await expect(stateIn(page, RETURNED)).toHaveText(words.states.RETURNED);
  await expect(stateIn(page, HEARD)).toHaveText(words.states.RECEIVED);
  await expect(stateIn(page, CORRECTED)).toHaveText(words.states.RECEIVED);
  await expect(page.locator('[data-to-correct]')).toHaveText(new RegExp(`^${RETURNED} `));
  await expect(line(page)).toHaveAttribute('data-line', 'good');
  await expectAccessible(page);
  await picture(page, 'cases-list');
  await press(page.getByRole('button', { name: words.list.next }));
  await expect(page.locator('[data-case]')).toHaveCount(9);
  await press(page.getByRole('button', { name: words.list.previous }));
  await expect(page.locator('[data-case]').first()).toHaveAttribute('data-case', RETURNED);
});

test('finds a case by number, by a name without its marks and by a personal number, by keyboard', async () => {
  const page = await sitDown();
  const rows = page.locator('[data-case]');
  for (const [text, number] of [
    ['12/2026', HEARD],
    ['pham van tuan', HEARD],
    ['001 091 000 227', HEARD],
    ['VN:TAND.01.KV1:2026:9-TLST-DS', CORRECTED],
  ] as const) {
    await search(page, text);
    await expect(rows).toHaveCount(1);
    await expect(rows).toHaveAttribute('data-case', number);
  }
  await search(page, '00109100022');
  await expect(page.getByText(words.list.twelve(11))).toBeVisible();
  await search(page, 'Nguyễn Không Ai');
  await expect(page.getByText(words.list.emptyText)).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'cases-empty');
  await press(page.getByRole('button', { name: words.list.clear }));
  await expect(rows).toHaveCount(25);
  await page.getByLabel(words.list.status).selectOption(words.status.APPEALED);
  await press(page.getByRole('button', { name: words.list.find, exact: true }));
  await expect(rows).toHaveCount(1);
  // What was looked for is not left in the address, and is there again on the way back.
  await press(rows.getByRole('link'));
  await expect(page.locator('h1')).toBeFocused();
  await page.goBack();
  await expect(rows).toHaveCount(1);
  expect(page.url()).toBe(`${exchange.court.url}/cases`);
});

test('what was returned leads to the field, to what was sent in it, and to what is to be done', async () => {
  const page = await sitDown();
  await press(page.locator('[data-to-correct]').getByRole('link'));
  const card = page.locator('[data-returned="party.person.personal_number"]');
  await expect(card).toContainText('Lưu Thị Nhàn');
  await expect(card.locator('mark')).toHaveText('00118900044');
  await expect(card.locator('ol li')).toHaveCount(3);
  await expect(card).toContainText(
    `assize case write ${RETURNED} party FILE --op correct --corrects 3`,
  );
  const behind = page.locator('[data-seq="4"]');
  await expect(behind).toContainText(words.changes.heldText(3n));
  await expect(page.locator('[data-seq="1"] [data-state]')).toHaveText(words.states.RECEIVED);
  await expect(page.locator('[data-seq="1"] code')).toHaveText(/^[0-9a-f-]{36}$/);
  await expectAccessible(page);
  await picture(page, 'cases-returned');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectFits(page);
  await picture(page, 'cases-returned-phone');
});

test('tells what was known when', async () => {
  const page = await sitDown();
  await open(page, HEARD);
  const parties = page.locator('[data-type="party"]');
  await expect(parties).toContainText('xã Thư Lâm');
  await expect(parties).not.toContainText('Phạm Văn Tuấn, ');
  const versions = page.locator('[data-known]');
  await expect(versions.first()).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'cases-case');
  // As of when the defendant was first known: another residence, and the file had another status.
  const first = versions.filter({ hasText: 'Phạm Văn Tuấn' }).last();
  await press(first.getByRole('button', { name: words.history.view }));
  await expect(page.locator('[data-as-of="true"]')).toBeVisible();
  await expect(page.locator('#now')).toBeFocused();
  await expect(parties).toContainText('phường Hà Đông');
  await expect(parties).not.toContainText('xã Thư Lâm');
  await expectAccessible(page);
  await picture(page, 'cases-as-of');
  await press(page.getByRole('button', { name: words.now.today }));
  await expect(parties).toContainText('xã Thư Lâm');
  await page.getByText(words.now.choose).press('Enter');
  await page.getByLabel(words.now.valid).fill('2020-01-01T08:00');
  await page.getByLabel(words.now.known).fill('2020-01-01T08:00');
  await press(page.getByRole('button', { name: words.now.show, exact: true }));
  await expect(page.getByText(words.now.empty)).toBeVisible();
});

test('a change arrives live, and a correction sets free what waited', async () => {
  const page = await sitDown();
  await open(page, RETURNED);
  await expect(page.locator('[data-returned]')).toBeVisible();
  const [row] = await exchange.court.sql(
    `SELECT entity FROM case_record WHERE case_key = '${await keyOf(RETURNED)}' AND seq = 3`,
  );
  const body = person('Lưu Thị Nhàn', { personalNumber: '001189000445' });
  const more = ['--op', 'correct', '--corrects', '3'];
  await writeRecord(exchange.court, RETURNED, 'party', String(row?.[0]), body, ...more);
  await expect(page.locator('[data-seq="5"] [data-state]')).toHaveText(words.states.RECEIVED);
  await expect(page.locator('[data-returned]')).toHaveCount(0);
  await expect(page.locator('[data-seq="3"]')).toContainText(words.changes.corrected(5n));
  await expect(page.locator('[data-seq="4"]')).not.toContainText(words.changes.heldText(3n));
  await expect(page.locator('[data-type="party"]')).toContainText('001189000445');
  await expect(page.locator('[data-summary]')).toHaveText(words.changes.all(5n));
});

test('a centre that is away is said to be, with what waits; then all arrives by itself', async () => {
  const page = await sitDown();
  await open(page, HEARD);
  await exchange.center.stop();
  await expect(line(page)).toHaveAttribute('data-line', 'lost', { timeout: 30_000 });
  const event = { case: 'event', value: { at: '2026-03-01', kind: 'filed', text: 'Nộp đơn' } };
  await writeRecord(exchange.court, HEARD, 'event', randomUUID(), event as never);
  const change = page.locator('[data-seq="8"] [data-state]');
  await expect(change).toHaveAttribute('data-state', /^(WAITING|SENT)$/);
  await expect(line(page)).toContainText(words.line.waiting(1n, 0n));
  await expectAccessible(page);
  await picture(page, 'cases-lost');
  await exchange.center.restart();
  await expect(change).toHaveText(words.states.RECEIVED, { timeout: 30_000 });
  await expect(line(page)).toHaveAttribute('data-line', 'good', { timeout: 30_000 });
});

test('a court that its operator took off the line says until when and why', async () => {
  const page = await sitDown();
  const why = 'Bảo trì đường truyền';
  await exchange.court.assize('exchange', 'disconnect', '--for', '20', '--why', why);
  await expect(line(page)).toHaveAttribute('data-line', 'held', { timeout: 30_000 });
  await expect(line(page)).toContainText(/đến (ngày .*)?\d\d:\d\d.*: Bảo trì đường truyền\. /);
  await expect(line(page)).toContainText(words.line.waiting(0n, 0n));
  await expectAccessible(page);
  await picture(page, 'cases-held');
  await exchange.court.assize('exchange', 'connect');
  await expect(line(page)).toHaveAttribute('data-line', 'good', { timeout: 30_000 });
});

test('a court that stops leaves the page saying how old it is, and live again by itself', async () => {
  const page = await sitDown();
  await exchange.court.stop();
  await expect(line(page)).toHaveAttribute('data-line', 'away');
  await search(page, '12/2026');
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
  await picture(page, 'cases-away');
  await exchange.court.restart();
  await expect(line(page)).toHaveAttribute('data-line', 'good', { timeout: 30_000 });
  await press(page.getByRole('button', { name: words.one.again }));
  await expect(page.locator('[data-case]')).toHaveCount(1);
});

test('a page that has never heard how far changes are says so', async () => {
  const page = await sitDown();
  const watching = '**/assize.cases.v1.CaseService/WatchChanges';
  await page.route(watching, (route) => route.abort());
  await page.reload();
  await expect(line(page)).toHaveAttribute('data-line', 'away');
  await expect(line(page)).toContainText(words.line.awayFirst);
  await page.unroute(watching);
  await expect(line(page)).toHaveAttribute('data-line', 'good', { timeout: 30_000 });
});

test('is the same on a phone, at double size and in English', async () => {
  const page = await sitDown(clerk, { width: 390, height: 844 });
  await expectFits(page);
  await expectAccessible(page);
  await picture(page, 'cases-phone');
  await page.setViewportSize({ width: 720, height: 450 }); // 1440 by 900 at 200 %
  await expectFits(page);
  await open(page, HEARD);
  await expectFits(page);
  await page.getByRole('button', { name: 'English' }).click();
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(page.getByRole('heading', { name: en.history.title })).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'cases-en');
});

test('judges come here from the desk; others are told that it is not theirs', async () => {
  const judge = await addAccount(exchange.court, 'judge');
  const page = await newPerson(browser);
  await page.goto(`${exchange.court.url}/signin`);
  await page.locator('#login').fill(judge.login);
  await page.locator('#password').fill(judge.password);
  await page.keyboard.press('Enter');
  await press(page.getByRole('link', { name: words.nav.cases }));
  await expect(page.getByRole('textbox', { name: words.why.basis })).toHaveValue(words.judgeBasis);
  const officer = await addAccount(exchange.court, 'officer');
  const other = await arrive(officer);
  await press(other.getByRole('button', { name: words.why.begin }));
  await expect(other.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
  await expect(other.locator('[data-case]')).toHaveCount(0);
});

test('a client that is not ours reads the same in a browser', async () => {
  const page = await sitDown();
  const script = await bundle('tests/support/connect-web-cases.ts', 'connectWeb');
  const said = await page.evaluate(`(() => { ${script}; return connectWeb.look('${HEARD}'); })()`);
  const refused = expect.stringMatching(/^\[invalid_argument\] /) as unknown;
  expect(said).toEqual([HEARD, 'case_file', 'case_file', HEARD, true, HEARD, true, refused]);
  const written = await page.evaluate(
    `(() => { ${script}; return connectWeb.write('${HEARD}', '001199000123'); })()`,
  );
  const not = (code: string) => expect.stringMatching(new RegExp(`^\\[${code}\\] `)) as unknown;
  expect(written).toEqual([true, 'Lý Thị Mười', 0, not('not_found'), not('unauthenticated')]);
});

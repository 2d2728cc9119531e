// A clerk sees what an agency has told the court the moment it is there, and takes note of it.
import { test, type Browser, type Page } from '@playwright/test';
import { vi as words } from '../../web/src/cases/i18n/vi.ts';
import { unreachable } from '../../web/src/lib/refusal.ts';
import { expectAccessible, launch, newPerson, picture, turnOff } from '../support/browser.ts';
import { Exchange, follow, notice, type Identity } from '../support/exchange.ts';
import { expect } from '../support/fixtures.ts';
import { press } from '../support/keyboard.ts';
import { ACCOUNT_NAME, addAccount, type Account } from '../support/staff.ts';

test.describe.configure({ mode: 'serial' });

const TEXT = 'Bị cáo đã được chuyển đến phân trại số 2 ngày 20 tháng 11 năm 2026.';

const NAME = 'Trại tạm giam số 1';

let exchange: Exchange;
let browser: Browser;
let clerk: Account;
let prison: Identity;
let key: string;
let publicId: string;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  ({ key, publicId } = await exchange.fileCase(12));
  prison = await exchange.admitSender('VN.TRAI1');
  await exchange.center.assize('exchange', 'name', 'VN.TRAI1', NAME);
  clerk = await addAccount(exchange.court, 'clerk');
  browser = await launch();
});

test.afterEach(() => turnOff(browser));

test.afterAll(async () => {
  await browser?.close();
  await exchange?.dispose();
});

async function tell(...texts: string[]): Promise<void> {
  const records: ReturnType<typeof notice>[] = [];
  for (const text of texts)
    records.push(follow(notice(BigInt(records.length + 1), { publicId, text }), records.at(-1)));
  const answer = await exchange.pushAs({ source: 'VN.TRAI1', batchNo: 1n, records }, prison);
  expect(answer.status, answer.body.toString()).toBe(200);
}

async function sitDown(address: string, who = clerk, width = 1440): Promise<Page> {
  const page = await newPerson(browser, { viewport: { width, height: 900 } });
  await page.goto(`${exchange.court.url}/signin?next=${encodeURIComponent(address)}`);
  await page.locator('#login').fill(who.login);
  await page.locator('#password').fill(who.password);
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: words.why.begin }).click();
  return page;
}

test('a notice shows on the list by itself, and is taken note of there', async () => {
  const page = await sitDown('/cases');
  await expect(page.locator('h1')).toHaveText(words.list.title);
  await expect(page.locator('[data-notices]')).toHaveCount(0);
  await tell(TEXT, 'Bị cáo vắng mặt tại buổi làm việc ngày 21 tháng 11 năm 2026 vì điều trị.');
  const section = page.locator('[data-notices]');
  await expect(section.locator('h2')).toHaveText(words.notices.open(2n), { timeout: 30_000 });
  const one = section.locator('li').filter({ hasText: TEXT });
  await expect(one.locator('strong')).toHaveText(NAME);
  await expect(one.locator('code')).toHaveText('VN.TRAI1');
  await expectAccessible(page);
  await picture(page, 'notices');
  await page.route('**/TakeNotice', (route) => route.abort(), { times: 1 });
  await press(one.getByRole('button'));
  await expect(section.getByRole('alert')).toContainText(unreachable().sentence('vi'));
  await expect(one.getByRole('button')).toBeFocused();
  await expectAccessible(page);
  await picture(page, 'notices-not-taken');
  await press(section.getByRole('alert').getByRole('button', { name: words.one.again }));
  await expect(section.getByRole('alert')).toHaveCount(0);
  await expect(section.locator('[data-notice]').first()).toBeFocused();
  await press(one.getByRole('button'));
  await expect(section.getByRole('alert')).toHaveCount(0);
  const noted = one.locator('[id^="noted-"]');
  await expect(noted).toContainText(ACCOUNT_NAME);
  await expect(noted).toBeFocused();
  await expect(section.locator('h2')).toHaveText(words.notices.open(1n), { timeout: 30_000 });
  await expectAccessible(page);
});

test('the page of the case has all of its notices, on a phone too; a judge reads them', async () => {
  const page = await sitDown(`/cases?case=${key}`, await addAccount(exchange.court, 'judge'), 390);
  const section = page.locator('[data-notices]');
  await expect(section.locator('li')).toHaveCount(2);
  await expect(section.getByRole('button')).toHaveCount(0);
  await expect(section.locator('li').filter({ hasText: TEXT })).toContainText(ACCOUNT_NAME);
  await expect(section).toContainText(words.notices.untaken);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await expectAccessible(page);
  await section.scrollIntoViewIfNeeded();
  await picture(page, 'notices-phone');
});

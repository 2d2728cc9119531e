// Staff sign in, see where they are signed in, end that, and change their password.
import { expect, type Browser, type Page } from '@playwright/test';
import { en } from '../../web/src/accounts/i18n/en.ts';
import { vi } from '../../web/src/accounts/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture, turnOff } from '../support/browser.ts';
import { test } from '../support/fixtures.ts';
import { addAccount, type Account } from '../support/staff.ts';

let browser: Browser;

test.beforeAll(async () => {
  browser = await launch();
});

test.afterEach(() => turnOff(browser));

test.afterAll(async () => {
  await browser?.close();
});

async function fillIn(page: Page, { login, password }: Account): Promise<void> {
  await page.getByLabel(vi.signIn.login).fill(login);
  await page.getByLabel(vi.signIn.password, { exact: true }).fill(password);
}

/** Signs in with the keyboard alone, as whoever knows their password does. */
async function signIn(page: Page, url: string, account: Account): Promise<void> {
  await page.goto(`${url}/signin?next=%2Faccounts`);
  await fillIn(page, account);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: vi.account.title })).toBeVisible();
}

const sessionsOn = (page: Page) => page.locator('li[data-session]');

test('signs in, lists where, ends one sign-in there and then, and signs out', async ({
  server,
}) => {
  const account = await addAccount(server);
  const here = await newPerson(browser);
  const there = await newPerson(browser, { viewport: { width: 390, height: 844 } });
  await signIn(there, server.url, account);
  await picture(there, 'phone-account');
  await signIn(here, server.url, account);
  await expect(sessionsOn(here)).toHaveCount(2);
  await expect(sessionsOn(here).filter({ hasText: vi.account.here })).toHaveCount(1);
  await expectAccessible(here);
  await picture(here, 'account');
  await here.getByRole('button', { name: /^Kết thúc phiên trên Chrome/ }).click();
  await expect(here.getByRole('status')).toContainText('Đã kết thúc phiên');
  await expect(sessionsOn(here)).toHaveCount(1);
  await there.reload();
  await expect(there.getByRole('heading', { name: vi.signIn.title })).toBeVisible();
  await here.getByRole('button', { name: vi.account.signOut }).click();
  await expect(here.getByRole('heading', { name: vi.signIn.title })).toBeVisible();
});

test('says what was wrong, and counts down while one has to wait', async ({ server }) => {
  const account = await addAccount(server);
  const page = await newPerson(browser);
  await page.goto(`${server.url}/signin?next=%2Faccounts`);
  await expectAccessible(page);
  await picture(page, 'sign-in');
  await page.keyboard.press('Enter');
  await expect(page.getByText(vi.signIn.incomplete)).toBeVisible();
  await fillIn(page, { ...account, password: 'không đúng' });
  await page.keyboard.press('Enter');
  await expect(page.getByText('Tên đăng nhập hoặc mật khẩu không đúng.')).toBeVisible();
  await expect(page.getByLabel(vi.signIn.password, { exact: true })).toBeFocused();
  await expectAccessible(page);
  await server.sql('UPDATE sign_in_failure SET failures = 7, last_at = now()'); // 16 s
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Còn \d+ giây\.$/)).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'sign-in-wait');
  await expect(page.getByText(vi.wait.over)).toBeVisible({ timeout: 40_000 });
  await fillIn(page, account);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: vi.account.title })).toBeVisible();
});

test('shows a password when asked to, and hides it again', async ({ server }) => {
  const page = await newPerson(browser);
  await page.goto(`${server.url}/signin`);
  const password = page.getByLabel(vi.signIn.password, { exact: true });
  await expect(password).toHaveAttribute('type', 'password');
  await page.getByRole('button', { name: vi.signIn.show }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await page.getByRole('button', { name: vi.signIn.hide }).click();
  await expect(password).toHaveAttribute('type', 'password');
  await expect(password).toHaveAttribute('autocomplete', 'current-password');
});

test('asks for a password of one’s own in place of a given one', async ({ server }) => {
  const account = await addAccount(server, 'clerk', { settled: false });
  const page = await newPerson(browser);
  await page.goto(`${server.url}/signin?next=%2Faccounts`);
  await fillIn(page, account);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: vi.change.givenTitle })).toBeFocused();
  await expectAccessible(page);
  await page.getByLabel(vi.change.next).fill('matkhau123456');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Mật khẩu này quá dễ đoán.')).toBeVisible();
  await picture(page, 'change-given-password');
  await page.getByLabel(vi.change.next).fill('sáng nay trời mưa to');
  await page.getByRole('button', { name: vi.change.button }).click();
  await expect(page.getByRole('heading', { name: vi.account.title })).toBeVisible();
});

test('signs everyone else out when a password is changed', async ({ server }) => {
  const account = await addAccount(server);
  const here = await newPerson(browser);
  const there = await newPerson(browser);
  await signIn(there, server.url, account);
  await signIn(here, server.url, account);
  await here.getByLabel(vi.change.old).fill(account.password);
  await here.getByLabel(vi.change.next).fill('sáng nay trời mưa to');
  await here.getByRole('button', { name: vi.change.button }).click();
  await expect(here.getByText(vi.change.done)).toBeVisible();
  await expect(sessionsOn(here)).toHaveCount(1);
  await there.reload();
  await expect(there.getByRole('heading', { name: vi.signIn.title })).toBeVisible();
});

test('shows an administrator where someone else is signed in, and ends it', async ({ server }) => {
  const clerk = await addAccount(server);
  const other = await newPerson(browser);
  await signIn(other, server.url, clerk);
  const page = await newPerson(browser);
  await signIn(page, server.url, await addAccount(server, 'administrator'));
  await page.getByLabel(vi.account.othersLogin).fill(clerk.login);
  await page.getByRole('button', { name: vi.account.look, exact: true }).click();
  const theirs = page.getByRole('region', { name: vi.account.others });
  await expect(sessionsOn(page)).toHaveCount(2);
  await theirs.getByRole('button', { name: /^Kết thúc phiên trên/ }).click();
  await expect(theirs.getByText(vi.account.none)).toBeVisible();
  await other.reload();
  await expect(other.getByRole('heading', { name: vi.signIn.title })).toBeVisible();
});

test('speaks English and fits a phone', async ({ server }) => {
  const page = await newPerson(browser, { viewport: { width: 390, height: 844 } });
  await page.goto(`${server.url}/signin`);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { name: en.signIn.title })).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await picture(page, 'phone-sign-in');
});

// The identity of a detainee: the officer at the room's device compares the papers with the case and signs with a password.
import type { Browser, Page } from '@playwright/test';
import { vi as account } from '../../web/src/accounts/i18n/vi.ts';
import { vi } from '../../web/src/identity/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture } from '../support/browser.ts';
import { expect, test as base } from '../support/fixtures.ts';
import { accounts, DEFENDANT } from '../support/identity.ts';
import { admit, arrive, enterAsCourt, expectCourtroom } from '../support/screens.ts';
import { NAMES, type Hearing } from '../support/server.ts';
import type { Account } from '../support/staff.ts';

interface Trial {
  browser: Browser;
  known: Record<string, Account>;
  trial: Hearing;
}

const test = base.extend<Trial>({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
  browser: async ({}, use) => {
    const browser = await launch();
    await use(browser);
    await browser.close();
  },
  known: async ({ server }, use) => use(await accounts(server)),
  trial: async ({ server, known }, use) => {
    expect(known.officer?.login).toBe('canbo'); // before the hearing is
    await use(await server.seed('criminal_first_instance'));
  },
});
test.describe.configure({ timeout: 600_000 });

const sheet = (page: Page) => page.getByRole('dialog', { name: vi.title });

async function openSheet(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /căn cước/i })
    .first()
    .click();
  await expect(sheet(page)).toBeVisible({ timeout: 60_000 }); // it is loaded when it is wanted
}

const field = (page: Page, name: string) => sheet(page).locator(`[data-field="${name}"]`);

async function choose(page: Page, name: string, finding: string): Promise<void> {
  await field(page, name).getByText(finding, { exact: true }).click();
}

async function sign(page: Page, label: string, { login, password }: Account): Promise<void> {
  await sheet(page).getByLabel(account.signIn.login).fill(login);
  await sheet(page).getByLabel(account.signIn.password, { exact: true }).fill(password);
  await sheet(page).getByRole('button', { name: label, exact: true }).click();
}

test('lets the officer of the site vouch for a detainee, signing in again in place', async ({
  browser,
  trial,
  known,
}) => {
  const { officer } = known;
  if (!officer) {
    throw new Error('the demonstration has no officer');
  }
  const judge = await newPerson(browser);
  await enterAsCourt(judge, trial.links.judge);
  const room = await newPerson(browser);
  await arrive(room, trial.links.detention);
  await admit(judge, NAMES.detention);
  await expectCourtroom(room);

  await openSheet(room);
  await expect(sheet(room).locator(`[data-participant="${DEFENDANT}"]`)).toContainText(
    vi.notAttested,
  );
  await picture(room, 'identity-officer-list');
  await sheet(room)
    .getByRole('button', { name: /^Đối chiếu/ })
    .click();
  await sign(room, vi.sign, officer);
  await expect(sheet(room).getByText(vi.missingKind)).toBeVisible();

  await sheet(room).getByLabel(vi.kind).selectOption(vi.kinds.CITIZEN_CARD);
  await sheet(room).getByLabel(vi.number, { exact: true }).fill('001 091 000 227');
  await sheet(room).getByLabel(vi.issuer).fill('Bộ Công an');
  for (const name of ['FULL_NAME', 'DATE_OF_BIRTH', 'PERSONAL_NUMBER']) {
    await choose(room, name, vi.finding.SAME);
  }
  await choose(room, 'RESIDENCE', vi.finding.DIFFERENT);
  await field(room, 'RESIDENCE').getByLabel(vi.says).fill('Xã Phúc Thịnh, thành phố Hà Nội');
  await sign(room, vi.sign, officer);
  await expect(
    sheet(room).getByText(vi.missingRemark(vi.fields.RESIDENCE), { exact: false }),
  ).toBeVisible();
  await field(room, 'RESIDENCE').getByLabel(vi.remark).fill('Đã chuyển nơi cư trú năm 2024');
  await expectAccessible(room);
  await sign(room, vi.sign, { ...officer, password: 'khong phai mat khau' });
  await expect(sheet(room).getByText('Tên đăng nhập hoặc mật khẩu không đúng.')).toBeVisible();
  await sign(room, vi.sign, officer);
  await expect(sheet(room).getByText(vi.signed)).toBeVisible({ timeout: 60_000 });
  await expect(sheet(room)).toContainText(vi.good);
});

test('shows the summons to whoever comes by a link, before anything else', async ({
  browser,
  trial,
}) => {
  const witness = await newPerson(browser, { viewport: { width: 390, height: 844 } });
  await witness.goto(trial.links.witness);
  await witness.getByRole('button').first().waitFor();
  await witness.getByRole('button', { name: /tham gia/i }).click();
  await expect(witness.getByText(people.introduction.summons)).toBeVisible();
  await expect(witness.getByText('12/2026/GTT-06')).toBeVisible();
  await picture(witness, 'introduction-summons');
  await expectAccessible(witness);
});

// A clerk at the counter adds a party: what was declared at another court is filled in with its source and age, what is another now is
// changed, and the party goes to the centre while one looks on.
import { test, type Browser, type Page } from '@playwright/test';
import { unreachable } from '../../web/src/lib/refusal.ts';
import { en } from '../../web/src/cases/i18n/en.ts';
import { vi as words } from '../../web/src/cases/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture, turnOff } from '../support/browser.ts';
import { answered } from '../support/clerk.ts';
import { knowElsewhere, letAsk } from '../support/declare.ts';
import { Exchange } from '../support/exchange.ts';
import { expect } from '../support/fixtures.ts';
import { choose, press, tick, write } from '../support/keyboard.ts';
import { addAccount, type Account } from '../support/staff.ts';

test.describe.configure({ mode: 'serial' });

const CASE = '9/2026/TLST-DS';
const NUMBER = '048190000321';
const BASIS = 'Điều 14 Luật Bảo vệ dữ liệu cá nhân';
const NAME = 'Hồ Thị Sáu';

let exchange: Exchange;
let browser: Browser;
let clerk: Account;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  await exchange.court.assize('demo', 'cases');
  await letAsk(exchange);
  await answered(exchange);
  await knowElsewhere(
    exchange,
    'TAND.48.KV2',
    {
      ...{ fullName: NAME, personalNumber: NUMBER, dateOfBirth: '1990-05-06', sex: 1 },
      ...{ nationality: 'VN', residence: 'phường Hải Châu, thành phố Đà Nẵng', commune: '20194' },
    },
    100,
  );
  clerk = await addAccount(exchange.court, 'clerk');
  browser = await launch();
});

test.afterEach(() => turnOff(browser));

test.afterAll(async () => {
  await browser?.close();
  await exchange?.dispose();
});

/** On the page of the case. */
async function sitDown(who = clerk, viewport = { width: 1440, height: 900 }): Promise<Page> {
  const page = await newPerson(browser, { viewport });
  await enter(page, who);
  return page;
}

async function enter(page: Page, who: Account): Promise<void> {
  const [row] = await exchange.court.sql(`SELECT id FROM court_case WHERE number = '${CASE}'`);
  const address = `/cases?case=${String(row?.[0])}`;
  await page.goto(`${exchange.court.url}/signin?next=${encodeURIComponent(address)}`);
  await page.locator('#login').fill(who.login);
  await page.locator('#password').fill(who.password);
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: words.why.begin }).click();
  await expect(page.locator('h1')).toHaveText(CASE);
}

async function begin(page: Page): Promise<void> {
  await press(page.getByRole('link', { name: words.party.add }));
  await expect(page.locator('h1')).toHaveText(words.party.title);
  await expect(page.locator('h1')).toBeFocused();
}

const label = (name: string) => words.labels[name] ?? '';
const field = (page: Page, name: string) => page.locator(`[data-field="party.person.${name}"]`);
const numberIn = (page: Page) => page.getByLabel(label('person.personal_number'));
const roleIn = (page: Page) => page.getByLabel(label('party.role'), { exact: true });
const save = (page: Page) => page.getByRole('button', { name: words.party.save });
const asked = (page: Page) => page.locator('[data-asked]');

async function ask(page: Page, number = NUMBER): Promise<void> {
  await write(numberIn(page), number);
  await page.keyboard.press('Enter');
  await expect(asked(page)).toHaveAttribute('data-asked', /^(un)?known$/);
}

async function expectFits(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
}

test('fills in what another court knows, keeps what the clerk changes, and sends it on live', async () => {
  const page = await sitDown();
  await begin(page);
  await expectAccessible(page);
  await picture(page, 'party-empty');
  await ask(page);
  await expect(asked(page)).toHaveText(words.party.known(6));
  const from = words.party.from('TAND khu vực 2 - Đà Nẵng, 3 tháng trước');
  await expect(field(page, 'full_name').locator('[data-told="as-told"]')).toHaveText(from);
  await expect(page.getByLabel(label('person.full_name'))).toHaveValue(NAME);
  const residence = page.getByLabel(label('person.residence'));
  await write(residence, 'phường Ba Đình, thành phố Hà Nội');
  const changed = field(page, 'residence').locator('[data-told="changed"]');
  await expect(changed).toContainText('phường Hải Châu, thành phố Đà Nẵng');
  await page.getByLabel(label('person.commune')).fill('');
  await expect(field(page, 'commune').locator('[data-told="changed"]')).toContainText('20194');
  await choose(roleIn(page), words.roles.RELATED);
  await expectAccessible(page);
  await page.evaluate(() => window.scrollBy(0, -40));
  await picture(page, 'party-prefilled');
  await press(save(page));
  await expect(page.locator('h1')).toHaveText(CASE);
  await expect(page.getByText(words.party.added(NAME))).toBeVisible();
  const party = page.locator('[data-type="party"] [data-entity]').filter({ hasText: NAME });
  await expect(party).toContainText('phường Ba Đình');
  await expect(party).not.toContainText('20194');
  await expect(party.locator('[data-state]')).toHaveText(words.states.RECEIVED);
  await expectAccessible(page);
  await picture(page, 'party-added');
});

test('another number takes back what the first filled in; what was typed stays', async () => {
  const page = await sitDown();
  await begin(page);
  await ask(page);
  await write(page.getByLabel(label('person.residence')), 'Nơi khác');
  await press(field(page, 'residence').getByRole('button', { name: words.party.backTo }));
  await expect(field(page, 'residence').locator('[data-told]')).toHaveAttribute(
    'data-told',
    'as-told',
  );
  await write(page.getByLabel(label('person.full_name')), 'Hồ Thị Sáu Mươi');
  await ask(page, '048190000322');
  await expect(asked(page)).toHaveText(words.party.unknown);
  await expect(page.getByLabel(label('person.residence'))).toHaveValue('');
  await expect(page.getByLabel(label('person.full_name'))).toHaveValue('Hồ Thị Sáu Mươi');
  await expect(page.locator('[data-told]')).toHaveCount(0);
});

test('says beside each field what is wrong, and what is doubtful, and who is a party already', async () => {
  const page = await sitDown(clerk, { width: 390, height: 844 });
  await begin(page);
  await write(numberIn(page), '0481900003');
  await page.keyboard.press('Enter');
  await expect(page.locator('[id="party.person.personal_number-wrong"]')).toHaveText(
    words.party.problems.number,
  );
  await write(numberIn(page), '');
  await press(save(page));
  await expect(roleIn(page)).toBeFocused();
  await expect(page.locator('[id="party.role-wrong"]')).toHaveText(words.party.problems.missing);
  await ask(page);
  await choose(page.getByLabel(label('person.sex')), words.sexes.MALE);
  await page.getByLabel(label('person.date_of_birth')).fill('1991-05-06');
  await expect(page.locator('[data-doubt]')).toHaveCount(2);
  await choose(roleIn(page), words.roles.CIVIL_DEFENDANT);
  await expect(page.locator('[data-already]')).toContainText(NAME);
  await expectFits(page);
  await expectAccessible(page);
  await page.evaluate(() => window.scrollTo(0, 0));
  await picture(page, 'party-phone');
  await press(save(page));
  const beside = page.getByRole('checkbox', { name: words.party.beside });
  await expect(beside).toBeFocused();
  await tick(beside);
  await press(save(page));
  await expect(page.getByText(words.party.added(NAME))).toBeVisible();
});

test('what the server refuses stands beside its field, and what was typed is still there', async () => {
  const page = await sitDown();
  await begin(page);
  await press(page.getByRole('radio', { name: words.party.kinds.person }), 'ArrowDown');
  await choose(roleIn(page), words.roles.CIVIL_PLAINTIFF);
  const name = page.getByLabel(label('organisation.name'));
  await name.evaluate((one) => one.removeAttribute('maxlength'));
  await write(name, 'Ủ'.repeat(200));
  await press(save(page));
  await expect(name).toBeFocused();
  await expect(page.locator('[id="party.organisation.name-wrong"]')).toHaveText(
    words.party.problems.unfit,
  );
  await write(name, 'Công ty TNHH Hoa Sen');
  await press(save(page));
  await expect(page.getByText(words.party.added('Công ty TNHH Hoa Sen'))).toBeVisible();
});

/** The next call of this method is heard, and what the server says to it does not arrive. */
async function loseAnAnswer(page: Page, method: string): Promise<void> {
  await page.evaluate((name) => {
    const really = window.fetch;
    window.fetch = async (...asked) => {
      const response = await really(...asked);
      if (!String(asked[0]).endsWith(`/${name}`)) return response;
      window.fetch = really;
      throw new TypeError('cut');
    };
  }, method);
}

test('an answer that is lost leaves nobody at the form: the party is there, once, as it was first sent', async () => {
  for (const hears of [true, false]) {
    const name = hears ? 'Tạ Thị Nghe' : 'Tạ Thị Im';
    const page = await newPerson(browser, { viewport: { width: 1440, height: 900 } });
    if (!hears) await page.route('**/WatchChanges', (route) => route.abort());
    await enter(page, clerk);
    await loseAnAnswer(page, 'AddParty');
    await begin(page);
    await write(page.getByLabel(label('person.full_name')), name);
    await choose(roleIn(page), words.roles.WITNESS);
    await press(save(page));
    if (!hears) {
      await expect(page.getByText(unreachable().sentence('vi'))).toBeVisible();
      await write(page.getByLabel(label('person.full_name')), `${name} Lặng`);
      await press(save(page));
    }
    await expect(page.getByText(words.party.addedBefore(name))).toBeVisible({ timeout: 30_000 });
    await expect(page.locator('h1')).toHaveText(CASE);
    const party = page.locator('[data-type="party"] [data-entity]').filter({ hasText: name });
    await expect(party).toHaveCount(1);
    await expectAccessible(page);
    await picture(page, 'party-answer-lost');
  }
});

test('without the centre it says so, and what is added waits, then goes', async () => {
  const page = await sitDown();
  await exchange.court.assize('exchange', 'disconnect', '--for', '20', '--why', 'Bảo trì');
  await expect(page.getByRole('region', { name: words.line.label })).toHaveAttribute(
    'data-line',
    'held',
    { timeout: 30_000 },
  );
  await begin(page);
  await ask(page, '001079000812');
  await expect(page.locator('[data-center="DISCONNECTED"]')).toBeVisible();
  await expect(field(page, 'full_name').locator('[data-told]')).toHaveText(
    words.party.from(words.party.by(words.party.thisCourt, words.party.age(0))),
  );
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('h1')).toHaveText(en.party.title);
  await expectAccessible(page);
  await picture(page, 'party-center-away');
  await page.getByRole('button', { name: 'Tiếng Việt' }).click();
  await write(numberIn(page), '');
  await write(page.getByLabel(label('person.full_name')), 'Vương Văn Mười');
  await choose(roleIn(page), words.roles.WITNESS);
  await press(save(page));
  const state = page
    .locator('[data-type="party"] [data-entity]')
    .filter({ hasText: 'Vương Văn Mười' })
    .locator('[data-state]');
  await expect(state).toHaveText(words.states.WAITING);
  await exchange.court.assize('exchange', 'connect');
  await expect(state).toHaveText(words.states.RECEIVED, { timeout: 30_000 });
});

test('what was redacted is said where it stood, and no word of it is left', async () => {
  const page = await sitDown();
  const party = page.locator('[data-type="party"] [data-entity]').filter({ hasText: NAME });
  const entity = await party.first().getAttribute('data-entity');
  const [row] = await exchange.court.sql(
    `SELECT seq, case_key FROM case_record WHERE entity = '${entity}' AND upper_inf(known)`,
  );
  const [seq = '', key = ''] = (row ?? []).map(String);
  const by = await exchange.court.assize('case', 'redact', key, seq, '--basis', BASIS);
  const redacted = page.locator(`[data-entity="${entity}"] [data-redacted]`).first();
  await expect(redacted).toContainText(BASIS, { timeout: 30_000 });
  await expect(redacted).toContainText(words.redacted.title);
  const heading = page.locator(`#now ~ .group [data-entity="${entity}"] strong`).first();
  await expect(heading).toHaveText(words.redacted.nothing);
  await expect(page.locator(`[data-entity="${entity}"]`).first()).not.toContainText(NUMBER);
  await expect(page.locator(`[data-entity="${entity}"]`).first()).not.toContainText(NAME);
  await expect(redacted).toContainText(`số ${by.trim()}.`);
  await expectFits(page);
  await expectAccessible(page);
  await redacted.scrollIntoViewIfNeeded();
  await picture(page, 'party-redacted');
});

test('a judge reads, and has no form', async () => {
  const page = await sitDown(await addAccount(exchange.court, 'judge'));
  await expect(page.locator('#now')).toBeVisible();
  await expect(page.getByRole('link', { name: words.party.add })).toHaveCount(0);
  await page.goto(`${page.url()}&add=party`);
  await expect(page.locator('h1')).toHaveText(CASE);
});

// The page of a national centre, in Chromium, beside a real court that reports to it: who is there, what came, what was rejected
// and why; and what the page says when a court, or the centre itself, is not there any more.
import { randomUUID } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { test, type Browser, type Locator, type Page } from '@playwright/test';
import { CaseRecordSchema } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { en } from '../../web/src/monitor/i18n/en.ts';
import { fields } from '../../web/src/monitor/i18n/fields.ts';
import { vi as words } from '../../web/src/monitor/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture, turnOff } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { Exchange, follow, record } from '../support/exchange.ts';
import { expect } from '../support/fixtures.ts';
import { press, write } from '../support/keyboard.ts';
import { addAccount, type Account } from '../support/staff.ts';

test.describe.configure({ mode: 'serial' });

/** For how many seconds a court is off the line, and how many changes are written to its cases meanwhile. */
const OUTAGE = (process.env.ASSIZE_OUTAGE ?? '10 500').split(' ').map(Number) as [number, number];

let exchange: Exchange;
let browser: Browser;
let account: Account;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  account = await addAccount(exchange.center, 'officer');
  browser = await launch();
});

test.afterEach(() => turnOff(browser));

test.afterAll(async () => {
  await browser?.close();
  await exchange?.dispose();
});

async function sitDown(who = account, viewport = { width: 1440, height: 900 }): Promise<Page> {
  const page = await newPerson(browser, { viewport });
  await page.goto(`${exchange.people}/monitor`);
  await page.waitForURL(/\/signin\?next=%2Fmonitor$/);
  await page.locator('#login').fill(who.login);
  await page.locator('#password').fill(who.password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${exchange.people}/monitor`);
  await expect(page.locator('h1')).not.toHaveText(words.opening);
  return page;
}

const rowOf = (page: Page, code: string): Locator => page.locator(`[data-source="${code}"]`);
const stateOf = (page: Page, code: string): Locator => rowOf(page, code).locator('[data-state]');

/** All that is said aloud from now on. */
async function listen(page: Page): Promise<() => Promise<string>> {
  await page.getByTestId('polite').evaluate((region) => {
    new MutationObserver(() => {
      document.body.dataset['said'] =
        `${document.body.dataset['said'] ?? ''} ${region.textContent}`;
    }).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => document.body.dataset['said'] ?? '');
}

async function expectFits(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
}

/** A party whose personal number is too short, and one that follows it. */
async function pushWrongParty(source: string): Promise<void> {
  const identity = await exchange.admit(source);
  const party = (personalNumber: string) =>
    toBinary(
      CaseRecordSchema,
      create(CaseRecordSchema, {
        entity: randomUUID(),
        body: {
          case: 'party',
          value: {
            role: 1,
            who: { case: 'person', value: { fullName: 'Nguyễn Văn Tuấn', personalNumber } },
          },
        },
      }),
    );
  const recordedMs = BigInt(Date.now());
  const one = (seq: bigint, number: string) => ({
    ...record(seq),
    recordedMs,
    recordType: 'party',
    payload: party(number),
  });
  const good = follow(one(1n, '001089000001'));
  const wrong = follow(one(2n, '00108900'), good);
  const behind = follow(one(3n, '001089000002'), wrong);
  const batch = { source, batchNo: 1n, records: [good, wrong, behind] };
  expect((await exchange.pushAs(batch, identity)).status).toBe(200);
}

test('what a court sends is counted while one looks on', async () => {
  await exchange.admit('TAND.79');
  const page = await sitDown();
  await expect(page).toHaveTitle(words.product);
  await expect(stateOf(page, 'DEMO')).toHaveText(words.states.LIVE);
  await expect(stateOf(page, 'TAND.79')).toHaveText(words.states.NEVER);
  await expect(page.locator('h1')).toHaveText(words.title(1, 389));
  await expect(page.getByText(words.calm)).toBeVisible();
  const records = page.locator('[data-total="records"]');
  const before = Number(await records.textContent());
  await exchange.closed();
  await expect.poll(async () => Number(await records.textContent())).toBeGreaterThan(before);
  await expect(page.getByRole('img', { name: words.hour.records })).toBeVisible();
  await page.getByText(words.hour.table).press('Enter');
  await expect(page.locator('details tbody tr').first()).toContainText(/\d\d:\d\d/);
  await expectAccessible(page);
  await picture(page, 'monitor-calm');
});

test('a rejected record is counted and explained, found and opened by keyboard', async () => {
  const source = 'TAND.01';
  const page = await sitDown();
  await pushWrongParty(source);
  const row = rowOf(page, source);
  await expect(row).toBeVisible();
  await expect(page.locator('[data-total="rejected"]')).toHaveText('1');
  await expect(page.locator('[data-total="held"]')).toHaveText('1');
  await expect(page.getByText(words.look([words.concerns.rejected(1)]))).toBeVisible();
  await expect(page.locator('[data-source]').first()).toHaveAttribute('data-source', source);
  await expectAccessible(page);
  await picture(page, 'monitor');

  await write(page.getByRole('searchbox', { name: words.list.search }), 'thanh pho ha noi');
  await expect(page.locator('[data-source]')).toHaveCount(1);
  await press(row.getByRole('link'));
  await expect(page).toHaveURL(`${exchange.people}/monitor?source=${source}`);
  await expect(page.locator('h1')).toBeFocused();
  await expect(page.locator('h1')).toContainText('Hà Nội');
  const rejected = page.locator('[data-rejected="party.person.personal_number"]');
  await expect(rejected).toContainText(words.source.record(words.types['party'] ?? '', 2n));
  await expect(rejected).toContainText(
    words.wrongField(fields['person.personal_number']?.vi ?? '?'),
  );
  await expect(rejected).toContainText(words.source.waiting(1n));
  await expect(rejected.locator('code').last()).toHaveText('party.person.personal_number');
  const receipt = page.getByRole('table', { name: words.source.batches }).locator('tbody code');
  await expect(receipt).toHaveText(/^[0-9a-f-]{36}$/);
  await expectAccessible(page);
  await picture(page, 'monitor-source');

  await page.setViewportSize({ width: 390, height: 844 });
  await expectFits(page);
  await picture(page, 'monitor-source-phone');
  await press(page.getByRole('link', { name: words.all }));
  await expect(page.locator('h1')).toHaveText(words.title(2, 389));
});

test('is the same on a phone, at double size and in English', async () => {
  const page = await sitDown(account, { width: 390, height: 844 });
  await expect(stateOf(page, 'DEMO')).toHaveText(words.states.LIVE);
  await expectFits(page);
  await expectAccessible(page);
  await picture(page, 'monitor-phone');
  await page.setViewportSize({ width: 720, height: 450 }); // 1440 by 900 at 200 %
  await expectFits(page);
  await page.getByRole('button', { name: 'English' }).click();
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(stateOf(page, 'DEMO')).toHaveText(en.states.LIVE);
  await expect(page.locator('h1')).toHaveText(/of 389 courts connected$/);
  await expectAccessible(page);
  await picture(page, 'monitor-en');
});

test('a court that stops is told of at once, and again when it is back', async () => {
  const page = await sitDown();
  const demo = stateOf(page, 'DEMO');
  await expect(demo).toHaveText(words.states.LIVE);
  const said = await listen(page);
  await exchange.court.stop();
  await expect(demo).toHaveText(/Không liên lạc từ \d\d:\d\d:\d\d/);
  await expect(rowOf(page, 'DEMO')).toContainText(/[5-9] giây trước/);
  await expect.poll(said).toContain(words.changes.quiet('DEMO'));
  await expect(page.getByText(/^Cần xem: .*không liên lạc/)).toBeVisible();
  await page.goto(`${exchange.people}/monitor?source=DEMO`);
  await expect(page.getByText(/^Không liên lạc từ \d\d:\d\d:\d\d\. /)).toBeVisible();
  await picture(page, 'monitor-quiet');
  const saidThen = await listen(page);
  await exchange.court.restart();
  await expect(page.locator('dl [data-state]')).toHaveText(words.states.LIVE);
  await expect.poll(saidThen).toContain(words.changes.live('DEMO'));
});

test('a court off the line is told of at once, nothing is claimed of what it holds, and it catches up', async () => {
  const [seconds, changes] = OUTAGE;
  await exchange.court.assize('demo', 'cases'); // before it, so that none of their records waits out the outage
  await exchange.settle();
  const page = await sitDown();
  const state = stateOf(page, 'DEMO');
  const records = async () =>
    Number((await rowOf(page, 'DEMO').locator('td').nth(2).textContent())?.replaceAll('.', ''));
  await expect(state).toHaveText(words.states.LIVE);
  const said = await listen(page);
  const outage = exchange.court.assizeFor(
    (seconds + 120) * 1_000,
    ...['demo', 'outage', '--json', '--center', exchange.center.state],
    ...['--seconds', String(seconds), '--changes', String(changes)],
  );
  outage.catch(() => undefined); // told below

  await expect(state).toHaveText(/Không liên lạc từ \d\d:\d\d:\d\d/);
  await expect(rowOf(page, 'DEMO')).toContainText(words.list.unknown);
  await expect(page.getByText(/^Cần xem: .*không liên lạc/)).toBeVisible();
  await expect
    .poll(async () => {
      const [title, count] = await page.evaluate(() => [
        document.querySelector('h1')?.textContent,
        document.querySelectorAll('[data-state=LIVE], [data-state=CATCHING_UP]').length,
      ]);
      return title === words.title(Number(count), 389);
    })
    .toBe(true);
  const before = await records();
  await expect
    .poll(async () => {
      const status = await exchange.court.assize('exchange', 'status', '--json');
      return (JSON.parse(status) as { waiting: number }).waiting;
    })
    .toBeGreaterThan(100);
  expect(await records()).toBe(before);
  await expectAccessible(page);
  await picture(page, 'monitor-outage');

  expect(JSON.parse(await outage)).toMatchObject({ changes, lost: 0, doubled: 0 });
  await expect.poll(said).toContain(words.changes.catchingUp('DEMO'));
  await expect(state).toHaveText(words.states.LIVE);
  await expect.poll(records).toBe(before + changes);
  await expect.poll(said).toContain(words.changes.live('DEMO'));
});

test('a centre that stops leaves the page saying how old it is, and live again by itself', async () => {
  const page = await sitDown();
  const live = page.getByRole('region', { name: words.live.label });
  await expect(live).toHaveAttribute('data-live', 'true');
  const said = await listen(page);
  await exchange.center.stop();
  await expect(live).toHaveAttribute('data-live', 'false');
  await expect(live).toContainText(/của lúc \d\d:\d\d:\d\d, \d+ giây trước/);
  await expect(page.locator('h1')).toHaveText(/^Lúc \d\d:\d\d:\d\d: /);
  await expect.poll(said).toContain(words.live.lost);
  const contact = rowOf(page, 'DEMO').locator('time');
  const then = await contact.textContent();
  await page.waitForTimeout(2_500);
  expect(await contact.textContent()).toBe(then);
  await expectAccessible(page);
  await picture(page, 'monitor-not-live');
  await exchange.center.restart();
  await expect(live).toHaveAttribute('data-live', 'true');
  await expect.poll(said).toContain(words.live.back);
  await expect(page.locator('h1')).toHaveText(/ trong 389 Tòa án đang kết nối$/);
});

test('the name of the site leads here, by signing in', async () => {
  const page = await newPerson(browser);
  await page.goto(exchange.people);
  await page.waitForURL(/\/signin\?next=%2Fmonitor$/);
  await page.goto(`${exchange.people}/signin`);
  await page.locator('#login').fill(account.login);
  await page.locator('#password').fill(account.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${exchange.people}/monitor`);
  await expect(page.locator('h1')).toHaveText(/ trong 389 Tòa án/);
});

test('a client that is not ours reads the same in a browser', async () => {
  const page = await sitDown();
  const script = await bundle('tests/support/connect-web.ts', 'connectWeb');
  const said = await page.evaluate(`(() => { ${script}; return connectWeb.look('DEMO'); })()`);
  const refused = expect.stringMatching(/^\[not_found\] /) as unknown;
  expect(said).toEqual(['DEMO', 389, 'DEMO', 389, 'DEMO', refused]);
});

test('whoever may not see it is told so, and comes back here from the account', async () => {
  const clerk = await addAccount(exchange.center, 'clerk');
  const page = await newPerson(browser);
  await page.goto(`${exchange.people}/signin?next=/monitor`);
  await page.locator('#login').fill(clerk.login);
  await page.locator('#password').fill(clerk.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
  await page.goto(`${exchange.people}/accounts?next=/monitor`);
  await expect(page.locator('a.primary')).toHaveAttribute('href', '/monitor');
});

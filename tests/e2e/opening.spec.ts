// A criminal trial from the first link to its opening, by keyboard alone: the presiding judge and the room at the detention facility
// in Chromium, everybody else by the protocol. Nobody opens before the law is met, and the detainee is identified by two.
import { expect as soon, test, type Browser, type Page } from '@playwright/test';
import { vi as accounts } from '../../web/src/accounts/i18n/vi.ts';
import { vi as court } from '../../web/src/court/i18n/vi.ts';
import { vi as identity } from '../../web/src/identity/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { expectAccessible, launch, picture } from '../support/browser.ts';
import { Courtroom } from '../support/courtroom.ts';
import { newViewer } from '../support/gallery.ts';
import { accounts as demoAccounts, Device, reading } from '../support/identity.ts';
import {
  choose,
  comeByKeyboard,
  enterByKeyboard,
  expectNoPointer,
  press,
  tick,
  watchPointer,
  write,
} from '../support/keyboard.ts';
import { courtroomOf, group } from '../support/screens.ts';
import { NAMES, Server, type Hearing } from '../support/server.ts';
import type { Account } from '../support/staff.ts';

test.describe.configure({ mode: 'serial' });

const expect = soon.configure({ timeout: 60_000 });

const OPENING = 2;
const WHO = `Bị cáo Phạm ${NAMES.defendant}`;

let server: Server;
let known: Record<string, Account>;
let trial: Hearing;
let courtroom: Courtroom;
let browser: Browser;
let judge: Page;
let kiosk: Page;

async function person(): Promise<Page> {
  const page = await newViewer(browser);
  await page.setViewportSize({ width: 1440, height: 900 });
  await watchPointer(page.context());
  return page;
}

test.beforeAll(async () => {
  server = await Server.start();
  known = await demoAccounts(server); // before the people of the hearing are
  trial = await server.seed('criminal_first_instance');
  courtroom = new Courtroom(server, trial);
  browser = await launch();
  judge = await person();
  kiosk = await person();
});

test.afterAll(async () => {
  courtroom?.leave();
  await browser?.close();
  await server?.dispose();
});

const next = () => judge.locator('[data-step]');
const question = () => judge.getByRole('alertdialog');
const check = (id: string) => judge.locator(`main [data-check="${id}"]`);
const named = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const told = (page: Page, words: string | RegExp) => page.getByText(words).first();

/** What is seen on this screen can be used by everybody, and is kept as a picture. */
async function looks(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await picture(page, name);
}

async function expectPhase(phase: number): Promise<void> {
  await expect(judge.locator(`[data-phase="${phase}"]`)).toHaveAttribute('data-state', 'now');
}

test('lists what the law misses until it is met, and lets people in from the list', async () => {
  await enterByKeyboard(judge, trial.links.judge);
  await expect(next()).toHaveAttribute('data-blocked', 'true');
  await expect(check('detention_officer')).toContainText('thiếu cán bộ giám sát', {
    ignoreCase: true,
  });
  await comeByKeyboard(kiosk, trial.links.detention);
  for (const one of ['clerk', 'procurator', 'victim', 'official', 'counsel', 'witness'] as const) {
    await courtroom.arrive(one);
  }
  const waiting = group(judge, 'waiting');
  for (const one of ['procurator', 'counsel', 'detention', 'witness', 'victim'] as const) {
    await press(waiting.getByRole('button', { name: NAMES[one] }).first());
    await expect(waiting.getByRole('button', { name: NAMES[one] })).toHaveCount(0);
  }
  await expect(check('detention_officer')).toHaveCount(0);
  await expect(check('site_official')).toContainText('thiếu công chức Tòa án', {
    ignoreCase: true,
  });
  await press(waiting.getByRole('button', { name: NAMES.official }).first());
  await expect(check('site_official')).toHaveCount(0);
  await expect(next()).toHaveAttribute('data-blocked', 'false');
  await expect(courtroomOf(kiosk)).toBeVisible();
});

const sheet = (page: Page) => page.getByRole('dialog', { name: identity.title });
const field = (name: string) => sheet(kiosk).locator(`[data-field="${name}"]`);

/** Signs in again where the record is signed. */
async function sign(page: Page, label: string, account: Account | undefined): Promise<void> {
  const { login = '', password = '' } = account ?? {};
  await write(sheet(page).getByLabel(accounts.signIn.login), login);
  await write(sheet(page).getByLabel(accounts.signIn.password, { exact: true }), password);
  await press(sheet(page).getByRole('button', { name: label, exact: true }));
  await expect(sheet(page).getByText(identity.signed)).toBeVisible();
  await expect(sheet(page)).toContainText(identity.good);
}

test('identifies the detainee by the officer at the site, who signs in again', async () => {
  await press(named(kiosk, identity.title));
  await press(sheet(kiosk).getByRole('button', { name: identity.openOf(WHO) }));
  await choose(sheet(kiosk).getByLabel(identity.kind), identity.kinds.CITIZEN_CARD);
  await write(sheet(kiosk).getByLabel(identity.number, { exact: true }), '001091000227');
  for (const name of ['FULL_NAME', 'DATE_OF_BIRTH', 'PERSONAL_NUMBER', 'RESIDENCE']) {
    await tick(field(name).getByLabel(identity.finding.SAME));
  }
  await looks(kiosk, 'identity-officer');
  await sign(kiosk, identity.sign, known.officer);
  await kiosk.keyboard.press('Escape');
  await expect(sheet(kiosk)).toHaveCount(0);
});

test('identifies everybody else by the clerk', async () => {
  const device = await Device.open(server, trial.links.clerk);
  for (const card of await device.cards()) {
    const record = card.record?.facts?.record;
    const number = card.details?.personalNumber || '001186000905';
    const what = record === undefined ? { reading: reading(card, { number }) } : { record };
    await device.mustAttest(known.clerk as Account, card.participant, what);
  }
});

test('opens when every condition is met, after a countdown', async () => {
  await judge.keyboard.press('n');
  await expect(question()).toContainText(court.next.opens);
  await looks(judge, 'judge-opening');
  await press(question().getByRole('button', { name: court.next.confirm.start, exact: true }));
  await expect(question()).toContainText(court.countdown.title);
  await expectPhase(OPENING);
  await expect(told(kiosk, people.now.phases['BLTTHS 301-305'] ?? '')).toBeVisible();
  await expectNoPointer(judge);
  await expectNoPointer(kiosk);
});

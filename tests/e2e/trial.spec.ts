// A criminal trial from the first link to the judgment, in Chromium and by keyboard alone: the presiding judge, the clerk, defence
// counsel, the room at the detention facility and a witness at their screens; the procurator, the victim and the official of the
// component point by the protocol. What each is shown and told is looked at with every step.
import { readFileSync } from 'node:fs';
import { expect as soon, test, type Browser, type Page } from '@playwright/test';
import { vi as accounts } from '../../web/src/accounts/i18n/vi.ts';
import { vi as court } from '../../web/src/court/i18n/vi.ts';
import { vi as identity } from '../../web/src/identity/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { vi as minutes } from '../../web/src/minutes/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { expectAccessible, expectArriving, newPerson, picture } from '../support/browser.ts';
import { launchWith, type Figure } from '../support/camera.ts';
import { Courtroom } from '../support/courtroom.ts';
import { newViewer } from '../support/gallery.ts';
import { accounts as demoAccounts, Device, reading } from '../support/identity.ts';
import {
  choose,
  comeByKeyboard,
  enterByKeyboard,
  expectNoPointer,
  press,
  reach,
  tick,
  watchPointer,
  write,
} from '../support/keyboard.ts';
import { textOf } from '../support/pdf.ts';
import { Peer } from '../support/peer.ts';
import { verify } from '../support/record.ts';
import { eventually } from '../support/processes.ts';
import { courtroomOf, group } from '../support/screens.ts';
import { NAMES, Server, type Hearing } from '../support/server.ts';
import type { Account } from '../support/staff.ts';

test.describe.configure({ mode: 'serial' });

const expect = soon.configure({ timeout: 60_000 });

const PHASES = { opening: 2, indictment: 3, questioning: 4, debate: 5, lastWords: 6 };
/** Endpoints. */
const ROOM = 4;
const VICTIM = 7;
const WHO = `Bị cáo Phạm ${NAMES.defendant}`;
const OATH = /^Tôi xin cam đoan khai trung thực tất cả những gì tôi biết về vụ án\./;
const SUMMARY = 'Người làm chứng khai đã thấy bị cáo rời cửa hàng lúc 21 giờ.';

let server: Server;
let known: Record<string, Account>;
let trial: Hearing;
let courtroom: Courtroom;
let judge: Page;
let clerk: Page;
let counsel: Page;
let kiosk: Page;
let witness: Page;
let victim: Peer;
let procurator: Peer;
const browsers: Browser[] = [];

const KEPT = process.env.UPDATE_SCREENS === '1';

/** Somebody at a device of their own. Where pictures are kept, each with a face of their own, which takes a browser
 * each; else only the C peers send, which is enough to see who gets what. */
async function person(figure: Figure, { width = 1440, height = 900 } = {}): Promise<Page> {
  if (browsers.length === 0 || KEPT) {
    browsers.unshift(await launchWith(figure, 1));
  }
  const page = await (KEPT ? newPerson : newViewer)(browsers[0] as Browser);
  await page.setViewportSize({ width, height });
  await watchPointer(page.context());
  return page;
}

test.beforeAll(async () => {
  server = await Server.start();
  known = await demoAccounts(server); // before the people of the hearing are
  trial = await server.seed('criminal_first_instance');
  courtroom = new Courtroom(server, trial);
  judge = await person('judge');
  clerk = await person('clerk');
  counsel = await person('counsel', { width: 1024, height: 768 });
  kiosk = await person('room');
  witness = await person('witness', { width: 390, height: 844 });
});

test.afterAll(async () => {
  await Promise.all([victim?.stop(), procurator?.stop()]);
  courtroom?.leave();
  await Promise.all(browsers.map((browser) => browser.close()));
  await server?.dispose();
});

const next = () => judge.locator('[data-step]');
const question = () => judge.getByRole('alertdialog');
const check = (id: string) => judge.locator(`main [data-check="${id}"]`);
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
const named = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const told = (page: Page, words: string | RegExp) => page.getByText(words).first();

/** What is seen on this screen can be used by everybody, and is kept as a picture. */
async function looks(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await picture(page, name);
}

async function answer(confirm: string, words = ''): Promise<void> {
  if (words !== '') {
    await write(question().getByRole('textbox'), words);
  }
  await press(question().getByRole('button', { name: confirm, exact: true }));
  await expect(question()).toHaveCount(0);
}

/** The next step by its key; the question before it says what changes. */
async function goOn(phase: number, words = ''): Promise<void> {
  await judge.keyboard.press('n');
  await answer(words === '' ? court.next.confirm.phase : court.override.confirm, words);
  await expect(judge.locator(`[data-phase="${phase}"]`)).toHaveAttribute('data-state', 'now');
}

test('brings everybody from their links to the court, by keyboard', async () => {
  await enterByKeyboard(judge, trial.links.judge);
  await expect(next()).toHaveAttribute('data-blocked', 'true');
  await expect(check('detention_officer')).toContainText('thiếu cán bộ giám sát', {
    ignoreCase: true,
  });
  await enterByKeyboard(clerk, trial.links.clerk);
  await comeByKeyboard(counsel, trial.links.counsel);
  await comeByKeyboard(kiosk, trial.links.detention);
  await comeByKeyboard(witness, trial.links.witness);
  await expect(told(witness, people.waiting.witness)).toBeVisible();
});

test('lists what the law misses until it is met, and lets people in from the list', async () => {
  const { links } = trial;
  await courtroom.arrive('official');
  victim = new Peer(server, links.victim, 'victim');
  procurator = new Peer(server, links.procurator, 'detention');
  for (const name of [NAMES.procurator, NAMES.counsel, NAMES.detention]) {
    await press(group(judge, 'waiting').getByRole('button', { name }).first());
    await expect(group(judge, 'waiting').getByRole('button', { name })).toHaveCount(0);
  }
  await looks(judge, 'judge-before');
  await expect(check('site_official')).toContainText('thiếu công chức Tòa án', {
    ignoreCase: true,
  });
  for (const name of [NAMES.official, NAMES.victim]) {
    await press(group(judge, 'waiting').getByRole('button', { name }).first());
  }
  await press(group(clerk, 'waiting').getByRole('button', { name: NAMES.witness }).first());
  await expect(courtroomOf(witness)).toBeVisible();
  await expect(check('site_official')).toHaveCount(0);
  await expect(next()).toHaveAttribute('data-blocked', 'false');
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

test('identifies everybody by the clerk, who signs what the officer found as well', async () => {
  await clerk.keyboard.press('3');
  await press(named(clerk, court.people.identity));
  await press(sheet(clerk).getByRole('button', { name: identity.openOf(WHO) }));
  await looks(clerk, 'identity-clerk');
  await sign(clerk, identity.signSame, known.clerk);
  const device = await Device.open(server, trial.links.clerk);
  for (const card of (await device.cards()).filter(({ byClerk }) => !byClerk)) {
    const number = card.details?.personalNumber || '001186000905';
    const what = { reading: reading(card, { number }) };
    await device.mustAttest(known.clerk as Account, card.participant, what);
  }
  await clerk.keyboard.press('Escape');
  await expect(sheet(clerk)).toHaveCount(0);
});

test('opens when every condition is met, after a countdown', async () => {
  await judge.keyboard.press('n');
  await expect(question()).toContainText(court.next.opens);
  await looks(judge, 'judge-opening');
  await press(question().getByRole('button', { name: court.next.confirm.start, exact: true }));
  await expect(question()).toContainText(court.countdown.title);
  await expect(judge.locator(`[data-phase="${PHASES.opening}"]`)).toHaveAttribute(
    'data-state',
    'now',
  );
  await expect(told(counsel, people.now.phases['BLTTHS 301-305'] ?? '')).toBeVisible();
  await expect(kiosk.locator('[data-lamp]')).toHaveAttribute('data-lamp', 'ON');
  await looks(counsel, 'courtroom-counsel');
});

test('keeps what the clerk notes with a key and a word', async () => {
  await clerk.keyboard.press('1');
  const text = clerk.getByRole('textbox', { name: minutes.notes.text });
  await reach(text);
  await clerk.keyboard.press('Alt+1');
  await expect(text).toHaveValue('HĐXX kiểm tra căn cước bị cáo.');
  await clerk.keyboard.press('Enter');
  await expect(text).toHaveValue('');
  const list = clerk.getByRole('list', { name: minutes.notes.list });
  await expect(list).toContainText('HĐXX kiểm tra căn cước bị cáo.');
  await looks(clerk, 'courtroom-clerk');
});

test('sets the witness apart for the indictment, and says so beforehand', async () => {
  await judge.keyboard.press('n');
  await expect(question()).toContainText(NAMES.witness);
  await judge.keyboard.press('Escape');
  await goOn(PHASES.indictment);
  await expect(heading(witness, people.apart.title)).toBeVisible();
  await expectArriving(witness, 0, 0);
  await looks(witness, 'phone-witness-apart');
  await judge.keyboard.press('f');
  await expect(
    told(counsel, people.now.speaking(`Kiểm sát viên Hoàng ${NAMES.procurator}`)),
  ).toBeVisible();
});

const OVERRIDE = 'Người bào chữa xin nêu một câu về sức khỏe của bị cáo.';

test('takes hands in their order, and gives the floor against the phase only for a reason', async () => {
  await counsel.keyboard.press('h');
  await expect(told(counsel, people.hand.place(1))).toBeVisible();
  await press(named(kiosk, people.hand.of(WHO)));
  const queue = group(judge, 'queue').getByRole('listitem');
  await expect(queue).toHaveCount(2);
  await expect(queue.first()).toContainText(NAMES.counsel);
  await expect(queue.last()).toContainText(NAMES.defendant);
  await looks(kiosk, 'courtroom-detention');
  await press(queue.first().getByRole('button'));
  await press(named(judge, court.override.open));
  await expect(question()).toContainText('Điều 306 Bộ luật Tố tụng hình sự 2015');
  await looks(judge, 'judge-override-floor');
  await answer(court.override.confirm, OVERRIDE);
  await expect(group(judge, 'queue').locator('.holder')).toContainText(NAMES.counsel);
  await expect(told(counsel, people.now.you)).toBeVisible();
  await judge.keyboard.press('t');
  await expect(group(judge, 'queue').locator('.holder')).toHaveCount(0);
});

test('hears a witness: called, sworn, heard, and there to stay', async () => {
  await goOn(PHASES.questioning);
  const stand = group(judge, 'stand');
  await press(stand.getByRole('button', { name: NAMES.witness }));
  await expect(heading(witness, people.stand.CALLED.title)).toBeVisible();
  await judge.keyboard.press('w');
  await expect(told(witness, OATH)).toBeVisible();
  await looks(witness, 'phone-witness-undertaking');
  await looks(judge, 'judge-undertaking');
  await press(named(witness, people.stand.give));
  await expect(heading(witness, people.stand.TESTIFYING.title)).toBeVisible();
  await looks(witness, 'phone-witness-testifying');

  await press(stand.getByRole('button', { name: court.cut.offOf(WHO) }));
  await expect(question()).toContainText(NAMES.witness);
  await answer(court.cut.confirm);
  await expect(heading(kiosk, people.cut.title)).toBeVisible();
  await expectArriving(kiosk, 0, 0);
  await looks(kiosk, 'kiosk-cut-off');
  await looks(judge, 'judge-cut-off');

  await judge.keyboard.press('w');
  await expect(heading(witness, people.stand.HEARD.title)).toBeVisible();
  await press(stand.getByRole('button', { name: court.cut.backOf(WHO) }));
  await expect(next()).toHaveAttribute('data-blocked', 'true');
  await press(stand.getByRole('button', { name: court.cut.tellOf(WHO) }));
  await answer(court.cut.tellConfirm, SUMMARY);
  await expect(told(kiosk, SUMMARY)).toBeVisible();
  await looks(kiosk, 'kiosk-summary');
  await press(named(kiosk, people.cut.read));
  await expect(kiosk.getByText(SUMMARY)).toBeHidden();
  await expect(stand.locator('[data-cut-off]')).toHaveCount(0);
});

test('screens the victim from the defendant, who no longer get each other', async () => {
  const pictured = kiosk.locator(`[data-endpoint="${VICTIM}"]`);
  await expect(pictured).toHaveAttribute('data-picture', 'live');
  await judge.keyboard.press('2');
  await press(judge.getByRole('button', { name: court.screens.title }));
  const screens = judge.getByRole('dialog', { name: court.screens.title });
  await choose(screens.getByLabel(court.screens.protected), `Bị hại Bùi ${NAMES.victim}`);
  await choose(screens.getByLabel(court.screens.from), WHO);
  await tick(screens.getByRole('checkbox'));
  await press(screens.getByRole('button', { name: court.screens.add }));
  await expect(screens.getByRole('listitem')).toContainText(court.screens.both);
  await looks(judge, 'judge-screening');
  await judge.keyboard.press('Escape');
  await expect(kiosk.locator(`[data-endpoint="${VICTIM}"][data-picture="live"]`)).toHaveCount(0);
  await eventually(
    'the victim is not sent the defendant',
    30_000,
    () => !Object.values(victim.slots).includes(ROOM),
  );
});

test('pauses by rule when the detention facility is lost, and tells everybody', async () => {
  await judge.keyboard.press('1');
  await judge.keyboard.press('f');
  await looks(judge, 'judge-session');
  await kiosk.goto('about:blank');
  await expect(judge.locator('[data-paused]')).toContainText(NAMES.defendant);
  await expect(judge.locator('[data-paused]')).toContainText('Trại tạm giam số 1');
  for (const page of [counsel, witness]) {
    await expect(told(page, /^Mất kết nối với điểm cầu Trại tạm giam số 1 lúc/)).toBeVisible();
  }
  await expectArriving(counsel, 0, 0);
  await looks(counsel, 'people-paused');
  await looks(clerk, 'clerk-paused');
  await looks(judge, 'judge-paused');
});

test('suspends by a decision drafted from what happened, counts its days, and goes on', async () => {
  const paused = judge.locator('[data-paused]');
  await press(paused.getByRole('button', { name: court.stop.suspend }));
  await expect(question().getByRole('textbox')).toHaveValue(/Trại tạm giam số 1/);
  await looks(judge, 'judge-suspend');
  await answer(court.stop.confirm.suspend);
  await expect(judge.locator('[data-halt="SUSPENDED"]')).toContainText(/[45] ngày/);
  await looks(judge, 'judge-suspended');
  await expect(heading(counsel, people.pause.SUSPENDED.title)).toBeVisible();
  await expect(counsel.locator('blockquote')).toContainText('Trại tạm giam số 1');
  await looks(counsel, 'people-suspended');

  await kiosk.goBack();
  await expect(heading(kiosk, people.pause.SUSPENDED.title)).toBeVisible();
  await expect(next()).toHaveAttribute('data-blocked', 'false');
  await judge.keyboard.press('n');
  await answer(court.next.confirm.resume);
  await expect(courtroomOf(counsel)).toBeVisible();
  await expect(courtroomOf(kiosk)).toBeVisible();
});

test('debates by the clock, and never cuts the last words', async () => {
  await goOn(PHASES.debate);
  await judge.keyboard.press('f');
  const holder = group(judge, 'queue').locator('.holder');
  await expect(holder).toContainText(NAMES.procurator);
  await expect(holder.locator('.speech strong')).toHaveText(/^00:/);
  await goOn(PHASES.lastWords);
  await judge.keyboard.press('f');
  await expect(holder).toContainText(NAMES.defendant);
  await expect(holder).toContainText(court.floor.free);
  await looks(kiosk, 'kiosk-last-words');
  await judge.keyboard.press('t');
  await expect(told(judge, court.override.open)).toBeVisible();
  await expect(holder).toContainText(NAMES.defendant);
  await press(named(judge, vi.dismiss));
  await press(named(kiosk, people.finish.button));
  const ending = kiosk.getByRole('alertdialog', { name: people.finish.title });
  await expect(ending).toContainText(NAMES.defendant);
  await press(ending.getByRole('button', { name: people.finish.confirm, exact: true }));
  await expect(holder).toHaveCount(0);
});

test('deliberates unseen and unheard, and pronounces the judgment', async () => {
  await goOn(7);
  await expect(heading(counsel, people.pause.DELIBERATING.title)).toBeVisible();
  for (const page of [judge, counsel, kiosk]) {
    await expectArriving(page, 0, 0);
  }
  await looks(judge, 'judge-deliberating');
  await goOn(8);
  await expect(courtroomOf(counsel)).toBeVisible();
  await judge.keyboard.press('n');
  await tick(question().getByRole('checkbox'));
  await answer(court.next.confirm.close);
  for (const page of [counsel, kiosk, witness]) {
    await expect(heading(page, people.pause.CLOSED.title)).toBeVisible();
  }
});

test('leaves minutes of it, on the screen and on paper', async () => {
  const opened = clerk.waitForEvent('popup');
  await press(clerk.getByRole('link', { name: minutes.notes.all }));
  const page = await opened;
  await expect(told(page, OVERRIDE)).toBeVisible();
  await expect(told(page, SUMMARY)).toBeVisible();
  await looks(page, 'minutes');
  const saved = page.waitForEvent('download');
  await press(page.getByRole('link', { name: minutes.page.pdf }));
  const text = await textOf(readFileSync(await (await saved).path()));
  expect(text).toContain('HĐXX kiểm tra căn cước bị cáo.');
  expect(text).toContain(OVERRIDE);
  const { said } = await verify(server, trial.id);
  expect(said).toMatchObject({ verified: true });
  for (const one of [judge, clerk, counsel, kiosk, witness, page]) {
    await expectNoPointer(one);
  }
});

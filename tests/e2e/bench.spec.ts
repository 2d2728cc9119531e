// The judge's screen through a criminal trial, in Chromium; the others speak the protocol. What the law asks is on the screen before
// it is refused, and what is set aside leaves its reason.
import { expect, test, type Browser, type Locator, type Page } from '@playwright/test';
import { vi as court } from '../../web/src/court/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { expectAccessible, newPerson, picture } from '../support/browser.ts';
import { launchWith } from '../support/camera.ts';
import { Courtroom, must } from '../support/courtroom.ts';
import type { Participant } from '../support/participant.ts';
import { admit, conduct, enterAsCourt, group, onPerson, openTab } from '../support/screens.ts';
import { NAMES, PEOPLE, Server, type Hearing, type Person } from '../support/server.ts';

test.describe.configure({ mode: 'serial' });

const phases = { opening: 2, indictment: 3, questioning: 4, debate: 5 };

let server: Server;
let hearing: Hearing;
let courtroom: Courtroom;
let browser: Browser;
let judge: Page;
let detention: Participant;
let counsel: Participant;
let witness: Participant;

test.beforeAll(async () => {
  server = await Server.start();
  hearing = await server.seed('criminal_first_instance');
  courtroom = new Courtroom(server, hearing);
  browser = await launchWith('judge');
  judge = await newPerson(browser);
});

test.afterAll(async () => {
  courtroom?.leave();
  await browser?.close();
  await server?.dispose();
});

/** Connects and goes on being heard of, as a browser does. */
async function connects(person: Person): Promise<Participant> {
  const participant = await courtroom.connect(person);
  const beat = setInterval(
    () => participant.send({ case: 'ping', value: { clientMs: 1n } }),
    5_000,
  );
  participant.socket.on('close', () => clearInterval(beat));
  return participant;
}

async function comes(person: Person): Promise<Participant> {
  const participant = await connects(person);
  must(await participant.command({ case: 'checkIn', value: { rules: 1 } }));
  return participant;
}

/** All that a screen reader is calmly told from now on. */
async function listen(page: Page): Promise<() => Promise<string>> {
  const region = page.getByTestId('polite');
  await region.evaluate((element) => {
    new MutationObserver(() => {
      element.setAttribute('data-told', `${element.dataset['told'] ?? ''}\n${element.textContent}`);
    }).observe(element, { characterData: true, childList: true, subtree: true });
  });
  return async () => (await region.getAttribute('data-told')) ?? '';
}

const next = () => judge.locator('[data-step]');
const dialog = () => judge.getByRole('alertdialog');
const check = (id: string): Locator => judge.locator(`main [data-check="${id}"]`);

async function expectPhase(phase: number): Promise<void> {
  await expect(judge.locator(`[data-phase="${phase}"]`)).toHaveAttribute('data-state', 'now');
}

/** On to the next phase; with a reason where a rule stands in the way. */
async function goOn(phase: number, reason = ''): Promise<void> {
  await next().click();
  if (reason !== '') {
    await dialog().getByRole('textbox').fill(reason);
  }
  await dialog().locator('.buttons .button').last().click();
  await expectPhase(phase);
}

/** What was written with the events of the hearing so far. */
async function written(): Promise<string[]> {
  const rows = await server.sql(
    `SELECT words FROM hearing_words WHERE hearing = '${hearing.id}' ORDER BY seq`,
  );
  return rows.map(([words]) => words ?? '');
}

test('names what is missing at each site before the opening', async () => {
  await enterAsCourt(judge, hearing.links.judge);
  await expect(check('detention_officer')).toContainText('thiếu cán bộ giám sát', {
    ignoreCase: true,
  });
  await expect(check('procurator')).toContainText('Điều 289 Bộ luật Tố tụng hình sự 2015');
  await expect(check('presiding_judge')).toHaveCount(0);
  await expect(next()).toHaveAttribute('data-blocked', 'true');
  await expectAccessible(judge);
});

test('lets people in from the board, and what is met grows quiet', async () => {
  await comes('procurator');
  await comes('clerk');
  detention = await comes('detention');
  counsel = await comes('counsel');
  witness = await comes('witness');
  for (const name of ['procurator', 'detention', 'counsel', 'witness'] as const) {
    await admit(judge, NAMES[name]);
  }
  await expect(check('detention_officer')).toHaveCount(0);
  await expect(check('defendant')).toHaveCount(0);
  await expect(check('site_official')).toHaveCount(1);
});

test('opens only with a reason while a condition of the law is not met', async () => {
  await next().click();
  await expect(dialog()).toContainText('thiếu công chức Tòa án');
  await expect(dialog()).toContainText('Điều 10 Thông tư liên tịch 05/2021');
  const confirm = dialog().getByRole('button', { name: court.override.confirm });
  await expect(confirm).toBeDisabled();
  await expectAccessible(judge);
  await picture(judge, 'judge-override');
  const reason = 'Công chức đến muộn vì ngập đường, các bên đồng ý.';
  await dialog().getByRole('textbox').fill(reason);
  const said = await listen(judge);
  await confirm.click();
  await expectPhase(phases.opening);
  const article = 'Điều 10 Thông tư liên tịch 05/2021';
  await expect.poll(said).toContain(vi.tidings.ruleOverridden(article));
  expect(await written()).toContain(reason);
});

test('says what the next phase changes before it begins', async () => {
  await next().click();
  await expect(dialog().locator('[data-rule="phase.opening.identity"]')).toBeVisible();
  await expect(dialog()).toContainText(NAMES.witness);
  await expect(dialog()).toContainText(court.next.muted('').slice(0, 10));
  await judge.keyboard.press('Escape');
  await expect(dialog()).toHaveCount(0);
  await goOn(phases.indictment, 'Căn cước đã được kiểm tra tại chỗ.');
  await openTab(judge, 'people');
  await expect(group(judge, 'sequestered')).toContainText(NAMES.witness);
});

test('refuses the floor against the phase, and shows the rule and its article', async () => {
  must(await counsel.command({ case: 'raiseHand', value: {} }));
  await openTab(judge, 'floor');
  await group(judge, 'queue').getByRole('listitem').getByRole('button').click();
  await judge.getByRole('button', { name: court.override.open }).click();
  await expect(dialog()).toContainText(court.override.rules.floor ?? '');
  await expect(dialog()).toContainText('Điều 306 Bộ luật Tố tụng hình sự 2015');
  await judge.keyboard.press('Escape');
  await judge.getByRole('button', { name: vi.dismiss }).click();
});

test('shows the next rule when the first is set aside, and goes on when both are', async () => {
  const victim = await comes('victim'); // after the opening, so nobody has vouched for them
  await admit(judge, NAMES.victim);
  await onPerson(judge, NAMES.victim, vi.panel.giveFloor);
  const open = judge.getByRole('button', { name: court.override.open });
  const confirm = dialog().getByRole('button', { name: court.override.confirm });
  await open.click();
  await expect(dialog().locator('[data-rule="phase.indictment.floor"]')).toBeVisible();
  await dialog().getByRole('textbox').fill('Hỏi về địa chỉ.');
  await confirm.click();
  await expect(dialog()).toHaveCount(0);
  await expect(judge.getByText('Căn cước của người này chưa được xác nhận')).toBeVisible();
  await open.click();
  await expect(dialog().locator('[data-rule="phase.opening.identity"]')).toBeVisible();
  await expect(dialog().getByRole('textbox')).toHaveValue('Hỏi về địa chỉ.');
  await confirm.click();
  await victim.event('floorGranted', 0n, 30_000);
  expect((await written()).slice(-2)).toEqual(['Hỏi về địa chỉ.', 'Hỏi về địa chỉ.']);
  must(await victim.command({ case: 'takeBackFloor', value: {} }));
  await openTab(judge, 'floor');
  await expect(group(judge, 'queue').locator('.holder')).toHaveCount(0);
});

test('proposes who speaks by the order of the law, and counts the time', async () => {
  await judge
    .getByRole('button', { name: new RegExp(NAMES.procurator) })
    .last()
    .click();
  const holder = judge.locator('[data-group="queue"] .holder');
  await expect(holder).toContainText(NAMES.procurator);
  await expect(holder.locator('.speech strong')).toHaveText(/^00:0[1-9]$/);
  await judge.getByRole('button', { name: court.floor.takeBack }).click();
  await expect(holder).toHaveCount(0);
});

test('calls a witness, asks for the undertaking, hears and keeps the witness', async () => {
  await goOn(phases.questioning);
  const stand = group(judge, 'stand');
  await stand.getByRole('button', { name: NAMES.witness }).click();
  await expect(stand.locator('[data-stand="CALLED"]')).toContainText(NAMES.witness);
  await stand.getByRole('button', { name: court.stand.ask }).click();
  await expect(stand.locator('[data-stand="UNDERTAKING"]')).toContainText(
    'Tôi xin cam đoan khai trung thực',
  );
  must(await witness.command({ case: 'giveUndertaking', value: { participant: PEOPLE.witness } }));
  await expect(stand.locator('[data-stand="TESTIFYING"]')).toBeVisible();
});

test('cuts the defendant off, brings back, and goes on only after the summary', async () => {
  const stand = group(judge, 'stand');
  await stand.getByRole('button', { name: court.cut.offOf('').trim() }).click();
  await expect(dialog()).toContainText(NAMES.witness);
  await dialog().getByRole('button', { name: court.cut.confirm }).click();
  await expect(stand.locator('[data-cut-off="true"]')).toContainText(NAMES.defendant);
  await expectAccessible(judge);
  await stand.getByRole('button', { name: court.stand.release }).click();
  await stand.getByRole('button', { name: court.cut.backOf('').trim() }).click();
  await expect(next()).toHaveAttribute('data-blocked', 'true');
  await stand.getByRole('button', { name: court.cut.tellOf('').trim() }).click();
  const summary = 'Người làm chứng nhìn thấy bị cáo rời khỏi cửa hàng lúc 21 giờ.';
  await dialog().getByRole('textbox').fill(summary);
  await dialog().getByRole('button', { name: court.cut.tellConfirm }).click();
  await expect(stand.locator('[data-cut-off]')).toHaveCount(0);
  expect((await written()).at(-1)).toBe(summary);
  await openTab(judge, 'people');
  await expect(group(judge, 'inside')).toContainText(NAMES.witness);
});

test('screens a pair of people from each other', async () => {
  await openTab(judge, 'people');
  await judge.getByRole('button', { name: court.screens.title }).click();
  const sheet = judge.getByRole('dialog', { name: court.screens.title });
  await sheet.getByLabel(court.screens.protected).selectOption(String(PEOPLE.victim));
  await sheet
    .getByLabel(court.screens.from)
    .selectOption({ label: `Bị cáo Phạm ${NAMES.defendant}` });
  await sheet.getByRole('checkbox').check();
  await sheet.getByRole('button', { name: court.screens.add }).click();
  await expect(sheet.getByRole('listitem')).toContainText(court.screens.both);
  await expectAccessible(judge);
  await sheet.getByRole('button', { name: court.screens.removeOf('').trim() }).click();
  await expect(sheet).toContainText(court.screens.none);
  await judge.keyboard.press('Escape');
});

test('pauses by rule when a required person is lost, and resumes', async () => {
  detention.close();
  const banner = judge.locator('[data-paused]');
  await expect(banner).toContainText(NAMES.defendant);
  await expect(banner).toContainText('thiếu cán bộ giám sát', { ignoreCase: true });
  await expectAccessible(judge);
  detention = await connects('detention');
  await expect(banner.getByRole('listitem')).toHaveCount(1); // what is set aside is what still fails
  await banner.getByRole('button', { name: court.paused.anyway }).click();
  await dialog().getByRole('textbox').fill('Công chức vẫn chưa đến, các bên đồng ý.');
  await dialog().getByRole('button', { name: court.override.confirm }).click();
  await expect(banner).toHaveCount(0);
  await openTab(judge, 'incidents');
  await expect(group(judge, 'incidents').locator('[data-site="2"]')).toContainText(
    court.incidents.stopped,
  );
});

test('drafts the suspension from what happened, and counts its days', async () => {
  detention.close();
  const banner = judge.locator('[data-paused]');
  await banner.getByRole('button', { name: court.stop.suspend }).click();
  const field = dialog().getByRole('textbox');
  await expect(field).toHaveValue(/Trại tạm giam số 1/);
  await field.press('End');
  await dialog().getByRole('button', { name: court.stop.confirm.suspend }).click();
  await expect(judge.locator('[data-halt="SUSPENDED"]')).toContainText(/[45] ngày/);
  expect((await written()).join('\n')).toContain('Trại tạm giam số 1');
  await expectAccessible(judge);
});

test('adjourns with a decision, which is not a suspension', async () => {
  await conduct(judge, 'adjourn', 'Hoãn phiên tòa vì chưa khắc phục được đường truyền.');
  await expect(judge.locator('[data-halt="ADJOURNED"]')).toBeVisible();
  expect((await written()).at(-1)).toBe('Hoãn phiên tòa vì chưa khắc phục được đường truyền.');
});

const isFocused = (locator: Locator) =>
  locator.evaluate((element) => element === document.activeElement);

test('can be conducted with keys alone, which can be switched off', async () => {
  const other = await server.seed();
  const room = new Courtroom(server, other);
  const page = await newPerson(browser);
  await enterAsCourt(page, other.links.judge);
  await room.arrive('counsel');
  await admit(page, NAMES.counsel);
  await page.keyboard.press('n');
  const go = page.getByRole('alertdialog').locator('.buttons .button').last();
  await expect(go).toBeVisible();
  for (let step = 0; step < 8 && !(await isFocused(go)); step++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-step="CLOSE"]')).toBeVisible();
  await page.keyboard.press('?');
  await expectAccessible(page);
  const sheet = page.getByRole('dialog', { name: court.keys.title });
  await sheet.getByRole('switch').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  await onPerson(page, NAMES.counsel, vi.panel.muteLock);
  room.leave();
  await page.context().close();
});

// A trial as everybody but the court sees it: counsel, the room at the detention facility and a witness in Chromium, while the
// presiding judge conducts by the protocol.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { expectAccessible, expectArriving, newPerson, picture } from '../support/browser.ts';
import { launchWith } from '../support/camera.ts';
import { Courtroom, must } from '../support/courtroom.ts';
import type { Participant } from '../support/participant.ts';
import { newViewer } from '../support/gallery.ts';
import { eventually } from '../support/processes.ts';
import { arrive, control, expectCourtroom } from '../support/screens.ts';
import { NAMES, PEOPLE, Server, type Hearing } from '../support/server.ts';

test.describe.configure({ mode: 'serial', timeout: 240_000 });

const DEFENDANT = 4;
const REASON = 'Diễn tập, chưa đủ người.';
const INDICTMENT = 3;
const QUESTIONING = 4;
const UNDERTAKING = /^Tôi xin cam đoan khai trung thực/; // of the procedure
const SUMMARY = 'Người làm chứng khai đã thấy bị cáo ở hiện trường.';

let server: Server;
let hearing: Hearing;
let browser: Browser;
let courtroom: Courtroom;
let judge: Participant;
let counsel: Page;
let kiosk: Page;
let witness: Page;
let beat: ReturnType<typeof setInterval>; // who says nothing for long is taken for gone

type Body = Parameters<Participant['command']>[0];

/** What the presiding judge asks for; where a rule stands in the way it is set aside. */
async function conducts(body: Body, words?: string): Promise<void> {
  must(await (words === undefined ? judge.overrule(body, REASON) : judge.command(body, { words })));
}

const about = (participant: number) => ({ participant });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

test.beforeAll(async () => {
  server = await Server.start();
  hearing = await server.seed('criminal_first_instance');
  browser = await launchWith('witness');
  courtroom = new Courtroom(server, hearing);
  judge = await courtroom.arrive('judge');
  const others = [await courtroom.arrive('clerk'), await courtroom.enter('procurator', judge)];
  beat = setInterval(() => {
    for (const one of [judge, ...others]) {
      one.send({ case: 'ping', value: { clientMs: 0n } });
    }
  }, 3_000);
  counsel = await newPerson(browser);
  // Only counsel sends a picture: enough to see who gets it.
  kiosk = await newViewer(browser);
  witness = await newViewer(browser);
  await witness.setViewportSize({ width: 390, height: 844 });
});

test.afterAll(async () => {
  clearInterval(beat);
  courtroom?.leave();
  await browser?.close();
  await server?.dispose();
});

test('leads everybody to the waiting room, and tells a witness what not to talk about', async () => {
  await arrive(counsel, hearing.links.counsel);
  await arrive(kiosk, hearing.links.detention);
  await arrive(witness, hearing.links.witness);
  await expect(witness.getByText(people.waiting.witness)).toBeVisible();
  await expect(kiosk.locator('html')).toHaveAttribute('data-kiosk', '');
  await expectAccessible(kiosk);
  await picture(kiosk, 'kiosk-waiting');
});

test('says which phase it is and what it means', async () => {
  await courtroom.admit(judge, 'counsel');
  await courtroom.admit(judge, 'detention');
  await courtroom.admit(judge, 'witness');
  await expectCourtroom(witness);
  await conducts({ case: 'start', value: {} });
  await expect(counsel.getByText(people.now.phases['BLTTHS 301-305'] ?? '')).toBeVisible();
  await expectAccessible(counsel);
  await picture(counsel, 'people-opening');
});

test('sets the witness apart, who hears and sees nothing until called', async () => {
  await conducts({ case: 'enterPhase', value: { phase: INDICTMENT } });
  await expect(heading(witness, people.apart.title)).toBeVisible();
  await expectArriving(witness, 0, 0);
  await expectAccessible(witness);
});

test('raises the hand of the defendant, who has no device, at the room of the facility', async () => {
  const hand = kiosk.getByRole('button', {
    name: people.hand.of(`Bị cáo Phạm ${NAMES.defendant}`),
  });
  await hand.click();
  const lower = kiosk.getByRole('button', {
    name: people.hand.lowerOf(`Bị cáo Phạm ${NAMES.defendant}`),
  });
  await expect(lower).toBeVisible();
  const queue = () =>
    judge.all('events').findLast(({ hearing: view }) => view)?.hearing?.floorQueue;
  await eventually('the defendant asks to speak', 10_000, () => queue()?.includes(DEFENDANT));
  await expectAccessible(kiosk);
  await picture(kiosk, 'kiosk-courtroom');
  await lower.click();
  await expect(hand).toBeVisible();
});

test('brings the witness from the call to the undertaking and the testimony', async () => {
  await conducts({ case: 'enterPhase', value: { phase: QUESTIONING } });
  await conducts({ case: 'callWitness', value: about(PEOPLE.witness) });
  await expect(heading(witness, people.stand.CALLED.title)).toBeVisible();
  await conducts({ case: 'askUndertaking', value: about(PEOPLE.witness) });
  await expect(witness.getByText(UNDERTAKING)).toBeVisible();
  await expectAccessible(witness);
  await witness.getByRole('button', { name: people.stand.give }).click();
  await expect(heading(witness, people.stand.TESTIFYING.title)).toBeVisible();
  await expect(counsel.getByRole('region', { name: people.now.name })).toContainText(NAMES.witness);
});

test('keeps the witness on the stand through a reload', async () => {
  await witness.reload();
  await expect(heading(witness, people.stand.TESTIFYING.title)).toBeVisible();
});

test('sets the defendant apart while the witness testifies', async () => {
  await expectArriving(kiosk, 1, 1);
  await conducts({ case: 'cutOff', value: about(DEFENDANT) });
  await expect(heading(kiosk, people.cut.title)).toBeVisible();
  await expectArriving(kiosk, 0, 0);
  await expectAccessible(kiosk);
});

test('tells the defendant afterwards what was said', async () => {
  await conducts({ case: 'releaseWitness', value: about(PEOPLE.witness) });
  await expect(heading(witness, people.stand.HEARD.title)).toBeVisible();
  await conducts({ case: 'bringBack', value: about(DEFENDANT) });
  await expectCourtroom(kiosk);
  await expect(kiosk.getByText(/sẽ cho bị cáo .* biết/)).toBeVisible();
  await conducts({ case: 'tellSummary', value: about(DEFENDANT) }, SUMMARY);
  await expect(kiosk.getByText(SUMMARY)).toBeVisible();
  await kiosk.reload();
  await expectCourtroom(kiosk);
  await expect(kiosk.getByText(SUMMARY)).toBeVisible();
  await kiosk.getByRole('button', { name: people.cut.read }).click();
  await expect(kiosk.getByText(SUMMARY)).toBeHidden();
});

test('says by which phase a hand is not taken', async () => {
  await conducts({ case: 'enterPhase', value: { phase: QUESTIONING + 1 } });
  await conducts({ case: 'enterPhase', value: { phase: QUESTIONING + 2 } });
  await expect(counsel.getByText(people.now.phases['BLTTHS 324'] ?? '')).toBeVisible();
  await control(counsel, vi.court.raiseHand).press('Enter');
  const law = vi.articleOf('324', vi.laws.BLTTHS ?? '');
  await expect(counsel.getByText(people.hand.notIn('Lời nói sau cùng', law))).toBeVisible();
  await counsel.keyboard.press('?');
  await expect(counsel.getByRole('dialog')).toContainText(people.keys.hand);
  await expectAccessible(counsel);
  await counsel.keyboard.press('Escape');
});

test('asks before a camera is turned off, and keeps it on unless the court has allowed it', async () => {
  await control(counsel, people.camera.ask).click();
  const dialog = counsel.getByRole('alertdialog');
  await expect(dialog.getByRole('button', { name: people.camera.off })).toBeDisabled();
  await expectAccessible(counsel);
  await dialog.getByRole('button', { name: people.camera.keep }).click();
  await expect(control(counsel, people.camera.ask)).toBeVisible();
});

test('fits a window at 200 %', async () => {
  await counsel.setViewportSize({ width: 720, height: 450 });
  const overflow = () =>
    counsel.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  expect(await overflow()).toBeLessThanOrEqual(0);
  await expectAccessible(counsel);
  await picture(counsel, 'people-zoomed');
  await counsel.setViewportSize({ width: 1440, height: 900 });
});

test('says to everybody which site was lost and that the hearing has paused', async () => {
  await kiosk.context().close();
  await expect(
    counsel.getByText(/^Mất kết nối với điểm cầu .* Phiên tòa tạm dừng\./),
  ).toBeVisible();
  await expectAccessible(counsel);
});

test('asks who comes back without a declaration to read the rules again', async () => {
  await counsel.getByRole('button', { name: vi.court.leave }).click();
  await counsel
    .getByRole('alertdialog')
    .getByRole('button', { name: vi.conduct.leaveConfirm })
    .click();
  await expect(heading(counsel, vi.left.title)).toBeVisible();
  await counsel.evaluate(() => sessionStorage.clear());
  await counsel.reload();
  await counsel.getByRole('button', { name: vi.left.back }).click();
  await expect(heading(counsel, people.rules.title)).toBeVisible();
  await counsel.getByRole('button', { name: people.rules.go }).click();
  await counsel.getByRole('checkbox').check();
  await counsel.getByRole('button', { name: people.declaration.enter }).click();
  await expect(heading(counsel, people.waiting.title)).toBeVisible();
});

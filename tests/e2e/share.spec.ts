// What somebody shows, in Chromium: chosen, seen by everybody as the largest picture, ended and mended in every way. The judge is a
// client of the signalling protocol, the two sites are C peers.
import type { Browser, Page } from '@playwright/test';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture } from '../support/browser.ts';
import type { Live } from '../support/courtroom.ts';
import { expect as soon, must, test } from '../support/live.ts';
import { Peer } from '../support/peer.ts';
import { eventually } from '../support/processes.ts';
import { arrive, control, expectCourtroom } from '../support/screens.ts';
import { lastTold } from '../support/record.ts';
import { NAMES, type Hearing } from '../support/server.ts';

test.describe.configure({ timeout: 400_000 });

const COMES_MS = 60_000;
const expect = soon.configure({ timeout: COMES_MS });

let browser: Browser;

test.beforeAll(async () => {
  browser = await launch(['--use-fake-device-for-media-stream=device-count=2']);
});

test.afterAll(async () => {
  await browser?.close();
});

async function enter(hearing: Hearing, { courtroom, judge }: Live): Promise<Page> {
  const page = await newPerson(browser);
  await arrive(page, hearing.links.counsel);
  await courtroom.admitWhenWaiting(judge, 'counsel');
  await expectCourtroom(page);
  return page;
}

const shown = (page: Page) => page.locator('[data-sharer]');
const dialog = (page: Page) => page.getByRole('dialog');
const start = (page: Page) =>
  dialog(page).getByRole('button', { name: vi.share.start, exact: true });
const isFocused = (element: Element): boolean => element === document.activeElement;

/** Chooses the screen or the second camera where the question is open. */
async function choose(page: Page, source: 'screen' | 'camera'): Promise<void> {
  await dialog(page).getByRole('radio', { name: vi.share[source] }).check();
  await start(page).click();
  await expect(page.getByText(vi.share.on)).toBeVisible();
}

async function expectSeen(page: Page): Promise<void> {
  await expect(shown(page)).toHaveAttribute('data-picture', 'live');
}

/** What the browser does when its own bar ends it, or the camera is unplugged. */
const end = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { madeConnections } = window as unknown as { madeConnections: RTCPeerConnection[] };
    const sender = madeConnections
      .flatMap((connection) => connection.getTransceivers())
      .findLast(({ mid, sender: { track } }) => mid === 's' && track !== null)?.sender;
    sender?.track?.dispatchEvent(new Event('ended'));
  });

/** How many live tracks the page sends as what it shows. */
const sentNow = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { madeConnections } = window as unknown as { madeConnections: RTCPeerConnection[] };
    return madeConnections
      .filter(({ connectionState }) => connectionState === 'connected')
      .flatMap((connection) => connection.getTransceivers())
      .filter(({ mid, sender }) => mid === 's' && sender.track?.readyState === 'live').length;
  });

const areas = (page: Page, selector: string): Promise<number[]> =>
  page.locator(selector).evaluateAll((all) => all.map((one) => one.clientWidth * one.clientHeight));

test('sees what another shows as the largest picture, and it is gone when it is stopped', async ({
  server,
  hearing,
  live,
}) => {
  const counsel = await enter(hearing, live);
  const sharer = new Peer(server, hearing.links.procurator, 'victim', ['--share']);
  await live.courtroom.admitWhenWaiting(live.judge, 'procurator');
  await expectSeen(counsel);
  await expect(shown(counsel)).toContainText(NAMES.procurator);
  await expect(shown(counsel)).toContainText(vi.share.kinds.SCREEN);
  for (const [width, height] of [
    [1440, 900],
    [1024, 768],
  ] as const) {
    await counsel.setViewportSize({ width, height });
    await expect
      .poll(async () => {
        const [largest = 0] = await areas(counsel, '[data-sharer] .frame');
        return largest / Math.max(...(await areas(counsel, '[data-endpoint] .frame')));
      })
      .toBeGreaterThan(2);
    await picture(counsel, `courtroom-shared-${width}`);
  }
  await expectAccessible(counsel);
  await counsel.setViewportSize({ width: 390, height: 844 });
  await picture(counsel, 'courtroom-shared-phone');
  must(await live.judge.command({ case: 'stopShare', value: {} }));
  await expect(shown(counsel)).toBeHidden();
  await sharer.stop();
  await counsel.context().close();
});

test('shows a screen or a document, by keyboard, and says what ended it and how it is mended', async ({
  hearing,
  live,
}) => {
  const { judge, victim } = live;
  const counsel = await enter(hearing, live);

  // By keyboard, until stopped by hand.
  await control(counsel, vi.share.button).focus();
  await counsel.keyboard.press('Enter');
  await expect(start(counsel)).toBeEnabled();
  await expectAccessible(counsel);
  await picture(counsel, 'share-choice');
  for (let steps = 0; steps < 10 && !(await start(counsel).evaluate(isFocused)); steps++) {
    await counsel.keyboard.press('Tab');
  }
  await counsel.keyboard.press('Enter');
  await expect(counsel.getByText(vi.share.on)).toBeVisible();
  await expect(shown(counsel)).toContainText(vi.share.yours);
  await eventually('the victim is told the slot', COMES_MS, () => victim.shareSlot !== undefined);
  await victim.receives(COMES_MS, 20, victim.shareSlot);
  await picture(counsel, 'courtroom-sharing');
  await control(counsel, vi.share.stop).focus();
  await counsel.keyboard.press('Enter');
  await expect(shown(counsel)).toBeHidden();
  await eventually('the slot is empty', COMES_MS, () => victim.shareSlot === undefined);
  expect(await sentNow(counsel)).toBe(0);

  // A document camera, unplugged.
  await control(counsel, vi.share.button).click();
  await choose(counsel, 'camera');
  await expectSeen(counsel); // one's own document
  await expect(shown(counsel)).toContainText(vi.share.kinds.DOCUMENT_CAMERA);
  await picture(counsel, 'courtroom-document');
  await end(counsel);
  await expect(counsel.getByText(vi.share.problem.lost)).toBeVisible();
  await expect(shown(counsel)).toBeHidden();
  await expectAccessible(counsel);

  // Nothing chosen; chosen after all; ended from the browser's bar.
  await counsel.evaluate(() => {
    const { mediaDevices } = navigator;
    const real = mediaDevices.getDisplayMedia.bind(mediaDevices);
    mediaDevices.getDisplayMedia = () => {
      mediaDevices.getDisplayMedia = real;
      return Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
    };
  });
  await counsel.getByRole('button', { name: vi.share.again }).click();
  await dialog(counsel).getByRole('radio', { name: vi.share.screen }).check();
  await start(counsel).click();
  await expect(counsel.getByText(vi.share.problem.denied)).toBeVisible();
  await counsel.getByRole('button', { name: vi.share.again }).click();
  await choose(counsel, 'screen');
  await end(counsel);
  await expect(counsel.getByText(vi.share.problem.ended)).toBeVisible();
  await picture(counsel, 'share-ended');
  await counsel.getByRole('button', { name: vi.share.understood }).click();
  await expect(counsel.getByText(vi.share.problem.ended)).toBeHidden();

  // Stopped by the court, and by a page that is loaded anew.
  await control(counsel, vi.share.button).click();
  await choose(counsel, 'screen');
  await judge.event('shareStarted');
  must(await judge.command({ case: 'stopShare', value: {} }));
  await expect(counsel.getByText(vi.share.problem.stopped)).toBeVisible();
  expect(await sentNow(counsel)).toBe(0);
  await counsel.getByRole('button', { name: vi.share.again }).click();
  await choose(counsel, 'screen');
  await counsel.reload();
  await expectCourtroom(counsel);
  await eventually(
    'the court knows that nothing is shown',
    COMES_MS,
    () => !lastTold(judge)?.sharer,
  );
  await expect(shown(counsel)).toBeHidden();
  await expect(control(counsel, vi.share.button)).toBeEnabled();
  await counsel.context().close();
});

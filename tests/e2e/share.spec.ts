// What somebody shows, in Chromium: chosen, seen by everybody as the largest picture, ended and mended in every way. The judge is a
// client of the signalling protocol, the two sites are C peers.
import type { Browser, Page } from '@playwright/test';
import { en } from '../../web/src/lib/i18n/en.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture } from '../support/browser.ts';
import type { Live } from '../support/courtroom.ts';
import { expect, must, test } from '../support/live.ts';
import { eventually } from '../support/processes.ts';
import { arrive, control, expectCourtroom } from '../support/screens.ts';
import type { Hearing } from '../support/server.ts';

test.describe.configure({ timeout: 300_000 });

const COMES_MS = 40_000;

let browser: Browser;

test.beforeAll(async () => {
  browser = await launch(['--use-fake-device-for-media-stream=device-count=2']);
});

test.afterAll(async () => {
  await browser?.close();
});

async function enter(
  hearing: Hearing,
  { courtroom, judge }: Live,
  person: 'counsel' | 'procurator',
  viewport = { width: 1440, height: 900 },
): Promise<Page> {
  const page = await newPerson(browser, { viewport });
  await arrive(page, hearing.links[person]);
  await courtroom.admitWhenWaiting(judge, person);
  await expectCourtroom(page);
  return page;
}

const document_ = (page: Page) => page.locator('[data-sharer]');
const start = (page: Page) =>
  page.getByRole('dialog').getByRole('button', { name: vi.share.start, exact: true });

/** Shows the screen, or the second camera. */
async function share(page: Page, source: 'screen' | 'camera' = 'screen'): Promise<void> {
  await control(page, vi.share.button).click();
  await page.getByRole('dialog').getByRole('radio', { name: vi.share[source] }).check();
  await start(page).click();
  await expect(page.getByText(vi.share.on)).toBeVisible();
}

async function expectSeen(page: Page): Promise<void> {
  await expect(document_(page)).toHaveAttribute('data-picture', 'live', { timeout: COMES_MS });
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

async function area(page: Page, selector: string): Promise<number[]> {
  return page
    .locator(selector)
    .evaluateAll((all) => all.map((one) => one.clientWidth * one.clientHeight));
}

test('shows a screen to everybody as the largest picture, by keyboard, until it is stopped', async ({
  hearing,
  live,
}) => {
  const procurator = await enter(hearing, live, 'procurator');
  const counsel = await enter(hearing, live, 'counsel', { width: 1024, height: 768 });
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
  await expect(document_(counsel)).toContainText(vi.share.yours);
  await expectSeen(procurator);
  await expect(document_(procurator)).toContainText(vi.share.kinds.SCREEN);
  const [shown = 0] = await area(procurator, '[data-sharer] .frame');
  const people = await area(procurator, '[data-endpoint] .frame');
  expect(people.length).toBe(4);
  expect(shown).toBeGreaterThan(2 * Math.max(...people));
  const { victim } = live;
  await eventually('the victim is told the slot', 10_000, () => victim.shareSlot !== undefined);
  await victim.receives(20_000, 20, victim.shareSlot);
  await expectAccessible(procurator);
  await picture(procurator, 'courtroom-shared-screen');
  await picture(counsel, 'courtroom-sharing');

  await control(counsel, vi.share.stop).focus();
  await counsel.keyboard.press('Enter');
  for (const page of [counsel, procurator]) {
    await expect(document_(page)).toBeHidden();
  }
  expect(await sentNow(counsel)).toBe(0);
  await Promise.all([procurator.context().close(), counsel.context().close()]);
});

const isFocused = (element: Element): boolean => element === document.activeElement;

/** Senders with a track on the m-line of what is shown. */
const sentNow = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { madeConnections } = window as unknown as { madeConnections: RTCPeerConnection[] };
    return madeConnections
      .filter(({ connectionState }) => connectionState === 'connected')
      .flatMap((connection) => connection.getTransceivers())
      .filter(({ mid, sender }) => mid === 's' && sender.track?.readyState === 'live').length;
  });

test('shows a document by a second camera, and says so when it is unplugged', async ({
  hearing,
  live,
}) => {
  const procurator = await enter(hearing, live, 'procurator', { width: 390, height: 844 });
  const counsel = await enter(hearing, live, 'counsel');
  await share(counsel, 'camera');
  await expectSeen(counsel); // one's own document
  await expectSeen(procurator);
  await expect(document_(procurator)).toContainText(vi.share.kinds.DOCUMENT_CAMERA);
  await expectAccessible(procurator);
  await picture(procurator, 'courtroom-document-phone');
  await end(counsel);
  await expect(counsel.getByText(vi.share.problem.lost)).toBeVisible();
  await expect(document_(procurator)).toBeHidden();
  await counsel.getByRole('button', { name: vi.share.again }).click();
  await start(counsel).click();
  await expectSeen(procurator);
  await Promise.all([procurator.context().close(), counsel.context().close()]);
});

test('says what happened when nothing was chosen, when the browser or the court ended it, and mends it', async ({
  hearing,
  live,
}) => {
  const counsel = await enter(hearing, live, 'counsel');
  await counsel.evaluate(() => {
    const { mediaDevices } = navigator;
    const real = mediaDevices.getDisplayMedia.bind(mediaDevices);
    mediaDevices.getDisplayMedia = () => {
      mediaDevices.getDisplayMedia = real;
      return Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
    };
  });
  await control(counsel, vi.share.button).click();
  await start(counsel).click();
  await expect(counsel.getByText(vi.share.problem.denied)).toBeVisible();
  await expect(document_(counsel)).toBeHidden();
  await counsel.getByRole('button', { name: vi.share.again }).click();
  await start(counsel).click();
  await expect(counsel.getByText(vi.share.on)).toBeVisible();

  await end(counsel);
  await expect(counsel.getByText(vi.share.problem.ended)).toBeVisible();
  await expect(document_(counsel)).toBeHidden();
  await expectAccessible(counsel);
  await picture(counsel, 'share-ended');
  await counsel.getByRole('button', { name: vi.share.understood }).click();
  await expect(counsel.getByText(vi.share.problem.ended)).toBeHidden();

  await share(counsel);
  must(await live.judge.command({ case: 'stopShare', value: {} }));
  await expect(counsel.getByText(vi.share.problem.stopped)).toBeVisible();
  expect(await sentNow(counsel)).toBe(0);

  await share(counsel);
  await counsel.reload();
  await expectCourtroom(counsel);
  await expect(document_(counsel)).toBeHidden();
  await expect(control(counsel, vi.share.button)).toBeEnabled();
  await counsel.getByRole('button', { name: en.language.en }).click();
  await expect(control(counsel, en.share.button)).toBeHidden(); // the toolbar's name is English now
  await expect(counsel.getByRole('button', { name: en.share.button, exact: true })).toBeVisible();
  await counsel.context().close();
});

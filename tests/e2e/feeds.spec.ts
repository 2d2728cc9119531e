// What the studio composes and reads back, in Chromium: the picture for a thin line and, later, for the gallery; the sound of
// the record for the clerk. The judge is a client of the signalling protocol, the two sites are C peers.
import type { Browser } from '@playwright/test';
import { vi as words } from '../../web/src/gallery/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { expectAccessible, expectArriving, launch, picture } from '../support/browser.ts';
import { expectScene, newViewer, pictureChanges, watch } from '../support/gallery.ts';
import { expect, must, test } from '../support/live.ts';
import { arrive, control, enterAsCourt, openTab } from '../support/screens.ts';
import { NAMES, PEOPLE } from '../support/server.ts';

test.describe.configure({ timeout: 360_000 });

const DELAY_S = 8;
const FEED_MS = 90_000; // a studio starts, and everything it shows has come through

let browser: Browser;

test.beforeAll(async () => {
  browser = await launch();
});

test.afterAll(async () => {
  await browser?.close();
});

test('gives a thin line one picture, and keeps the gallery behind it as the judge set it', async ({
  hearing,
  live,
}) => {
  const { judge, courtroom } = live;
  const counsel = await newViewer(browser);
  await arrive(counsel, hearing.links.counsel);
  await courtroom.admitWhenWaiting(judge, 'counsel');
  await expectArriving(counsel, 2, 2);
  await control(counsel, people.room.sideShort).click();
  await counsel.getByRole('switch', { name: vi.thin.name }).click();
  await expect(counsel.locator('[data-programme="live"]')).toBeVisible({ timeout: FEED_MS });
  await control(counsel, people.room.sideShort).click();
  await control(counsel, vi.court.mute).click();
  await expectArriving(counsel, 1, 1);
  await expectAccessible(counsel);
  await picture(counsel, 'courtroom-thin-line');

  const viewer = await newViewer(browser);
  await watch(viewer, hearing.gallery);
  must(await judge.command({ case: 'setGalleryDelay', value: { delayS: DELAY_S } }));
  must(await judge.command({ case: 'openGallery', value: {} }));
  await expect(viewer.getByText(words.delay(DELAY_S), { exact: true })).toBeVisible();
  await expect(counsel.locator('p.doors')).toContainText(vi.gallery.open(1));
  await expectScene(viewer, 'picture', FEED_MS);
  await viewer.waitForTimeout(DELAY_S * 1000); // what was before the opening has gone by
  const patience = FEED_MS + DELAY_S * 1000;
  const changes = [pictureChanges(counsel, patience), pictureChanges(viewer, patience)] as const;
  await viewer.waitForTimeout(2_000); // both are looking
  must(await judge.command({ case: 'grantFloor', value: { participant: PEOPLE.victim } }));
  const [now, later] = await Promise.all(changes);
  expect((later - now) / 1000).toBeGreaterThan(DELAY_S - 1.5);
  expect((later - now) / 1000).toBeLessThan(DELAY_S + 3);
  await viewer.context().close();
  await counsel.context().close();
});

test('lets the clerk hear what is being written, and shows how loud it is', async ({
  hearing,
  live,
}) => {
  await live.victim.receives(15_000);
  const clerk = await newViewer(browser);
  await enterAsCourt(clerk, hearing.links.clerk);
  await expectArriving(clerk, 2, 2);
  await openTab(clerk, 'incidents');
  await clerk.getByRole('switch', { name: vi.confidence.listen }).click();
  await expect(clerk.getByText(vi.confidence.listening)).toBeVisible();
  const track = clerk.locator('[data-track]').filter({ hasText: NAMES.victim });
  await expect(track).toBeVisible({ timeout: FEED_MS });
  const seen = new Set<number>();
  await expect
    .poll(async () => seen.add(Number(await track.getAttribute('data-level'))).size, {
      timeout: FEED_MS,
      intervals: [100],
    })
    .toBeGreaterThan(2);
  expect(Math.max(...seen)).toBeGreaterThan(10);
  await expectArriving(clerk, 2, 1);
  const slots = await clerk.evaluate(
    () => (window as unknown as { __assize: { slots: Record<string, number> } }).__assize.slots,
  );
  expect(slots['a0']).toBe(-2); // the record
  await expectAccessible(clerk);
  await picture(clerk, 'courtroom-clerk-record');
  await clerk.getByRole('button', { name: vi.confidence.stop }).click();
  await expectArriving(clerk, 2, 2);
  await clerk.context().close();
});

test('turns a viewer away whose link was withdrawn, with a sentence', async ({
  server,
  hearing,
  live,
}) => {
  const link = await server.issueGalleryLink(hearing);
  must(await live.judge.command({ case: 'openGallery', value: {} }));
  const guest = await newViewer(browser);
  await watch(guest, link);
  await expectScene(guest, 'picture', FEED_MS);
  await server.revokeLink(link);
  await expect(guest.getByRole('heading', { name: words.stopped })).toBeVisible({
    timeout: 15_000,
  });
  await guest.goto(link);
  await guest.getByRole('checkbox', { name: words.age }).check();
  await guest.getByRole('checkbox', { name: words.silence }).check();
  await guest.getByRole('button', { name: words.enter }).click();
  await expect(guest.getByText(/Đường dẫn tham gia đã bị thu hồi/)).toBeVisible();
  await guest.context().close();
});

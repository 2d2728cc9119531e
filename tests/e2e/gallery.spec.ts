// The public gallery, the thin line and the check of the record, in Chromium, with the studio that composes the picture.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { vi as words } from '../../web/src/gallery/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import {
  expectAccessible,
  expectArriving,
  newPerson,
  picture,
  type PersonOptions,
} from '../support/browser.ts';
import { launchWith } from '../support/camera.ts';
import {
  closeGallery,
  confirm,
  doors,
  expectScene,
  openGallery,
  packetsReceived,
  pictureChanges,
  setDelay,
  watch,
} from '../support/gallery.ts';
import { Peer } from '../support/peer.ts';
import { admit, arrive, conduct, control, enterAsCourt, onPerson } from '../support/screens.ts';
import { NAMES, Server, type Hearing } from '../support/server.ts';

test.describe.configure({ mode: 'serial' });

const DELAY_S = 8;
const FEED_MS = 40_000; // a studio starts, and everything it shows has come through

let server: Server;
let hearing: Hearing;
let browser: Browser;
let peers: Peer[];
let judge: Page;
let viewer: Page;

/** Someone whose browser sends nothing, so that the machine has its hands free for what is tested. */
async function withoutCamera(options: PersonOptions = {}): Promise<Page> {
  const page = await newPerson(browser, { permissions: [], ...options });
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('none', 'NotFoundError'));
  });
  return page;
}

test.beforeAll(async () => {
  server = await Server.start();
  hearing = await server.seed();
  browser = await launchWith('judge');
  judge = await newPerson(browser);
  viewer = await withoutCamera();
  peers = [
    new Peer(server, hearing.links.detention, 'detention'),
    new Peer(server, hearing.links.victim, 'victim'),
  ];
});

test.afterAll(async () => {
  await browser?.close();
  await Promise.all((peers ?? []).map((peer) => peer.stop()));
  await server?.dispose();
});

test('lets nobody in who has not declared age and silence', async () => {
  await viewer.goto(hearing.gallery);
  await viewer.getByRole('button', { name: words.enter }).click();
  await expect(viewer.getByText(words.tickFirst)).toBeVisible();
  expect(viewer.url()).not.toContain('#');
  await viewer.getByRole('checkbox', { name: words.age }).check();
  await viewer.getByRole('button', { name: words.enter }).click();
  await expect(viewer.getByText(words.tickFirst)).toBeVisible();
  await expectAccessible(viewer);
  await picture(viewer, 'gallery-declaration');
  await viewer.getByRole('checkbox', { name: words.silence }).check();
  await viewer.getByRole('button', { name: words.enter }).click();
  await expectScene(viewer, 'before');
  await expectAccessible(viewer);
  await picture(viewer, 'gallery-before');
});

test('shows nothing of a hearing whose gallery is closed', async () => {
  await enterAsCourt(judge, hearing.links.judge);
  await admit(judge, NAMES.detention);
  await admit(judge, NAMES.victim);
  await conduct(judge, 'start');
  await expectArriving(judge, 2, 2);
  await expectScene(viewer, 'shut');
  await expectArriving(viewer, 0, 0);
  expect(await packetsReceived(viewer)).toBe(0);
});

test('shows and sounds the hearing to the public when the judge opens the gallery', async () => {
  await openGallery(judge);
  await expectScene(viewer, 'picture', FEED_MS);
  await expectArriving(viewer, 1, 1);
  await expect(judge.locator('.doors')).toContainText(vi.gallery.open(1));
  await expectAccessible(viewer);
  await picture(viewer, 'gallery-watching');
  await doors(judge);
  await expectAccessible(judge);
  await picture(judge, 'courtroom-doors');
  await judge.keyboard.press('Escape');
});

test('comes back by itself after the page is loaded again', async () => {
  await viewer.reload();
  await expectScene(viewer, 'picture', FEED_MS);
  await expectArriving(viewer, 1, 1);
});

test('gives a thin line one picture, and keeps the gallery behind it as the judge set it', async () => {
  const counsel = await withoutCamera({ viewport: { width: 1024, height: 768 } });
  await arrive(counsel, hearing.links.counsel);
  await admit(judge, NAMES.counsel);
  await expectArriving(counsel, 3, 3);
  await expect(counsel.locator('p.doors')).toContainText(vi.gallery.open(1));
  await control(counsel, vi.court.people).click();
  await counsel.getByRole('switch', { name: vi.thin.name }).click();
  await expect(counsel.locator('[data-programme="live"]')).toBeVisible({ timeout: FEED_MS });
  await control(counsel, vi.court.people).click();
  await control(counsel, vi.court.mute).click();
  await expectArriving(counsel, 1, 1);
  await expectAccessible(counsel);
  await picture(counsel, 'courtroom-thin-line');

  await setDelay(judge, DELAY_S);
  await expect(viewer.getByText(words.delay(DELAY_S), { exact: true })).toBeVisible();
  await expectScene(viewer, 'picture', FEED_MS);
  await viewer.waitForTimeout(DELAY_S * 1000); // what was before the delay has gone by
  const patience = (DELAY_S + 30) * 1000;
  const changes = [pictureChanges(counsel, patience), pictureChanges(viewer, patience)] as const;
  await viewer.waitForTimeout(1_000); // both are looking
  await onPerson(judge, NAMES.victim, vi.panel.giveFloor);
  const [live, later] = await Promise.all(changes);
  expect((later - live) / 1000).toBeGreaterThan(DELAY_S - 1);
  expect((later - live) / 1000).toBeLessThan(DELAY_S + 3);
  await judge.getByRole('button', { name: vi.panel.takeBack }).click();
  await counsel.context().close();
});

test('cuts every viewer off when the gallery closes, with not one packet after it', async () => {
  const second = await withoutCamera();
  await watch(second, hearing.gallery);
  await expectScene(second, 'picture', FEED_MS);
  await expect(judge.locator('.doors')).toContainText(vi.gallery.open(2));
  await closeGallery(judge);
  for (const page of [viewer, second]) {
    await expectScene(page, 'shut', 5_000); // told only when the relay has obeyed
    const packets = await packetsReceived(page);
    await expectArriving(page, 0, 0);
    expect(await packetsReceived(page)).toBe(packets);
  }
  await expect(viewer.getByRole('alert').filter({ hasText: words.said.shut })).toHaveCount(1);
  await picture(viewer, 'gallery-shut');
  await second.context().close();
});

test('shows the public a card and nothing else in a private session', async () => {
  await setDelay(judge, 0);
  await openGallery(judge);
  await expectScene(viewer, 'picture', FEED_MS);
  await (await doors(judge)).getByRole('switch', { name: vi.gallery.privateName }).click();
  await confirm(judge, vi.gallery.confirm.goPrivate);
  await expectScene(viewer, 'private');
  await expectArriving(viewer, 0, 0);
  await expect(judge.locator('.doors')).toContainText(vi.gallery.private);
  await picture(viewer, 'gallery-private');
  await (await doors(judge)).getByRole('switch', { name: vi.gallery.privateName }).click();
  await confirm(judge, vi.gallery.confirm.goPublic);
  await expectScene(viewer, 'picture', FEED_MS);
  await expectArriving(viewer, 1, 1);
});

test('lets the clerk hear what is being written, and shows how loud it is', async () => {
  const clerk = await withoutCamera();
  await enterAsCourt(clerk, hearing.links.clerk);
  await expectArriving(clerk, 3, 2); // the victim is muted since the floor was taken back
  await clerk.getByRole('switch', { name: vi.confidence.listen }).click();
  await expect(clerk.getByText(vi.confidence.listening)).toBeVisible();
  const track = clerk.locator('[data-track]').filter({ hasText: NAMES.detention });
  await expect(track).toBeVisible({ timeout: FEED_MS });
  const seen = new Set<number>();
  await expect
    .poll(async () => seen.add(Number(await track.getAttribute('data-level'))).size, {
      timeout: FEED_MS,
      intervals: [100],
    })
    .toBeGreaterThan(2);
  expect(Math.max(...seen)).toBeGreaterThan(10);
  await expectArriving(clerk, 3, 1);
  const slots = await clerk.evaluate(
    () => (window as unknown as { __assize: { slots: Record<string, number> } }).__assize.slots,
  );
  expect(slots['a0']).toBe(-2); // the record
  await expectAccessible(clerk);
  await picture(clerk, 'courtroom-clerk-record');
  await clerk.getByRole('button', { name: vi.confidence.stop }).click();
  await expectArriving(clerk, 3, 2);
  await clerk.context().close();
});

test('turns a viewer away whose link was withdrawn, with a sentence', async () => {
  const link = await server.issueGalleryLink(hearing);
  const guest = await withoutCamera();
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

test('tells the public of a recess and of the end', async () => {
  await conduct(judge, 'recess');
  await expect(viewer.getByText(vi.status.RECESS).first()).toBeVisible();
  await conduct(judge, 'close');
  await expectScene(viewer, 'ended');
  await expectArriving(viewer, 0, 0);
  await picture(viewer, 'gallery-ended');
  await viewer.reload();
  await expect(viewer.getByText(/Phiên tòa đã kết thúc nên không còn dự khán được/)).toBeVisible();
});

// The public gallery in Chromium: the presiding judge at the doors, and viewers before them, with the studio that composes the
// picture.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { vi as words } from '../../web/src/gallery/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { expectAccessible, expectArriving, newPerson, picture } from '../support/browser.ts';
import { launchWith } from '../support/camera.ts';
import {
  closeGallery,
  confirm,
  doors,
  expectScene,
  newViewer,
  openGallery,
  packetsReceived,
  setDelay,
  watch,
} from '../support/gallery.ts';
import { Peer } from '../support/peer.ts';
import { admit, conduct, enterAsCourt } from '../support/screens.ts';
import { NAMES, Server, type Hearing } from '../support/server.ts';

test.describe.configure({ mode: 'serial', timeout: 360_000 });

const FEED_MS = 90_000; // a studio starts, and everything it shows has come through

let server: Server;
let hearing: Hearing;
let browser: Browser;
let peers: Peer[];
let judge: Page;
let viewer: Page;

test.beforeAll(async () => {
  server = await Server.start();
  hearing = await server.seed();
  browser = await launchWith('judge');
  judge = await newPerson(browser);
  viewer = await newViewer(browser);
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

test('cuts every viewer off when the gallery closes, with not one packet after it', async () => {
  const second = await newViewer(browser);
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

test('finds its way back by itself when the server or the relay was killed', async () => {
  const connections = () =>
    viewer.evaluate(
      () => (window as unknown as { madeConnections: unknown[] }).madeConnections.length,
    );
  for (const daemon of ['assized', 'assize-relay'] as const) {
    const before = await connections();
    server.kill(daemon);
    await server.ready();
    await expect.poll(connections, { timeout: FEED_MS }).toBeGreaterThan(before);
    await expectScene(viewer, 'picture', FEED_MS);
    await expectArriving(viewer, 1, 1);
  }
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

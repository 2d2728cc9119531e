// One hearing in Chromium: the presiding judge, counsel, the detention site, and a witness who waits.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { expectAccessible, expectArriving, newPerson, picture } from '../support/browser.ts';
import { launchWith } from '../support/camera.ts';
import {
  admit,
  arrive,
  conduct,
  control,
  enterAsCourt,
  expectCourtroom,
  floorTile,
  group,
  onPerson,
  openTab,
} from '../support/screens.ts';
import { NAMES, Server, type Hearing } from '../support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: Server;
let hearing: Hearing;
let browser: Browser;
let judge: Page;
let counsel: Page;
let detention: Page;
let witness: Page;

test.beforeAll(async () => {
  server = await Server.start();
  hearing = await server.seed();
  browser = await launchWith('witness');
  judge = await newPerson(browser);
  counsel = await newPerson(browser, { viewport: { width: 1024, height: 768 } });
  detention = await newPerson(browser);
  witness = await newPerson(browser);
});

test.afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

test('brings the judge from the link into the courtroom', async () => {
  await enterAsCourt(judge, hearing.links.judge);
  await expectAccessible(judge);
});

test('brings everybody else from the link to the waiting room', async () => {
  await arrive(counsel, hearing.links.counsel);
  await arrive(detention, hearing.links.detention);
  await arrive(witness, hearing.links.witness);
  await expectAccessible(witness);
  await picture(witness, 'waiting-room');
});

test('lets in who is admitted, and shows and sounds every permitted pair', async () => {
  await admit(judge, NAMES.counsel);
  await expectCourtroom(counsel);
  await admit(judge, NAMES.detention);
  await expectCourtroom(detention);
  await conduct(judge, 'start');
  await expect(judge.getByText(vi.status.IN_SESSION).first()).toBeVisible();
  for (const page of [judge, counsel, detention]) {
    await expectArriving(page, 2, 2);
  }
  await expectArriving(witness, 0, 0);
});

test('takes less than 30 MB for server and relay each, with four people', () => {
  expect(server.residentMb('assized')).toBeLessThan(30);
  expect(server.residentMb('assize-relay')).toBeLessThan(30);
});

test('keeps the courtroom accessible', async () => {
  await expectAccessible(judge);
  await expectAccessible(counsel);
});

test('lights the lamp of the record on every screen only while it is written', async () => {
  const shows = (lamp: string) =>
    Promise.all(
      [judge, counsel, detention].map((page) =>
        expect(page.locator('[data-lamp]')).toHaveAttribute('data-lamp', lamp),
      ),
    );
  const turn = async (word: string) => {
    await openTab(judge, 'incidents');
    await judge.getByRole('button', { name: word }).click();
    await judge.getByRole('alertdialog').getByRole('button', { name: word, exact: true }).click();
  };
  await shows('ON');
  await turn(vi.record.off);
  await shows('OFF');
  await turn(vi.record.on);
  await shows('ON');
  server.kill('assize-relay', 'SIGSTOP');
  try {
    await shows('FAILED');
  } finally {
    server.kill('assize-relay', 'SIGCONT');
  }
  await shows('ON');
});

test('silences a microphone that its owner switches off', async () => {
  await control(counsel, vi.court.mute).click();
  await expectArriving(judge, 2, 1);
  await expectArriving(detention, 2, 1);
  await control(counsel, vi.court.unmute).click();
  await expectArriving(judge, 2, 2);
});

test('silences and locks a microphone by the judge', async () => {
  await onPerson(judge, NAMES.counsel, vi.panel.muteLock);
  await expectArriving(detention, 2, 1);
  await expect(control(counsel, vi.court.locked)).toBeDisabled();
  await onPerson(judge, NAMES.counsel, vi.panel.unlock);
  await control(counsel, vi.court.unmute).click();
  await expectArriving(detention, 2, 2);
});

test('gives the floor to who asked for it, and takes it back', async () => {
  await control(counsel, vi.court.raiseHand).click();
  await openTab(judge, 'floor');
  await group(judge, 'queue').getByRole('button', { name: NAMES.counsel }).click();
  await expect(floorTile(detention)).toContainText(NAMES.counsel);
  await expect(floorTile(counsel)).toHaveAttribute('data-self', 'true');
  await judge.getByRole('button', { name: vi.panel.takeBack }).click();
  await expect(floorTile(detention)).toHaveCount(0);
  await expectArriving(detention, 2, 1);
  await control(counsel, vi.court.unmute).click();
  await expectArriving(detention, 2, 2);
});

test('lets the witness in, and sends the witness back to silence and darkness', async () => {
  await admit(judge, NAMES.witness);
  await expectCourtroom(witness);
  await expectArriving(witness, 3, 3);
  await expectArriving(judge, 3, 3);
  await onPerson(judge, NAMES.witness, vi.panel.sendBack);
  await expect(witness.getByRole('heading', { name: vi.waiting.title })).toBeVisible();
  await expectArriving(witness, 0, 0);
  await expectArriving(judge, 2, 2);
});

test('stops picture and sound for everybody in a recess', async () => {
  await conduct(judge, 'recess');
  await expect(counsel.getByRole('heading', { name: vi.pause.RECESS.title })).toBeVisible();
  for (const page of [judge, counsel, detention]) {
    await expectArriving(page, 0, 0);
  }
  await expectAccessible(counsel);
  await picture(counsel, 'recess');
  await conduct(judge, 'resume');
  for (const page of [judge, counsel, detention]) {
    await expectArriving(page, 2, 2);
  }
});

test('tells a device that another one took its place', async () => {
  const second = await newPerson(browser);
  await second.goto(hearing.links.counsel);
  await second.getByRole('button', { name: vi.join.button }).click();
  await expectCourtroom(second);
  await expect(counsel.getByRole('heading', { name: vi.stopped.evicted })).toBeVisible();
  await expectAccessible(counsel);
  await picture(counsel, 'other-device');
  await second.context().close();
});

test('closes the hearing for everybody', async () => {
  await conduct(judge, 'close');
  await expect(detention.getByRole('heading', { name: vi.pause.CLOSED.title })).toBeVisible();
  await expectArriving(judge, 0, 0);
  await picture(detention, 'closed');
});

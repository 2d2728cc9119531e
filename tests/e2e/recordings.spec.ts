// A short hearing with simulated people is held, closed and made into files, and then watched as the clerk and the panel do.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, type Browser, type Locator, type Page } from '@playwright/test';
import { vi as hearingWords } from '../../web/src/lib/i18n/vi.ts';
import { en } from '../../web/src/recordings/i18n/en.ts';
import { vi } from '../../web/src/recordings/i18n/vi.ts';
import { RecordLamp } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { expectAccessible, launch, newPerson, picture } from '../support/browser.ts';
import { must, test } from '../support/programme.ts';
import type { Courtroom } from '../support/courtroom.ts';
import { eventually } from '../support/processes.ts';
import { lamp, packetsByTrack } from '../support/record.ts';
import { PEOPLE, type Server } from '../support/server.ts';

const RECESS_MS = 4_000;

let browser: Browser;

test.beforeAll(async () => {
  browser = await launch();
});

test.afterAll(async () => {
  await browser?.close();
});

/** Waits until so much more of the detention room's picture is on record; after a recess it is silent until asked. */
async function recordMore(server: Server, hearing: string, seconds: number): Promise<void> {
  const packetsPerSecond = 15; // at least
  const count = () => {
    try {
      return packetsByTrack(server, hearing, 'e4').video;
    } catch {
      return 0; // not there yet
    }
  };
  const before = count();
  await eventually(`${seconds} s more on record`, 60_000, () => {
    return count() >= before + seconds * packetsPerSecond;
  });
}

/** In session twice with a recess between, the floor given once, then closed. */
async function holdHearing(courtroom: Courtroom): Promise<void> {
  const { server, hearing } = courtroom;
  const { judge, detention, victim } = await courtroom.goLive();
  await eventually('it records', 15_000, () => lamp(judge) === RecordLamp.ON);
  await recordMore(server, hearing.id, 4);
  must(await judge.command({ case: 'grantFloor', value: { participant: PEOPLE.detention } }));
  await recordMore(server, hearing.id, 4);
  must(await judge.command({ case: 'recess', value: {} }));
  await delay(RECESS_MS);
  must(await judge.command({ case: 'resume', value: {} }));
  await recordMore(server, hearing.id, 8);
  must(await judge.command({ case: 'close', value: {} }));
  await Promise.all([detention.stop(), victim.stop()]);
}

async function openAsJudge(courtroom: Courtroom): Promise<Page> {
  const page = await newPerson(browser);
  await page.goto(courtroom.hearing.links.judge);
  const signedIn = page.waitForResponse(/OpenByLink$/);
  await page.getByRole('button', { name: hearingWords.join.button }).click();
  expect((await signedIn).status()).toBe(200);
  await page.goto(`${courtroom.server.url}/recordings`);
  await page.getByRole('link', { name: hearingWords.case }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(hearingWords.case);
  return page;
}

const video = (page: Page): Locator => page.locator('video');
const timeOf = (page: Page): Promise<number> =>
  video(page).evaluate((element: HTMLVideoElement) => element.currentTime);

/** Waits until the picture has gone on by so many seconds of the recording. */
async function playsOn(page: Page, seconds = 1): Promise<void> {
  const from = await timeOf(page);
  await expect.poll(() => timeOf(page), { timeout: 20_000 }).toBeGreaterThan(from + seconds);
}

const isPaused = (page: Page): Promise<boolean> =>
  video(page).evaluate((element: HTMLVideoElement) => element.paused);

async function giveReasonAgain(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: vi.why.reasons.REQUEST }).check();
  await dialog.getByRole('button', { name: vi.why.confirmDownload, exact: true }).click();
}

async function giveReason(page: Page, confirm: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: confirm, exact: true }).click();
  await expect(dialog.getByRole('alert')).toHaveText(vi.why.choose);
  await dialog.getByRole('radio', { name: vi.why.reasons.DELIBERATION }).check();
  await dialog.getByRole('button', { name: confirm, exact: true }).click();
  await expect(dialog).toBeHidden();
}

test('makes the files of a closed hearing and plays them, with every view in the log', async ({
  server,
  courtroom,
}) => {
  test.setTimeout(480_000);
  await holdHearing(courtroom);
  const page = await openAsJudge(courtroom);
  await picture(page, 'recording-not-made');
  await page.getByRole('button', { name: vi.make.start }).click();
  const open = page.getByRole('button', { name: vi.player.open });
  await expect(open).toBeEnabled({ timeout: 90_000 });
  await expectAccessible(page);
  await picture(page, 'recording-closed');

  await open.click();
  await picture(page, 'recording-why');
  await expectAccessible(page);
  await giveReason(page, vi.why.confirmWatch);
  await playsOn(page);
  await expect(page.getByRole('table')).toContainText(vi.why.reasons.DELIBERATION);

  await test.step('goes to what happened', async () => {
    await page.getByRole('button', { name: vi.events.resumed }).click();
    await expect(page.locator('[data-seq] [aria-current="true"]')).toContainText(
      new RegExp(`${vi.events.resumed}|${vi.events.recordOn}`),
    );
    expect(await timeOf(page)).toBeGreaterThan(RECESS_MS / 1000);
    await playsOn(page, 0.5);
    await page.getByRole('button', { name: vi.events.started }).click();
    expect(await timeOf(page)).toBeLessThan(RECESS_MS / 1000);
    await playsOn(page);
  });

  await test.step('keeps the time when another is watched', async () => {
    await expect(video(page)).toHaveAttribute('src', /programme\.webm/);
    const before = await timeOf(page);
    await page.getByRole('combobox', { name: vi.player.sources }).selectOption('e4.webm');
    await expect(video(page)).toHaveAttribute('src', /e4\.webm/);
    await expect.poll(() => timeOf(page), { timeout: 20_000 }).toBeGreaterThanOrEqual(before);
    await playsOn(page, 0.5);
    const width = await video(page).evaluate((shown: HTMLVideoElement) => shown.videoWidth);
    expect(width).toBeGreaterThan(0);
  });

  await test.step('plays slower and faster with its pitch kept', async () => {
    for (const [rate, label] of [
      [0.5, '0,5 lần'],
      [2, '2 lần'],
    ] as const) {
      await page.getByRole('combobox', { name: vi.player.speed }).selectOption(label);
      const shown = await video(page).evaluate((element: HTMLVideoElement) => ({
        rate: element.playbackRate,
        pitch: element.preservesPitch,
      }));
      expect(shown).toEqual({ rate, pitch: true });
    }
  });

  await test.step('obeys the keyboard', async () => {
    const arrivesAt = (from: number, to: number) =>
      expect
        .poll(async () => {
          const time = await timeOf(page);
          return time >= from && time <= to;
        })
        .toBe(true);
    await page.getByRole('heading', { level: 1 }).focus();
    if (!(await isPaused(page))) await page.keyboard.press('Space');
    await expect.poll(() => isPaused(page)).toBe(true);
    await page.getByRole('slider', { name: vi.player.position }).press('Home');
    await arrivesAt(0, 1);
    await page.keyboard.press('ArrowRight');
    await arrivesAt(4.5, 6.5);
    await page.keyboard.press('l');
    await arrivesAt(9, 17);
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowLeft');
    await arrivesAt(0, 2.5);
    await page.keyboard.press('k');
    await expect.poll(() => isPaused(page)).toBe(false);
  });

  await test.step('draws the sound and the recess in which nothing is on record', async () => {
    const strip = page.getByRole('slider', { name: vi.player.position });
    await expect.poll(() => strip.locator('path.levels').getAttribute('d')).toMatch(/^M/);
    const gap = strip.locator('rect[data-gap="BOTH"]').first();
    await expect(gap).toBeAttached();
    expect(Number(await gap.getAttribute('width'))).toBeGreaterThan(50);
  });

  await test.step('saves a file whose checksum is the one on screen', async () => {
    const row = page.locator('[data-file="e4.webm"]');
    const shown = await row.locator('code').textContent();
    await row.getByRole('button', { name: vi.files.download }).click();
    const saving = page.waitForEvent('download');
    await giveReasonAgain(page);
    const path = await (await saving).path();
    const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(sum).toBe(shown);
    await expect(page.getByRole('table')).toContainText('e4.webm');
  });
  await page.evaluate(() => window.scrollTo(0, 0));
  await picture(page, 'recording-player');
  await expectAccessible(page);
  await page.getByRole('button', { name: hearingWords.language.en }).click();
  await expect(page.getByRole('heading', { name: en.events.title })).toBeVisible();
  await picture(page, 'recording-player-en');
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await picture(page, 'recording-phone');
  const log = await server.sql('SELECT kind, reason FROM recording_view ORDER BY id');
  expect(log).toEqual([
    ['watch', 'deliberation'],
    ['download', 'request'],
  ]);
});

// ./bench join: cold joins in Chromium, from the click on the join button to the first picture of another person on
// the screen. Each join is a fresh device: sign-in, WebSocket, offer and answer, ICE, DTLS, key frame, display.
import type { Browser, Page } from '@playwright/test';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { launch, newPerson } from '../support/browser.ts';
import { Courtroom } from '../support/courtroom.ts';
import { Server } from '../support/server.ts';

const JOINS = 25;
const READING_MS = 1_000; // nobody presses the button of a page they have not read

/** Notes the click, and the first frame shown of a track that came over a connection. */
function watchFirstFrame(): void {
  const measured = window as unknown as {
    joinMs?: number;
    madeConnections: RTCPeerConnection[];
  };
  const watched = new WeakSet<HTMLVideoElement>();
  let clicked = 0;
  addEventListener('click', () => (clicked ||= performance.now()), { capture: true });
  const isRemote = (video: HTMLVideoElement) => {
    const [track] = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : [];
    return measured.madeConnections.some((connection) =>
      connection.getReceivers().some((receiver) => receiver.track === track),
    );
  };
  const watch = () => {
    for (const video of document.querySelectorAll('video')) {
      if (!watched.has(video) && isRemote(video)) {
        watched.add(video);
        video.requestVideoFrameCallback((now) => (measured.joinMs ??= now - clicked));
      }
    }
    if (measured.joinMs === undefined) {
      requestAnimationFrame(watch);
    }
  };
  watch();
}

async function join(browser: Browser, link: string): Promise<number> {
  const page: Page = await newPerson(browser);
  await page.addInitScript(watchFirstFrame);
  await page.goto(link);
  await page.waitForTimeout(READING_MS);
  await page.getByRole('button', { name: vi.join.button }).click();
  const measured = await page.waitForFunction(
    () => (window as unknown as { joinMs?: number }).joinMs,
    undefined,
    { timeout: 15_000 },
  );
  const milliseconds = (await measured.jsonValue()) ?? NaN;
  await page.context().close();
  return milliseconds;
}

const server = await Server.start();
const courtroom = new Courtroom(server, await server.seed());
const live = await courtroom.goLive();
await courtroom.arrive('clerk');
const browser = await launch();
const times: number[] = [];
try {
  for (let i = 0; i < JOINS; i++) {
    times.push(await join(browser, courtroom.hearing.links.clerk));
    console.error(`join ${i + 1} of ${JOINS}: ${times.at(-1)?.toFixed(0)} ms`);
  }
} finally {
  await browser.close();
  courtroom.leave();
  await Promise.all([live.detention.stop(), live.victim.stop()]);
  await server.dispose();
}
times.sort((a, b) => a - b);
const at = (share: number) => Math.round(times[Math.ceil(share * times.length) - 1] ?? NaN);
console.log(JSON.stringify({ min_ms: at(0.01), p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) }));

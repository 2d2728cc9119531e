// A drawn person for Chromium's fake camera, so that pictures of the screens show people and not a test pattern.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { launch } from './browser.ts';
import { run } from './processes.ts';

interface Looks {
  wall: string;
  hair: string;
  skin: string;
  robe: string;
  collar: string;
}

const FIGURES = {
  judge: { wall: '#6e5a4a', hair: '#1d1512', skin: '#c99b7a', robe: '#16161a', collar: '#8c1d18' },
  counsel: {
    wall: '#7d8a86',
    hair: '#2a1d17',
    skin: '#d1a482',
    robe: '#24324a',
    collar: '#e8e4da',
  },
  clerk: { wall: '#75695d', hair: '#241a16', skin: '#cfa27f', robe: '#2d3a45', collar: '#eef0ec' },
  room: { wall: '#8d918c', hair: '#191412', skin: '#bf9270', robe: '#5b6770', collar: '#5b6770' },
  witness: {
    wall: '#a89a86',
    hair: '#3a2a20',
    skin: '#d6aa88',
    robe: '#4f6b5c',
    collar: '#dfe5dc',
  },
} satisfies Record<string, Looks>;

export type Figure = keyof typeof FIGURES;

function draw({ wall, hair, skin, robe, collar }: Looks): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360">
  <rect width="640" height="360" fill="${wall}"/>
  <rect x="40" y="30" width="120" height="200" fill="#000" fill-opacity="0.12"/>
  <rect x="480" y="30" width="120" height="200" fill="#000" fill-opacity="0.12"/>
  <path d="M262 160 C256 88 286 66 320 66 C354 66 384 88 378 160 L384 196 L256 196 Z" fill="${hair}"/>
  <path d="M186 360 C190 266 246 240 320 240 C394 240 450 266 454 360 Z" fill="${robe}"/>
  <rect x="298" y="186" width="44" height="64" fill="${skin}"/>
  <path d="M284 242 L320 286 L356 242 L342 236 L320 258 L298 236 Z" fill="${collar}"/>
  <ellipse cx="320" cy="148" rx="46" ry="56" fill="${skin}"/>
  <path d="M272 142 C276 98 300 88 320 90 C340 88 364 98 368 142 C356 112 338 108 320 108 C302 108 284 112 272 142 Z" fill="${hair}"/>
  </svg>`;
}

/** Chromium with this figure before its camera, so many frames a second: a few are enough for a picture of the screen. */
export async function launchWith(name: Figure, rate = 10): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-film-'));
  const browser = await launch([await camera(folder, name, rate)]);
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}

/** Writes the figure as a film that Chromium plays over and over; returns the flag for it. */
async function camera(folder: string, name: Figure, rate: number): Promise<string> {
  const svg = join(folder, `${name}.svg`);
  const film = join(folder, `${name}.y4m`);
  writeFileSync(svg, draw(FIGURES[name]));
  const { code, errors } = await run('gst-launch-1.0', [
    ...['-q', 'videotestsrc', 'num-buffers=10', 'pattern=black'],
    ...['!', `video/x-raw,format=AYUV,width=640,height=360,framerate=${rate}/1`],
    ...['!', 'videoconvert', '!', 'rsvgoverlay', `location=${svg}`],
    ...['!', 'videoconvert', '!', 'video/x-raw,format=I420'],
    ...['!', 'y4menc', '!', 'filesink', `location=${film}`],
  ]);
  if (code !== 0) {
    throw new Error(`no film of ${name}: ${errors}`);
  }
  return `--use-file-for-fake-video-capture=${film}`;
}

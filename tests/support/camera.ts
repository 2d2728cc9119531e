// A drawn person for Chromium's fake camera, so that pictures of the screens show people and not a test pattern.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { launch } from './browser.ts';
import { run } from './processes.ts';

interface Look {
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
  witness: {
    wall: '#a89a86',
    hair: '#3a2a20',
    skin: '#d6aa88',
    robe: '#4f6b5c',
    collar: '#dfe5dc',
  },
  clerk: { wall: '#72675c', hair: '#17130f', skin: '#c79a76', robe: '#2c3e54', collar: '#f2efe8' },
  procurator: {
    wall: '#66605a',
    hair: '#221a14',
    skin: '#c28f6c',
    robe: '#2f4a3f',
    collar: '#d8c48a',
  },
  room: { wall: '#8a9094', hair: '#16120f', skin: '#bf8d68', robe: '#5c6670', collar: '#8f989f' },
} satisfies Record<string, Look>;

export type Figure = keyof typeof FIGURES;

/** Whoever stands behind the one before the camera of a room. */
const BEHIND: Look = {
  wall: '',
  hair: '#101418',
  skin: '#b98763',
  robe: '#3d5a45',
  collar: '#c9b458',
};

function draw(name: Figure): string {
  const { wall } = FIGURES[name];
  const officer =
    name === 'room' ? `<g transform="translate(300 10) scale(.62)">${body(BEHIND)}</g>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360">
  <rect width="640" height="360" fill="${wall}"/>
  <rect x="40" y="30" width="120" height="200" fill="#000" fill-opacity="0.12"/>
  <rect x="480" y="30" width="120" height="200" fill="#000" fill-opacity="0.12"/>
  ${officer}${body(FIGURES[name])}
  </svg>`;
}

function body({ hair, skin, robe, collar }: Look): string {
  return `<path d="M262 160 C256 88 286 66 320 66 C354 66 384 88 378 160 L384 196 L256 196 Z" fill="${hair}"/>
  <path d="M186 360 C190 266 246 240 320 240 C394 240 450 266 454 360 Z" fill="${robe}"/>
  <rect x="298" y="186" width="44" height="64" fill="${skin}"/>
  <path d="M284 242 L320 286 L356 242 L342 236 L320 258 L298 236 Z" fill="${collar}"/>
  <ellipse cx="320" cy="148" rx="46" ry="56" fill="${skin}"/>
  <path d="M272 142 C276 98 300 88 320 90 C340 88 364 98 368 142 C356 112 338 108 320 108 C302 108 284 112 272 142 Z" fill="${hair}"/>`;
}

/** Enough to see who gets it; drawing is work for the machine, so only what is looked at is drawn large. */
const FILM =
  process.env.UPDATE_SCREENS === '1'
    ? { width: 640, height: 360, framerate: '10/1' }
    : { width: 160, height: 90, framerate: '5/1' };

/** Chromium with this figure before its camera. */
export async function launchWith(name: Figure): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-film-'));
  const browser = await launch([await camera(folder, name)]);
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}

/** Writes the figure as a film that Chromium plays over and over; returns the flag for it. */
async function camera(folder: string, name: Figure): Promise<string> {
  const svg = join(folder, `${name}.svg`);
  const film = join(folder, `${name}.y4m`);
  writeFileSync(svg, draw(name));
  const { code, errors } = await run('gst-launch-1.0', [
    ...['-q', 'videotestsrc', 'num-buffers=10', 'pattern=black'],
    ...[
      '!',
      `video/x-raw,format=AYUV,width=${FILM.width},height=${FILM.height},framerate=${FILM.framerate}`,
    ],
    ...['!', 'videoconvert', '!', 'rsvgoverlay', `location=${svg}`],
    ...['!', 'videoconvert', '!', 'video/x-raw,format=I420'],
    ...['!', 'y4menc', '!', 'filesink', `location=${film}`],
  ]);
  if (code !== 0) {
    throw new Error(`no film of ${name}: ${errors}`);
  }
  return `--use-file-for-fake-video-capture=${film}`;
}

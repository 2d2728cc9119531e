// One key for what is done most. Keys do nothing while somebody writes, while a question is open, or when they are switched off.
import { Status } from '../gen/assize/hearing/v1/hearing_pb.js';
import { Right } from '../gen/assize/signal/v1/signal_pb.js';
import { statusOf } from '../lib/merge.ts';
import { app } from '../lib/state.svelte.ts';
import { personOf } from '../lib/view.ts';
import { bench } from './bench.svelte.ts';
import type { CourtWords } from './i18n/vi.ts';
import { nextOfStand } from './stand.ts';

interface Key {
  key: string;
  name: keyof CourtWords['keys']['list'];
  right?: Right;
  press: (key: string) => unknown;
}

function grant(): void {
  const { hearing } = app.known;
  const participant = hearing?.floorQueue[0] ?? hearing?.proposedSpeaker ?? 0;
  if (participant > 0) void app.command({ case: 'grantFloor', value: { participant } });
}

function takeBack(): void {
  if (app.known.hearing?.floorHolder) void app.command({ case: 'takeBackFloor', value: {} });
}

/** That an undertaking was given is recorded with its button, and not by a key. */
function testimony(): void {
  const person = personOf(app.known, app.known.hearing?.witness ?? 0);
  const step = person && nextOfStand(person);
  if (step && step.name !== 'give') void app.command(step.body);
}

function recess(): void {
  if (statusOf(app.known) === Status.IN_SESSION) bench.ask({ kind: 'recess' });
}

const keys: Key[] = [
  {
    key: 'N',
    name: 'next',
    right: Right.CONDUCT,
    press: () => app.known.hearing?.next && bench.ask({ kind: 'next' }),
  },
  { key: 'F', name: 'grant', right: Right.GIVE_FLOOR, press: grant },
  { key: 'T', name: 'takeBack', right: Right.GIVE_FLOOR, press: takeBack },
  { key: 'W', name: 'witness', right: Right.WITNESS, press: testimony },
  { key: 'R', name: 'stop', right: Right.CONDUCT, press: recess },
  { key: 'M', name: 'microphone', press: () => app.setMicrophone(app.muted) },
  { key: 'P', name: 'panel', press: () => (bench.panel = !bench.panel) },
  { key: '1–5', name: 'tabs', press: (key) => showTab(Number(key) - 1) },
  { key: '?', name: 'help', press: () => bench.ask({ kind: 'keys' }) },
];

function showTab(index: number): void {
  const tab = bench.tabs[index];
  if (tab) bench.show(tab);
}

/** Those that are of use to this person. */
export const keysOf = (): Key[] =>
  keys.filter(({ right }) => right === undefined || app.can(right));

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function pressed(event: KeyboardEvent): void {
  if (!bench.keysOn || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (writes(event.target) || bench.question || bench.counting) return;
  if (document.querySelector('.dialog, .menu, :popover-open')) return;
  const name = /^[1-5]$/.test(event.key) ? '1–5' : event.key.toUpperCase();
  const key = keysOf().find((one) => one.key === name);
  if (!key) return;
  event.preventDefault();
  key.press(event.key);
}

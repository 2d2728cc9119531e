// Stretches of time as the court's screens say them, and losses of connection as bars on one line of time. Pure.
import type { IncidentView } from '../gen/assize/signal/v1/signal_pb.js';
import type { CourtWords } from './i18n/vi.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** 1 phút 45 giây · 2 giờ 5 phút · 4 ngày 12 giờ */
export function lasting(ms: number, words: CourtWords): string {
  const said = words.duration;
  if (ms >= day) return said.days(Math.floor(ms / day), Math.floor((ms % day) / hour));
  if (ms >= hour) return said.hours(Math.floor(ms / hour), Math.floor((ms % hour) / minute));
  if (ms >= minute)
    return said.minutes(Math.floor(ms / minute), Math.floor((ms % minute) / second));
  return said.seconds(Math.max(0, Math.floor(ms / second)));
}

/** 04:05, or 1:04:05 */
export function stopwatch(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / second));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** How a speech stands against its clock, which ends nothing. */
export type Speech =
  | { kind: 'open'; spokenMs: number }
  | { kind: 'within' | 'near'; spokenMs: number; leftMs: number; share: number }
  | { kind: 'over'; spokenMs: number; overMs: number };

const nearShare = 0.8;

export function speechOf(sinceMs: number, limitS: number, nowMs: number): Speech {
  const spokenMs = Math.max(0, nowMs - sinceMs);
  const limitMs = limitS * second;
  if (limitMs === 0) return { kind: 'open', spokenMs };
  if (spokenMs >= limitMs) return { kind: 'over', spokenMs, overMs: spokenMs - limitMs };
  const share = spokenMs / limitMs;
  const kind = share < nearShare ? 'within' : 'near';
  return { kind, spokenMs, leftMs: limitMs - spokenMs, share };
}

export interface Loss {
  endpoint: number;
  fromMs: number;
  toMs: number; // now, while it lasts
  going: boolean;
  paused: boolean;
  start: number; // of the line of time, 0 to 1
  width: number;
}

export interface Line {
  fromMs: number;
  toMs: number;
  losses: Loss[];
}

const leastWidth = 0.006; // so that a loss of a second is still seen

export function lineOf(incidents: IncidentView[], nowMs: number): Line {
  const fromMs = Math.min(nowMs, ...incidents.map(({ fromMs: from }) => Number(from)));
  const span = Math.max(minute, nowMs - fromMs);
  const losses = incidents.map(({ endpoint, fromMs: from, toMs: to, paused }) => {
    const going = to === 0n;
    const ended = going ? nowMs : Number(to);
    const start = (Number(from) - fromMs) / span;
    const width = Math.min(1 - start, Math.max(leastWidth, (ended - Number(from)) / span));
    return { endpoint, fromMs: Number(from), toMs: ended, going, paused, start, width };
  });
  return { fromMs, toMs: fromMs + span, losses };
}

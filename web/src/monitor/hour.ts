// The last hour, minute by minute, and the axes it is drawn on.
import type { Minute } from '../gen/assize/monitor/v1/monitor_pb.js';
import { lagOfMinute } from './lag.ts';

export const hourMinutes = 60;
const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

export interface Slot {
  beginMs: number;
  records: number;
  rejected: number;
  lagMs: number | null; // null when nothing took effect in it
  /** Not over yet. */
  open: boolean;
}

/** Every minute up to this one, oldest first. */
export function hourOf(minutes: readonly Minute[], nowMs: number): Slot[] {
  const known = new Map(minutes.map((one) => [Math.floor(Number(one.beginMs) / minuteMs), one]));
  const last = Math.floor(nowMs / minuteMs);
  return Array.from({ length: hourMinutes }, (_, i) => {
    const at = last - hourMinutes + 1 + i;
    const minute = known.get(at);
    return {
      beginMs: at * minuteMs,
      records: Number(minute?.records ?? 0n),
      rejected: Number(minute?.rejected ?? 0n),
      lagMs: minute ? lagOfMinute(minute) : null,
      open: at === last,
    };
  });
}

/** The slots that begin a quarter of an hour. */
export const quartersOf = (slots: readonly Slot[]): number[] =>
  slots.flatMap(({ beginMs }, i) => (beginMs % quarterMs === 0 ? [i] : []));

/** From nothing to the largest, in two to five steps of 1, 2 or 5 times a power of ten, none smaller than least. */
export function ticksFor(largest: number, least: number): number[] {
  const wanted = Math.max(largest, least) / 4;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const fits = [1, 2, 5, 10].find((times) => times * power >= wanted) ?? 10;
  const step = Math.max(fits * power, least);
  const steps = Math.max(Math.ceil(largest / step), 1);
  return Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** The slot with the largest value, if any is above nothing. */
export function largestOf(slots: readonly Slot[], value: (slot: Slot) => number): Slot | null {
  let largest: Slot | null = null;
  for (const slot of slots) {
    if (value(slot) > (largest ? value(largest) : 0)) largest = slot;
  }
  return largest;
}

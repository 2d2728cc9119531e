// Days and times of Viet Nam as the desk's addresses and fields have them: 2026-11-21 and 09:30. The country has kept one
// offset since 1975, so that no table of zones is needed.
import { capital, hourMinute, longDate } from '../lib/format.ts';
import type { Lang } from '../lib/i18n/index.svelte.ts';

const offsetMs = 7 * 3_600_000;
const dayMs = 86_400_000;

/** 2026-11-21 */
export const dateOf = (ms: number): string => new Date(ms + offsetMs).toISOString().slice(0, 10);

/** 09:30 */
export const timeOf = (ms: number): string => new Date(ms + offsetMs).toISOString().slice(11, 16);

/** NaN when either is not there. */
export const msOf = (date: string, time: string): number => Date.parse(`${date}T${time}:00+07:00`);

export const shiftDay = (date: string, days: number): string =>
  dateOf(msOf(date, '12:00') + days * dayMs);

/** Chủ nhật, ngày 22 tháng 11 năm 2026 */
export function dayName(date: string, lang: Lang): string {
  const ms = msOf(date, '12:00');
  const weekday = new Intl.DateTimeFormat(lang, { weekday: 'long', timeZone: 'UTC' }).format(
    ms + offsetMs,
  );
  return `${capital(weekday)}, ${longDate(ms, lang)}`;
}

/** 09:30, ngày 22 tháng 11 năm 2026 */
export const moment = (ms: number, lang: Lang): string =>
  `${hourMinute(ms)}, ${longDate(ms, lang)}`;

/** Hours from now that reach the end of the day of the hearing, or of today if that is over. */
export function hoursUntilEnd(scheduledMs: number, nowMs: number): number {
  const day = dateOf(Math.max(scheduledMs, nowMs));
  return Math.max(1, Math.ceil((msOf(shiftDay(day, 1), '00:00') - nowMs) / 3_600_000));
}

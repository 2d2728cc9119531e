// Dates and times as a court writes them, always of Viet Nam (Asia/Ho_Chi_Minh), whatever the device's zone.
import type { Lang } from './i18n/index.svelte.ts';

const timeZone = 'Asia/Ho_Chi_Minh';
const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const englishDate = new Intl.DateTimeFormat('en-GB', {
  timeZone,
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

function split(ms: number): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, value]));
}

/** 09:42:10 */
export function clock(ms: number): string {
  const { hour, minute, second } = split(ms);
  return `${hour}:${minute}:${second}`;
}

/** 09:42 */
export function hourMinute(ms: number): string {
  const { hour, minute } = split(ms);
  return `${hour}:${minute}`;
}

/** ngày 21 tháng 11 năm 2026 · 21 November 2026 */
export function longDate(ms: number, lang: Lang): string {
  if (lang === 'en') return englishDate.format(ms);
  const { day, month, year } = split(ms);
  return `ngày ${day} tháng ${month} năm ${year}`;
}

/** A role is written small in the law's texts; at the start of a line it gets a capital. */
export const capital = (text: string): string =>
  text.charAt(0).toLocaleUpperCase('vi') + text.slice(1);

/** And inside a sentence it has none. */
export const uncapital = (text: string): string =>
  text.charAt(0).toLocaleLowerCase('vi') + text.slice(1);

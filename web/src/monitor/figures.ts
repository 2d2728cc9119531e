// Numbers, spans and distances of time as the language writes them.
import type { Lang } from '../lib/i18n/index.svelte.ts';

const secondMs = 1000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

const plain = { vi: new Intl.NumberFormat('vi'), en: new Intl.NumberFormat('en') };

/** 14.512.331 · 14,512,331 */
export const figure = (value: number | bigint, lang: Lang): string => plain[lang].format(value);

export type Unit = 'millisecond' | 'second' | 'minute' | 'hour';

export const unitMs: Record<Unit, number> = {
  millisecond: 1,
  second: secondMs,
  minute: minuteMs,
  hour: hourMs,
};

/** The largest unit in which this span is not less than one. */
export function unitOf(ms: number): Unit {
  if (ms < secondMs) return 'millisecond';
  if (ms < minuteMs) return 'second';
  return ms < hourMs ? 'minute' : 'hour';
}

/** 340 mili giây, 1,2 giây, 5 phút · 340 milliseconds, 1.2 seconds, 5 minutes; in a column 340 ms. */
export function duration(ms: number, lang: Lang, short = false): string {
  const unit = unitOf(ms);
  if (short && unit === 'millisecond') return `${plain[lang].format(Math.round(ms))} ms`;
  return new Intl.NumberFormat(lang, {
    style: 'unit',
    unit,
    unitDisplay: short ? 'short' : 'long',
    maximumFractionDigits: unit === 'millisecond' ? 0 : 1,
  }).format(ms / unitMs[unit]);
}

const distance = {
  vi: new Intl.RelativeTimeFormat('vi', { numeric: 'always' }),
  en: new Intl.RelativeTimeFormat('en', { numeric: 'always' }),
};

/** 12 giây trước · 12 seconds ago. What has only just been is one second ago. */
export function ago(ms: number, nowMs: number, lang: Lang): string {
  const past = Math.max(nowMs - ms, secondMs);
  const since = (unit: Intl.RelativeTimeFormatUnit, one: number) =>
    distance[lang].format(-Math.floor(past / one), unit);
  if (past < minuteMs) return since('second', secondMs);
  if (past < hourMs) return since('minute', minuteMs);
  return past < 2 * dayMs ? since('hour', hourMs) : since('day', dayMs);
}

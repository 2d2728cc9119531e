// A moment to the second: what was known when is asked for to that.
import { clock, longDate } from '../lib/format.ts';
import type { Lang } from '../lib/i18n/index.svelte.ts';

/** 09:42:10, ngày 22 tháng 11 năm 2026 */
export const exact = (ms: number, lang: Lang): string => `${clock(ms)}, ${longDate(ms, lang)}`;

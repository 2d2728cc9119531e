// When something was, as exactly as it is wanted: to the second today, with its day before.
import { dateOf, moment } from '../desk/days.ts';
import { clock } from '../lib/format.ts';
import { language } from '../lib/i18n/index.svelte.ts';
import { monitor } from './state.svelte.ts';

export const sinceWhen = (ms: number): string =>
  dateOf(ms) === dateOf(monitor.asOfMs) ? clock(ms) : moment(ms, language.code);

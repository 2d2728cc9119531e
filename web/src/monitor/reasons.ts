// Why a record was rejected, for somebody who did not write the program.
import type { Lang } from '../lib/i18n/index.svelte.ts';
import { fields } from './i18n/fields.ts';
import type { MonitorWords } from './i18n/vi.ts';

/** The sentence; what it does not know it gives as it came. */
export function explain(reason: string, words: MonitorWords, lang: Lang): string {
  const known = (words.reasons as Record<string, string>)[reason];
  if (known) return known;
  const field = fields[keyOf(reason)];
  if (reason.startsWith('future:')) return words.aheadField(field?.[lang] ?? pathOf(reason));
  return field ? words.wrongField(field[lang]) : words.wrongPath(reason);
}

/** Of "future:decision.issued_on" the field; of a word, or a field, that itself. */
const pathOf = (reason: string): string => reason.slice(reason.indexOf(':') + 1);

/** Of "party.person.full_name" what names the field: "person.full_name". */
export const keyOf = (reason: string): string => pathOf(reason).split('.').slice(-2).join('.');

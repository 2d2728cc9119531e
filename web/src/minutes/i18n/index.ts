import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type MinutesWords } from './vi.ts';

const dictionaries: Record<Lang, MinutesWords> = { vi, en };

/** The words of the notes and the minutes in the chosen language. */
export const m = (): MinutesWords => dictionaries[language.code];

import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type CourtWords } from './vi.ts';

const dictionaries: Record<Lang, CourtWords> = { vi, en };

/** The words of the judge's and the clerk's screens in the chosen language. */
export const c = (): CourtWords => dictionaries[language.code];

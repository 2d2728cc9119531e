import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type PeopleWords } from './vi.ts';

const dictionaries: Record<Lang, PeopleWords> = { vi, en };

/** The words of everybody but the court, in the chosen language. */
export const p = (): PeopleWords => dictionaries[language.code];

import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type ConsoleWords } from './vi.ts';

const dictionaries: Record<Lang, ConsoleWords> = { vi, en };

/** The console's words in the chosen language. */
export const c = (): ConsoleWords => dictionaries[language.code];

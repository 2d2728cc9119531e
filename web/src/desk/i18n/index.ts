import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type DeskWords } from './vi.ts';

const dictionaries: Record<Lang, DeskWords> = { vi, en };

/** The desk's words in the chosen language. */
export const d = (): DeskWords => dictionaries[language.code];

import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type CasesWords } from './vi.ts';

const dictionaries: Record<Lang, CasesWords> = { vi, en };

/** The page's words in the chosen language. */
export const c = (): CasesWords => dictionaries[language.code];

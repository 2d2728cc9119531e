import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type MonitorWords } from './vi.ts';

const dictionaries: Record<Lang, MonitorWords> = { vi, en };

/** The page's words in the chosen language. */
export const m = (): MonitorWords => dictionaries[language.code];

import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type RecordingWords } from './vi.ts';

const dictionaries: Record<Lang, RecordingWords> = { vi, en };

/** The words of the recordings page in the chosen language. */
export const r = (): RecordingWords => dictionaries[language.code];

import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type GalleryWords } from './vi.ts';

const dictionaries: Record<Lang, GalleryWords> = { vi, en };

/** The gallery's words in the chosen language. */
export const g = (): GalleryWords => dictionaries[language.code];

import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type IdentityWords } from './vi.ts';

const dictionaries: Record<Lang, IdentityWords> = { vi, en };

/** The words of the identity ceremony in the chosen language. */
export const w = (): IdentityWords => dictionaries[language.code];

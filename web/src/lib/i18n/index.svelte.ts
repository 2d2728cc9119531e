// The interface's two languages: one typed dictionary each, so that a missing sentence does not compile.
import { kept } from '../kept.ts';
import { en } from './en.ts';
import { vi, type Dictionary } from './vi.ts';

export type Lang = 'vi' | 'en';

const dictionaries: Record<Lang, Dictionary> = { vi, en };

class Language {
  code = $state<Lang>(kept.device.get('lang') === 'en' ? 'en' : 'vi');

  choose(code: Lang): void {
    this.code = code;
    kept.device.set('lang', code);
  }
}

export const language = new Language();

/** The dictionary of the chosen language. */
export const t = (): Dictionary => dictionaries[language.code];

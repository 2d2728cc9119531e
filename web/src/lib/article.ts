// How an article of law is said. Pure.
import type { Dictionary } from './i18n/vi.ts';

/** "BLTTHS 306" as one would say it: "Điều 306 Bộ luật Tố tụng hình sự 2015". */
export function articleInFull(article: string, words: Dictionary): string {
  for (const [code, law] of Object.entries(words.laws)) {
    const numbers = article.startsWith(code)
      ? article.slice(code.length).replace(/^[,\s]+/, '')
      : '';
    if (numbers !== '') return words.articleOf(numbers, law);
  }
  return article;
}

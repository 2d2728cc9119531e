// English. Vietnamese (vi.ts) is the first language and gives the shape.
import type { IdentityWords } from './vi.ts';

export const en: IdentityWords = {
  title: 'Identity check',
  lead: 'Compare each person’s document with the case, write down what you find, then sign for it.',
  close: 'Close',
  back: 'List',
  opening: 'Opening the list',
  again: 'Try again',
  nobody: 'Nobody at this site needs an identity check.',
  list: 'People whose identity is checked',
  summons: (number: string) => `By summons no. ${number}`,
  summonsNone: 'No number of a summons yet',
  clerk: 'Clerk',
  officer: 'Officer of the site',
  attested: 'has signed',
  notAttested: 'has not signed yet',
  done: 'Signed for by all who must',
  open: 'Compare',
  look: 'See the record',
  openOf: (who: string) => `Compare: ${who}`,
  lookOf: (who: string) => `See the record: ${who}`,
  left: (count: number) =>
    count === 0
      ? 'Everyone has been signed for.'
      : count === 1
        ? '1 person is waiting to be signed for.'
        : `${count} people are waiting to be signed for.`,
};

// What a clerk types into one field, and what is asked for by it.
import type { CaseStatus } from '../gen/assize/exchange/v1/exchange_pb.js';

export type By = 'all' | 'number' | 'name' | 'person' | 'id';

export interface Wanted {
  words: string;
  status: CaseStatus;
}

export const personalDigits = 12;

export function byOf(words: string): By {
  const text = words.trim();
  if (!text) return 'all';
  if (/^VN:/.test(text)) return 'id';
  const digits = digitsOf(text);
  if (digits === personalDigits) return 'person';
  return /^\d/.test(text) ? 'number' : 'name';
}

/** How many, when there is nothing else; spaces and dots between them do not count. */
export const digitsOf = (words: string): number =>
  /^[\d\s.]*$/.test(words) ? words.replace(/\D/g, '').length : 0;

/** A personal number that has lost or gained a digit: no number of a case is as long. */
export const isNearlyPerson = (words: string): boolean =>
  digitsOf(words) > 7 && digitsOf(words) !== personalDigits;

export function askedFor({ words, status }: Wanted): object {
  const text = words.trim();
  const narrowed = status ? { status } : {};
  switch (byOf(text)) {
    case 'all':
      return narrowed;
    case 'id':
      return { publicId: text, ...narrowed };
    case 'person':
      return { personalNumber: text.replace(/\D/g, ''), ...narrowed };
    case 'number':
      return { numberBegins: text, ...narrowed };
    case 'name':
      return { partyName: text, ...narrowed };
  }
}

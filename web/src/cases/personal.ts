// What a personal number says of itself: province or country of birth, century and sex, year. What does not
// fit is said to the clerk, and stands when they mean it.
import { Sex } from '../gen/assize/cases/v1/cases_pb.js';

/** Provinces as numbered before 1 July 2025; 097 to 099 were never given, from 100 on they are countries. */
const provinces = new Set(
  (
    '1 2 4 6 8 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46 48 49 51 52 54 56 58 60 62 64 66 ' +
    '67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96'
  )
    .split(' ')
    .map(Number),
);

export type Doubt = 'province' | 'sex' | 'birth';

export const isPersonal = (number: string): boolean => /^\d{12}$/.test(number);

/** sex: 0 when it is not known; born: YYYY-MM-DD, or what was typed so far. */
export function doubtsOf(number: string, sex: Sex, born: string): Doubt[] {
  if (!isPersonal(number)) return [];
  const [place, century, year] = [number.slice(0, 3), number.slice(3, 4), number.slice(4, 6)].map(
    Number,
  ) as [number, number, number];
  const says = century % 2 === 0 ? Sex.MALE : Sex.FEMALE;
  const bornIn = 1900 + 100 * Math.floor(century / 2) + year;
  const doubts: Doubt[] = [];
  if (place < 100 && !provinces.has(place)) doubts.push('province');
  if ((sex === Sex.MALE || sex === Sex.FEMALE) && sex !== says) doubts.push('sex');
  if (/^\d{4}-/.test(born) && Number(born.slice(0, 4)) !== bornIn) doubts.push('birth');
  return doubts;
}

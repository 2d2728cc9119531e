// How good a connection is, from its loss and its round trip (HMCTS: below 10 % loss good, from 15 % bad).
export type Grade = 'good' | 'fair' | 'bad' | 'none';

export function gradeOf(connected: boolean, lossPermille: number, roundTripMs: number): Grade {
  if (!connected) return 'none';
  if (lossPermille >= 150 || roundTripMs >= 800) return 'bad';
  return lossPermille >= 100 || roundTripMs >= 300 ? 'fair' : 'good';
}

// How good a connection is, from its loss and its round trip (HMCTS: below 10 % loss good, from 15 % bad).
export type Grade = 'good' | 'fair' | 'bad' | 'none';

export function gradeOf(connected: boolean, lossPermille: number, roundTripMs: number): Grade {
  if (!connected) return 'none';
  if (lossPermille >= 150 || roundTripMs >= 800) return 'bad';
  return lossPermille >= 100 || roundTripMs >= 300 ? 'fair' : 'good';
}

export interface Line {
  typicalMs: number;
  varyingMs: number;
}

/** Of some round trips, the one in the middle, and how far they lie apart from one to the next. */
export function lineOf(trips: number[]): Line {
  const sorted = trips.toSorted((a, b) => a - b);
  const steps = trips.slice(1).map((trip, index) => Math.abs(trip - (trips[index] ?? trip)));
  const varying = steps.length > 0 ? steps.reduce((sum, step) => sum + step, 0) / steps.length : 0;
  return {
    typicalMs: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    varyingMs: Math.round(varying),
  };
}

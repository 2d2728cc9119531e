// Waiting times between attempts: 0.25 s doubling to 4 s, each shortened at random by up to half so that a server that comes
// back is not met by everybody at once.
const firstMs = 250;
const longestMs = 4000;

export function backOff(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(firstMs * 2 ** attempt, longestMs);
  return full * (1 - random() / 2);
}

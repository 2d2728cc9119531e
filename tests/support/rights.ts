// Rights and tools that a test needs and a machine may not give. What is missing though this user has the right to it is a
// fault, for ./test installs every tool; where the right itself is missing the test is skipped, and its name and the reason are
// in the output and in the summary.
import { readFileSync } from 'node:fs';
import { test } from '@playwright/test';

/** Of capabilities(7), the bit of each. */
const CAPABILITIES = { mount: 21, trace: 19 } as const;
export type Right = keyof typeof CAPABILITIES;

export function hasRight(right: Right): boolean {
  const mask = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return ((BigInt(`0x${mask ?? '0'}`) >> BigInt(CAPABILITIES[right])) & 1n) === 1n;
}

/** To be said when something was refused: fails where it should not have been, and skips the test where it had to be. */
export function withoutRight(right: Right, why: string): void {
  if (hasRight(right)) throw new Error(`this user may ${right}, but it failed: ${why}`);
  test.skip(true, `this user has no right to ${right}: ${why.trim()}`);
}

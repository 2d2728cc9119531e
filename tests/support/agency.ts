// An agency that tells courts things of their cases, and by mistake now and then of one that there is not.
import { randomUUID } from 'node:crypto';
import type { Dice } from './dice.ts';
import { follow, notice, type RecordInit } from './exchange.ts';
import { Pusher } from './pusher.ts';

/** The courts that it tells something of, and a case that each has. */
export interface Told {
  court: string;
  publicId: string;
}

export class Agency extends Pusher {
  /** Of each court the texts that it is told, in their order. */
  readonly told = new Map<string, string[]>();
  /** How many led nowhere, which the agency itself is told. */
  lost = 0;
  private readonly last = new Map<string, RecordInit>();
  private count = 0;

  /** Some notices, in one batch. */
  async step(dice: Dice, courts: readonly Told[]): Promise<void> {
    const records = Array.from({ length: 1 + dice.below(25) }, () => {
      if (dice.chance(0.05)) {
        this.lost++;
        return this.write(`lost-${++this.count}`, { court: 'VN.NO', publicId: 'VN' }, randomUUID());
      }
      const to = dice.pick(courts);
      const text = randomUUID();
      this.told.set(to.court, [...(this.told.get(to.court) ?? []), text]);
      return this.write(`about-${to.court}`, to, text);
    });
    await this.push(records);
  }

  private write(key: string, to: Told, text: string): RecordInit {
    const before = this.last.get(key);
    const one = follow(notice((before?.seq ?? 0n) + 1n, { ...to, text }, key), before);
    this.last.set(key, one);
    return one;
  }
}

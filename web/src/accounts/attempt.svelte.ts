// One form that asks for a password: whether it is on its way, why it was refused, and how long to wait before the next try.
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { secondsUntil } from '../lib/ticking.ts';
import { time } from '../lib/time.svelte.ts';

export class Attempt {
  busy = $state(false);
  refusal = $state<Refused | null>(null);
  private mayAt = $state(0); // by time.nowMs; 0: no wait was ever asked for

  /** The seconds left to wait. */
  get waitS(): number {
    return secondsUntil(this.mayAt, time.nowMs);
  }

  /** There was a wait, and it is over. */
  get waited(): boolean {
    return this.mayAt > 0 && this.waitS === 0;
  }

  /** Does it unless it is under way or has to wait; true when it was done. */
  async make(act: () => Promise<unknown>): Promise<boolean> {
    if (this.busy || this.waitS > 0) return false;
    this.busy = true;
    this.refusal = null;
    this.mayAt = 0;
    try {
      await act();
      return true;
    } catch (error) {
      const refusal = asRefusal(error);
      if (refusal.waitS > 0) this.mayAt = time.ofDevice(Date.now()) + refusal.waitS * 1000;
      else this.refusal = refusal;
      return false;
    } finally {
      this.busy = false;
    }
  }
}

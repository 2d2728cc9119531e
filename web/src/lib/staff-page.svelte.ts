// What every page of signed-in staff keeps: who is signed in, what was last done or refused, and how old what is shown is. The
// page is asked for again and again while it is looked at, and one that watches over something also while it is not.
import { asRefusal, type Refused } from './refusal.ts';
import { currentMember, signInPage, type Member } from './staff.ts';

export abstract class StaffPage {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looks = 0;
  /** When the server last told of what is shown; 0: not yet. */
  protected toldMs = 0;

  member = $state.raw<Member | null>(null);
  /** Why the last thing asked for was not done. */
  refusal = $state.raw<Refused | null>(null);
  /** What was done, as a sentence. */
  done = $state('');
  busy = $state(false);
  /** When what is shown was last told, while nothing newer can be had; else 0. */
  staleMs = $state(0);

  protected abstract readonly lookMs: number;
  /** As lookMs, while another tab is in front; 0: not at all. */
  protected readonly hiddenLookMs: number = 0;
  /** Asks the server for what is open; an answer that comes for what one has left is dropped there. */
  protected abstract load(): Promise<void>;
  /** Something is shown that may grow old. */
  protected abstract get shows(): boolean;

  async begin(): Promise<void> {
    document.addEventListener('visibilitychange', () => void this.look());
    const member = await this.doing(currentMember);
    if (member === null || member?.mustChange) location.assign(signInPage());
    else if (member) this.member = member;
    await this.look();
  }

  /** Asks for what is shown, and again in a while. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    if (!this.member || (document.hidden && this.hiddenLookMs === 0)) return;
    const look = ++this.looks;
    try {
      await this.load();
      this.toldMs = Date.now();
      this.staleMs = 0;
    } catch (error) {
      if (look === this.looks) this.missed(asRefusal(error));
    }
    if (look !== this.looks) return;
    const wait = document.hidden ? this.hiddenLookMs : this.lookMs;
    this.timer = setTimeout(() => void this.look(), wait);
  }

  /** What is shown stays, and says how old it is; nothing to show is a refusal. */
  private missed(why: Refused): void {
    if (mustSignIn(why)) location.assign(signInPage());
    else if (this.shows) this.staleMs = this.toldMs;
    else this.refusal = why;
  }

  /** Does one thing at a time; undefined when it was refused. */
  async doing<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.refusal = null;
    this.done = '';
    try {
      return await act();
    } catch (error) {
      const why = asRefusal(error);
      if (mustSignIn(why)) location.assign(signInPage());
      else this.refusal = why;
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}

export const mustSignIn = ({ code }: Refused): boolean =>
  code === 'staff_not_signed_in' || code === 'password_must_change';

// The one state of the console: who is signed in, the hearings of the day and their alerts as the server last told, and the
// hearing that is looked at closely. Kept up to date while the page is looked at.
import {
  ConsoleService,
  type Alert,
  type HearingResponse,
  type OverviewResponse,
} from '../gen/assize/console/v1/console_pb.js';
import { announcer } from '../lib/announce.svelte.ts';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';
import { currentMember, Role, signInPage, type Member } from '../lib/staff.ts';
import { c } from './i18n/index.ts';

const { method } = ConsoleService;
const lookMs = 3000;

class Console {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private known = new Set<string>();
  private toldMs = 0;

  member = $state.raw<Member | null>(null);
  /** YYYY-MM-DD, or '' for today. */
  date = $state('');
  overview = $state.raw<OverviewResponse | null>(null);
  /** The hearing whose people and past alerts are shown, or ''. */
  open = $state('');
  details = $state.raw<HearingResponse | null>(null);
  refusal = $state.raw<Refused | null>(null);
  done = $state('');
  busy = $state(false);
  /** When what is shown was last told, while nothing newer can be had; else 0. */
  staleMs = $state(0);

  readonly mayAct = $derived(
    this.member?.role === Role.OFFICER || this.member?.role === Role.CLERK,
  );

  async begin(): Promise<void> {
    document.addEventListener('visibilitychange', () => void this.look());
    const member = await this.doing(currentMember);
    if (member === null || member?.mustChange) location.assign(signInPage());
    else if (member) this.member = member;
    await this.look();
  }

  choose(date: string): void {
    this.date = date;
    this.overview = null;
    this.show('');
  }

  show(hearing: string): void {
    this.open = hearing;
    this.details = null;
    void this.look();
  }

  /** Asks for what is shown, and again in a while. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    if (document.hidden || !this.member) return;
    const { date, open } = this;
    try {
      const overview = await call(method.overview, date ? { date } : {});
      const details = open ? await call(method.hearing, { id: open }) : null;
      if (date === this.date) this.overview = overview;
      if (open === this.open) this.details = details;
      this.tell(overview.alerts);
      this.toldMs = Date.now();
      this.staleMs = 0;
    } catch (error) {
      this.missed(asRefusal(error));
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), lookMs);
  }

  /** New alerts are said aloud, but for those that were there when the page was opened. */
  private tell(alerts: Alert[]): void {
    const fresh = alerts.filter(({ id }) => !this.known.has(id));
    if (this.known.size > 0 || this.toldMs > 0) {
      for (const alert of fresh) announcer.say(c().alerts.spoken(alert), true);
    }
    this.known = new Set(alerts.map(({ id }) => id));
  }

  private missed(why: Refused): void {
    if (mustSignIn(why)) location.assign(signInPage());
    else if (this.overview) this.staleMs = this.toldMs;
    else this.refusal = why;
  }

  /** Does one thing at a time; undefined when it was refused. */
  private async doing<T>(act: () => Promise<T>): Promise<T | undefined> {
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

  private async change(act: () => Promise<unknown>, said: string): Promise<boolean> {
    const answer = await this.doing(act);
    if (answer === undefined) return false;
    this.done = said;
    await this.look();
    return true;
  }

  take(alert: Alert, release: boolean): Promise<boolean> {
    return this.change(
      () => call(method.take, { alert: alert.id, release }),
      release ? c().alerts.released : c().alerts.taken,
    );
  }

  tickOff(alert: Alert, words: string): Promise<boolean> {
    return this.change(
      () => call(method.tickOff, { alert: alert.id, words }),
      c().alerts.tickedOff,
    );
  }

  allocate(hearing: string, account: string): Promise<boolean> {
    return this.change(
      () => call(method.allocate, account ? { hearing, account } : { hearing }),
      c().hearings.allocated,
    );
  }
}

const mustSignIn = ({ code }: Refused): boolean =>
  code === 'staff_not_signed_in' || code === 'password_must_change';

export const board = new Console();

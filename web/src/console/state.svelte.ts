// The one state of the console: the hearings of the day and their alerts as the server last told, and the hearing that is looked
// at closely.
import {
  ConsoleService,
  type Alert,
  type HearingResponse,
  type OverviewResponse,
} from '../gen/assize/console/v1/console_pb.js';
import { announcer } from '../lib/announce.svelte.ts';
import { chimes } from '../lib/chimes.svelte.ts';
import { call } from '../lib/session.ts';
import { StaffPage } from '../lib/staff-page.svelte.ts';
import { Role } from '../lib/staff.ts';
import { c } from './i18n/index.ts';

const { method } = ConsoleService;

class Console extends StaffPage {
  protected readonly lookMs = 3000;
  protected override readonly hiddenLookMs = 8000;
  private known = new Set<string>();

  /** YYYY-MM-DD, or '' for today. */
  date = $state('');
  overview = $state.raw<OverviewResponse | null>(null);
  /** The hearing whose people and past alerts are shown, or ''. */
  open = $state('');
  details = $state.raw<HearingResponse | null>(null);

  readonly mayAct = $derived(
    this.member?.role === Role.OFFICER || this.member?.role === Role.CLERK,
  );

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

  protected async load(): Promise<void> {
    const { date, open } = this;
    const overview = await call(method.overview, date ? { date } : {});
    const details = open ? await call(method.hearing, { id: open }) : null;
    if (date === this.date) this.overview = overview;
    if (open === this.open) this.details = details;
    this.tell(overview.alerts);
  }

  protected get shows(): boolean {
    return this.overview !== null;
  }

  /** New alerts sound and are said aloud, but for those that were there when the page was opened. */
  private tell(alerts: Alert[]): void {
    const fresh = alerts.filter(({ id }) => !this.known.has(id));
    if (this.known.size > 0 || this.toldMs > 0) {
      for (const alert of fresh) announcer.say(c().alerts.spoken(alert), true);
      if (fresh.length > 0) chimes.play('call');
    }
    this.known = new Set(alerts.map(({ id }) => id));
  }

  private async change(act: () => Promise<unknown>, said: string): Promise<boolean> {
    const answer = await this.doing(act);
    if (answer === undefined) return false;
    this.done = said;
    await this.look();
    return true;
  }

  /** From somebody else only when the alert says that somebody else has it. */
  take(alert: Alert): Promise<boolean> {
    return this.change(
      () => call(method.take, { alert: alert.id, over: alert.takenBy !== '' }),
      c().alerts.taken,
    );
  }

  release(alert: Alert): Promise<boolean> {
    return this.change(
      () => call(method.take, { alert: alert.id, release: true }),
      c().alerts.released,
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

export const board = new Console();

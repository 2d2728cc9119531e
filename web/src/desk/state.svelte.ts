// The one state of the desk: which page is open, and what the server last told of it.
import {
  DeskService,
  type DayResponse,
  type HearingDetails,
} from '../gen/assize/desk/v1/desk_pb.js';
import { call } from '../lib/session.ts';
import { StaffPage } from '../lib/staff-page.svelte.ts';
import { Role } from '../lib/staff.ts';
import { addressOf, routeOf, type Route } from './route.ts';

const { method } = DeskService;

class Desk extends StaffPage {
  protected readonly lookMs = 4000;

  route = $state.raw<Route>(routeOf(location.search));
  day = $state.raw<DayResponse | null>(null);
  details = $state.raw<HearingDetails | null>(null);

  readonly isClerk = $derived(this.member?.role === Role.CLERK);
  readonly mayEnter = $derived(this.isClerk || this.member?.role === Role.JUDGE);

  override begin(): Promise<void> {
    window.addEventListener('popstate', () => this.open(routeOf(location.search)));
    return super.begin();
  }

  go(route: Route): void {
    history.pushState(null, '', addressOf(route));
    this.open(route);
  }

  private open(route: Route): void {
    this.route = route;
    this.day = null;
    this.details = null;
    this.refusal = null;
    this.done = '';
    this.staleMs = 0;
    void this.look();
  }

  protected async load(): Promise<void> {
    const { route } = this;
    if (route.page === 'day') {
      const day = await call(method.day, route.date ? { date: route.date } : {});
      if (route === this.route) this.day = day;
    } else if (route.page === 'hearing') {
      const details = await call(method.hearing, { id: route.hearing });
      if (route === this.route) this.details = details;
    }
  }

  protected get shows(): boolean {
    return this.day !== null || this.details !== null;
  }

  /** Into the hearing, by a link of one's own that is opened at once. */
  async enter(hearing: string): Promise<void> {
    const answer = await this.doing(() => call(method.enter, { hearing }));
    if (answer) location.assign(answer.url);
  }
}

export const desk = new Desk();

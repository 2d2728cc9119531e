// The one state of the desk: who is signed in, which page is open, and what the server last told of it. Pages are kept up to
// date while they are looked at; an answer that comes for a page one has left is dropped.
import {
  DeskService,
  type DayResponse,
  type HearingDetails,
} from '../gen/assize/desk/v1/desk_pb.js';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';
import { currentMember, Role, signInPage, type Member } from '../lib/staff.ts';
import { addressOf, routeOf, type Route } from './route.ts';

const { method } = DeskService;
const lookMs = 4000;

class Desk {
  private timer: ReturnType<typeof setTimeout> | undefined;

  member = $state.raw<Member | null>(null);
  route = $state.raw<Route>(routeOf(location.search));
  day = $state.raw<DayResponse | null>(null);
  details = $state.raw<HearingDetails | null>(null);
  /** Why the last thing asked for was not done. */
  refusal = $state.raw<Refused | null>(null);
  /** What was done, as a sentence. */
  done = $state('');
  busy = $state(false);
  /** When what is shown was last told, while nothing newer can be had; else 0. */
  staleMs = $state(0);
  private toldMs = 0;

  readonly isClerk = $derived(this.member?.role === Role.CLERK);
  readonly mayEnter = $derived(this.isClerk || this.member?.role === Role.JUDGE);

  async begin(): Promise<void> {
    window.addEventListener('popstate', () => this.open(routeOf(location.search)));
    document.addEventListener('visibilitychange', () => void this.look());
    const member = await this.doing(currentMember);
    if (member === null || member?.mustChange) location.assign(signInPage());
    else if (member) this.member = member;
    void this.look();
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

  /** Asks for what the open page shows, and again in a while. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    if (document.hidden || !this.member) return;
    const { route } = this;
    try {
      await this.load(route);
      this.toldMs = Date.now();
      this.staleMs = 0;
    } catch (error) {
      if (route === this.route) this.missed(asRefusal(error));
    }
    if (route !== this.route) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), lookMs);
  }

  private async load(route: Route): Promise<void> {
    if (route.page === 'day') {
      const day = await call(method.day, route.date ? { date: route.date } : {});
      if (route === this.route) this.day = day;
    } else if (route.page === 'hearing') {
      const details = await call(method.hearing, { id: route.hearing });
      if (route === this.route) this.details = details;
    }
  }

  /** What is shown stays, and says how old it is; nothing to show is a refusal. */
  private missed(why: Refused): void {
    if (mustSignIn(why)) location.assign(signInPage());
    else if (this.day || this.details) this.staleMs = this.toldMs;
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

  /** Into the hearing, by a link of one's own that is opened at once. */
  async enter(hearing: string): Promise<void> {
    const answer = await this.doing(() => call(method.enter, { hearing }));
    if (answer) location.assign(answer.url);
  }
}

const mustSignIn = ({ code }: Refused): boolean =>
  code === 'staff_not_signed_in' || code === 'password_must_change';

export const desk = new Desk();

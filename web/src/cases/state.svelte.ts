// The one state of the court's cases: why one looks, what was asked for and found, the case that is open, and how far changes are as
// the server's stream last told.
import {
  CaseService,
  ChangeState,
  type CaseChanges,
  type ChangesResponse,
  type FoundCase,
  type KnownRecord,
} from '../gen/assize/cases/v1/case_service_pb.js';
import type { CaseStatus } from '../gen/assize/exchange/v1/exchange_pb.js';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';
import { mustSignIn, StaffPage } from '../lib/staff-page.svelte.ts';
import { signInPage } from '../lib/staff.ts';
import { stream } from '../lib/stream.ts';
import { time } from '../lib/time.svelte.ts';
import { follow, type Following } from '../monitor/follow.ts';
import { recordOf } from './facts.ts';
import { addressOf, everything, routeOf, type Route } from './route.ts';
import { askedFor } from './search.ts';
import { keepWhy, keptWhy, reasonOf, type Why } from './why.ts';

const { method } = CaseService;
const quietMs = 15_000; // the court says something every 10 s
const blinkMs = 1500; // shorter than this the stream may be away without a word
const pageCases = 25;
/** To these the answer stays the same. */
const final = new Set(['staff_role', 'not_found', 'field_wrong']);

export interface Found {
  cases: FoundCase[];
  next: string;
}

/** The moments that a case is looked at; 0: now. */
export interface Moments {
  validMs: number;
  knownMs: number;
}

/** A party that was added: which change, whose name, and whether that was only found out later. */
export interface Added {
  entity: string;
  name: string;
  before: boolean;
}

class CasesState extends StaffPage {
  protected readonly lookMs = 3_600_000; // what is looked at is asked for once: each look is an access
  private following: Following | undefined;
  private leave = new AbortController();
  private asked = 0;
  private watched = '';
  private changedMs = 0n;
  /** What was searched for last, for the way back. */
  list = $state.raw<Route>(everything);

  why = $state.raw<Why | null>(null);
  route = $state.raw<Route>(routeOf(location.search));
  found = $state.raw<Found | null>(null);
  /** Tokens of the pages up to this one. */
  pages = $state.raw<string[]>(['']);
  now = $state.raw<KnownRecord[] | null>(null);
  history = $state.raw<KnownRecord[] | null>(null);
  nowNext = $state('');
  historyNext = $state('');
  moments = $state.raw<Moments>({ validMs: 0, knownMs: 0 });
  told = $state.raw<ChangesResponse | null>(null);
  party = $state.raw<Added | null>(null);
  /** Of this device's clock; 0 while the stream is open. */
  lostMs = $state(Date.now());
  retryMs = $state(0);

  /** The file of the case that is open, as it is known last. */
  readonly file = $derived.by(() => {
    const newest = (this.history ?? []).findLast(({ recordType }) => recordType === 'case_file');
    const body = newest ? recordOf(newest.record)?.body : undefined;
    return body?.case === 'caseFile' ? body.value : null;
  });

  readonly live = $derived(
    this.told !== null && (this.lostMs === 0 || time.nowMs - time.ofDevice(this.lostMs) < blinkMs),
  );

  override async begin(): Promise<void> {
    window.addEventListener('popstate', () => {
      const route = routeOf(location.search);
      void this.open(route.page === 'list' ? this.list : route);
    });
    window.addEventListener('online', () => this.retryNow());
    await super.begin();
    if (!this.member) return;
    this.why = keptWhy(this.member.account);
    if (this.why) await this.open(this.route);
  }

  /** Anew with another purpose, or back to the question which. */
  async setWhy(why: Why | null): Promise<void> {
    this.why = why;
    keepWhy(why);
    this.watched = '';
    if (why) await this.open(this.route);
    else this.leave.abort();
  }

  go(route: Route): void {
    history.pushState(null, '', addressOf(route));
    void this.open(route);
  }

  /** From the form of the case back to it, with what was added; unless somebody has gone elsewhere meanwhile. */
  async added(caseKey: string, party: Added): Promise<void> {
    const { route } = this;
    if (route.page !== 'case' || route.key !== caseKey || !route.adds) return;
    this.party = party;
    this.route = { page: 'case', key: route.key };
    history.replaceState(null, '', addressOf(this.route));
    this.moments = { validMs: 0, knownMs: 0 };
    await this.read();
  }

  private async open(route: Route): Promise<void> {
    const before = this.route;
    const stays =
      route.page === 'case' && before.page === 'case' && route.key === before.key && this.history;
    this.route = route;
    this.party = null;
    if (stays) return; // between the case and its form
    if (route.page === 'list') this.list = route;
    this.found = this.now = this.history = null;
    this.pages = [''];
    this.moments = { validMs: 0, knownMs: 0 };
    this.refusal = null;
    if (!this.why) return;
    if (route.page === 'case') {
      this.watch([route.key]);
      await this.read();
    } else {
      await this.search();
    }
  }

  /** Does what was refused or failed once more. */
  again(): void {
    void (this.route.page === 'case' ? this.read() : this.search());
  }

  // ---- the list ----

  private async search(): Promise<void> {
    const { route, why } = this;
    if (route.page !== 'list' || !why) return;
    const pageToken = this.pages.at(-1) ?? '';
    const asked = { ...askedFor(route), ...(pageToken ? { pageToken } : {}), limit: pageCases };
    await this.asking(async (isNewest) => {
      const answer = await call(method.search, { reason: reasonOf(why), ...asked });
      if (!isNewest()) return;
      this.found = { cases: answer.cases, next: answer.pageToken };
      this.watch(answer.cases.map(({ caseKey }) => caseKey));
    });
  }

  turn(forward: boolean): void {
    const next = this.found?.next ?? '';
    this.pages = forward ? [...this.pages, next] : this.pages.slice(0, -1);
    this.found = null;
    void this.search();
  }

  find(words: string, status: CaseStatus): void {
    this.go({ page: 'list', words, status });
  }

  // ---- one case ----

  private async read(): Promise<void> {
    const { route, why, moments } = this;
    if (route.page !== 'case' || !why) return;
    const asked = { reason: reasonOf(why), caseKey: route.key };
    await this.asking(async (isNewest) => {
      try {
        const now = await call(method.get, { ...asked, ...timesOf(moments) });
        const past = await call(method.history, asked);
        if (!isNewest()) return;
        [this.now, this.nowNext] = [now.records, now.pageToken];
        [this.history, this.historyNext] = [past.versions, past.pageToken];
      } catch (error) {
        if (asRefusal(error).code !== 'case_unknown' || !isNewest()) throw error;
        this.now = this.history = []; // a case without a file is known by its changes alone
        this.nowNext = this.historyNext = '';
      }
    });
  }

  async moreOf(what: 'now' | 'history'): Promise<void> {
    const { route, why } = this;
    if (route.page !== 'case' || !why) return;
    const asked = { reason: reasonOf(why), caseKey: route.key };
    await this.asking(async (isNewest) => {
      if (what === 'now') {
        const pageToken = this.nowNext;
        const answer = await call(method.get, { ...asked, ...timesOf(this.moments), pageToken });
        if (!isNewest()) return;
        [this.now, this.nowNext] = [[...(this.now ?? []), ...answer.records], answer.pageToken];
      } else {
        const answer = await call(method.history, { ...asked, pageToken: this.historyNext });
        if (!isNewest()) return;
        this.history = [...(this.history ?? []), ...answer.versions];
        this.historyNext = answer.pageToken;
      }
    });
  }

  async lookAt(moments: Moments): Promise<void> {
    this.moments = moments;
    await this.read();
  }

  /** One question at a time stands; an answer to one that was left is dropped. */
  private async asking(act: (isNewest: () => boolean) => Promise<void>): Promise<void> {
    const mine = ++this.asked;
    const isNewest = () => mine === this.asked;
    this.busy = true;
    try {
      await act(isNewest);
      if (isNewest()) this.refusal = null;
    } catch (error) {
      if (isNewest()) this.refuse(asRefusal(error));
    } finally {
      if (isNewest()) this.busy = false;
    }
  }

  refuse(why: Refused): void {
    if (mustSignIn(why)) location.assign(signInPage());
    else this.refusal = why;
  }

  // ---- how far changes are ----

  private watch(caseKeys: string[]): void {
    const { why } = this;
    const wanted = caseKeys.join();
    if (!why || (wanted === this.watched && !this.leave.signal.aborted)) return;
    this.watched = wanted;
    this.changedMs = 0n;
    this.leave.abort();
    const leave = (this.leave = new AbortController());
    const open = (signal: AbortSignal) =>
      stream(
        method.watchChanges,
        { reason: reasonOf(why), caseKeys },
        AbortSignal.any([signal, leave.signal]),
      );
    const follower = {
      told: (message: ChangesResponse) => {
        if (!leave.signal.aborted) this.hear(message);
      },
      lost: (error: unknown, retryMs: number) =>
        !leave.signal.aborted && this.lose(asRefusal(error), retryMs),
    };
    this.following = follow(open, follower, quietMs);
  }

  private hear(message: ChangesResponse): void {
    time.set(Number(message.nowMs));
    this.lostMs = 0;
    this.told = message;
    if (this.route.page !== 'case') return;
    const changedMs = message.cases[0]?.recordedMs ?? 0n;
    if (this.changedMs > 0n && changedMs > this.changedMs) void this.read(); // something new is in it
    this.changedMs = changedMs;
  }

  private lose(why: Refused, retryMs: number): boolean {
    if (this.lostMs === 0) this.lostMs = Date.now();
    this.retryMs = Date.now() + retryMs;
    if (mustSignIn(why)) location.assign(signInPage());
    else if (final.has(why.code)) this.refusal = why;
    else return true;
    return false;
  }

  retryNow(): void {
    this.following?.retryNow();
  }

  changesOf(caseKey: string): CaseChanges | undefined {
    return this.told?.cases.find((one) => one.caseKey === caseKey);
  }

  stateOf(caseKey: string): ChangeState | null {
    if (!this.told) return null;
    return this.changesOf(caseKey)?.state ?? ChangeState.UNSPECIFIED;
  }

  protected load(): Promise<void> {
    return Promise.resolve();
  }

  protected get shows(): boolean {
    return true;
  }
}

const timesOf = ({ validMs, knownMs }: Moments): object => ({
  ...(validMs ? { validAtMs: BigInt(validMs) } : {}),
  ...(knownMs ? { knownAtMs: BigInt(knownMs) } : {}),
});

export const cases = new CasesState();

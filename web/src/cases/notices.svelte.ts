// What other organisations have told the court of its cases: those that nobody has taken note of, or all of one case.
import { fromBinary } from '@bufbuild/protobuf';
import { CaseService, type ReceivedNotice } from '../gen/assize/cases/v1/case_service_pb.js';
import { NoticeSchema, type Notice } from '../gen/assize/exchange/v1/exchange_pb.js';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';
import { cases } from './state.svelte.ts';
import { reasonOf } from './why.ts';

const { method } = CaseService;

export interface Told {
  received: ReceivedNotice;
  notice: Notice;
}

const toldOf = (received: ReceivedNotice): Told => ({
  received,
  notice: fromBinary(NoticeSchema, received.notice),
});

export class Notices {
  private readonly caseKey: string;
  private asked = 0;
  private seen: bigint | null = null; // the newest of the court that was heard of
  list = $state.raw<Told[]>([]);
  next = $state('');
  taking = $state(0n);
  refusal = $state.raw<Refused | null>(null);

  /** Empty: of the whole court, those that nobody has taken note of. */
  constructor(caseKey: string) {
    this.caseKey = caseKey;
  }

  /**
   * The court's newest is this one now. Each look is written down, so nobody looks where there is nothing, and the page of a
   * case looks once. True when there are more than before.
   */
  async follow(newest: bigint): Promise<boolean> {
    const { seen } = this;
    this.seen = newest;
    if (newest === seen || newest === 0n || (this.caseKey && seen !== null)) return false;
    const before = new Set(this.list.map(({ received }) => received.id));
    await this.read();
    return seen !== null && this.list.some(({ received }) => !before.has(received.id));
  }

  /** Anew from the newest; what is further down stays, and what was taken note of on this page. */
  async read(): Promise<void> {
    await this.ask('');
  }

  async more(): Promise<void> {
    await this.ask(this.next);
  }

  private async ask(pageToken: string): Promise<void> {
    const { why } = cases;
    if (!why) return;
    const mine = ++this.asked;
    const of = this.caseKey ? { caseKey: this.caseKey } : { open: true };
    try {
      const page = pageToken ? { pageToken } : {};
      const answer = await call(method.notices, { reason: reasonOf(why), ...of, ...page });
      if (mine !== this.asked) return;
      const news = answer.notices.map(toldOf);
      const last = news.at(-1)?.received.id ?? 0n;
      const further = this.list.some(({ received }) => received.id < last);
      const stays = this.list.filter(
        ({ received }) => pageToken || received.notedMs > 0n || received.id < last,
      );
      const ids = new Set(news.map(({ received }) => received.id));
      this.list = [...stays.filter(({ received }) => !ids.has(received.id)), ...news].sort(
        (one, other) => Number(other.received.id - one.received.id),
      );
      if (pageToken || !further) this.next = answer.pageToken;
      this.refusal = null;
    } catch (error) {
      if (mine === this.asked) this.refuse(asRefusal(error));
    }
  }

  private refuse(why: Refused): void {
    if (why.code === 'staff_not_signed_in') cases.refuse(why);
    else this.refusal = why;
  }

  /** True when it is on the record that somebody has taken note. */
  async take(id: bigint): Promise<boolean> {
    const { why } = cases;
    if (!why || this.taking) return false;
    this.taking = id;
    try {
      const noted = await call(method.takeNotice, { reason: reasonOf(why), id });
      this.list = this.list.map((one) =>
        one.received.id === id ? { ...one, received: { ...one.received, ...pick(noted) } } : one,
      );
      this.refusal = null;
      return true;
    } catch (error) {
      this.refuse(asRefusal(error));
      return false;
    } finally {
      this.taking = 0n;
    }
  }
}

const pick = ({ notedMs, notedBy }: { notedMs: bigint; notedBy: string }) => ({ notedMs, notedBy });

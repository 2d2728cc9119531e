// The identity cards of whoever may vouch for people here, and the one that is open.
import { Attester } from '../gen/assize/hearing/v1/hearing_pb.js';
import { IdentityService, type Card, type Reading } from '../gen/assize/identity/v1/identity_pb.js';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';

/** What is signed: what stands in a record, or what was read, perhaps in a new record. */
export type Signed = { record: string } | { reading: Reading; anew: boolean };

export class Ceremony {
  cards = $state.raw<Card[] | null>(null);
  as = $state(Attester.UNSPECIFIED);
  login = $state('');
  chosen = $state(0); // participant whose card is open, or 0
  refusal = $state<Refused | null>(null);

  readonly card = $derived(this.cards?.find(({ participant }) => participant === this.chosen));

  async look(): Promise<void> {
    try {
      const answer = await call(IdentityService.method.cards, {});
      this.cards = answer.cards;
      this.as = answer.as;
      this.login ||= answer.login;
      this.refusal = null;
    } catch (error) {
      this.refusal = asRefusal(error);
    }
  }

  /** Throws Refused. The same request id again signs nothing new. */
  async sign(card: Card, requestId: string, signed: Signed, password: string): Promise<void> {
    await call(IdentityService.method.attest, {
      requestId,
      participant: card.participant,
      seen: card.seen,
      login: this.login,
      password,
      ...signed,
    });
    await this.look();
  }

  /** The next of whom there is something to sign, after the one who is open; 0: nobody. */
  get next(): number {
    const cards = this.cards ?? [];
    const at = cards.findIndex(({ participant }) => participant === this.chosen);
    const waiting = [...cards.slice(at + 1), ...cards.slice(0, Math.max(at, 0))];
    return waiting.find((card) => isMine(card, this.as))?.participant ?? 0;
  }
}

/** Everyone who must vouch for this person has done so. */
export const isDone = (card: Card): boolean =>
  card.byClerk && (card.byOfficer || !card.needsOfficer);

/** Whoever looks has something to sign here. */
export const isMine = (card: Card, as: Attester): boolean =>
  as === Attester.CLERK ? !card.byClerk : card.needsOfficer && !card.byOfficer;

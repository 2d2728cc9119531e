// What this device knows of the hearing, and how a message changes it: pure, so that it can be tested without a server.
import { isFieldSet } from '@bufbuild/protobuf';
import { Status, type Event } from '../gen/assize/hearing/v1/hearing_pb.js';
import {
  EventsSchema,
  type EndpointView,
  type Events,
  type HearingView,
  type ParticipantView,
  type ProcedureView,
  type Right,
  type SiteView,
  type Snapshot,
  type Words,
} from '../gen/assize/signal/v1/signal_pb.js';

export interface Knowledge {
  seq: bigint;
  hearing: HearingView | undefined;
  sites: SiteView[];
  endpoints: EndpointView[];
  participants: ParticipantView[];
  you: number;
  yourEndpoint: number;
  rights: ReadonlySet<Right>;
  saving: boolean;
  notSavingSinceMs: number; // by the server's clock, while it is not saving
  procedure: ProcedureView | undefined;
  words: ReadonlyMap<bigint, string>; // what somebody wrote, by the event's seq
  suspensionDraft: string; // while a pause by rule lasts, for who may suspend
  adjournmentDraft: string; // when the suspension's days have passed
}

export const nothing: Knowledge = {
  seq: 0n,
  hearing: undefined,
  sites: [],
  endpoints: [],
  participants: [],
  you: 0,
  yourEndpoint: 0,
  rights: new Set(),
  saving: true,
  notSavingSinceMs: 0,
  procedure: undefined,
  words: new Map(),
  suspensionDraft: '',
  adjournmentDraft: '',
};

export function fromSnapshot(snapshot: Snapshot): Knowledge {
  const { seq, hearing, sites, endpoints, participants, you, yourEndpoint, saving } = snapshot;
  const { procedure, suspensionDraft, adjournmentDraft } = snapshot;
  const rights = new Set(snapshot.rights);
  const notSavingSinceMs = Number(snapshot.notSavingSinceMs);
  const who = { you, yourEndpoint, rights };
  const drafts = { suspensionDraft, adjournmentDraft };
  const written = { procedure, ...drafts, words: withWords(new Map(), snapshot.words) };
  const views = { seq, hearing, sites, endpoints, participants };
  return { ...views, ...who, ...written, saving, notSavingSinceMs };
}

export type Merged =
  { kind: 'merged'; knowledge: Knowledge; fresh: Event[] } | { kind: 'known' } | { kind: 'gap' }; // an event is missing: ask for a snapshot

export function withEvents(before: Knowledge, message: Events): Merged {
  const fresh = message.events.filter((event) => event.seq > before.seq);
  if (fresh.length === 0 && message.events.length > 0) return { kind: 'known' };
  if (fresh[0] && fresh[0].seq !== before.seq + 1n) return { kind: 'gap' };
  const knowledge = {
    ...before,
    seq: fresh.at(-1)?.seq ?? before.seq, // none: the views are told anew
    hearing: message.hearing ?? before.hearing,
    endpoints: byId(before.endpoints, message.endpoints),
    participants: byId(before.participants, message.participants),
    words: withWords(before.words, message.words),
    suspensionDraft: isFieldSet(message, EventsSchema.field.suspensionDraft)
      ? message.suspensionDraft
      : before.suspensionDraft,
    adjournmentDraft: isFieldSet(message, EventsSchema.field.adjournmentDraft)
      ? message.adjournmentDraft
      : before.adjournmentDraft,
  };
  return { kind: 'merged', knowledge, fresh };
}

function withWords(
  known: ReadonlyMap<bigint, string>,
  fresh: Words[],
): ReadonlyMap<bigint, string> {
  if (fresh.length === 0) return known;
  return new Map([...known, ...fresh.map(({ seq, words }) => [seq, words] as const)]);
}

function byId<T extends { id: number }>(known: T[], changed: T[]): T[] {
  if (changed.length === 0) return known;
  const merged = new Map(known.map((item) => [item.id, item]));
  for (const item of changed) merged.set(item.id, item);
  return [...merged.values()];
}

export const statusOf = (knowledge: Knowledge): Status =>
  knowledge.hearing?.status ?? Status.UNSPECIFIED;

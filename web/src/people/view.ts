// How the screens of everybody but the court look at what is known: who is expected where, who is before this device, and what
// the phase lets this person do. Pure.
import {
  EndpointKind,
  type Role,
  SiteKind,
  Stand,
  Standing,
  Status,
} from '../gen/assize/hearing/v1/hearing_pb.js';
import type { ParticipantView, PhaseView, SiteView } from '../gen/assize/signal/v1/signal_pb.js';
import type { Dictionary } from '../lib/i18n/vi.ts';
import { statusOf, type Knowledge } from '../lib/merge.ts';
import { roleName } from '../lib/names.ts';
import { endpointOf, personOf } from '../lib/view.ts';

const siteRank = (site: SiteView): number => (site.kind === SiteKind.CENTRAL_POINT ? 0 : site.id);

/** Central point first. */
export const sitesInOrder = (known: Knowledge): SiteView[] =>
  known.sites.toSorted((a, b) => siteRank(a) - siteRank(b));

const hasCome = (standing: Standing): boolean =>
  standing === Standing.WAITING ||
  standing === Standing.SEQUESTERED ||
  standing === Standing.IN_HEARING;

export interface Expected {
  key: string;
  name: string; // a person, or a role where the viewer may not know whose
  count: number; // people of that role in the same state
  present: boolean;
}

/** Who is expected at a site; people without a name are counted by role. */
export function expectedAt(known: Knowledge, site: number, words: Dictionary): Expected[] {
  const rows = new Map<string, Expected>();
  for (const person of known.participants.filter((one) => one.site === site)) {
    const present =
      hasCome(person.standing) && (endpointOf(known, person.endpoint)?.connected ?? false);
    const role = roleName(person.role, words);
    const key = person.name ? String(person.id) : `${role}/${present}`;
    const row = rows.get(key);
    if (row) row.count += 1;
    else
      rows.set(key, {
        key,
        name: person.name ? `${person.name}, ${role}` : role,
        count: 1,
        present,
      });
  }
  return [...rows.values()];
}

/** Everybody who is seen and heard at this device. */
export const peopleHere = (known: Knowledge): ParticipantView[] =>
  known.participants.filter((person) => person.endpoint === known.yourEndpoint);

/** The companion of a room is its owner's alone; everything else speaks for all who sit before it. */
export function concerned(known: Knowledge): ParticipantView[] {
  const companion = endpointOf(known, known.yourEndpoint)?.kind === EndpointKind.COMPANION;
  const me = personOf(known, known.you);
  return companion ? (me ? [me] : []) : peopleHere(known);
}

export const cutOffHere = (known: Knowledge): ParticipantView | undefined =>
  concerned(known).find((person) => person.cutOff);

export const summaryDueHere = (known: Knowledge): ParticipantView | undefined =>
  concerned(known).find((person) => person.summaryDue);

/** Of this device, whoever's testimony has begun. */
export const onStandHere = (known: Knowledge): ParticipantView | undefined =>
  concerned(known).find((person) => person.stand !== Stand.UNSPECIFIED);

/** The phase the hearing is in; phases are numbered from 1. */
export const phaseNow = ({ procedure, hearing }: Knowledge): PhaseView | undefined =>
  procedure?.phases[(hearing?.phase ?? 0) - 1];

export type NoHand = 'notWhile' | 'notPaused' | 'notNow' | 'notIn';

/** Why a hand is not taken now; undefined when it is. */
export function noHand(known: Knowledge): NoHand | undefined {
  const { hearing, you } = known;
  if (hearing?.mayAskFloor || hearing?.floorQueue.includes(you)) return undefined;
  if (hearing?.floorHolder === you) return 'notWhile';
  const status = statusOf(known);
  if (status !== Status.IN_SESSION && status !== Status.SCHEDULED) return 'notPaused';
  return phaseNow(known) ? 'notIn' : 'notNow';
}

/** Who may be given the floor, when it is few enough to say. */
export function fewSpeakers(phase: PhaseView | undefined, most = 3): Role[] {
  const roles = phase?.floor ?? [];
  return roles.length <= most ? roles : [];
}

/** The seconds of a speech: what is left when the phase has a clock, else what has been spoken. */
export function speechClock(known: Knowledge, nowMs: number): { limitS: number; spentS: number } {
  const { floorHolder = 0, floorSinceMs = 0n, speechLimitS = 0 } = known.hearing ?? {};
  const since = Number(floorSinceMs);
  const spentS = floorHolder && since ? Math.max(0, Math.floor((nowMs - since) / 1000)) : 0;
  return { limitS: speechLimitS, spentS };
}

/** 1:05 */
export const minutes = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

// How the screens look at what is known: sites in order, who sits where, who waits. Pure.
import {
  EndpointKind,
  Role,
  SiteKind,
  Standing,
  Status,
} from '../gen/assize/hearing/v1/hearing_pb.js';
import type {
  EndpointView,
  ParticipantView,
  SiteView,
  UndertakingView,
} from '../gen/assize/signal/v1/signal_pb.js';
import { statusOf, type Knowledge } from './merge.ts';

/** A camera and the people before it. */
export interface Seat {
  endpoint: EndpointView;
  people: ParticipantView[];
}

export interface SiteGroup {
  site: SiteView;
  seats: Seat[];
}

const court = new Set([Role.PRESIDING_JUDGE, Role.PANEL_JUDGE, Role.LAY_JUDGE, Role.CLERK]);

/** The court goes straight into the courtroom; everybody else waits to be admitted. */
export const isCourt = (role: Role): boolean => court.has(role);

export const personOf = (knowledge: Knowledge, id: number): ParticipantView | undefined =>
  knowledge.participants.find((person) => person.id === id);

/** What somebody of this role says before they testify; undefined where the procedure does not write it down. */
export const undertakingOf = (knowledge: Knowledge, role: Role): UndertakingView | undefined =>
  knowledge.procedure?.undertakings.find(({ roles }) => roles.includes(role));

export const myself = (knowledge: Knowledge): ParticipantView | undefined =>
  personOf(knowledge, knowledge.you);

export const endpointOf = (knowledge: Knowledge, id: number): EndpointView | undefined =>
  knowledge.endpoints.find((endpoint) => endpoint.id === id);

export function seatsOf(knowledge: Knowledge): Seat[] {
  return knowledge.endpoints
    .filter((endpoint) => endpoint.kind !== EndpointKind.COMPANION)
    .map((endpoint) => ({
      endpoint,
      people: knowledge.participants.filter((person) => person.endpoint === endpoint.id),
    }))
    .filter((seat) => seat.people.length > 0);
}

/** Who sits at a device, or has it beside them. */
export const peopleAt = (knowledge: Knowledge, endpoint: number): ParticipantView[] =>
  knowledge.participants.filter(
    (person) => endpoint !== 0 && (person.endpoint === endpoint || person.companion === endpoint),
  );

export const seatHas = (seat: Seat, standing: Standing): boolean =>
  seat.people.some((person) => person.standing === standing);

const siteRank = (site: SiteView): number => (site.kind === SiteKind.CENTRAL_POINT ? 0 : site.id);

/** Every site, central point first, with the seats that pass. */
export function sitesWith(knowledge: Knowledge, passes: (seat: Seat) => boolean): SiteGroup[] {
  const seats = seatsOf(knowledge).filter(passes);
  return knowledge.sites
    .toSorted((a, b) => siteRank(a) - siteRank(b))
    .map((site) => ({ site, seats: seats.filter((seat) => seat.endpoint.site === site.id) }));
}

export const inTheRoom = (seat: Seat): boolean => seatHas(seat, Standing.IN_HEARING);

/** In the order in which they came. */
export function waiting(knowledge: Knowledge): Seat[] {
  const place = (seat: Seat) =>
    Math.min(...seat.people.map((person) => person.waitingPosition || Number.MAX_SAFE_INTEGER));
  return seatsOf(knowledge)
    .filter((seat) => seatHas(seat, Standing.WAITING))
    .sort((a, b) => place(a) - place(b));
}

/** Neither inside nor waiting: not signed in yet, or gone. */
export const absent = (knowledge: Knowledge): Seat[] =>
  seatsOf(knowledge).filter((seat) => !inTheRoom(seat) && !seatHas(seat, Standing.WAITING));

export const siteConnected = (knowledge: Knowledge, site: number): boolean =>
  knowledge.endpoints.some((endpoint) => endpoint.site === site && endpoint.connected);

export const holdsFloor = (knowledge: Knowledge, seat: Seat): boolean =>
  seat.people.some((person) => person.id === knowledge.hearing?.floorHolder);

/** Media flows among those inside while the hearing is being prepared or is in session. */
export const mediaFlows = (knowledge: Knowledge): boolean => {
  const status = statusOf(knowledge);
  return status === Status.SCHEDULED || status === Status.IN_SESSION;
};

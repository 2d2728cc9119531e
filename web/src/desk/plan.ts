// A hearing that is being scheduled: what the form holds, what is wrong with it by field, and the request it becomes.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  PlanResponse,
  Procedure,
  ScheduleRequestSchema,
} from '../gen/assize/desk/v1/desk_pb.js';
import { Role, SiteKind } from '../gen/assize/hearing/v1/hearing_pb.js';
import { msOf } from './days.ts';
import type { DeskWords } from './i18n/vi.ts';

export type Seat = keyof DeskWords['form']['seats'];
export type Problem = keyof DeskWords['form']['errors'];

export interface PlanSite {
  key: number;
  kind: SiteKind;
  name: string;
}
export interface PlanPerson {
  key: number;
  role: Role;
  name: string;
  /** Who is known by this name, or ''. */
  person: string;
  knownAs: string;
  site: number; // the key of a site
  seat: Seat;
}
export interface Plan {
  date: string;
  time: string;
  procedure: string; // its name
  sites: PlanSite[];
  people: PlanPerson[];
}
export interface Known {
  person: string;
  name: string;
}

/** As the server's (server/hearing/hearing.h, db/hearing_store.h). */
const most = {
  sites: 4,
  people: 48,
  devices: 32,
  room: 12,
  nameBytes: 255,
  lineBytes: 255,
  summonsBytes: 64,
  aheadMs: 730 * 86_400_000,
};
export const mostSites = most.sites;
export const mostPeople = most.people;
export const mostSummons = most.summonsBytes;

let keys = 0;
export const newSite = (kind: SiteKind, name = ''): PlanSite => ({ key: ++keys, kind, name });
export const newPerson = (site: number, role = Role.UNSPECIFIED): PlanPerson => ({
  key: ++keys,
  role,
  name: '',
  person: '',
  knownAs: '',
  site,
  seat: 'own',
});

function seatOf(person: { room: boolean; companion: boolean }): Seat {
  if (!person.room) return 'own';
  return person.companion ? 'companion' : 'room';
}

/** What the latest hearing of the case had; without one, what every hearing needs. */
export function planFrom({ procedure, sites, people, offered }: PlanResponse): Plan {
  const places = sites.map((site) => newSite(site.kind, site.name));
  if (places.length === 0) places.push(newSite(SiteKind.CENTRAL_POINT));
  const first = places[0]?.key ?? 0;
  const copied = people.map((person) => ({
    ...newPerson(places[person.site - 1]?.key ?? first, person.role),
    name: person.name,
    person: person.person,
    knownAs: person.name,
    seat: seatOf(person),
  }));
  const usual = [Role.PRESIDING_JUDGE, Role.CLERK].map((role) => newPerson(first, role));
  return {
    date: '',
    time: '',
    procedure: (offered.find(({ name }) => name === procedure) ?? offered[0])?.name ?? '',
    sites: places,
    people: copied.length > 0 ? copied : usual,
  };
}

/** A name that was typed: somebody known keeps being who they are, another name is somebody else. */
export function recognise(person: PlanPerson, staff: Known[]): void {
  const name = person.name.trim();
  if (person.knownAs === name && person.person) return;
  const known = staff.find((one) => one.name === name);
  person.person = known?.person ?? '';
  person.knownAs = known?.name ?? '';
}

export const isStaff = (person: PlanPerson, staff: Known[]): boolean =>
  person.person !== '' && staff.some((one) => one.person === person.person);

const bytesOf = (text: string) => new TextEncoder().encode(text.normalize('NFC')).length;

export function nameProblem(name: string, missing: Problem): Problem | undefined {
  if (!name.trim()) return missing;
  return bytesOf(name) > most.nameBytes ? 'long' : undefined;
}

/** Of a line that may be empty. */
export const lineProblem = (text: string, bytes = most.lineBytes): Problem | undefined =>
  bytesOf(text) > bytes ? 'longLine' : undefined;

function timeProblem({ date, time }: Plan, nowMs: number): Problem | undefined {
  const ms = msOf(date, time);
  if (Number.isNaN(ms)) return undefined; // said by the fields
  if (ms <= nowMs) return 'past';
  return ms > nowMs + most.aheadMs ? 'far' : undefined;
}

function roomProblem(plan: Plan): Problem | undefined {
  const shared = plan.people.filter((person) => person.seat !== 'own');
  const rooms = new Map<number, number>();
  for (const { site } of shared) rooms.set(site, (rooms.get(site) ?? 0) + 1);
  if (Math.max(0, ...rooms.values()) > most.room) return 'room';
  const companions = shared.filter((person) => person.seat === 'companion').length;
  const own = plan.people.length - shared.length;
  return own + companions + rooms.size > most.devices ? 'devices' : undefined;
}

/** Who may take part by the chosen procedure. */
export const rolesBy = (plan: Plan, offered: Procedure[]): Role[] =>
  offered.find(({ name }) => name === plan.procedure)?.roles ?? [];

function roleProblem(role: Role, roles: Role[]): Problem | undefined {
  if (role === Role.UNSPECIFIED) return 'role';
  return roles.includes(role) ? undefined : 'roleNotOf';
}

/** What is wrong, by the id of the field that is to be corrected, in the order of the form. */
export function problemsOf(plan: Plan, nowMs: number, roles: Role[]): Map<string, Problem> {
  const problems = new Map<string, Problem>();
  const note = (field: string, problem: Problem | undefined) => {
    if (problem && !problems.has(field)) problems.set(field, problem);
  };
  const number = <T>(items: T[], is: (item: T) => boolean) => items.filter(is).length;

  note('date', plan.date ? timeProblem(plan, nowMs) : 'date');
  note('time', plan.time ? undefined : 'time');
  if (number(plan.sites, (site) => site.kind === SiteKind.CENTRAL_POINT) !== 1)
    note('sites', 'central');
  for (const site of plan.sites) note(`site-${site.key}-name`, nameProblem(site.name, 'siteName'));
  if (plan.people.length === 0) note('people', 'noPeople');
  else if (number(plan.people, (person) => person.role === Role.PRESIDING_JUDGE) !== 1)
    note('people', 'presiding');
  note('people', roomProblem(plan));
  for (const person of plan.people) {
    note(`person-${person.key}-role`, roleProblem(person.role, roles));
    note(`person-${person.key}-name`, nameProblem(person.name, 'name'));
  }
  return problems;
}

export function requestOf(
  plan: Plan,
  courtCase: string,
  requestId: string,
): MessageInitShape<typeof ScheduleRequestSchema> {
  return {
    requestId,
    courtCase,
    scheduledMs: BigInt(msOf(plan.date, plan.time)),
    procedure: plan.procedure,
    sites: plan.sites.map(({ kind, name }) => ({ kind, name: name.trim().normalize('NFC') })),
    people: plan.people.map(({ person, name, role, site, seat }) => ({
      person,
      name: name.trim().normalize('NFC'),
      role,
      site: plan.sites.findIndex(({ key }) => key === site) + 1,
      room: seat !== 'own',
      companion: seat === 'companion',
    })),
  };
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { dateOf, dayName, hoursUntilEnd, msOf, shiftDay, timeOf } from '../src/desk/days.ts';
import { kindOf, inUse, works } from '../src/desk/links.ts';
import {
  isStaff,
  newPerson,
  newSite,
  planFrom,
  problemsOf,
  recognise,
  requestOf,
  rolesBy,
  type Plan,
} from '../src/desk/plan.ts';
import { addressOf, routeOf, type Route } from '../src/desk/route.ts';
import {
  LinkSchema,
  PlanResponseSchema,
  ProcedureSchema,
} from '../src/gen/assize/desk/v1/desk_pb.js';
import { Role, SiteKind } from '../src/gen/assize/hearing/v1/hearing_pb.js';

const noon = Date.UTC(2026, 10, 21, 5); // 12:00 in Viet Nam

test('reads and writes days and times of Viet Nam, wherever the device is', () => {
  assert.equal(dateOf(Date.UTC(2026, 10, 21, 17)), '2026-11-22');
  assert.equal(timeOf(Date.UTC(2026, 10, 21, 17, 30)), '00:30');
  assert.equal(msOf('2026-11-21', '12:00'), noon);
  assert.ok(Number.isNaN(msOf('', '12:00')));
  assert.equal(shiftDay('2026-12-31', 1), '2027-01-01');
  assert.equal(shiftDay('2028-03-01', -1), '2028-02-29');
  assert.equal(dayName('2026-11-22', 'vi'), 'Chủ Nhật, ngày 22 tháng 11 năm 2026');
  assert.equal(dayName('2026-11-22', 'en'), 'Sunday, 22 November 2026');
});

test('a link lasts until the end of the day of the hearing, or of today when that is over', () => {
  assert.equal(hoursUntilEnd(noon, noon), 12);
  assert.equal(hoursUntilEnd(noon + 86_400_000, noon), 36);
  assert.equal(hoursUntilEnd(noon - 30 * 86_400_000, noon), 12);
});

test('every page has an address that leads back to it', () => {
  const routes: Route[] = [
    { page: 'day', date: '' },
    { page: 'day', date: '2026-11-21' },
    { page: 'hearing', hearing: 'one' },
    { page: 'cases' },
    { page: 'schedule', courtCase: 'two' },
  ];
  for (const route of routes)
    assert.deepEqual(routeOf(new URL(addressOf(route), 'https://court').search), route);
  assert.deepEqual(routeOf('?date=<script>'), { page: 'day', date: '' });
});

const roles = Object.values(Role).filter(
  (role): role is Role => typeof role === 'number' && role !== Role.UNSPECIFIED,
);
const trial = create(ProcedureSchema, {
  name: 'criminal_first_instance',
  roles: roles.filter((role) => role !== Role.PLAINTIFF),
});
const rehearsal = create(ProcedureSchema, { name: 'rehearsal', roles });

function goodPlan(): Plan {
  const site = newSite(SiteKind.CENTRAL_POINT, 'Phòng xử án');
  const judge = { ...newPerson(site.key, Role.PRESIDING_JUDGE), name: 'Chủ tọa' };
  const plan: Plan = {
    ...{ date: '2026-11-22', time: '09:00', procedure: 'criminal_first_instance' },
    ...{ sites: [site], people: [judge] },
  };
  return plan;
}

const wrong = (change: (plan: Plan) => unknown) => {
  const plan = goodPlan();
  change(plan);
  return [...problemsOf(plan, noon, rolesBy(plan, [trial])).values()];
};
const first = (plan: Plan) => plan.people[0] ?? newPerson(0);
const site = (plan: Plan) => plan.sites[0] ?? newSite(SiteKind.CENTRAL_POINT);
const more = (plan: Plan, count: number, seat: 'own' | 'room') => {
  for (let i = 0; i < count; i++)
    plan.people.push({ ...newPerson(first(plan).site, Role.WITNESS), name: `Ai ${i}`, seat });
};

test('names what is wrong with a plan, by its field', () => {
  assert.deepEqual(
    wrong(() => 0),
    [],
  );
  assert.deepEqual(
    wrong((plan) => (plan.date = '')),
    ['date'],
  );
  assert.deepEqual(
    wrong((plan) => (plan.time = '')),
    ['time'],
  );
  assert.deepEqual(
    wrong((plan) => (plan.date = '2026-11-21')),
    ['past'],
  );
  assert.deepEqual(
    wrong((plan) => (plan.date = '2029-01-01')),
    ['far'],
  );
  assert.deepEqual(
    wrong((plan) => (site(plan).kind = SiteKind.COMPONENT_POINT)),
    ['central'],
  );
  assert.deepEqual(
    wrong((plan) => plan.sites.push(newSite(SiteKind.CENTRAL_POINT, 'Hai'))),
    ['central'],
  );
  assert.deepEqual(
    wrong((plan) => (site(plan).name = '  ')),
    ['siteName'],
  );
  assert.deepEqual(
    wrong((plan) => (plan.people = [])),
    ['noPeople'],
  );
  assert.deepEqual(
    wrong((plan) => plan.people.push({ ...first(plan), key: -1 })),
    ['presiding'],
  );
  assert.deepEqual(
    wrong((plan) => (first(plan).role = Role.UNSPECIFIED)),
    ['presiding', 'role'],
  );
  assert.deepEqual(
    wrong((plan) => (first(plan).name = '')),
    ['name'],
  );
  assert.deepEqual(
    wrong((plan) => (first(plan).name = 'ệ'.repeat(85))),
    [],
  );
  assert.deepEqual(
    wrong((plan) => (first(plan).name = 'ệ'.repeat(86))),
    ['long'],
  );
  assert.deepEqual(
    wrong((plan) => more(plan, 12, 'room')),
    [],
  );
  assert.deepEqual(
    wrong((plan) => more(plan, 13, 'room')),
    ['room'],
  );
  assert.deepEqual(
    wrong((plan) => more(plan, 31, 'own')),
    [],
  );
  assert.deepEqual(
    wrong((plan) => more(plan, 32, 'own')),
    ['devices'],
  );
});

test('a role that the chosen procedure does not have is wrong, and fine by another', () => {
  const plaintiff = (plan: Plan) =>
    plan.people.push({ ...newPerson(site(plan).key, Role.PLAINTIFF), name: 'Nguyên đơn' });
  assert.deepEqual(wrong(plaintiff), ['roleNotOf']);
  const plan = { ...goodPlan(), procedure: 'rehearsal' };
  plaintiff(plan);
  assert.equal(problemsOf(plan, noon, rolesBy(plan, [trial, rehearsal])).size, 0);
});

const latest = create(PlanResponseSchema, {
  procedure: 'rehearsal',
  offered: [trial, rehearsal],
  sites: [
    { kind: SiteKind.CENTRAL_POINT, name: 'Phòng' },
    { kind: SiteKind.DETENTION_FACILITY, name: 'Trại' },
  ],
  people: [
    { person: 'p1', name: 'Một', role: Role.PRESIDING_JUDGE, site: 1 },
    { person: 'p2', name: 'Hai', role: Role.DEFENDANT, site: 2, room: true, companion: true },
  ],
});

test('asks for what the latest hearing had, apart from its time', () => {
  const plan = { ...planFrom(latest), date: '2026-11-22', time: '09:00' };
  const request = requestOf(plan, 'case', 'request');
  assert.equal(request.procedure, 'rehearsal');
  assert.equal(request.scheduledMs, BigInt(msOf('2026-11-22', '09:00')));
  assert.deepEqual(
    request.people?.map(({ person, site, room, companion }) => [person, site, room, companion]),
    [
      ['p1', 1, false, false],
      ['p2', 2, true, true],
    ],
  );
});

test('a case without a hearing starts with what every hearing needs', () => {
  const plan = planFrom(create(PlanResponseSchema));
  assert.deepEqual(
    plan.people.map(({ role }) => role),
    [Role.PRESIDING_JUDGE, Role.CLERK],
  );
  assert.equal(plan.sites.length, 1);
});

test('a procedure that is offered no more gives way to the first that is', () => {
  const { offered } = latest;
  assert.equal(
    planFrom(create(PlanResponseSchema, { procedure: 'old', offered })).procedure,
    trial.name,
  );
});

test('another name is somebody else, and the name of a member of staff is that member', () => {
  const staff = [{ person: 's1', name: 'Ba' }];
  const [person = newPerson(0)] = planFrom(latest).people;
  recognise(person, staff);
  assert.equal(person.person, 'p1');
  person.name = 'Mộ';
  recognise(person, staff);
  assert.equal(person.person, '');
  person.name = 'Ba ';
  recognise(person, staff);
  assert.equal(person.person, 's1');
  assert.ok(isStaff(person, staff));
});

test('tells links that work from those that do not', () => {
  const link = (of: object) =>
    create(LinkSchema, { participant: 1, maxUses: 1, expiresMs: BigInt(noon), ...of });
  assert.ok(works(link({}), noon - 1));
  assert.ok(!works(link({}), noon));
  assert.ok(!works(link({ used: 1 }), noon - 1));
  assert.ok(inUse(link({ used: 1 }), noon - 1));
  assert.ok(!inUse(link({ used: 1, revokedMs: 1n }), noon - 1));
  assert.ok(!works(link({ revokedMs: 1n }), noon - 1));
  assert.equal(kindOf(link({ participant: 0, multi: true })), 'gallery');
  assert.equal(kindOf(link({ companion: true })), 'companion');
  assert.equal(kindOf(link({ multi: true })), 'multi');
});

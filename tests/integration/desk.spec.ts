// The clerk's desk: who may do what, the hearings of a day, scheduling, links, and what is refused.
import { randomUUID } from 'node:crypto';
import { Recording } from '../../web/src/gen/assize/desk/v1/desk_pb.js';
import {
  EndpointKind,
  Role,
  SiteKind,
  Standing,
  Status,
} from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { Clerk, HOUR_MS, method, METHODS, post, staff, wish } from '../support/desk.ts';
import { Courtroom, expect, must, test as base } from '../support/fixtures.ts';
import { eventually } from '../support/processes.ts';
import { NAMES, PEOPLE, type Hearing } from '../support/server.ts';
import { callOpen, openByLink, refused, token } from '../support/session.ts';

interface AtTheDesk {
  clerk: Clerk;
  /** A hearing whose judge and clerk are the staff of the demonstration. */
  own: Hearing;
  courtroom: Courtroom;
}

const test = base.extend<AtTheDesk>({
  clerk: async ({ server }, use) => use(await staff(server, 'clerk')),
  own: async ({ server, clerk }, use) => {
    expect(clerk.cookie).not.toBe(''); // the accounts are there before the hearing is
    await use(await server.seed());
  },
  courtroom: async ({ server, own }, use) => {
    const courtroom = new Courtroom(server, own);
    await use(courtroom);
    courtroom.leave();
  },
});

/** Why a link opens nothing. */
const refusalOf = async (url: string, link: string) =>
  refused(await callOpen(url, token(link))).code;

const NOBODY = '00000000-0000-7000-8000-000000000000';
const EVERYBODY = Object.keys(NAMES).length;
const READ = ['Day', 'Hearing', 'Cases'];
const ALLOWED: Record<string, string[]> = {
  clerk: METHODS.map(({ name }) => name),
  judge: [...READ, 'Enter'],
  administrator: READ,
  officer: [],
};

for (const [role, allowed] of Object.entries(ALLOWED)) {
  test(`lets a signed-in ${role} do what is theirs and nothing else`, async ({ server }) => {
    const who = await staff(server, role);
    for (const one of METHODS) {
      const said = await who.try(one, {});
      if (allowed.includes(one.name)) {
        expect(said, one.name).not.toBe('staff_role');
        expect(said, one.name).not.toBe('staff_not_signed_in');
      } else {
        expect(said, one.name).toBe('staff_role');
      }
    }
  });
}

test('knows nobody without a session of staff', async ({ server, own }) => {
  const { cookie } = await openByLink(server.url, own.links.clerk);
  for (const stranger of [new Clerk(server.url, ''), new Clerk(server.url, cookie)]) {
    for (const one of METHODS) {
      expect(await stranger.try(one, {}), one.name).toBe('staff_not_signed_in');
    }
  }
});

test('shows the day with what is known of each hearing now', async ({ clerk, own, courtroom }) => {
  const seen = async () => {
    const { summary } = await clerk.ask(method.hearing, { id: own.id });
    const day = await clerk.ask(method.day, { date: dayOf(Number(summary?.scheduledMs)) });
    return day.hearings.find(({ id }) => id === own.id);
  };
  expect(await seen()).toMatchObject({
    caseNumber: '12/2026/TLST-HS',
    status: Status.SCHEDULED,
    expected: EVERYBODY,
    present: 0,
    recording: Recording.NONE,
    takesPart: true,
  });
  const judge = await courtroom.arrive('judge');
  await courtroom.arrive('witness');
  await eventually('two are present', 10_000, async () => (await seen())?.present === 2);
  must(await judge.command({ case: 'start', value: {} }));
  expect((await seen())?.status).toBe(Status.IN_SESSION);
  const { people } = await clerk.ask(method.hearing, { id: own.id });
  expect(people.map(({ standing }) => standing).slice(0, 6)).toEqual([
    ...[Standing.IN_HEARING, Standing.NOT_SIGNED_IN, Standing.NOT_SIGNED_IN],
    ...[Standing.NOT_SIGNED_IN, Standing.NOT_SIGNED_IN, Standing.WAITING],
  ]);
  expect(people[0]).toMatchObject({ name: 'Nguyễn Thị Minh Hạnh', connected: true });
});

const dayOf = (ms: number) => new Date(ms + 7 * HOUR_MS).toISOString().slice(0, 10);

for (const date of ['', '2026-02-30', '2026-13-01', '1999-12-31', '26-01-01', '2026-1-1', 'x']) {
  test(`knows no day "${date}"`, async ({ clerk }) => {
    expect(await clerk.try(method.day, { date })).toBe('date_unfit');
  });
}

test('schedules a hearing with the people of the one before, whom it keeps', async ({
  clerk,
  own,
}) => {
  const { id } = await clerk.demoCase();
  const before = await clerk.ask(method.hearing, { id: own.id });
  const plan = await clerk.ask(method.plan, { courtCase: id });
  expect(plan.people.map(({ name }) => name)).toEqual(before.people.map(({ name }) => name));
  expect(plan.staff.map(({ name }) => name)).toContain('Trần Quốc Bảo');
  const { hearing } = await clerk.ask(
    method.schedule,
    wish(id, { sites: plan.sites, people: plan.people, procedure: plan.procedure }),
  );
  const made = await clerk.ask(method.hearing, { id: hearing });
  expect(made.people.map(({ person }) => person)).toEqual(plan.people.map(({ person }) => person));
  expect(made.people.map(({ room }) => room)).toEqual(plan.people.map(({ room }) => room));
  expect(made.summary).toMatchObject({
    ...{ status: Status.SCHEDULED, takesPart: true },
    expected: plan.people.length,
  });
});

test('makes one hearing of a request that comes again, also at the same time', async ({
  server,
  clerk,
  own,
}) => {
  const { id } = await clerk.demoCase();
  const asked = wish(id);
  const said = await Promise.all([1, 2, 3].map(() => clerk.ask(method.schedule, asked)));
  expect(new Set(said.map(({ hearing }) => hearing))).toEqual(new Set([asked.requestId]));
  const other = { ...asked, procedure: 'rehearsal' };
  expect(await clerk.try(method.schedule, other)).toBe('command_id_reused');
  expect(await clerk.try(method.schedule, { ...asked, requestId: own.id })).toBe(
    'command_id_reused',
  );
  const people = `SELECT count(*) FROM hearing_participant WHERE hearing = '${asked.requestId}'`;
  expect(await server.sql(people)).toEqual([['3']]);
});

test('refuses what cannot be scheduled, each with its reason', async ({ clerk, own }) => {
  expect(own.id).not.toBe('');
  const { id } = await clerk.demoCase();
  const site = { kind: SiteKind.COMPONENT_POINT, name: 'Điểm cầu' };
  const central = { kind: SiteKind.CENTRAL_POINT, name: 'Phòng xử án' };
  const judge = { name: 'Chủ tọa', role: Role.PRESIDING_JUDGE, site: 1 };
  const person = { name: 'Ai đó', role: Role.WITNESS, site: 1 };
  const many = (count: number, of: object) => Array.from({ length: count }, () => of);
  const known = (await clerk.ask(method.hearing, { id: own.id })).people[0]?.person;
  const refusals: [string, Parameters<typeof wish>[1]][] = [
    ['malformed', { requestId: 'one' }],
    ['case_unknown', { courtCase: NOBODY }],
    ['case_unknown', { courtCase: 'x' }],
    ['time_unfit', { scheduledMs: BigInt(Date.now() - 2 * HOUR_MS) }],
    ['time_unfit', { scheduledMs: BigInt(Date.now() + 800 * 24 * HOUR_MS) }],
    ['time_unfit', { scheduledMs: -(2n ** 63n) }],
    ['procedure_unknown', { procedure: 'trial_by_combat' }],
    ['procedure_unknown', { procedure: '' }],
    ['sites_unfit', { sites: [] }],
    ['sites_unfit', { sites: [site] }],
    ['sites_unfit', { sites: [central, central] }],
    ['sites_unfit', { sites: [central, ...many(4, site)] }],
    ['sites_unfit', { sites: [central, { kind: 9 as SiteKind, name: 'x' }] }],
    ['name_unfit', { sites: [{ ...central, name: '   ' }] }],
    ['name_unfit', { people: [judge, { ...person, name: '' }] }],
    ['name_unfit', { people: [judge, { ...person, name: 'ệ'.repeat(86) }] }],
    ['name_unfit', { people: [judge, { ...person, name: 'hai\ndòng' }] }],
    ['people_unfit', { people: [] }],
    ['people_unfit', { people: [person] }],
    ['people_unfit', { people: [judge, judge] }],
    ['people_unfit', { people: [judge, { ...person, site: 3 }] }],
    ['people_unfit', { people: [judge, { ...person, site: 0 }] }],
    ['people_unfit', { people: [judge, ...many(48, person)] }],
    ['people_unfit', { people: [judge, ...many(32, person)] }],
    ['people_unfit', { people: [judge, ...many(13, { ...person, room: true })] }],
    ['role_unfit', { people: [judge, { ...person, role: Role.UNSPECIFIED }] }],
    ['role_unfit', { people: [judge, { ...person, role: 99 as Role }] }],
    ['person_unknown', { people: [judge, { ...person, person: NOBODY }] }],
    ['person_unknown', { people: [judge, { ...person, person: 'me' }] }],
    [
      'person_seated',
      {
        sites: [central, site],
        people: [judge, { ...person, person: known }, { ...person, person: known, site: 2 }],
      },
    ],
  ];
  for (const [code, different] of refusals) {
    expect(
      await clerk.try(method.schedule, wish(id, different)),
      JSON.stringify(different, text),
    ).toBe(code);
  }
});

const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

test('takes names composed, however they were typed', async ({ clerk, own }) => {
  expect(own.id).not.toBe('');
  const { id } = await clerk.demoCase();
  const decomposed = 'Nguyễn Thị Bưởi'.normalize('NFD');
  const people = [{ name: decomposed, role: Role.PRESIDING_JUDGE, site: 1 }];
  const { hearing } = await clerk.ask(method.schedule, wish(id, { people }));
  const made = await clerk.ask(method.hearing, { id: hearing });
  expect(made.people[0]?.name).toBe('Nguyễn Thị Bưởi'.normalize('NFC'));
});

test('reads nothing into bytes that are no request', async ({ server, clerk }) => {
  const junk = [
    Buffer.from([0x0a, 0x02, 0xff, 0xfe]), // a text that is not UTF-8
    Buffer.from([0x0a, 0x7f, 0x41]), // shorter than it says
    Buffer.from([0xff, 0xff, 0xff]),
  ];
  for (const body of junk) {
    for (const { name } of METHODS) {
      const answer = await post(server.url, name, body, clerk.cookie);
      expect(refused(answer).code, name).toBe('malformed');
    }
  }
  expect(refused(await post(server.url, 'Adjourn', Buffer.alloc(0), clerk.cookie)).code).toBe(
    'not_found',
  );
});

test('finds cases by any words of them, within bounds', async ({ clerk, own }) => {
  expect(own.id).not.toBe('');
  for (const search of ['trộm cắp', 'TROM CAP', 'vũ thị ngọc lan', 'vu lan 12/2026', "'; --%_\\"]) {
    const { cases } = await clerk.ask(method.cases, { search });
    expect(
      cases.map(({ number }) => number),
      search,
    ).toEqual(search.startsWith("'") ? [] : ['12/2026/TLST-HS']);
  }
  expect(await clerk.try(method.cases, { search: 'x'.repeat(201) })).toBe('too_large');
});

test('issues a link once, and another address for one that got lost on its way', async ({
  server,
  clerk,
  own,
}) => {
  const asked = {
    ...{ requestId: randomUUID(), hearing: own.id, participant: 6, hours: 2 },
  };
  const lost = await clerk.ask(method.issueLink, asked);
  const { url, link } = await clerk.ask(method.issueLink, asked);
  expect(link?.id).toBe(asked.requestId);
  expect(await refusalOf(server.url, lost.url)).toBe('link_unknown');
  const session = await openByLink(server.url, url);
  expect(session.session.name).toBe('Vũ Thị Ngọc Lan');
  expect(await clerk.try(method.issueLink, asked)).toBe('command_id_reused');
  const { links } = await clerk.ask(method.hearing, { id: own.id });
  expect(links.filter(({ id }) => id === asked.requestId)).toHaveLength(1);
});

test('withdraws a link, and whoever came in by it is out', async ({ server, clerk, own }) => {
  const asked = { requestId: randomUUID(), hearing: own.id, participant: 6, hours: 2 };
  const { url } = await clerk.ask(method.issueLink, asked);
  const courtroom = new Courtroom(server, {
    ...own,
    links: { ...own.links, witness: url },
  });
  const witness = await courtroom.arrive('witness');
  await clerk.ask(method.revokeLink, { link: asked.requestId });
  await clerk.ask(method.revokeLink, { link: asked.requestId });
  expect(await witness.closed()).toBe(4401);
  expect(await refusalOf(server.url, url)).toBe('link_revoked');
  expect(await clerk.try(method.revokeLink, { link: NOBODY })).toBe('link_unknown');
});

test('refuses links that fit nobody', async ({ clerk, own }) => {
  const asked = { requestId: randomUUID(), hearing: own.id, participant: 1, hours: 2 };
  const refusals: [string, object][] = [
    ['malformed', { requestId: '' }],
    ['hearing_unknown', { hearing: NOBODY }],
    ['hearing_unknown', { hearing: 'x' }],
    ['participant_unknown', { participant: EVERYBODY + 1 }],
    ['participant_unknown', { participant: 4_000_000_000 }],
    ['participant_unknown', { companion: true }],
    ['link_unfit', { hours: 0 }],
    ['link_unfit', { hours: 2161 }],
    ['link_unfit', { multi: true, uses: 0 }],
    ['link_unfit', { multi: true, uses: 100_001 }],
    ['link_unfit', { participant: 0, uses: 0 }],
  ];
  for (const [code, different] of refusals) {
    const said = await clerk.try(method.issueLink, { ...asked, ...different });
    expect(said, JSON.stringify(different)).toBe(code);
  }
  const gallery = await clerk.ask(method.issueLink, { ...asked, participant: 0, uses: 5 });
  expect(gallery.url).toContain('/gallery#');
});

test('issues no link in the place of somebody who signs in, whatever for', async ({
  clerk,
  own,
}) => {
  const { people, links } = await clerk.ask(method.hearing, { id: own.id });
  const entering = people.flatMap(({ byAccount }, i) => (byAccount ? [i + 1] : []));
  expect(entering).toEqual([PEOPLE.judge, PEOPLE.clerk]);
  const asked = { hearing: own.id, hours: 2 };
  for (const participant of entering) {
    for (const kind of [{}, { multi: true, uses: 5 }]) {
      const said = await clerk.try(method.issueLink, {
        ...{ ...asked, ...kind, participant },
        requestId: randomUUID(),
      });
      expect(said, `${participant}`).toBe('link_of_account');
    }
  }
  const after = await clerk.ask(method.hearing, { id: own.id });
  expect(after.links).toEqual(links); // those of the operator stand
});

test('issues links to a room of the court, and to a laptop in it whose owner cannot sign in', async ({
  server,
  clerk,
  own,
}) => {
  const { people } = await clerk.ask(method.hearing, { id: own.id });
  const seat = { site: 1, room: true, companion: true };
  const court = people
    .slice(0, PEOPLE.clerk)
    .map(({ person = '', name, role }) => ({ person, name, role, ...seat }));
  court.push({ person: '', name: 'Phan Thị Hòa', role: Role.PROCURATOR, ...seat });
  const { id } = await clerk.demoCase();
  const { hearing } = await clerk.ask(method.schedule, wish(id, { people: court }));
  const ask = (participant: number, companion: boolean) =>
    clerk.try(method.issueLink, {
      ...{ requestId: randomUUID(), hearing, participant, companion, hours: 2 },
    });
  for (const [participant, companion] of [
    [1, false],
    [3, false],
    [3, true],
  ] as const) {
    expect(await ask(participant, companion)).toMatchObject({ link: { participant, companion } });
  }
  expect(await ask(1, true)).toBe('link_of_account');
  const judge = await staff(server, 'judge');
  const { url } = await judge.ask(method.enter, { hearing });
  const { session } = await openByLink(server.url, url);
  expect(session).toMatchObject({ participant: 1, endpointKind: EndpointKind.COMPANION });
});

test('lets staff enter as who they are, once, and nobody else', async ({ server, clerk, own }) => {
  for (const [role, participant] of [
    ['clerk', 2],
    ['judge', 1],
  ] as const) {
    const who = await staff(server, role);
    const { url } = await who.ask(method.enter, { hearing: own.id });
    expect((await openByLink(server.url, url)).session.participant).toBe(participant);
    expect(await refusalOf(server.url, url)).toBe('link_used');
  }
  const { id } = await clerk.demoCase();
  const { hearing } = await clerk.ask(method.schedule, wish(id));
  expect(await clerk.try(method.enter, { hearing })).toBe('not_participant');
  expect(await clerk.try(method.enter, { hearing: NOBODY })).toBe('hearing_unknown');
});

test('changes the schedule until the hearing begins', async ({ clerk, own, courtroom }) => {
  const scheduledMs = BigInt(Date.now() + 5 * HOUR_MS);
  await clerk.ask(method.reschedule, { hearing: own.id, scheduledMs });
  expect((await clerk.ask(method.hearing, { id: own.id })).summary?.scheduledMs).toBe(scheduledMs);
  expect(await clerk.try(method.reschedule, { hearing: own.id, scheduledMs: 0n })).toBe(
    'time_unfit',
  );
  const judge = await courtroom.arrive('judge');
  must(await judge.command({ case: 'start', value: {} }));
  expect(await clerk.try(method.reschedule, { hearing: own.id, scheduledMs })).toBe(
    'hearing_begun',
  );
  expect(await clerk.try(method.cancel, { hearing: own.id })).toBe('hearing_begun');
});

test('tells the procedures a hearing may be held by, with their titles and roles', async ({
  clerk,
  own,
}) => {
  const { offered } = await clerk.ask(method.plan, { courtCase: (await clerk.demoCase()).id });
  const trial = offered.find(({ name }) => name === 'criminal_first_instance');
  expect(trial).toMatchObject({
    vi: 'Xét xử sơ thẩm vụ án hình sự',
    en: 'Criminal trial at first instance',
  });
  expect(trial?.roles).toContain(Role.SITE_OFFICIAL);
  expect(trial?.roles).not.toContain(Role.UNSPECIFIED);
  expect(new Set(offered.map(({ name }) => name)).size).toBe(offered.length);
  const details = await clerk.ask(method.hearing, { id: own.id });
  expect(details.law).toMatchObject({ name: 'plain', vi: 'Phiên tòa thử' });
  expect(details.courtCase).toBe((await clerk.demoCase()).id);
});

test('replaces somebody before anybody has come, without opening the hearing', async ({
  server,
  clerk,
  own,
}) => {
  const replace = (hearing: string) =>
    clerk.try(method.replacePerson, {
      requestId: randomUUID(),
      ...{ hearing, participant: PEOPLE.counsel, name: 'Ngô Thị Hồng Vân' },
    });
  expect(await replace(own.id)).toMatchObject({ name: 'Ngô Thị Hồng Vân' });
  const events = await server.sql(`SELECT seq FROM hearing_event WHERE hearing = '${own.id}'`);
  expect(events).toEqual([]);
  const { people } = await clerk.ask(method.hearing, { id: own.id });
  expect(people[PEOPLE.counsel - 1]?.name).toBe('Ngô Thị Hồng Vân');
  expect(await refusalOf(server.url, own.links.counsel)).toBe('link_revoked');
  const participant = PEOPLE.counsel;
  // Nobody has come: also the age can still be entered.
  await clerk.ask(method.setDetails, { hearing: own.id, participant, details: { under18: true } });
  expect(await replace(NOBODY)).toBe('hearing_unknown');
  await clerk.ask(method.cancel, { hearing: own.id });
  expect(await replace(own.id)).toBe('hearing_unknown');
});

test('seats several people before one camera, and their laptops are theirs alone', async ({
  server,
  clerk,
  own,
}) => {
  expect(own.id).not.toBe('');
  const { id } = await clerk.demoCase();
  const plan = await clerk.ask(method.plan, { courtCase: id });
  const judge = {
    name: 'Chủ tọa',
    role: Role.PRESIDING_JUDGE,
    site: 1,
    room: true,
    companion: true,
  };
  const panel = { name: 'Hội thẩm', role: Role.LAY_JUDGE, site: 1, room: true, companion: true };
  const clerkInRoom = { name: 'Thư ký', role: Role.CLERK, site: 1, room: true };
  const { hearing } = await clerk.ask(
    method.schedule,
    wish(id, { sites: plan.sites, people: [judge, panel, clerkInRoom] }),
  );
  const { people } = await clerk.ask(method.hearing, { id: hearing });
  expect(people.map(({ room, companion }) => [room, companion])).toEqual([
    [true, true],
    [true, true],
    [true, false],
  ]);
  const seats = await server.sql(
    `SELECT p.endpoint, coalesce(p.companion, 0) FROM hearing_participant p WHERE hearing = '${hearing}' ORDER BY id`,
  );
  expect(new Set(seats.map(([endpoint]) => endpoint)).size).toBe(1);
  const laptops = seats.map(([, companion]) => companion).filter((one) => one !== '0');
  expect(new Set(laptops).size).toBe(2);
});

test('a cancelled hearing lets nobody in, and who waits is out', async ({
  server,
  clerk,
  own,
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  await clerk.ask(method.cancel, { hearing: own.id });
  await clerk.ask(method.cancel, { hearing: own.id });
  const start = await judge
    .command({ case: 'start', value: {} })
    .catch(() => ({ refusal: 'gone' }));
  expect(start).not.toMatchObject({ refusal: undefined });
  await judge.closed();
  expect(await refusalOf(server.url, own.links.clerk)).toBe('link_revoked');
  expect(await clerk.try(method.enter, { hearing: own.id })).toBe('hearing_cancelled');
  const { summary } = await clerk.ask(method.hearing, { id: own.id });
  expect(summary?.cancelledMs).toBeGreaterThan(0n);
  expect(summary?.status).toBe(Status.SCHEDULED);
});

test('has whoever does not see whom set before anybody comes, and tells the court of it', async ({
  clerk,
  own,
  courtroom,
}) => {
  const pair = { participant: PEOPLE.victim, from: PEOPLE.counsel, sound: true };
  const set = (...screens: { participant: number; from: number }[]) =>
    clerk.try(method.setScreens, { hearing: own.id, screens });
  for (const from of [PEOPLE.victim, PEOPLE.judge, PEOPLE.clerk, 0, 99])
    expect(await set(pair, { ...pair, from }), `${from}`).toBe('screens_unfit');
  expect(await set(...Array.from({ length: 65 }, () => pair))).toBe('screens_unfit');
  expect(await set({ participant: PEOPLE.witness, from: PEOPLE.counsel })).not.toBeUndefined();
  expect(await set(pair, pair)).toMatchObject({});
  const details = await clerk.ask(method.hearing, { id: own.id });
  expect(
    details.screens.map(({ participant, from, sound }) => ({ participant, from, sound })),
  ).toEqual([pair]);

  const [judge, secretary] = [await courtroom.arrive('judge'), await courtroom.arrive('clerk')];
  for (const { snapshot } of [judge, secretary])
    expect(snapshot.hearing?.screens).toMatchObject([pair]);
  const counsel = await courtroom.arrive('counsel');
  expect(counsel.snapshot.hearing?.screens).toEqual([]);
  expect(await set()).toBe('screens_fixed');
});

test('takes from the date of birth whether somebody is under 18 on the day of the hearing', async ({
  clerk,
  own,
}) => {
  const { summary } = await clerk.ask(method.hearing, { id: own.id });
  const day = new Date(Number(summary?.scheduledMs) + 7 * HOUR_MS);
  const born = (years: number, days: number) =>
    new Date(Date.UTC(day.getUTCFullYear() - years, day.getUTCMonth(), day.getUTCDate() + days))
      .toISOString()
      .slice(0, 10);
  const say = (details: object) =>
    clerk.try(method.setDetails, { hearing: own.id, participant: PEOPLE.witness, details });
  const isUnder18 = async () =>
    (await clerk.ask(method.hearing, { id: own.id })).people[PEOPLE.witness - 1]?.details?.under18;

  expect(await say({ dateOfBirth: born(18, 2), under18: false })).toBe('age_contradicts');
  expect(await say({ dateOfBirth: born(18, -2), under18: true })).toBe('age_contradicts');
  expect(await say({ dateOfBirth: born(18, 2) })).toMatchObject({});
  expect(await isUnder18()).toBe(true);
  const scheduledMs = (summary?.scheduledMs ?? 0n) + BigInt(4 * 24 * HOUR_MS);
  await clerk.ask(method.reschedule, { hearing: own.id, scheduledMs });
  expect(await isUnder18()).toBe(false);
  expect(await say({ under18: true })).toMatchObject({});
  expect(await isUnder18()).toBe(true);
});

// The officer console: who may do what, hearings with their lines, alerts that are raised, taken and ticked off.
import { create } from '@bufbuild/protobuf';
import {
  AlertKind,
  ConsoleService,
  Link,
  type Alert,
} from '../../web/src/gen/assize/console/v1/console_pb.js';
import { AskHelpSchema } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { METHODS as DESK_METHODS, staff, type Clerk } from '../support/desk.ts';
import { expect, must, test as base } from '../support/fixtures.ts';
import type { Participant } from '../support/participant.ts';
import { eventually } from '../support/processes.ts';

const { method } = ConsoleService;
const METHODS: typeof DESK_METHODS = Object.values(method);

const test = base.extend<{ officer: Clerk }>({
  officer: async ({ server }, use) => use(await staff(server, 'officer')),
});

const ALLOWED: Record<string, string[]> = {
  officer: METHODS.map(({ name }) => name),
  clerk: METHODS.map(({ name }) => name),
  administrator: ['Overview', 'Hearing'],
  judge: [],
};

for (const [role, allowed] of Object.entries(ALLOWED)) {
  test(`lets a signed-in ${role} do what is theirs at the console and nothing else`, async ({
    server,
  }) => {
    const who = await staff(server, role);
    for (const one of METHODS) {
      const said = await who.try(one, {});
      if (allowed.includes(one.name)) {
        expect(said, one.name).not.toBe('staff_role');
      } else {
        expect(said, one.name).toBe('staff_role');
      }
    }
  });
}

/** The code of the refusal, if it was refused. */
async function askHelp(participant: Participant, words: string): Promise<string | undefined> {
  const id = participant.send({ case: 'askHelp', value: create(AskHelpSchema, { words }) });
  return (await participant.answerTo(id)).refusal;
}

async function openAlert(officer: Clerk, hearing: string, kind: AlertKind): Promise<Alert> {
  return eventually(`an alert of kind ${AlertKind[kind]}`, 20_000, async () => {
    const { alerts } = await officer.ask(method.overview, {});
    return alerts.find((alert) => alert.hearing === hearing && alert.kind === kind);
  });
}

test('a call for help is raised once, taken, and ticked off with who and how', async ({
  server,
  hearing,
  courtroom,
  officer,
}) => {
  const counsel = await courtroom.arrive('counsel');
  expect(await askHelp(counsel, 'Không nghe thấy gì')).toBeUndefined();
  expect(await askHelp(counsel, 'Không nghe thấy gì')).toBe('rate_limited');
  const alert = await openAlert(officer, hearing.id, AlertKind.HELP);
  expect(alert).toMatchObject({ words: 'Không nghe thấy gì', times: 1, doneMs: 0n, takenBy: '' });
  expect(alert.name).not.toBe('');
  const other = await staff(server, 'clerk');
  const done = { alert: alert.id, words: 'Tôi' };
  expect(await officer.try(method.tickOff, done)).toBe('alert_of_another');
  await officer.ask(method.take, { alert: alert.id });
  expect(await other.try(method.tickOff, done)).toBe('alert_of_another');
  expect(await other.try(method.take, { alert: alert.id, release: true })).toBe('alert_of_another');
  // Their screen may not show yet that somebody has it.
  expect(await other.try(method.take, { alert: alert.id })).toBe('alert_taken');
  expect(await openAlert(officer, hearing.id, AlertKind.HELP)).toMatchObject({ takenByYou: true });
  expect(await officer.try(method.tickOff, { alert: alert.id })).toBe('alert_words_needed');
  await officer.ask(method.tickOff, { alert: alert.id, words: 'Đã hướng dẫn bật loa' });
  await officer.ask(method.tickOff, { alert: alert.id, words: 'Lần thứ hai' });
  expect(await other.try(method.tickOff, done)).toBe('alert_done');
  expect(await other.try(method.take, { alert: alert.id })).toBe('alert_done');
  const { alerts } = await officer.ask(method.hearing, { id: hearing.id });
  expect(alerts.find(({ id }) => id === alert.id)).toMatchObject({
    doneWords: 'Đã hướng dẫn bật loa',
    doneBy: 'Cán bộ',
  });
  expect((await officer.ask(method.overview, {})).alerts.map(({ id }) => id)).not.toContain(
    alert.id,
  );
});

test('an alert is taken over from somebody else only when that is asked for', async ({
  server,
  hearing,
  courtroom,
  officer,
}) => {
  await askHelp(await courtroom.arrive('counsel'), 'Mất hình');
  const { id: alert } = await openAlert(officer, hearing.id, AlertKind.HELP);
  const other = await staff(server, 'clerk');
  const said = await Promise.all([officer, other].map((who) => who.try(method.take, { alert })));
  expect(said.filter((one) => one === 'alert_taken')).toHaveLength(1);
  const late = said[0] === 'alert_taken' ? officer : other;
  const first = late === officer ? other : officer;
  await first.ask(method.take, { alert }); // twice is as once
  await late.ask(method.take, { alert, over: true });
  expect(await first.try(method.tickOff, { alert, words: 'Xong' })).toBe('alert_of_another');
  await late.ask(method.take, { alert, release: true });
  expect(await openAlert(officer, hearing.id, AlertKind.HELP)).toMatchObject({ takenBy: '' });
  await first.ask(method.take, { alert });
});

test('words of a call for help are bounded', async ({ courtroom }) => {
  const counsel = await courtroom.arrive('counsel');
  expect(await askHelp(counsel, 'ă'.repeat(251))).toBe('too_large');
});

test('a lost link is an alert until it is restored, and stays to be ticked off', async ({
  hearing,
  courtroom,
  officer,
}) => {
  const counsel = await courtroom.arrive('counsel');
  counsel.close();
  const alert = await openAlert(officer, hearing.id, AlertKind.LINK_LOST);
  expect(alert.overMs).toBe(0n);
  const { row, people } = await officer.ask(method.hearing, { id: hearing.id });
  expect(people.find(({ id }) => id === alert.participant)).toMatchObject({ link: Link.LOST });
  expect(row?.sites.map(({ link }) => link)).toContain(Link.LOST);
  await courtroom.connect('counsel');
  await eventually('its cause is over', 20_000, async () => {
    const now = await openAlert(officer, hearing.id, AlertKind.LINK_LOST);
    return now.id === alert.id && now.overMs > 0n;
  });
});

test('somebody looks after a hearing, and only somebody who may', async ({
  server,
  hearing,
  officer,
}) => {
  const { officers } = await officer.ask(method.overview, {});
  const me = officers.find(({ you }) => you);
  await officer.ask(method.allocate, { hearing: hearing.id, account: me?.account ?? '' });
  const { row } = await officer.ask(method.hearing, { id: hearing.id });
  expect(row?.officer).toMatchObject({ you: true, name: 'Cán bộ' });
  await staff(server, 'judge');
  const judges = await server.sql(`SELECT id FROM account WHERE role = 'judge' LIMIT 1`);
  expect(
    await officer.try(method.allocate, { hearing: hearing.id, account: judges[0]?.[0] ?? '' }),
  ).toBe('officer_unknown');
  await officer.ask(method.allocate, { hearing: hearing.id });
  expect((await officer.ask(method.hearing, { id: hearing.id })).row?.officer).toBeUndefined();
});

test('tells who is there and how a hearing stands, whatever day it was set for', async ({
  server,
  hearing,
  courtroom,
  officer,
}) => {
  const judge = await courtroom.arrive('judge');
  await courtroom.enter('counsel', judge);
  must(await judge.command({ case: 'start', value: {} }));
  await server.sql(
    `UPDATE hearing SET scheduled_at = scheduled_at + interval '1 day' WHERE id = '${hearing.id}'`,
  );
  const { hearings } = await officer.ask(method.overview, {});
  expect(hearings.find(({ id }) => id === hearing.id)).toMatchObject({ live: true, present: 2 });
  expect(await officer.try(method.hearing, { id: 'x' })).toBe('hearing_unknown');
  expect(await officer.try(method.overview, { date: '2026-02-30' })).toBe('date_unfit');
});

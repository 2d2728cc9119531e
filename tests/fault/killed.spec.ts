// Parts are killed under a live hearing: two C peers send and receive, the judge watches. Everything is back within five
// seconds, the record has every event once, and people are who and where they were.
import { randomUUID } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import {
  CommandSchema,
  EventSchema,
  Standing,
  Status,
} from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { expect, must, test } from '../support/live.ts';
import { Participant } from '../support/participant.ts';
import { eventually, processes } from '../support/processes.ts';
import { PEOPLE, type Daemon, type Server } from '../support/server.ts';

const BACK_MS = 5_000;

/** Every event of the hearing, checked to be one unbroken chain. */
async function chain(server: Server, hearing: string): Promise<string[]> {
  const rows = await server.sql(
    `SELECT seq, encode(prev_hash, 'hex'), encode(hash, 'hex'), encode(body, 'hex')
     FROM hearing_event WHERE hearing = '${hearing}' ORDER BY seq`,
  );
  rows.forEach(([seq, previous], index) => {
    expect(Number(seq)).toBe(index + 1);
    expect(previous).toBe(rows[index - 1]?.[2] ?? '0'.repeat(64));
  });
  return rows.map((row) => row[3] ?? '');
}

/** Connects again as the same browser would: same cookie, resuming after the last seq. */
async function comeBack(server: Server, before: Participant): Promise<Participant> {
  return eventually('the judge is back', BACK_MS, async () => {
    try {
      return await Participant.connect(server.url, { cookie: before.cookie, since: before.seq });
    } catch {
      return undefined;
    }
  });
}

async function another(server: Server, name: Daemon, killed: number): Promise<void> {
  await eventually(`another ${name}`, BACK_MS, () => {
    const daemon = server.daemon(name);
    return daemon !== undefined && daemon.pid !== killed;
  });
}

function standings(participant: Participant): Record<number, Standing> {
  return Object.fromEntries(
    participant.snapshot.participants.map((view) => [view.id, view.standing]),
  );
}

async function resync(participant: Participant): Promise<void> {
  await participant.answerTo(participant.send({ case: 'resync', value: {} }));
}

test('media goes on while the server is killed, and it is back with everybody in place', async ({
  server,
  live,
}) => {
  const { judge, courtroom, detention, victim } = live;
  const before = await chain(server, courtroom.hearing.id);
  await resync(judge);
  const wasStanding = standings(judge);
  const connections = victim.count('media_connected');
  const began = performance.now();
  const killed = server.kill('assized');
  expect(await judge.closed()).toBe(1006);
  await Promise.all([victim.receives(3_000, 50), detention.receives(3_000, 50)]);
  const back = courtroom.keep(await comeBack(server, judge));
  expect(performance.now() - began).toBeLessThan(BACK_MS);
  await another(server, 'assized', killed);
  await resync(back);
  expect(back.snapshot.hearing?.status).toBe(Status.IN_SESSION);
  expect(standings(back)).toEqual(wasStanding);
  await Promise.all([victim.receives(BACK_MS, 50), detention.receives(BACK_MS, 50)]);
  expect(victim.count('media_connected')).toBe(connections);
  must(await back.command({ case: 'recess', value: {} }));
  const after = await chain(server, courtroom.hearing.id);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.length).toBeGreaterThan(before.length);
});

test('a command under way when the server is killed is done once or not at all', async ({
  server,
  live,
}) => {
  const { judge, courtroom } = live;
  const command = create(CommandSchema, {
    commandId: randomUUID(),
    seenSeq: judge.seq,
    body: { case: 'recess', value: {} },
  });
  judge.send({ case: 'command', value: command });
  server.kill('assized');
  const back = courtroom.keep(await comeBack(server, judge));
  const retry = await eventually('the retry is answered', BACK_MS, () => back.submit(command));
  must(retry);
  const again = await back.submit(command);
  expect(again).toEqual(retry);
  await resync(back);
  expect(back.snapshot.hearing?.status).toBe(Status.RECESS);
  const recorded = await server.sql(
    `SELECT last_seq FROM hearing_command WHERE command_id = '${command.commandId}'`,
  );
  expect(recorded).toEqual([[String(retry.seq)]]);
  await chain(server, courtroom.hearing.id);
});

test('media is back within five seconds of the relay being killed', async ({ server, live }) => {
  const { judge, courtroom, detention, victim } = live;
  const before = await chain(server, courtroom.hearing.id);
  const began = performance.now();
  const killed = server.kill('assize-relay');
  await another(server, 'assize-relay', killed);
  await Promise.all([victim.receives(BACK_MS), detention.receives(BACK_MS)]);
  expect(performance.now() - began).toBeLessThan(BACK_MS);
  expect(judge.closeCode).toBeUndefined();
  must(await judge.command({ case: 'recess', value: {} }));
  const after = await chain(server, courtroom.hearing.id);
  expect(after.slice(0, before.length)).toEqual(before);
});

test('a relay that does not take away what it must is killed, and the mute holds after it', async ({
  server,
  live,
}) => {
  const { judge, victim, detention } = live;
  const relay = server.daemon('assize-relay');
  expect(relay).toBeDefined();
  const deaf = relay?.pid ?? 0;
  process.kill(deaf, 'SIGSTOP');
  must(await judge.command({ case: 'mute', value: { participant: PEOPLE.detention } }));
  await another(server, 'assize-relay', deaf);
  await Promise.all([victim.receives(BACK_MS), detention.receives(BACK_MS)]);
  expect(await victim.isSilent('a')).toBe(true);
});

test('media and people stay while PostgreSQL is killed, and commands are saved again', async ({
  server,
  live,
}) => {
  const { judge, courtroom, detention, victim } = live;
  const before = await chain(server, courtroom.hearing.id);
  const began = performance.now();
  const killed = server.kill('postgres');
  await Promise.all([victim.receives(3_000, 50), detention.receives(3_000, 50)]);
  await another(server, 'postgres', killed);
  // A recess only takes away: it is in force at once, and saved by itself when that is possible.
  const done = [undefined, 'already_so', 'wrong_status'];
  await eventually('a recess is accepted', BACK_MS, async () =>
    done.includes((await judge.command({ case: 'recess', value: {} })).refusal),
  );
  await eventually('the server is well again', BACK_MS, () => server.healthy());
  expect(performance.now() - began).toBeLessThan(BACK_MS);
  expect(judge.closeCode).toBeUndefined();
  await eventually('the recess is on record', BACK_MS, async () => {
    const [row] = await server.sql(
      `SELECT max(seq) FROM hearing_event WHERE hearing = '${courtroom.hearing.id}'`,
    );
    return Number(row?.[0] ?? 0) > before.length;
  });
  const after = await chain(server, courtroom.hearing.id);
  expect(after.slice(0, before.length)).toEqual(before);
});

test('a microphone is muted while PostgreSQL is stopped, and the mute is saved afterwards', async ({
  server,
  live,
}) => {
  const { judge, courtroom, victim, detention } = live;
  const database = processes(
    (process) => process.name === 'postgres' && process.command !== '' && isBelow(server, process),
  );
  expect(database.length).toBeGreaterThan(1);
  database.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
  try {
    const mute = judge.command({
      case: 'mute',
      value: { participant: PEOPLE.detention, lock: true },
    });
    expect(await victim.isSilent('a')).toBe(true);
    expect((await mute).refusal).toBe('applied_not_saved');
    await detention.receives(3_000);
  } finally {
    database.forEach(({ pid }) => process.kill(pid, 'SIGCONT'));
  }
  await eventually('the mute is on record', 10_000, async () => {
    await resync(judge);
    const room = judge.snapshot.endpoints.find((endpoint) => endpoint.id === 4);
    return room?.muted === true && room.muteLocked && (await server.healthy());
  });
  const mutes = (await chain(server, courtroom.hearing.id))
    .map((body) => fromBinary(EventSchema, Buffer.from(body, 'hex')).body)
    .filter((body) => body.case === 'muted' && body.value.locked);
  expect(mutes).toHaveLength(1);
});

test('nothing outlives a supervisor that is killed, and all is there at the next start', async ({
  live,
  server,
}) => {
  const { judge, courtroom } = live;
  const before = await chain(server, courtroom.hearing.id);
  process.kill(server.pid, 'SIGKILL');
  await eventually('every daemon has ended', BACK_MS, () => server.remains().length === 0);
  await server.restart();
  const back = courtroom.keep(
    await Participant.connect(server.url, { cookie: judge.cookie, since: judge.seq }),
  );
  await resync(back);
  expect(back.snapshot.hearing?.status).toBe(Status.IN_SESSION);
  const after = await chain(server, courtroom.hearing.id);
  expect(after.slice(0, before.length)).toEqual(before);
});

function isBelow(server: Server, { pid, parent }: { pid: number; parent: number }): boolean {
  const main = server.daemon('postgres')?.pid;
  return pid === main || parent === main;
}

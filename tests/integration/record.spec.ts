// The record of picture and sound: when it runs, what is in it, and whether it vouches for itself.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RecordLamp } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { Participant } from '../support/participant.ts';
import { Courtroom, expect, must, test } from '../support/live.ts';
import { eventually, run } from '../support/processes.ts';
import { groupFolder, lamp, packetsByTrack, verify } from '../support/record.ts';
import { binary, PEOPLE, Server } from '../support/server.ts';

const ROOM = 'e4'; // the defendant and the detention officer

async function shows(participant: Participant, wanted: RecordLamp, milliseconds = 10_000) {
  await eventually(
    `the lamp ${RecordLamp[wanted]}`,
    milliseconds,
    () => lamp(participant) === wanted,
  );
}

test('shows that it records only when something of it is on disk', async ({ server, live }) => {
  await shows(live.judge, RecordLamp.ON);
  const { code, said } = await verify(server, live.courtroom.hearing.id);
  expect(code).toBe(0);
  expect(said).toMatchObject({ verified: true, bad: 0 });
  expect(said.packets).toBeGreaterThan(0);
});

test('stops in a recess, in order, and the events hold its heads', async ({ server, live }) => {
  const { judge, courtroom } = live;
  await shows(judge, RecordLamp.ON);
  must(await judge.command({ case: 'recess', value: {} }));
  await judge.event('recordOff');
  await shows(judge, RecordLamp.OFF);
  const { said } = await eventually('every group is closed', 5_000, async () => {
    const verified = await verify(server, courtroom.hearing.id);
    return verified.said.torn === 0 && verified.said.heads >= 2 && verified;
  });
  expect(said).toMatchObject({ verified: true, groups: 2, bad: 0 });
  expect(said.heads_found).toBe(said.heads);
  await delay(1_500);
  expect((await verify(server, courtroom.hearing.id)).said.packets).toBe(said.packets);
  must(await judge.command({ case: 'resume', value: {} }));
  await shows(judge, RecordLamp.ON);
});

test('keeps no sound of a muted microphone', async ({ server, live }) => {
  const { judge, courtroom } = live;
  await shows(judge, RecordLamp.ON);
  must(await judge.command({ case: 'mute', value: { participant: PEOPLE.detention, lock: true } }));
  await delay(1_500); // what came before is written
  const before = packetsByTrack(server, courtroom.hearing.id, ROOM);
  await delay(2_500);
  const after = packetsByTrack(server, courtroom.hearing.id, ROOM);
  expect(before.audio).toBeGreaterThan(0);
  expect(after.audio).toBe(before.audio);
  expect(after.video).toBeGreaterThan(before.video);
});

test('is turned off and on by the judge and by nobody without the right', async ({ live }) => {
  const { judge, courtroom } = live;
  await shows(judge, RecordLamp.ON);
  const counsel = await courtroom.enter('counsel', judge);
  expect((await counsel.command({ case: 'recordOff', value: {} })).refusal).toBe(
    'role_not_allowed',
  );
  must(await judge.command({ case: 'recordOff', value: { reason: 3 } }));
  await shows(judge, RecordLamp.OFF);
  expect((await judge.command({ case: 'recordOff', value: {} })).refusal).toBe('already_so');
  must(await judge.command({ case: 'recordOn', value: {} }));
  await shows(judge, RecordLamp.ON);
});

test('names the byte that was changed', async ({ server, live }) => {
  const { judge, courtroom } = live;
  const hearing = courtroom.hearing.id;
  await shows(judge, RecordLamp.ON);
  must(await judge.command({ case: 'recess', value: {} }));
  await eventually('every group is closed', 5_000, async () => {
    const { said } = await verify(server, hearing);
    return said.torn === 0 && said.heads >= 2;
  });
  const folder = groupFolder(server, hearing, ROOM);
  const name = readdirSync(folder).find((file) => file.endsWith('.pcapng')) ?? '';
  const bytes = readFileSync(join(folder, name));
  const offset = Math.floor(bytes.length / 2);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(join(folder, name), bytes);
  const { code, said } = await verify(server, hearing);
  expect(code).toBe(6);
  expect(said.verified).toBe(false);
  expect(said.findings.map(({ path }) => path)).toContain(`${ROOM}/${name}`);
  expect(said.findings[0]?.offset).toBeLessThanOrEqual(offset);
});

test('puts the lamp out within three seconds of a relay that stands still', async ({
  server,
  live,
}) => {
  await shows(live.judge, RecordLamp.ON);
  server.kill('assize-relay', 'SIGSTOP');
  try {
    await shows(live.judge, RecordLamp.FAILED, 3_500);
  } finally {
    server.kill('assize-relay', 'SIGCONT');
  }
  await shows(live.judge, RecordLamp.ON);
});

for (const { whose, settings } of [
  { whose: 'it', settings: { 'record.reserve_mb': '1000000' } },
  { whose: 'the database', settings: { 'events.reserve_mb': '1000000' } },
]) {
  test(`does not begin a hearing below the space ${whose} needs`, async () => {
    const server = await Server.start(settings);
    try {
      const { links } = await server.seed();
      const judge = await Participant.join(server.url, links.judge);
      must(await judge.checkIn());
      expect((await judge.command({ case: 'start', value: {} })).refusal).toBe('no_space');
      judge.close();
    } finally {
      await server.dispose();
    }
  });
}

test('is in a backup that was asked for it, made while it grows, and vouches for itself where that is restored', async () => {
  const server = await Server.start();
  const [lost, file] = [`${server.state}.lost`, `${server.state}.backup`];
  try {
    const courtroom = new Courtroom(server, await server.seed());
    const { judge, detention, victim } = await courtroom.goLive();
    const hearing = courtroom.hearing.id;
    await shows(judge, RecordLamp.ON);
    await server.assize('backup', file, '--record');
    const recorded = packetsByTrack(server, hearing, ROOM);
    await Promise.all([detention.stop(), victim.stop()]);
    courtroom.leave();
    await server.stop();
    renameSync(server.state, lost);
    const restored = await run(binary('assize'), ['restore', file, ...['--state', server.state]]);
    expect(restored.code, restored.output + restored.errors).toBe(0);
    await server.restart();
    const { code, said } = await verify(server, hearing);
    expect(code, JSON.stringify(said)).toBe(0);
    expect(said).toMatchObject({ verified: true, bad: 0 });
    const kept = packetsByTrack(server, hearing, ROOM);
    expect(kept.video).toBeGreaterThan(0);
    expect(kept.video).toBeLessThanOrEqual(recorded.video);
  } finally {
    await server.dispose();
    rmSync(lost, { recursive: true, force: true });
    rmSync(file, { force: true });
  }
});

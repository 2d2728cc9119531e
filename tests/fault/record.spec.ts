// The record when parts are killed: everything but the last second is there, and the gap is written down.
import { RecordFault } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { RecordLamp } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { expect, test } from '../support/live.ts';
import { eventually, Program } from '../support/processes.ts';
import { lamp, packetsByTrack, recordFault, verify } from '../support/record.ts';
import { withoutRight } from '../support/rights.ts';
import { binary } from '../support/server.ts';

test('everything but the last second outlives a killed relay, and the gap is an event', async ({
  server,
  live,
}) => {
  const { judge, courtroom, detention, victim } = live;
  const hearing = courtroom.hearing.id;
  await eventually('the lamp', 10_000, () => lamp(judge) === RecordLamp.ON);
  await Promise.all([detention.receives(5_000, 100), victim.receives(5_000, 100)]);
  const killedAt = Date.now();
  server.kill('assize-relay');
  const { code, said } = await verify(server, hearing);
  expect(code).toBe(0);
  expect(said).toMatchObject({ verified: true, bad: 0 });
  expect(said.packets).toBeGreaterThan(100);
  await judge.event('recordGap');
  const gap = judge
    .all('events')
    .flatMap(({ events }) => events)
    .flatMap(({ body }) => (body.case === 'recordGap' ? [body.value] : []))[0];
  expect(Number(gap?.fromMs)).toBeGreaterThan(killedAt - 1_500); // a second, and the disk's own time
  expect(Number(gap?.toMs)).toBeGreaterThan(killedAt);
  await eventually('the lamp again', 10_000, () => lamp(judge) === RecordLamp.ON);
  expect((await verify(server, hearing)).said).toMatchObject({ verified: true, bad: 0 });
});

test('the record goes on while the server is killed', async ({ server, live }) => {
  const { judge, courtroom } = live;
  const hearing = courtroom.hearing.id;
  await eventually('the lamp', 10_000, () => lamp(judge) === RecordLamp.ON);
  const before = packetsByTrack(server, hearing, 'e4');
  server.kill('assized');
  await eventually('more is on disk', 5_000, () => {
    const now = packetsByTrack(server, hearing, 'e4');
    return now.audio > before.audio + 50 && now.video > before.video;
  });
  await eventually('the server is back', 10_000, () => server.healthy());
  expect((await verify(server, hearing)).said).toMatchObject({ verified: true, bad: 0 });
  const gaps = server
    .log('assized')
    .split('\n')
    .filter((line) => line.includes('record.gap'));
  expect(gaps.filter((line) => line.includes(hearing))).toEqual([]);
});

test('the lamp is out within three seconds of a writer that stands, and the hearing goes on', async ({
  server,
  live,
}) => {
  const { judge, courtroom, detention, victim } = live;
  const relay = String(server.daemon('assize-relay')?.pid);
  await eventually('the lamp', 10_000, () => lamp(judge) === RecordLamp.ON);
  const hold = new Program(binary('assize-peer'), [
    ...['hold', '--pid', relay, '--thread', 'journal'],
  ]);
  try {
    await eventually(
      'the thread stands',
      5_000,
      () => hold.lines().length > 0 || hold.exitCode !== undefined,
    );
    if (hold.errors.includes('cannot be held')) withoutRight('trace', hold.errors);
    await eventually('the lamp is out', 3_500, () => lamp(judge) === RecordLamp.FAILED);
    expect(recordFault(judge)).toBe(RecordFault.DISK_SLOW);
    await Promise.all([detention.receives(5_000, 50), victim.receives(5_000, 50)]);
  } finally {
    await hold.stop();
  }
  await eventually('the lamp again', 10_000, () => lamp(judge) === RecordLamp.ON);
  const { said } = await verify(server, courtroom.hearing.id);
  expect(said).toMatchObject({ verified: true, bad: 0 });
});

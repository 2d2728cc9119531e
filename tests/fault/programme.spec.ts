// The programme feed when parts of it are killed. The hearing must notice nothing but the feed's own absence.
import { ProgrammeState } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { eventually, type ProcessInfo } from '../support/processes.ts';
import { expect, must, PROGRAMME_MS, test } from '../support/programme.ts';
import { lastTold, verify } from '../support/record.ts';
import type { Server } from '../support/server.ts';

/** From the end of a studio to another one; a machine several times slower than it should be may take longer. */
const BACK_MS = 15_000;

async function another(server: Server, hearing: string, before: number): Promise<ProcessInfo> {
  return eventually('another studio', BACK_MS, () => {
    const studio = server.studio(hearing);
    return studio !== undefined && studio.pid !== before ? studio : undefined;
  });
}

function kill(studio: ProcessInfo | undefined): number {
  if (studio === undefined) {
    throw new Error('there is no studio');
  }
  process.kill(studio.pid, 'SIGKILL');
  return studio.pid;
}

test('a killed studio is back, and the hearing goes on without it', async ({
  server,
  live,
  follower,
}) => {
  const { courtroom, judge, detention, victim } = live;
  const connections = victim.count('media_connected') + detention.count('media_connected');
  const killed = kill(server.studio(courtroom.hearing.id));
  await Promise.all([victim.receives(10_000, 50), detention.receives(10_000, 50)]);
  await another(server, courtroom.hearing.id, killed);
  await eventually('the feed again', BACK_MS, () => follower.slots['v0'] === 'programme');
  await follower.receives(BACK_MS, 30, 'v');
  expect(victim.count('media_connected') + detention.count('media_connected')).toBe(connections);
  expect(judge.closeCode).toBeUndefined();
  await judge.event('recordGap');
  expect((await verify(server, courtroom.hearing.id)).said).toMatchObject({ bad: 0 });
});

test('a studio that fails again and again is given up, and said to be', async ({
  server,
  live,
  follower,
}) => {
  const { courtroom, judge, victim } = live;
  let pid = kill(server.studio(courtroom.hearing.id));
  for (let failures = 1; failures < 5; failures++) {
    pid = kill(await another(server, courtroom.hearing.id, pid));
  }
  await eventually(
    'it is said to have failed',
    BACK_MS,
    () => lastTold(judge)?.programme === ProgrammeState.FAILED,
  );
  expect(server.studio(courtroom.hearing.id)).toBeUndefined();
  await victim.receives(10_000, 50);
  // Who used the feed hears and sees the others directly.
  await eventually(
    () => `no feed: ${server.studiosTold()}`,
    PROGRAMME_MS,
    () => !Object.values(follower.slots).includes('programme'),
  );
  await follower.receives(10_000, 20);
  // A new need is a new beginning.
  must(await judge.command({ case: 'recess', value: {} }));
  must(await judge.command({ case: 'resume', value: {} }));
  await eventually('it runs', PROGRAMME_MS, () => follower.slots['v0'] === 'programme');
});

test('the feed goes on while the server is killed, and a new studio takes over', async ({
  server,
  live,
  follower,
}) => {
  const { courtroom } = live;
  const before = server.studio(courtroom.hearing.id)?.pid ?? 0;
  server.kill('assized');
  await follower.receives(10_000, 20, 'v');
  await eventually('the server is back', BACK_MS, () => server.healthy());
  await another(server, courtroom.hearing.id, before);
  await eventually(
    () => `one is left: ${server.studiosTold()}`,
    PROGRAMME_MS,
    () => server.studios().length === 1,
  );
  await follower.receives(BACK_MS, 30, 'v');
});

test('the feed comes back with a relay that was killed', async ({ server, live, follower }) => {
  server.kill('assize-relay');
  await live.victim.receives(BACK_MS, 50);
  await eventually('the feed again', PROGRAMME_MS, () => follower.slots['v0'] === 'programme');
  await follower.receives(PROGRAMME_MS, 30, 'v');
});

// The programme feed: who gets it, what of it is on record, and when it is not there.
import { RecordLamp } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { Peer } from '../support/peer.ts';
import { bringIn, expect, must, PROGRAMME_MS, test } from '../support/programme.ts';
import { eventually } from '../support/processes.ts';
import { packetsByTrack, verify } from '../support/record.ts';
import { PEOPLE } from '../support/server.ts';

test('shows everybody in one picture to a device on a thin line', async ({ live, follower }) => {
  expect(Object.keys(follower.slots).filter((mid) => mid.startsWith('v'))).toEqual(['v0']);
  await follower.receives(PROGRAMME_MS, 30, 'v');
  // Whoever may speak hears the others directly; whoever is muted gets the feed's sound, too.
  expect(Object.values(follower.slots).filter((what) => what === 'programme')).toHaveLength(1);
  must(
    await live.judge.command({
      case: 'mute',
      value: { participant: PEOPLE.procurator, lock: true },
    }),
  );
  await eventually('the sound is the feed', 10_000, () => follower.slots['a0'] === 'programme');
  expect(follower.slots).toEqual({ a0: 'programme', v0: 'programme' });
  await follower.receives(PROGRAMME_MS, 50, 'a');
});

test('leaves a device on a thin line with what it may see itself behind closed doors', async ({
  live,
  follower,
}) => {
  must(await live.judge.command({ case: 'goPrivate', value: {} }));
  await eventually('nothing is the feed', 10_000, () => {
    const what = Object.values(follower.slots);
    return what.length > 0 && !what.includes('programme');
  });
  expect(Object.keys(follower.slots).filter((mid) => mid.startsWith('v'))).toEqual(['v0']);
  await follower.receives(10_000, 20, 'v');
  must(await live.judge.command({ case: 'goPublic', value: {} }));
  await eventually('the feed again', 10_000, () => follower.slots['v0'] === 'programme');
});

test('is on record as a group of its own that vouches for itself', async ({ server, live }) => {
  const hearing = live.courtroom.hearing.id;
  await eventually('the feed is on disk', PROGRAMME_MS, () => {
    try {
      const { audio, video } = packetsByTrack(server, hearing, 'programme');
      return audio > 50 && video > 15;
    } catch {
      return false;
    }
  });
  // What comes on record later does not darken the lamp.
  const lamps = live.judge.messages.flatMap(({ response }) =>
    response.case === 'events' || response.case === 'snapshot'
      ? [response.value.hearing?.record ?? RecordLamp.UNSPECIFIED]
      : [],
  );
  expect(lamps.at(-1)).toBe(RecordLamp.ON);
  expect(lamps).not.toContain(RecordLamp.FAILED);
  must(await live.judge.command({ case: 'recess', value: {} }));
  const { said } = await eventually('every group is closed', 10_000, async () => {
    const verified = await verify(server, hearing);
    return verified.said.torn === 0 && verified.said.heads >= 3 && verified;
  });
  expect(said).toMatchObject({ verified: true, groups: 3, bad: 0 });
  expect(said.heads_found).toBe(said.heads);
});

test('lets the clerk hear what is being written in place of the hearing', async ({
  server,
  live,
}) => {
  const clerk = await bringIn(server, live, 'clerk', '--listen');
  await eventually('the record is in the slot', PROGRAMME_MS, () => clerk.slots['a0'] === 'record');
  expect(Object.keys(clerk.slots).filter((mid) => mid.startsWith('a'))).toEqual(['a0']);
  await clerk.receives(PROGRAMME_MS, 50, 'a');
  await clerk.receives(10_000, 20, 'v');
  must(await live.judge.command({ case: 'recordOff', value: {} }));
  await eventually('the hearing is heard again', 10_000, () => clerk.slots['a0'] !== 'record');
  await clerk.stop();
});

test('gives the gallery the feed, and not a packet once it is shut', async ({ server, live }) => {
  const { judge, courtroom } = live;
  must(await judge.command({ case: 'openGallery', value: {} }));
  const viewer = new Peer(server, courtroom.hearing.gallery);
  await eventually(
    'the feed is in its slots',
    PROGRAMME_MS,
    () => viewer.slots['v0'] !== undefined,
  );
  expect(viewer.slots).toEqual({ a0: 'programme', v0: 'programme' });
  await viewer.receives(PROGRAMME_MS, 30, 'v');
  await viewer.receives(PROGRAMME_MS, 50, 'a');
  must(await judge.command({ case: 'goPrivate', value: {} }));
  expect(await viewer.isSilent()).toBe(true);
  must(await judge.command({ case: 'goPublic', value: {} }));
  await viewer.receives(PROGRAMME_MS, 30, 'v');
  must(await judge.command({ case: 'closeGallery', value: {} }));
  expect(await viewer.isSilent()).toBe(true);
  await viewer.stop();
});

test('ends when nobody needs it any more', async ({ server, live, follower }) => {
  const studio = server.studio(live.courtroom.hearing.id);
  expect(studio).toBeDefined();
  must(await live.judge.command({ case: 'close', value: {} }));
  await eventually(
    'the studio has ended',
    PROGRAMME_MS,
    () => server.studio(live.courtroom.hearing.id) === undefined,
  );
  expect(await follower.isSilent()).toBe(true);
});

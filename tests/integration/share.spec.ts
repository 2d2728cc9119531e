// What somebody shows, before peers that speak the real protocols: who gets it, who never does, and what is on record. The one who
// shows goes on sending after it was stopped, as a device that does not do what it is told.
import { Role } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import type { Live } from '../support/courtroom.ts';
import { expect, must, test } from '../support/live.ts';
import { Peer } from '../support/peer.ts';
import { eventually } from '../support/processes.ts';
import { lastTold, packetsByTrack, verify } from '../support/record.ts';
import { FileCheck, Viewer } from '../support/recordings.ts';
import { PEOPLE, type Server } from '../support/server.ts';

const DEFENDANT = 4;

test.describe.configure({ timeout: 120_000 });

/** The procurator comes in and shows a document; resolves when the victim sees it. */
async function share(server: Server, { courtroom, judge, victim }: Live): Promise<Peer> {
  const sharer = new Peer(server, courtroom.hearing.links.procurator, 'victim', ['--share']);
  await courtroom.admitWhenWaiting(judge, 'procurator');
  await judge.event('shareStarted');
  await eventually('the victim is told the slot', 20_000, () => victim.shareSlot !== undefined);
  await victim.receives(20_000, 20, victim.shareSlot);
  return sharer;
}

/** The endpoint of this person, as the judge knows it. */
const endpointOf = ({ judge }: Live, person: number): number =>
  judge.snapshot.participants.find(({ id }) => id === person)?.endpoint ?? 0;

test('shows everybody inside what one shows, beside their pictures, and no more after it is stopped', async ({
  server,
  live,
}) => {
  const { judge, victim, detention } = live;
  const sharer = await share(server, live);
  await eventually('the room is told the slot', 10_000, () => detention.shareSlot !== undefined);
  await detention.receives(20_000, 20, detention.shareSlot);
  expect(lastTold(judge)).toMatchObject({ sharer: endpointOf(live, PEOPLE.procurator) });
  const slots = [victim.shareSlot, detention.shareSlot];
  must(await judge.command({ case: 'stopShare', value: {} }));
  expect(await victim.isSilent(slots[0])).toBe(true);
  expect(await detention.isSilent(slots[1])).toBe(true);
  expect(victim.shareSlot).toBeUndefined();
  expect(lastTold(judge)?.sharer).toBe(0);
  await victim.receives(10_000, 50, 'v'); // the pictures go on
  await sharer.stop();
});

test('shows nothing to who waits, and nothing of who did not ask', async ({ server, live }) => {
  const { courtroom, judge, victim } = live;
  const waiting = new Peer(server, courtroom.hearing.links.witness);
  await eventually('the witness waits', 20_000, () => waiting.count('checked_in') > 0);
  const sharer = await share(server, live);
  expect(await waiting.isSilent()).toBe(true);
  expect(waiting.packets()).toBe(0);
  must(await judge.command({ case: 'stopShare', value: {} }));
  await sharer.stop();

  const unasked = new Peer(server, courtroom.hearing.links.counsel, 'victim', ['--share-unasked']);
  await courtroom.admitWhenWaiting(judge, 'counsel');
  await unasked.receives(20_000);
  await victim.receives(20_000, 50, 'v');
  const filled = Object.keys(victim.slots);
  const others = ['v0', 'v1', 'v2', 'v3', 'v4'].filter((mid) => !filled.includes(mid));
  const before = others.map((mid) => victim.packets(mid));
  await victim.receives(10_000, 100, 'v');
  expect(others.map((mid) => victim.packets(mid))).toEqual(before);
  expect(victim.shareSlot).toBeUndefined();
  await Promise.all([unasked.stop(), waiting.stop()]);
});

test('shows nothing to who is cut off while a witness testifies', async ({ server, live }) => {
  const { courtroom, judge, detention, victim } = live;
  const witness = new Peer(server, courtroom.hearing.links.witness, 'victim');
  await eventually('the witness waits', 20_000, () => witness.count('checked_in') > 0);
  const sharer = await share(server, live);
  await eventually('the room is told the slot', 10_000, () => detention.shareSlot !== undefined);
  must(await judge.command({ case: 'callWitness', value: { participant: PEOPLE.witness } }));
  must(await judge.command({ case: 'cutOff', value: { participant: DEFENDANT } }));
  expect(await detention.isSilent()).toBe(true);
  await victim.receives(10_000, 20, victim.shareSlot);
  await Promise.all([witness.stop(), sharer.stop()]);
});

test('ends with the link of the device that shows', async ({ server, live }) => {
  const { judge, victim } = live;
  const sharer = await share(server, live);
  await sharer.stop();
  await eventually('the slot is empty', 30_000, () => victim.shareSlot === undefined);
  await judge.event('shareStopped', 0n, 30_000);
});

test('lets one show at a time, and whoever may mute others end it', async ({ server, live }) => {
  const { courtroom, judge } = live;
  const sharer = await share(server, live);
  const clerk = await courtroom.arrive('clerk');
  const another = await clerk.command({ case: 'startShare', value: { kind: 1 } });
  expect(another.refusal).toBe('another_shares');
  const counsel = await courtroom.enter('counsel', judge);
  const unasked = await counsel.command({ case: 'stopShare', value: {} });
  expect(unasked.refusal).toBe('role_not_allowed');
  expect(counsel.snapshot.participants.find(({ id }) => id === PEOPLE.counsel)?.role).toBe(
    Role.DEFENCE_COUNSEL,
  );
  must(await judge.command({ case: 'stopShare', value: {} }));
  await sharer.stop();
});

test('keeps what is shown on record as files of its own that vouch for themselves', async ({
  server,
  live,
}) => {
  const { courtroom, judge } = live;
  const hearing = courtroom.hearing.id;
  const sharer = await share(server, live);
  const group = `e${endpointOf(live, PEOPLE.procurator)}-share`;
  await eventually('it is on record', 20_000, () => {
    try {
      return packetsByTrack(server, hearing, group).video > 100;
    } catch {
      return false; // there is no file yet
    }
  });
  must(await judge.command({ case: 'stopShare', value: {} }));
  await eventually('its last file is closed', 10_000, () => {
    const heads = judge.all('events').flatMap(({ events }) => events);
    return heads.some(({ body }) => body.case === 'recordHead' && body.value.share);
  });
  const kept = packetsByTrack(server, hearing, group);
  expect(kept.audio).toBe(0);
  must(await judge.command({ case: 'close', value: {} }));
  const said = await eventually('every group is closed', 10_000, async () => {
    const { said: now } = await verify(server, hearing);
    return now.torn === 0 && now.heads_found === now.heads && now;
  });
  expect(said).toMatchObject({ verified: true, bad: 0, groups: 4 });
  expect(packetsByTrack(server, hearing, group)).toEqual(kept); // nothing after the stop

  const viewer = new Viewer(server.url, judge.cookie);
  await viewer.render(hearing);
  const file = await eventually('the file is made', 60_000, async () => {
    const { files } = await viewer.checked(hearing);
    return files.find(({ name }) => name === `${group}.webm`);
  });
  expect(file).toMatchObject({ share: true, audio: false, video: true, check: FileCheck.GOOD });
  expect(file.endpoint).toBe(endpointOf(live, PEOPLE.procurator));
  await sharer.stop();
});

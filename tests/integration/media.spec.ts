// The relay before peers that speak the real protocols: what flows to whom, and what hostile ones get.
import { expect, must, test } from '../support/live.ts';
import { peer, Peer, personOf } from '../support/peer.ts';
import { eventually } from '../support/processes.ts';
import { PEOPLE, type Server } from '../support/server.ts';

test('carries picture and sound between those who are inside', async ({ live }) => {
  for (const person of [live.detention, live.victim]) {
    const before = { video: person.packets('v'), audio: person.packets('a') };
    await person.receives(5_000, 100);
    expect(person.packets('v')).toBeGreaterThan(before.video);
    expect(person.packets('a')).toBeGreaterThan(before.audio);
  }
});

test('sends a waiting witness not one packet of media', async ({ server, live }) => {
  const { courtroom, victim } = live;
  const during = victim.receives(12_000, 200);
  const { code, summary } = await peer([
    'watch',
    ...personOf(server, courtroom.hearing.links.witness),
    ...['--seconds', '4'],
  ]);
  await during;
  expect(code).toBe(0);
  expect(summary).toMatchObject({
    standing: 'STANDING_WAITING',
    media_connected: true,
    rtp: 0,
    other: 0,
  });
  expect(summary['stun']).toBeGreaterThan(0);
});

test('cuts a witness off with the very word that sends it back', async ({ server, live }) => {
  const { courtroom, judge } = live;
  const witness = new Peer(server, courtroom.hearing.links.witness);
  await courtroom.admitWhenWaiting(judge, 'witness');
  await witness.receives(10_000);
  must(await judge.command({ case: 'sendBack', value: { participant: PEOPLE.witness } }));
  expect(await witness.isSilent()).toBe(true);
  await witness.stop();
});

test('lets nothing flow in a recess, and everything again after it', async ({ live }) => {
  const { judge, victim, detention } = live;
  must(await judge.command({ case: 'recess', value: {} }));
  expect(await victim.isSilent()).toBe(true);
  expect(await detention.isSilent()).toBe(true);
  must(await judge.command({ case: 'resume', value: {} }));
  await Promise.all([victim.receives(5_000), detention.receives(5_000)]);
});

test('mutes the sound and leaves the picture', async ({ live }) => {
  const { judge, victim } = live;
  must(
    await judge.command({
      case: 'mute',
      value: { participant: PEOPLE.detention, lock: true },
    }),
  );
  expect(await victim.isSilent('a')).toBe(true);
  await victim.receives(3_000, 20);
});

/** One bad peer in the waiting room while others are heard; they must notice nothing. */
async function hostile(
  server: Server,
  link: string,
  name: string,
): Promise<Record<string, unknown>> {
  const { code, summary, errors } = await peer([
    'hostile',
    ...personOf(server, link),
    ...['--case', name],
  ]);
  expect(errors).toBe('');
  expect(code).toBe(0);
  return summary;
}

/** counted: the relay's counter that must have grown. */
const CASES: {
  title: string;
  name: string;
  expected: Record<string, unknown>;
  counted?: string;
}[] = [
  {
    title: 'drops and counts STUN with the wrong integrity',
    name: 'bad_integrity',
    expected: { answered: 0, dropped: true },
    counted: 'stun_unauthenticated',
  },
  {
    title: 'ends and counts DTLS with a certificate other than the answer named',
    name: 'wrong_fingerprint',
    expected: { dropped: true, rtp: 0 },
    counted: 'fingerprints_wrong',
  },
  {
    title: 'drops and counts replayed SRTP and keeps the leg',
    name: 'srtp_replay',
    expected: { alive: true },
    counted: 'srtp_replayed',
  },
  {
    title: 'drops and counts RTP on an SSRC nobody declared',
    name: 'undeclared_ssrc',
    expected: { alive: true },
    counted: 'rtp_undeclared',
  },
  {
    title: 'refuses an answer that is no SDP',
    name: 'bad_sdp',
    expected: { refusal: 'media_refused', alive: true },
  },
  {
    title: 'ends signalling over the size limit',
    name: 'oversized_ws',
    expected: { close_code: 1009 },
  },
  {
    title: 'ends signalling that is no message',
    name: 'malformed_ws',
    expected: { close_code: 1008 },
  },
  { title: 'ends signalling that is no UTF-8', name: 'bad_utf8', expected: { close_code: 1008 } },
  { title: 'ends signalling by text', name: 'text_frame', expected: { alive: false } },
  // libwebsockets takes unmasked frames (RFC 6455 would have it close); this one holds no request.
  {
    title: 'answers an unmasked frame like any other',
    name: 'unmasked_ws',
    expected: { alive: true },
  },
];

for (const { title, name, expected, counted } of CASES) {
  test(title, async ({ server, hearing }) => {
    const counter = `assize_relay_${counted ?? 'legs_opened'}`;
    const before = await server.metric(counter);
    expect(await hostile(server, hearing.links.witness, name)).toMatchObject(expected);
    await eventually(`${counter} grows`, 5_000, async () => {
      return (await server.metric(counter)) > before;
    });
    expect(await server.healthy()).toBe(true);
  });
}

test('serves everybody under ten thousand junk datagrams a second', async ({ server, live }) => {
  const { victim, detention, courtroom } = live;
  const running = hostile(server, courtroom.hearing.links.witness, 'junk_flood');
  await Promise.all([victim.receives(8_000, 150), detention.receives(8_000, 150)]);
  const summary = await running;
  expect(summary['sent']).toBeGreaterThan(20_000);
  expect(summary['checks_answered_meanwhile']).toBeGreaterThan(0);
  expect(summary['alive']).toBe(true);
});

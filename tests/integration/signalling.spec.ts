// The signalling protocol, with clients that behave and clients that do not.
import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { CommandSchema, Standing, Status } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { expect, must, test } from '../support/fixtures.ts';
import { openSocket, Participant } from '../support/participant.ts';
import { eventually } from '../support/processes.ts';
import { PEOPLE } from '../support/server.ts';
import { openByLink } from '../support/session.ts';

const MESSAGE_MAX = 65_536;

test('turns away a client without a session, and says why', async ({ server }) => {
  const stranger = await Participant.connect(server.url, {});
  expect(stranger.all('evicted')[0]?.reason?.code).toBe('not_signed_in');
  expect(await stranger.closed()).toBe(4401);
});

test('turns away a page of another site', async ({ server, hearing }) => {
  const { cookie } = await openByLink(server.url, hearing.links.judge);
  const socket = openSocket(server.url, { cookie, origin: 'https://evil.example' });
  const status = await new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('error', () => resolve('error'));
    socket.on('open', () => resolve('open'));
  });
  expect(status).not.toBe('open');
  socket.terminate();
});

test('takes the court straight in and everybody else to the waiting room', async ({
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  await courtroom.arrive('clerk');
  await courtroom.arrive('witness');
  await judge.event('checkedIn');
  const resync = judge.send({ case: 'resync', value: {} });
  await judge.answerTo(resync);
  const standing = (person: keyof typeof PEOPLE) =>
    judge.snapshot.participants.find((view) => view.id === PEOPLE[person])?.standing;
  expect(standing('judge')).toBe(Standing.IN_HEARING);
  expect(standing('clerk')).toBe(Standing.IN_HEARING);
  expect(standing('witness')).toBe(Standing.WAITING);
  expect(standing('victim')).toBe(Standing.NOT_SIGNED_IN);
});

test('conducts a hearing from its start to its close', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const counsel = await courtroom.enter('counsel', judge);
  must(await judge.command({ case: 'start', value: {} }));
  must(await counsel.command({ case: 'raiseHand', value: {} }));
  must(await judge.command({ case: 'grantFloor', value: { participant: PEOPLE.counsel } }));
  must(await judge.command({ case: 'takeBackFloor', value: {} }));
  must(await judge.command({ case: 'recess', value: {} }));
  must(await judge.command({ case: 'resume', value: {} }));
  must(await judge.command({ case: 'suspend', value: {} }));
  must(await judge.command({ case: 'resume', value: {} }));
  const end = must(await judge.command({ case: 'close', value: {} }));
  await counsel.event('closed');
  expect(counsel.seq).toBe(end);
  const after = await judge.command({ case: 'start', value: {} });
  expect(after.refusal).toBe('wrong_status');
});

test('keeps the floor queue in the order of asking', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const procurator = await courtroom.enter('procurator', judge);
  const counsel = await courtroom.enter('counsel', judge);
  const victim = await courtroom.enter('victim', judge);
  must(await judge.command({ case: 'start', value: {} }));
  const clerk = await courtroom.arrive('clerk');
  for (const client of [victim, procurator, counsel]) {
    must(await client.command({ case: 'raiseHand', value: {} }));
  }
  await clerk.answerTo(clerk.send({ case: 'resync', value: {} }));
  const expected = [PEOPLE.victim, PEOPLE.procurator, PEOPLE.counsel];
  expect(clerk.snapshot.hearing?.floorQueue).toEqual(expected);
});

test('refuses what is for someone else to do', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const counsel = await courtroom.enter('counsel', judge);
  const clerk = await courtroom.arrive('clerk');
  const start = await counsel.command({ case: 'start', value: {} });
  expect(start.refusal).toBe('role_not_allowed');
  const admit = await counsel.command({ case: 'admit', value: { participant: PEOPLE.witness } });
  expect(admit.refusal).toBe('role_not_allowed');
  const mute = await counsel.command({
    case: 'mute',
    value: { participant: PEOPLE.judge },
  });
  expect(mute.refusal).toBe('role_not_allowed');
  expect((await clerk.command({ case: 'close', value: {} })).refusal).toBe('role_not_allowed');
});

test('refuses from people what only the server reports', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  for (const body of [
    { case: 'linkLost', value: { endpoint: 3 } },
    { case: 'linkRestored', value: { endpoint: 3 } },
    { case: 'clockJump', value: { deltaMs: 1000n } },
  ] as const) {
    const outcome = await judge.command(body);
    expect(outcome.refusal, body.case).toBe('role_not_allowed');
  }
});

test('refuses what the state does not allow', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  expect((await judge.command({ case: 'resume', value: {} })).refusal).toBe('wrong_status');
  const absent = await judge.command({ case: 'admit', value: { participant: PEOPLE.witness } });
  expect(absent.refusal).toBe('not_waiting');
  const unknown = await judge.command({ case: 'admit', value: { participant: 40 } });
  expect(unknown.refusal).toBe('participant_unknown');
  const witness = await courtroom.arrive('witness');
  expect((await witness.command({ case: 'raiseHand', value: {} })).refusal).toBe('not_in_hearing');
});

test('refuses a decision made on an older state than the one it would change', async ({
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const early = judge.seq;
  must(await judge.command({ case: 'start', value: {} }));
  must(await judge.command({ case: 'recess', value: {} }));
  const stale = await judge.command({ case: 'resume', value: {} }, { seenSeq: early });
  expect(stale.refusal).toBe('stale_seq');
  must(await judge.command({ case: 'resume', value: {} }));
});

test('answers a repeated command with its first outcome and does it once', async ({
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const command = create(CommandSchema, {
    commandId: randomUUID(),
    seenSeq: judge.seq,
    body: { case: 'start', value: {} },
  });
  const first = await judge.submit(command);
  const second = await judge.submit(command);
  expect(second).toEqual(first);
  must(first);
  const started = judge
    .all('events')
    .flatMap((events) => events.events)
    .filter((event) => event.body.case === 'started');
  expect(started).toHaveLength(1);
});

test('refuses a command number used for something else', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const commandId = randomUUID();
  must(await judge.command({ case: 'start', value: {} }, { commandId }));
  const other = await judge.command({ case: 'recess', value: {} }, { commandId });
  expect(other.refusal).toBe('command_id_reused');
});

test('refuses a command without a number', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const outcome = await judge.command({ case: 'start', value: {} }, { commandId: 'first' });
  expect(outcome.refusal).toBe('malformed');
});

test('ends a client that sends what is no message', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  judge.socket.send(Buffer.from('ffffffffffffffff', 'hex'));
  expect(await judge.closed()).toBe(1008);
  expect(judge.all('refusal').at(-1)?.code).toBe('malformed');
});

test('ends a client that sends a name with bytes that are no UTF-8', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  // request_id 9, command { command_id: c3 28 }
  judge.socket.send(Buffer.from('080952040a02c328', 'hex'));
  expect(await judge.closed()).toBe(1008);
});

test('ends a client that sends text', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  judge.socket.send('{"command":"start"}');
  expect([1003, 1008]).toContain(await judge.closed());
});

test('ends a client that sends text which is not even UTF-8', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  judge.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
  expect([1003, 1007, 1008]).toContain(await judge.closed());
});

test('ends a client whose message is over the limit, whole or in fragments', async ({
  courtroom,
}) => {
  const whole = await courtroom.arrive('judge');
  whole.socket.send(Buffer.alloc(MESSAGE_MAX + 1));
  expect(await whole.closed()).toBe(1009);
  const fragments = await courtroom.arrive('clerk');
  for (let i = 0; i < 80 && fragments.closeCode === undefined; i++) {
    fragments.socket.send(Buffer.alloc(1024), { fin: false });
  }
  expect(await fragments.closed()).toBe(1009);
});

test('ends a client that floods, and the others notice nothing', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const clerk = await courtroom.arrive('clerk');
  for (let i = 0; i < 2_000 && clerk.closeCode === undefined; i++) {
    clerk.send({ case: 'ping', value: { clientMs: BigInt(i) } });
  }
  const began = performance.now();
  must(await judge.command({ case: 'start', value: {} }));
  expect(performance.now() - began).toBeLessThan(1_000);
  expect([1008, 4008]).toContain(await clerk.closed());
});

test('answers heartbeats', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const request = judge.send({ case: 'ping', value: { clientMs: 42n } });
  await judge.answerTo(request);
  const pong = judge.all('pong').at(-1);
  expect(pong?.clientMs).toBe(42n);
  expect(Math.abs(Number(pong?.serverMs ?? 0n) - Date.now())).toBeLessThan(5_000);
});

test('tells a client that comes back what it missed, and only that', async ({
  server,
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const clerk = await courtroom.arrive('clerk');
  const left = clerk.seq;
  clerk.close();
  must(await judge.command({ case: 'start', value: {} }));
  const last = must(await judge.command({ case: 'recess', value: {} }));
  const back = courtroom.keep(
    await Participant.connect(server.url, { cookie: clerk.cookie, since: left }),
  );
  await eventually('the missed events', 5_000, () => back.seqs.includes(last));
  expect(back.all('snapshot')).toHaveLength(0);
  const expected = Array.from({ length: Number(last - left) }, (_, i) => left + BigInt(i) + 1n);
  expect(back.seqs).toEqual(expected);
});

test('gives a whole snapshot to a client that claims to come from the future', async ({
  server,
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const back = courtroom.keep(
    await Participant.connect(server.url, { cookie: judge.cookie, since: 1_000_000n }),
  );
  await eventually('a snapshot', 5_000, () => back.all('snapshot').length > 0);
});

test('lets a second device take the place of the first, and tells the first', async ({
  courtroom,
}) => {
  const first = await courtroom.arrive('judge');
  const second = await courtroom.connect('judge');
  expect(await first.closed()).toBe(4001);
  expect(first.all('evicted')[0]?.reason?.code).toBe('other_device');
  expect(second.closeCode).toBeUndefined();
  const you = second.snapshot.participants.find((view) => view.id === PEOPLE.judge);
  expect(you?.standing).toBe(Standing.IN_HEARING);
});

test('tells a person in the waiting room nothing from inside', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const counsel = await courtroom.enter('counsel', judge);
  const witness = await courtroom.arrive('witness');
  must(await judge.command({ case: 'start', value: {} }));
  must(await counsel.command({ case: 'raiseHand', value: {} }));
  must(await judge.command({ case: 'grantFloor', value: { participant: PEOPLE.counsel } }));
  const last = must(await judge.command({ case: 'mute', value: {} }));
  await eventually('the witness knows how far it is', 5_000, () => witness.seq >= last);
  await witness.answerTo(witness.send({ case: 'resync', value: {} }));
  const told = witness.all('events').flatMap((events) => events.events.map((e) => e.body.case));
  for (const secret of ['handRaised', 'floorGranted', 'muted', 'unmuted'] as const) {
    expect(told).not.toContain(secret);
  }
  const { hearing, endpoints } = witness.snapshot;
  expect(hearing?.status).toBe(Status.IN_SESSION);
  expect(hearing?.floorHolder).toBe(0);
  expect(hearing?.floorQueue).toEqual([]);
  expect(endpoints.some((endpoint) => endpoint.muted || endpoint.muteLocked)).toBe(false);
});

test('sends a witness back to the waiting room with its state', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const witness = await courtroom.enter('witness', judge);
  must(await judge.command({ case: 'sendBack', value: { participant: PEOPLE.witness } }));
  await eventually('the witness hears of it', 5_000, () =>
    witness
      .all('events')
      .flatMap((events) => events.participants)
      .some((view) => view.id === PEOPLE.witness && view.standing === Standing.WAITING),
  );
});

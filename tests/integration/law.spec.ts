// The law of a session as people meet it at the protocol: conditions by site, rules set aside, words, deadlines.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { EventSchema, Status } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { Courtroom, expect, must, test } from '../support/fixtures.ts';
import { Participant } from '../support/participant.ts';
import { eventually, run } from '../support/processes.ts';
import { freePorts } from '../support/ports.ts';
import { binary, PEOPLE, ROOT, type Server } from '../support/server.ts';

const WORDS_MAX = 8192;
const OVERRIDES_MAX = 32;
const RULE_MAX = 109;
const DAY_MS = 24n * 3_600_000n;

/** Every letter of Vietnamese, composed. */
const LETTERS = [...'aăâeêioôơuưy']
  .flatMap((vowel) =>
    ['', '\u0300', '\u0301', '\u0303', '\u0309', '\u0323'].map((tone) => vowel + tone),
  )
  .join('')
  .concat('đbcdghklmnpqrstvx')
  .normalize('NFC');
const EVERY_LETTER = LETTERS + LETTERS.toUpperCase();

interface Trial {
  courtroom: Courtroom;
  judge: Participant;
  clerk: Participant;
}

/** A criminal trial before its start: all are there but the official of the component point. */
async function prepare(server: Server): Promise<Trial> {
  const courtroom = new Courtroom(server, await server.seed('criminal_first_instance'));
  const judge = await courtroom.arrive('judge');
  const clerk = await courtroom.arrive('clerk');
  for (const person of ['procurator', 'counsel', 'detention'] as const) {
    await courtroom.enter(person, judge);
  }
  return { courtroom, judge, clerk };
}

const BECAUSE = 'Công chức Tòa án đang trên đường đến; không ảnh hưởng đến quyền của bị cáo.';

/** Started, with the one missing official set aside. */
async function begin(server: Server): Promise<Trial> {
  const trial = await prepare(server);
  must(await trial.judge.overrule({ case: 'start', value: {} }, BECAUSE));
  return trial;
}

test('names every unmet condition with its site before a trial starts', async ({ server }) => {
  const { courtroom, judge } = await prepare(server);
  const { refusal, why } = await judge.command({ case: 'start', value: {} });
  expect(refusal).toBe('quorum_not_met');
  expect(why?.overrides).toEqual(['quorum.site_official']);
  expect(why?.unmet.map(({ text, article }) => [text?.vi, article])).toEqual([
    ['Điểm cầu thành phần, phường Hà Đông: thiếu công chức Tòa án', 'TTLT 05/2021, 10'],
  ]);
  // The list is live: the officer of the detention facility goes, and it says so.
  must(await judge.command({ case: 'sendBack', value: { participant: PEOPLE.detention } }));
  const unmet = await eventually('the condition of the detention facility', 30_000, () => {
    const last = judge
      .all('events')
      .at(-1)
      ?.hearing?.quorum.filter(({ met }) => !met);
    return last?.some(({ id }) => id === 'detention_officer') === true ? last : undefined;
  });
  expect(unmet.map(({ text }) => text?.vi)).toContain(
    'Điểm cầu Trại tạm giam số 1: thiếu cán bộ giám sát',
  );
  expect(unmet.find(({ id }) => id === 'defendant')?.missing).toEqual([4]);
  courtroom.leave();
});

test('starts when the presiding judge sets the rule aside, and keeps who and why', async ({
  server,
}) => {
  const { courtroom, judge, clerk } = await prepare(server);
  const start = { case: 'start', value: {} } as const;
  const overrides = ['quorum.site_official'];
  expect((await judge.command(start, { overrides })).refusal).toBe('words_needed');
  const clerks = await clerk.command(start, { overrides, words: 'x' });
  expect(clerks.refusal).toBe('role_not_allowed');
  must(await judge.command(start, { overrides, words: BECAUSE }));
  await clerk.event('ruleOverridden');
  const event = clerk
    .all('events')
    .flatMap((told) => told.events)
    .find(({ body }) => body.case === 'ruleOverridden');
  expect(event?.actor).toBe(PEOPLE.judge);
  expect(event?.body.value).toMatchObject({ rule: 'quorum.site_official' });
  expect(clerk.words(event?.seq ?? 0n)).toBe(BECAUSE);
  // Nothing stands in the way of a recess, so nothing can be set aside.
  const recess = await judge.command({ case: 'recess', value: {} }, { overrides, words: 'x' });
  expect(recess.refusal).toBe('override_not_needed');
  courtroom.leave();
});

test('sets aside the rules that were shown, and no other', async ({ server }) => {
  const { courtroom, judge, clerk } = await begin(server);
  const questioning = { case: 'enterPhase', value: { phase: 4 } } as const;
  const words = 'Cáo trạng đã công bố ở phiên trước.';
  const first = await judge.command(questioning);
  expect([first.refusal, first.why?.overrides]).toEqual([
    'phase_not_next',
    ['phase.opening.order'],
  ]);
  const second = await judge.command(questioning, { overrides: first.why?.overrides ?? [], words });
  expect(second.refusal).toBe('identity_needed');
  const both = ['phase.opening.order', 'phase.opening.identity'];
  expect(second.why?.overrides).toEqual(both);
  const more = await judge.command(questioning, { overrides: [...both, 'phase.opening.x'], words });
  expect(more.refusal).toBe('override_not_needed');
  const many = Array.from({ length: OVERRIDES_MAX + 1 }, (_, i) => `rule ${i}`);
  for (const overrides of [many, ['x'.repeat(RULE_MAX + 1)]]) {
    expect((await judge.command(questioning, { overrides, words })).refusal).toBe('malformed');
  }
  must(await judge.command(questioning, { overrides: second.why?.overrides ?? [], words }));
  const aside = await eventually('what was set aside is told', 30_000, () => {
    const rules = clerk
      .all('events')
      .flatMap(({ events }) => events)
      .flatMap(({ body }) => (body.case === 'ruleOverridden' ? [body.value.rule] : []));
    return rules.length > 1 ? rules : undefined;
  });
  expect(aside).toEqual(['quorum.site_official', ...both]);
  courtroom.leave();
});

test('says which article stands against what the phase does not let', async ({ server }) => {
  const { courtroom, judge, clerk } = await begin(server);
  const { refusal, why } = await judge.command({ case: 'close', value: {} });
  expect(refusal).toBe('phase_may_not_end');
  expect([why?.rule, why?.article]).toEqual(['phase.opening.end', 'BLTTHS 301-305']);
  expect(why?.overrides).toEqual(['phase.opening.end']);
  const clerks = await clerk.command({ case: 'close', value: {} });
  expect(clerks.why?.overrides ?? []).toEqual([]);
  courtroom.leave();
});

test('refuses what was meant for the phase before', async ({ server }) => {
  const { courtroom, judge } = await begin(server);
  const before = judge.seq;
  must(
    await judge.overrule(
      { case: 'enterPhase', value: { phase: 3 } },
      'Căn cước đã được kiểm tra trước phiên tòa.',
    ),
  );
  const late = await judge.command(
    { case: 'grantFloor', value: { participant: PEOPLE.counsel } },
    { seenSeq: before },
  );
  expect(late.refusal).toBe('stale_seq');
  const again = await judge.command({ case: 'enterPhase', value: { phase: 3 } });
  expect(again.refusal).not.toBeUndefined();
  courtroom.leave();
});

test('takes a note with every letter, composed or not, and no note that is too long', async ({
  server,
}) => {
  const { courtroom, judge, clerk } = await begin(server);
  const note = (words: string) => clerk.command({ case: 'takeNote', value: {} }, { words });
  const composed = must(await note(EVERY_LETTER));
  const decomposed = must(await note(EVERY_LETTER.normalize('NFD')));
  await judge.event('noteTaken', composed);
  expect(judge.words(composed)).toBe(EVERY_LETTER);
  expect(judge.words(decomposed)).toBe(EVERY_LETTER);
  must(await note('x'.repeat(WORDS_MAX)));
  expect((await note('x'.repeat(WORDS_MAX + 1))).refusal).toBe('words_too_long');
  expect((await note('')).refusal).toBe('words_needed');
  // Those who are not of the court learn that something was written, and not what.
  const counsel = await courtroom.connect('counsel');
  expect(counsel.words(composed)).toBeUndefined();
  // All of it is what was written, and what is erased is said to be.
  await server.sql(
    `UPDATE hearing_words SET words = NULL, erased_at = now()
     WHERE hearing = '${courtroom.hearing.id}' AND seq = ${composed}`,
  );
  const said = JSON.parse(await server.assize('verify', courtroom.hearing.id, '--json')) as {
    verified: boolean;
    words: number;
    words_erased: number;
    findings: { verdict: string }[];
  };
  expect(said).toMatchObject({ verified: true, words: 5, words_erased: 1 });
  expect(said.findings.map(({ verdict }) => verdict)).toContain('erased');
  courtroom.leave();
});

test('ends a client that writes a megabyte, and only that one', async ({ server }) => {
  const { courtroom, clerk, judge } = await begin(server);
  clerk.send({
    case: 'command',
    value: { body: { case: 'takeNote', value: {} }, words: 'ế'.repeat(350_000) },
  });
  expect(await clerk.closed()).toBe(1009);
  must(await judge.command({ case: 'recess', value: {} }));
  const again = await courtroom.connect('clerk');
  must(await again.command({ case: 'takeNote', value: {} }, { words: 'Thư ký trở lại.' }));
  courtroom.leave();
});

test('gives a client that comes back the words it missed', async ({ server }) => {
  const { courtroom, judge, clerk } = await begin(server);
  const since = judge.seq;
  judge.close();
  const seq = must(
    await clerk.command({ case: 'takeNote', value: {} }, { words: 'Trong lúc vắng.' }),
  );
  const back = courtroom.keep(
    await Participant.connect(server.url, { cookie: judge.cookie, since }),
  );
  expect(back.all('snapshot')).toHaveLength(0);
  expect(back.words(seq)).toBe('Trong lúc vắng.');
  const anew = courtroom.keep(await Participant.connect(server.url, { cookie: judge.cookie }));
  expect(anew.snapshot.words.map(({ words }) => words)).toContain('Trong lúc vắng.');
  courtroom.leave();
});

test('lets one of two commands that were pressed at once take effect', async ({ server }) => {
  const { courtroom, judge, clerk } = await begin(server);
  const seenSeq = judge.seq;
  const both = await Promise.all([
    judge.command({ case: 'recess', value: {} }, { seenSeq }),
    judge.command({ case: 'recess', value: {} }, { seenSeq }),
  ]);
  expect(both.filter(({ refusal }) => refusal === undefined)).toHaveLength(1);
  must(await judge.overrule({ case: 'resume', value: {} }, BECAUSE));
  const mutes = await Promise.all(
    [judge, clerk].map((who) =>
      who.command({ case: 'mute', value: { participant: PEOPLE.counsel, lock: true } }),
    ),
  );
  expect(mutes.map(({ refusal }) => refusal ?? 'done').sort()).toEqual(['already_so', 'done']);
  courtroom.leave();
});

test('keeps the deadline of a suspension when the server starts anew', async ({ server }) => {
  test.setTimeout(180_000);
  const { courtroom, judge } = await begin(server);
  const suspend = { case: 'suspend', value: {} } as const;
  expect((await judge.command(suspend)).refusal).toBe('words_needed');
  const decision = 'Tạm ngừng phiên tòa để xác minh, thu thập bổ sung chứng cứ.';
  const seq = must(await judge.command(suspend, { words: decision }));
  const until = await eventually('the deadline', 30_000, () => {
    return judge.all('events').at(-1)?.hearing?.suspendedUntilMs;
  });
  // The end of the fifth day after this one, in Viet Nam.
  expect((until + 1n + 7n * 3_600_000n) % DAY_MS).toBe(0n);
  expect(until).toBeGreaterThan(BigInt(Date.now()) + 5n * DAY_MS);
  server.kill('assized');
  await server.ready(60_000);
  const again = await eventually('the judge is back', 90_000, () =>
    Participant.connect(server.url, { cookie: judge.cookie }).catch(() => undefined),
  );
  courtroom.keep(again);
  expect(again.snapshot.hearing?.status).toBe(Status.SUSPENDED);
  expect(again.snapshot.hearing?.suspendedUntilMs).toBe(until);
  expect(again.words(seq)).toBe(decision);
  courtroom.leave();
});

/** The same hearing, as if all had happened earlier. */
async function copyEarlier(server: Server, hearing: string, by: bigint): Promise<string> {
  const copy = await server.seed('criminal_first_instance');
  const rows = await server.sql(
    `SELECT encode(body, 'hex') FROM hearing_event WHERE hearing = '${hearing}' ORDER BY seq`,
  );
  let prev = Buffer.alloc(32);
  for (const [body] of rows) {
    const event = fromBinary(EventSchema, Buffer.from(body ?? '', 'hex'));
    event.atMs -= by;
    if (event.body.case === 'suspended') {
      event.body.value.untilMs -= by;
    }
    const packed = Buffer.from(toBinary(EventSchema, event));
    const numbers = Buffer.alloc(16);
    numbers.writeBigUInt64BE(event.seq, 0);
    numbers.writeBigInt64BE(event.atMs, 8);
    const hash = createHash('sha256').update(prev).update(numbers).update(packed).digest();
    await server.sql(
      `INSERT INTO hearing_event (hearing, seq, at_ms, body, prev_hash, hash)
       VALUES ('${copy.id}', ${event.seq}, ${event.atMs}, '\\x${packed.toString('hex')}',
               '\\x${prev.toString('hex')}', '\\x${hash.toString('hex')}')`,
    );
    prev = hash;
  }
  return copy.id;
}

test('declares a deadline passed though nobody has the hearing open', async ({ server }) => {
  test.setTimeout(180_000);
  const { courtroom, judge } = await begin(server);
  must(await judge.command({ case: 'suspend', value: {} }, { words: 'Tạm ngừng.' }));
  const earlier = await copyEarlier(server, courtroom.hearing.id, 7n * DAY_MS);
  courtroom.leave();
  server.kill('assized');
  await server.ready(60_000);
  const kinds = await eventually('the deadline is declared passed', 90_000, async () => {
    const rows = await server.sql(
      `SELECT event_kind(body) FROM hearing_event WHERE hearing = '${earlier}' ORDER BY seq`,
    );
    return rows.some(([kind]) => kind === '57') ? rows.flat() : undefined;
  });
  expect(kinds.filter((kind) => kind === '57')).toHaveLength(1);
});

test('starts with no procedure file that is wrong, and says where', async () => {
  test.setTimeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'assize-law-'));
  const state = mkdtempSync(join(tmpdir(), 'assize-t-'));
  const { port, mediaPort } = await freePorts();
  const plain = readFileSync(join(ROOT, 'tests/support/procedures/plain.conf'), 'utf8');
  writeFileSync(join(folder, 'bad.conf'), plain.replace('roles = "all"', 'roles = [ "hangman" ]'));
  const { code, output, errors } = await run(
    binary('assize'),
    [
      ...['up', '--state', state, '--set', `listen.port=${port}`],
      ...['--set', `media.port=${mediaPort}`, '--set', `hearing.procedures=${folder}`],
    ],
    120_000,
  );
  expect(code).not.toBe(0);
  expect(output + errors).toContain(
    `${join(folder, 'bad.conf')}: line 5: roles: "hangman" is unknown`,
  );
  rmSync(folder, { recursive: true });
  rmSync(state, { recursive: true });
});

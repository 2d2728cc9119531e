// By seeds: random changes at courts, notices of an agency for them, and batches of a court that is hostile, while the daemons
// and databases of either side are killed, their disks fill, and the connections are cut at any byte of either direction. When it
// has healed, what the sources wrote and what has effect at the centre are the same set of (source, case, seq, hash), each once; so
// are what the centre had for the courts and what they have, and what either side knows of the courts' cases; and whoever looked in
// between saw every case grow without gaps. ASSIZE_SEEDS seeds from ASSIZE_FROM_SEED (./test fault --seeds N --from-seed S).
import { setTimeout as delay } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import { NoticeSchema, RejectionSchema } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { Agency } from '../support/agency.ts';
import { BENCH_PUBLIC_ID, fillBacklog, prepareBacklog } from '../support/backlog.ts';
import { Dice } from '../support/dice.ts';
import { Disk } from '../support/disk.ts';
import { admitTo } from '../support/exchange.ts';
import { HostileCourt } from '../support/hostile.ts';
import { callFromNewAddress } from '../support/http.ts';
import { eventually } from '../support/processes.ts';
import { DIRECTIONS, Proxy } from '../support/proxy.ts';
import { Reader } from '../support/reader.ts';
import { withoutRight } from '../support/rights.ts';
import { Server } from '../support/server.ts';
import { tell } from '../support/tell.ts';
import { Watcher } from '../support/watcher.ts';

const FROM = Number(process.env.ASSIZE_FROM_SEED ?? 1);
const SEEDS = Array.from({ length: Number(process.env.ASSIZE_SEEDS ?? 30) }, (_, i) => FROM + i);
/** So many seeds have an exchange of their own: what one leaves behind is looked at and compared again after each that follows. */
const SEEDS_OF_ONE = 30;
const SOURCES = ['COURT1', 'COURT2'];
const HOSTILE = 'HOSTILE';
const AGENCY = 'AGENCY';
const HEAL_MS = 60_000;
/** Of memory, as far as it is used: a seed leaves less than 1 MiB behind, mostly at the centre. */
const DISK_KIB = (256 + SEEDS_OF_ONE) << 10;
const COURTS_TOLD = SOURCES.map((court) => ({ court, publicId: BENCH_PUBLIC_ID }));

interface Court {
  source: string;
  server: Server;
  proxy: Proxy;
}

let center: Server;
let courts: Court[] = [];
let way: Proxy;
let hostile: HostileCourt;
let agency: Agency;
let watcher: Watcher;
let reader: Reader | undefined;
/** Of each server that has one; none where this user may not mount. */
const disks = new Map<Server, Disk>();
let noDisk = '';
/** How often what of all the faults did happen, and in how many seeds, in this exchange. */
let happened = newTally();
let seedsRun = 0;

function newTally() {
  return { 'kill assized': 0, 'kill postgres': 0, 'disk full': 0 };
}

/** On a disk of its own. */
async function startServer(settings: Record<string, string>): Promise<Server> {
  const disk = await Disk.make(DISK_KIB);
  if (typeof disk === 'string') {
    noDisk = disk;
    return Server.start(settings);
  }
  const server = await Server.start(settings, disk.folder);
  disks.set(server, disk);
  return server;
}

async function startCourt(source: string, seed: number): Promise<Court> {
  const proxy = await Proxy.to(center.port);
  const server = await startServer({
    'exchange.organisation': source,
    'exchange.center': `https://localhost:${proxy.port}`,
  });
  await center.assize('exchange', 'admit', source, '--to', server.state);
  await prepareBacklog(server);
  await fillBacklog(server, source, 10);
  const dice = new Dice(seed);
  await byChance(server, dice, changes(source, 5));
  await byChance(server, dice, redaction(source));
  await server.sql('CREATE TABLE bench.corrected (number bigint PRIMARY KEY)');
  return { source, server, proxy };
}

/** An exchange that has seen nothing yet. */
async function startExchange(seed: number): Promise<void> {
  callFromNewAddress();
  happened = newTally();
  seedsRun = 0;
  center = await startServer({ role: 'center', 'exchange.organisation': 'CENTER' });
  for (const source of SOURCES) courts.push(await startCourt(source, seed));
  way = await Proxy.to(center.port);
  const url = `https://localhost:${way.port}`;
  hostile = new HostileCourt(url, HOSTILE, await admitTo(center, HOSTILE));
  const identity = await admitTo(center, AGENCY, '--agency');
  const right = ['--service', 'exchange', '--types', 'notice', '--purpose', 'enforcement'];
  await center.assize('access', 'grant', AGENCY, ...right);
  agency = new Agency(url, AGENCY, identity);
  watcher = new Watcher(url, AGENCY, identity);
  await eventually('the centre knows the cases', HEAL_MS, async () => {
    const known = `SELECT count(DISTINCT source) FROM case_file WHERE public_id = '${BENCH_PUBLIC_ID}'`;
    return (await center.sql(known))[0]?.[0] === String(SOURCES.length);
  });
}

async function stopExchange(): Promise<void> {
  await reader?.stop();
  reader = undefined;
  await watcher?.stop();
  for (const { server, proxy } of courts) {
    await server.dispose();
    await proxy.close();
  }
  courts = [];
  await way?.close();
  await center?.dispose();
  for (const disk of disks.values()) await disk.remove();
  disks.clear();
}

/** What follows the entity in a record of this kind. */
const tailOf = (kind: string) =>
  `(SELECT p.tail FROM bench.piece p WHERE p.kind = ${kind} LIMIT 1)`;

/** What the query leaves to chance is the dice's choice. */
async function byChance(server: Server, dice: Dice, query: string): Promise<void> {
  await server.sqlEach([`SELECT setseed(${dice.next()})`, query]);
}

/** Some changes in one transaction: half of them are of things that others of the case are of as well; one in ten cannot be read. */
const changes = (source: string, count: number) => `
  SELECT count(CASE WHEN random() < 0.1
    THEN case_write('${source}', id, bench.new_change(), 1, kind, thing, NULL, NULL, '\\xff', '', NULL, NULL)
    ELSE bench.write('${source}', id, kind, thing, ${tailOf('chosen.kind')}) END)
  FROM (SELECT id, kind, CASE WHEN random() < 0.5 THEN gen_random_uuid()
                              ELSE things[CASE kind WHEN 'party' THEN 3 ELSE 6 END + floor(random() * 2)::int] END AS thing
        FROM bench.made, unnest('{event,event,party}'::text[]) AS kind ORDER BY random() LIMIT ${count}) AS chosen`;

/** One change is redacted: of an event its beginning is left, which is the entity. */
const redaction = (source: string) => `
  SELECT case_redact('${source}', court_case, seq, bench.new_change(), substr(payload, 1, 38),
                     pack_text(4, 'test') || pack_number(7, seq), 'data_subject', 'test')
  FROM (SELECT * FROM outbox WHERE target = '' AND op < 4 AND record_type = 'event' AND kept IS NULL
          AND octet_length(payload) > 38 ORDER BY random() LIMIT 1) AS chosen`;

/** What each unreadable record was of: the thing that its court says. */
const THING_OF = `(SELECT r.entity FROM case_record r WHERE r.case_key = o.case_key AND r.change_id = o.change_id LIMIT 1)`;

/** A correction in the place of each record that was refused and has none. */
const corrections = (source: string) => `
  WITH refused AS (
    INSERT INTO bench.corrected SELECT number FROM outbox_state
      WHERE target = '' AND refused IS NOT NULL ON CONFLICT DO NOTHING RETURNING number
  ) SELECT count(case_write('${source}', court_case, bench.new_change(), 2, record_type, thing, NULL, NULL,
      '\\x0a24'::bytea || convert_to(thing::text, 'UTF8') || ${tailOf('o.record_type')}, pack_number(3, seq), NULL, NULL))
    FROM (SELECT o.*, ${THING_OF} AS thing FROM outbox o JOIN refused USING (number) ORDER BY number) AS o`;

async function lines(server: Server, query: string): Promise<string[]> {
  return (await server.sql(query)).map((row) => row.join(' ')).sort();
}

const sentBy = ({ server }: Court) =>
  lines(server, `SELECT case_key, seq, encode(hash, 'hex') FROM outbox WHERE target = ''`);
const effectOf = (source: string) =>
  lines(center, `SELECT case_key, seq, encode(hash, 'hex') FROM inbox WHERE source = '${source}'`);

/** Each with what is left of it. */
const redactedOf = (server: Server, source: string) =>
  lines(
    server,
    `SELECT case_key, seq, redacted_by, coalesce(i.payload, o.payload) FROM redaction
     LEFT JOIN inbox i USING (source, case_key, seq) LEFT JOIN outbox o USING (case_key, seq)
     WHERE source = '${source}' AND length(coalesce(i.payload, o.payload)) = 38`,
  );

/**
 * What holds of the cases of a court from now on. When a thing was said by a record that was rejected, court and centre may differ on
 * what held of it before.
 */
const known = (server: Server, source: string) =>
  lines(
    server,
    `SELECT case_key, kind, entity, seq, change_id, lower(valid) FROM case_record
       WHERE source = '${source}' AND upper(known) IS NULL AND upper(valid) IS NULL
     UNION ALL SELECT case_key, 'card', NULL, seq, NULL, NULL FROM case_file WHERE source = '${source}'`,
  );

/** And what held of all that no rejected record is of. */
const knownBefore = (server: Server, source: string, disputed: string) =>
  lines(
    server,
    `SELECT case_key, entity, seq, valid, upper(known) IS NULL,
            dense_rank() OVER (PARTITION BY case_key, entity ORDER BY lower(known))
       FROM case_record WHERE source = '${source}' AND NOT entity = ANY ('{${disputed}}')`,
  );

async function expectKnown({ server, source }: Court): Promise<void> {
  const cases = await known(server, source);
  expect(cases.length).toBeGreaterThan(0);
  expect(await known(center, source)).toEqual(cases);
  const [[disputed = ''] = []] = await server.sql(
    `SELECT string_agg(DISTINCT ${THING_OF}::text, ',') FROM outbox o JOIN bench.corrected USING (number)`,
  );
  expect(await knownBefore(center, source, disputed)).toEqual(
    await knownBefore(server, source, disputed),
  );
}

// ---- faults ----

const DAEMONS = ['assized', 'postgres'] as const;

/** A connection of a court or of the others, at any byte of what is sent, of what is answered, or of both. */
function cut(dice: Dice): void {
  const proxy = dice.pick([way, ...courts.map((court) => court.proxy)]);
  const bytes = dice.below(dice.pick([200, 3_000, 40_000]));
  proxy.cutAfter(bytes, dice.pick([...DIRECTIONS, 'from']));
}

/** As soon as it runs, if it is on its way back. */
async function kill(dice: Dice, server: Server): Promise<void> {
  const name = dice.pick(DAEMONS);
  await eventually(`${name} is there to be killed`, HEAL_MS, () => {
    if (server.daemon(name) === undefined) return false;
    try {
      return server.kill(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      return false; // it ended in between
    }
  });
  happened[`kill ${name}`]++;
}

/** Full for a while, with whatever is under way. */
async function fill(dice: Dice, disk: Disk): Promise<void> {
  await disk.fill();
  happened['disk full']++;
  try {
    await delay(dice.below(800));
  } finally {
    await disk.free();
  }
}

async function fault(dice: Dice): Promise<void> {
  const server = dice.pick([center, center, ...courts.map((court) => court.server)]);
  const disk = disks.get(server);
  await delay(dice.below(120));
  const which = dice.next();
  if (which < 0.45) cut(dice);
  else if (which < 0.8 || disk === undefined) await kill(dice, server);
  else await fill(dice, disk);
}

async function work(court: Court, dice: Dice): Promise<void> {
  for (let left = 1 + dice.below(4); left > 0; left--) {
    // What was not committed, because its database was killed, was never written.
    const change = changes(court.source, 1 + dice.below(15));
    await byChance(court.server, dice, change).catch(() => undefined);
    if (dice.chance(0.3)) {
      await byChance(court.server, dice, redaction(court.source)).catch(() => undefined);
    }
    await delay(dice.below(60));
  }
}

async function wreck(dice: Dice): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await Promise.all([
      ...courts.map((court) => work(court, new Dice(dice.below(2 ** 31)))),
      hostile.step(new Dice(dice.below(2 ** 31))),
      agency.step(new Dice(dice.below(2 ** 31)), COURTS_TOLD),
      fault(new Dice(dice.below(2 ** 31))),
    ]);
  }
}

// ---- afterwards ----

async function heal(): Promise<void> {
  for (const { proxy } of [...courts, { proxy: way }]) proxy.cutAfter(Infinity);
  await hostile.mend();
  await eventually('everything is answered', HEAL_MS, async () => {
    try {
      for (const { server, source } of courts) {
        await server.sql(corrections(source));
        const [waiting] = await server.sql(
          `SELECT count(*) FROM outbox_state WHERE target = '' AND receipt_id IS NULL AND refused IS NULL
           OR refused IS NOT NULL AND number NOT IN (SELECT number FROM bench.corrected)`,
        );
        if (waiting?.[0] !== '0') return false;
      }
      const [held] = await center.sql(
        `SELECT (SELECT count(*) FROM held) + (SELECT count(*) FROM outbox_state
           WHERE receipt_id IS NULL AND target <> '${HOSTILE}')`,
      );
      return held?.[0] === '0';
    } catch {
      return false; // a database is on its way back
    } finally {
      await delay(50);
    }
  });
}

/** What the centre had for a court is there, once and in its order, and it is what the agency said. */
async function expectTold({ source, server }: Court): Promise<void> {
  const columns = `case_key, seq, encode(hash, 'hex')`;
  expect(await lines(server, `SELECT ${columns} FROM inbox WHERE source = 'CENTER'`)).toEqual(
    await lines(center, `SELECT ${columns} FROM outbox WHERE target = '${source}'`),
  );
  const notices = await server.sql(
    `SELECT encode(payload, 'hex') FROM inbox WHERE source = 'CENTER' AND record_type = 'notice' ORDER BY seq`,
  );
  const texts = notices.map(([hex = '']) => fromBinary(NoticeSchema, Buffer.from(hex, 'hex')).text);
  expect(texts).toEqual(agency.told.get(source) ?? []);
  expect(await server.sql(`SELECT count(*) FROM notice`)).toEqual([[String(texts.length)]]);
}

/** Who watches was told each notice that leads nowhere, once; each is a case of its own, so only batches have an order. */
async function expectWatched(): Promise<void> {
  await eventually('the watcher has all', HEAL_MS, () => watcher.records.length >= agency.lost);
  const keys = watcher.records.map(({ payload }) => fromBinary(RejectionSchema, payload).caseKey);
  const lost = Array.from({ length: agency.lost }, (_, i) => `lost-${i + 1}`);
  expect(keys.toSorted()).toEqual(lost.toSorted());
  expect(watcher.wrong).toEqual([]);
}

async function expectSame(): Promise<void> {
  for (const court of courts) await expectTold(court);
  await expectWatched();
  for (const court of courts) {
    expect(await effectOf(court.source)).toEqual(await sentBy(court));
    await expectKnown(court);
    const redacted = await redactedOf(court.server, court.source);
    expect(redacted.length).toBeGreaterThan(0);
    expect(await redactedOf(center, court.source)).toEqual(redacted);
    const known = await lines(center, `SELECT id FROM receipt WHERE source = '${court.source}'`);
    const kept = await lines(
      court.server,
      `SELECT DISTINCT receipt_id FROM outbox_state WHERE target = '' AND receipt_id IS NOT NULL`,
    );
    expect(kept.filter((id) => !known.includes(id))).toEqual([]);
  }
  expect(await effectOf(HOSTILE)).toEqual(hostile.genuine.toSorted());
  const said = `SELECT case_key, seq FROM case_record WHERE source = '${HOSTILE}'`;
  expect(await lines(center, said)).toEqual(hostile.effective.toSorted());
  const second = `SELECT case_key, seq, encode(hash, 'hex') FROM rejection
                  WHERE source = '${HOSTILE}' AND reason = 'equivocation'`;
  expect(await lines(center, second)).toEqual(hostile.equivocal.toSorted());
  const receipts = await lines(center, `SELECT id FROM receipt WHERE source = '${HOSTILE}'`);
  expect([...hostile.receipts.keys()].filter((id) => !receipts.includes(id))).toEqual([]);
}

const servers = () => [center, ...courts.map(({ server }) => server)];

async function run(seed: number): Promise<void> {
  reader = new Reader(servers());
  await wreck(new Dice(seed));
  await heal();
  await expectSame();
  await reader.stop();
  await reader.lookAgain();
  expect(reader.wrong).toEqual([]);
  for (const server of servers())
    expect(reader.looks.get(server) ?? 0, `looks at ${server.state}`).toBeGreaterThan(0);
  seedsRun++;
}

/** What happened in this exchange, by name; what is in its first part must have, when there was time for it. */
async function tally(): Promise<[Record<string, number>, Record<string, number>]> {
  const cuts = { 'cut both': 0, 'cut to': 0, 'cut from': 0 };
  for (const { cuts: made } of [way, ...courts.map((court) => court.proxy)])
    for (const counts of DIRECTIONS) cuts[`cut ${counts}`] += made[counts];
  const [[records, redacted, rejected] = []] = await center.sql(
    `SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM redaction), (SELECT count(*) FROM rejection)`,
  );
  const { equivocal, counts, did } = hostile;
  return [
    { ...happened, ...cuts, ...counts, ...did, equivocal: equivocal.length },
    { records: Number(records), redacted: Number(redacted), rejected: Number(rejected) },
  ];
}

for (let first = 0; first < SEEDS.length; first += SEEDS_OF_ONE) {
  const seeds = SEEDS.slice(first, first + SEEDS_OF_ONE);
  test.describe(`seeds ${seeds[0]} to ${seeds.at(-1)}`, () => {
    test.beforeAll(() => startExchange(seeds[0] ?? 0));
    test.afterAll(stopExchange);

    for (const seed of seeds)
      test(`what happens by seed ${seed} loses, doubles and reorders nothing`, () => run(seed));

    test('among what happened was every fault', async () => {
      const [faults, rest] = await tally();
      tell(`in ${seedsRun} seeds ${JSON.stringify({ ...faults, ...rest })}`);
      if (seedsRun < SEEDS_OF_ONE) return; // fewer need not have each
      for (const [fault, times] of Object.entries(faults))
        if (fault !== 'disk full' || noDisk === '') expect(times, fault).toBeGreaterThan(0);
      if (noDisk !== '') withoutRight('mount', noDisk);
    });
  });
}

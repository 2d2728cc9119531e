// A court and a centre with their databases, on this machine: how fast a backlog that was committed before is signed, sent,
// verified, applied and acknowledged; what that costs; how soon a single change is seen at the centre. Beside it, in the
// same run, PostgreSQL's logical replication of the same rows between the same two databases, applied as durably.
// --records N (in all runs together), --runs N, --seconds N (of the lag). The last line is one JSON object. Most of the time
// goes into writing the backlog.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fillBacklog, prepareBacklog, RECORDS_A_CASE } from '../support/backlog.ts';
import { Exchange } from '../support/exchange.ts';
import {
  cpuNsWithChildren,
  peakMb,
  percentile,
  spread,
  loopbackBytes,
} from '../support/measure.ts';
import { eventually, run } from '../support/processes.ts';
import { POSTGRES_BIN, type Daemon, type Server } from '../support/server.ts';

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '2000000' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '15' },
  },
});
const RUNS = Number(options.runs);
const CASES = Math.ceil(Number(options.records) / RUNS / RECORDS_A_CASE);
const SECONDS = Number(options.seconds);
const CHANGES_PER_S = 2_000;
const LONG_MS = 3_600_000;
const PGBENCH = join(POSTGRES_BIN, 'pgbench');

const say = (event: string, values: object) => console.log(JSON.stringify({ event, ...values }));

async function one(server: Server, query: string, milliseconds = LONG_MS): Promise<string> {
  return (await server.sql(query, milliseconds))[0]?.[0] ?? '';
}

// ---- the two sides ----

/** Logical replication, and the moment of each commit for us to read; what is durable stays as the product has it. */
async function configure(server: Server): Promise<void> {
  for (const setting of ['wal_level = logical', 'track_commit_timestamp = on']) {
    await server.sql(`ALTER SYSTEM SET ${setting}`);
  }
  await server.stop();
  await server.restart();
  const [settings] = await server.sql(
    `SELECT current_setting('fsync'), current_setting('synchronous_commit'),
            current_setting('full_page_writes'), current_setting('wal_level')`,
  );
  const [fsync, synchronous_commit, full_page_writes, wal_level] = settings ?? [];
  say('postgres', { fsync, synchronous_commit, full_page_writes, wal_level });
  if (fsync !== 'on' || synchronous_commit !== 'on' || full_page_writes !== 'on') {
    throw new Error('not durable');
  }
}

/** The columns of the inbox, once more, for the other way. */
async function preparePeer({ court, center }: Exchange): Promise<void> {
  const table = `CREATE TABLE bench.replicated (LIKE inbox INCLUDING DEFAULTS, PRIMARY KEY (source, case_key, seq))`;
  await court.sql(`${table};
    ALTER TABLE bench.replicated ALTER receipt DROP NOT NULL;
    CREATE PUBLICATION peer FOR TABLE bench.replicated;
    CREATE PROCEDURE bench.replicate(after bigint) LANGUAGE plpgsql AS $$
    DECLARE
        top bigint;
    BEGIN
        LOOP
            SELECT max(number) INTO top FROM (
                SELECT number FROM outbox WHERE number > after ORDER BY number LIMIT 500) AS part;
            EXIT WHEN top IS NULL;
            INSERT INTO bench.replicated
                SELECT 'DEMO', case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload,
                       context, hash, NULL, NULL FROM outbox WHERE number > after AND number <= top;
            COMMIT;
            after := top;
        END LOOP;
    END $$`);
  await center.sql(`CREATE SCHEMA bench; ${table};
    ALTER TABLE bench.replicated ALTER receipt DROP NOT NULL, ADD at timestamptz DEFAULT clock_timestamp()`);
  const address = `host=${join(court.state, 'run/pg')} user=assize dbname=assize`;
  await center.sql(`CREATE SUBSCRIPTION peer CONNECTION '${address}' PUBLICATION peer
                    WITH (copy_data = false, enabled = false, synchronous_commit = 'on')`);
}

// ---- what it costs ----

const PROCESSES: [string, 'court' | 'center', Daemon][] = [
  ['assized_court', 'court', 'assized'],
  ['postgres_court', 'court', 'postgres'],
  ['assized_center', 'center', 'assized'],
  ['postgres_center', 'center', 'postgres'],
];

function pidOf(server: Server, daemon: Daemon): number {
  const pid = server.daemon(daemon)?.pid;
  if (pid === undefined) throw new Error(`${daemon} is not running`);
  return pid;
}

function spent(exchange: Exchange): number[] {
  return PROCESSES.map(([, side, daemon]) => cpuNsWithChildren(pidOf(exchange[side], daemon)));
}

/** Rows a second from the first that was replicated after a moment to the last: without its start. */
async function replicated(center: Server, after: string): Promise<number> {
  const [row] = await center.sql(
    `SELECT count(*), extract(epoch FROM max(at) - min(at)) FROM bench.replicated WHERE at > '${after}'`,
    LONG_MS,
  );
  return Number(row?.[0]) / Number(row?.[1]);
}

// ---- a run ----

/** Records a second from the moment the sender may begin to the last acknowledgement in the court's database. */
async function drain(exchange: Exchange): Promise<number> {
  const { court } = exchange;
  const records = CASES * RECORDS_A_CASE;
  const sender = pidOf(court, 'assized');
  process.kill(sender, 'SIGSTOP');
  try {
    await fillBacklog(court, 'DEMO', CASES);
    await tidy(exchange);
    say('backlog', { records });
  } catch (error) {
    process.kill(sender, 'SIGCONT');
    throw error;
  }
  const last = await one(court, 'SELECT max(number) FROM outbox');
  const before = spent(exchange);
  const began = await one(court, 'SELECT clock_timestamp()');
  process.kill(sender, 'SIGCONT');
  const bytes = loopbackBytes();
  await eventually('the backlog is drained', LONG_MS, async () => {
    await delay(500);
    return (
      (await one(
        court,
        `SELECT receipt_id IS NOT NULL FROM outbox_state WHERE number = ${last}`,
      )) === 't'
    );
  });
  const cpu = spent(exchange).map((ns, i) => (ns - (before[i] ?? 0)) / 1_000 / records);
  const seconds = await one(
    court,
    `SELECT extract(epoch FROM max(pg_xact_commit_timestamp(xmin)) - '${began}') FROM outbox_batch`,
    LONG_MS,
  );
  const perSecond = records / Number(seconds);
  say('exchange', {
    records,
    records_per_s: Math.round(perSecond),
    bytes_a_record: Math.round((loopbackBytes() - bytes) / records),
    cpu_us_a_record: Object.fromEntries(
      PROCESSES.map(([name], i) => [name, Number(cpu[i]?.toFixed(1))]),
    ),
  });
  return perSecond;
}

async function replicate(exchange: Exchange, after: string): Promise<number> {
  const { court, center } = exchange;
  await court.sql(`CALL bench.replicate(${after})`, LONG_MS);
  const wanted = await one(court, 'SELECT count(*) FROM bench.replicated');
  const last = await one(
    court,
    `SELECT format('(%L, %s)', case_key, seq) FROM outbox ORDER BY number DESC LIMIT 1`,
  );
  await tidy(exchange);
  const began = await one(center, 'SELECT clock_timestamp()');
  const before = spent(exchange);
  await center.sql('ALTER SUBSCRIPTION peer ENABLE');
  await eventually('the rows are replicated', LONG_MS, async () => {
    await delay(500);
    return (
      (await one(
        center,
        `SELECT count(*) FROM bench.replicated WHERE source = 'DEMO' AND (case_key, seq) = ${last}`,
      )) === '1'
    );
  });
  const cpu = spent(exchange).map(
    (ns, i) => (ns - (before[i] ?? 0)) / 1_000 / (CASES * RECORDS_A_CASE),
  );
  await center.sql('ALTER SUBSCRIPTION peer DISABLE');
  if ((await one(center, 'SELECT count(*) FROM bench.replicated', LONG_MS)) !== wanted) {
    throw new Error('the last row was replicated before others');
  }
  const perSecond = await replicated(center, began);
  say('logical_replication', {
    records_per_s: Math.round(perSecond),
    cpu_us_a_record: Number(cpu.reduce((sum, one_) => sum + one_, 0).toFixed(1)),
  });
  return perSecond;
}

/** What autovacuum and the checkpointer have long done with rows that waited for days, and with those of the run before. */
async function tidy({ court, center }: Exchange): Promise<void> {
  for (const server of [court, center]) {
    await server.sqlEach(['VACUUM ANALYZE', 'CHECKPOINT'], LONG_MS);
  }
}

// ---- single changes ----

/** Sees each batch as any other reader does; its clock is read after what it saw. */
const watch = (seconds: number) => `
  CREATE UNLOGGED TABLE bench.seen (receipt uuid PRIMARY KEY, batch_no bigint, at timestamptz);
  CREATE PROCEDURE bench.watch() LANGUAGE plpgsql AS $$
  DECLARE
      until timestamptz := clock_timestamp() + interval '${seconds} seconds';
      top bigint := (SELECT max(batch_no) FROM receipt);
  BEGIN
      WHILE clock_timestamp() < until LOOP
          WITH new AS (
              INSERT INTO bench.seen SELECT id, batch_no, clock_timestamp() FROM receipt
                  WHERE source = 'DEMO' AND batch_no > top RETURNING batch_no
          ) SELECT coalesce(max(batch_no), top) INTO top FROM new;
          COMMIT;
          PERFORM pg_sleep(0.001);
      END LOOP;
  END $$`;

async function load(court: Server): Promise<number> {
  await court.sql(`CREATE FUNCTION bench.one(n bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT bench.write('DEMO', id, 'event', gen_random_uuid(), tail)
    FROM bench.made, (SELECT tail FROM bench.piece WHERE kind = 'event' LIMIT 1) AS event WHERE number = n $$`);
  const cases = await one(court, 'SELECT max(number) FROM bench.made');
  const script = join(court.state, 'one.sql');
  writeFileSync(script, `\\set n random(1, ${cases})\nSELECT bench.one(:n);\n`);
  const { code, output, errors } = await run(
    PGBENCH,
    [
      ...['-h', join(court.state, 'run/pg'), '-U', 'assize', '-n', '-M', 'prepared', '-f', script],
      ...['-c', '8', '-j', '1', '-R', String(CHANGES_PER_S), '-T', String(SECONDS), 'assize'],
    ],
    LONG_MS,
  );
  if (code !== 0) throw new Error(`pgbench: ${errors}`);
  return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
}

async function lag(exchange: Exchange): Promise<{ p50: number; p99: number; tps: number }> {
  const { court, center } = exchange;
  const first = await one(court, 'SELECT max(number) + 1 FROM outbox');
  await center.sql(watch(SECONDS + 10));
  const watching = center.sql('CALL bench.watch()', LONG_MS);
  const tps = await load(court);
  await watching;
  await exchange.settle(LONG_MS);
  const written = await court.sql(
    `SELECT r.change_id, extract(epoch FROM pg_xact_commit_timestamp(r.xmin)) * 1000
     FROM outbox o JOIN case_record r ON r.source = 'DEMO' AND r.case_key = o.case_key AND r.change_id = o.change_id
     WHERE o.number >= ${first}`,
    LONG_MS,
  );
  const seen = new Map(
    (
      await center.sql(
        `SELECT i.change_id, extract(epoch FROM s.at) * 1000 FROM inbox i JOIN bench.seen s USING (receipt)`,
        LONG_MS,
      )
    ).map(([change, at]) => [change, Number(at)]),
  );
  const lags = written.map(([change, at]) => (seen.get(change) ?? NaN) - Number(at));
  const sorted = lags.filter((one_) => !Number.isNaN(one_)).sort((a, b) => a - b);
  const [p50, p99] = [percentile(sorted, 50), percentile(sorted, 99)];
  say('lag', {
    changes: lags.length,
    changes_per_s: Math.round(tps),
    not_seen: lags.length - sorted.length,
    batches: Number(await one(center, 'SELECT count(*) FROM bench.seen')),
    p50_ms: Number(p50.toFixed(1)),
    p99_ms: Number(p99.toFixed(1)),
    max_ms: Number(sorted.at(-1)?.toFixed(1)),
  });
  if (sorted.length < lags.length) throw new Error('changes were not seen');
  return { p50, p99, tps };
}

// ---- what arrived ----

/** Both sets in the same order, so that what one has and the other has not shows where they part. */
async function compare({ court, center }: Exchange): Promise<{ lost: number; doubled: number }> {
  const lines = async (server: Server, table: string) =>
    (
      await server.sql(
        `SELECT case_key || ' ' || seq || ' ' || encode(hash, 'hex') FROM ${table}`,
        LONG_MS,
      )
    ).map(([line]) => line ?? '');
  const sent = new Set(await lines(court, 'outbox'));
  const received = await lines(center, `inbox WHERE source = 'DEMO'`);
  const distinct = new Set(received);
  return {
    lost: [...sent].filter((line) => !distinct.has(line)).length,
    doubled:
      received.length - distinct.size + [...distinct].filter((line) => !sent.has(line)).length,
  };
}

async function measure(exchange: Exchange): Promise<void> {
  const { court, center } = exchange;
  await configure(center);
  await configure(court);
  await prepareBacklog(court);
  await preparePeer(exchange);
  const rates: number[] = [];
  const ratios: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const after = await one(court, 'SELECT coalesce(max(number), 0) FROM outbox');
    const ours = await drain(exchange);
    const theirs = await replicate(exchange, after);
    rates.push(ours);
    ratios.push(ours / theirs);
  }
  await tidy(exchange);
  const { p50, p99, tps } = await lag(exchange);
  const { lost, doubled } = await compare(exchange);
  const ratio = spread(ratios);
  console.log(
    JSON.stringify({
      records_per_s: spread(rates, 0).median,
      ratio_logical_replication: ratio.median,
      ratio_min: ratio.min,
      ratio_max: ratio.max,
      runs: RUNS,
      lag_p50_ms: Number(p50.toFixed(1)),
      lag_p99_ms: Number(p99.toFixed(1)),
      lag_changes_per_s: Math.round(tps),
      rss_court_mb: Math.round(peakMb(pidOf(court, 'assized'))),
      rss_center_mb: Math.round(peakMb(pidOf(center, 'assized'))),
      lost,
      doubled,
    }),
  );
}

const exchange = await Exchange.start();
try {
  await measure(exchange);
} finally {
  await exchange.dispose();
}

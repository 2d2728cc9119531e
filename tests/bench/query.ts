// A centre with the cases of a country, asked by an agency for one of them at a time: by personal number and by case number,
// through connections that stay, of TLS 1.3 with both certificates, each answer behind its durable line in the log of
// accesses. Beside it, in the same run, pgbench asks the same function of the same database, with as many connections.
// --cases N, --runs N, --seconds N of each run, --flight N calls at once. The last line is one JSON object.
import { connect, type TLSSocket } from 'node:tls';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  SearchRequestSchema,
  SearchResponseSchema,
} from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { CASES, REASON } from '../support/cases.ts';
import { admitTo, type Identity } from '../support/exchange.ts';
import { cpuNs, cpuNsWithChildren, peakMb, percentile, spread } from '../support/measure.ts';
import { chooseCases, fillNation, type Wanted } from '../support/national.ts';
import { run } from '../support/processes.ts';
import { POSTGRES_BIN, Server, type Daemon } from '../support/server.ts';

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '5000000' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '15' },
    flight: { type: 'string', default: '8' },
  },
});
const CASE_COUNT = Number(options.cases);
const RUNS = Number(options.runs);
const SECONDS = Number(options.seconds);
const FLIGHT = Number(options.flight);
const PICKS = 20_000;
const LONG_MS = 3_600_000;
const PGBENCH = join(POSTGRES_BIN, 'pgbench');
const AGENCY = 'AGENCY.THADS';

/** What a database of this size gets; what is durable stays as the product has it. */
const SETTINGS = [`max_wal_size = '16GB'`, `checkpoint_timeout = '30min'`];

const say = (event: string, values: object) => console.log(JSON.stringify({ event, ...values }));

// ---- the centre ----

async function configure(center: Server): Promise<void> {
  for (const setting of SETTINGS) await center.sql(`ALTER SYSTEM SET ${setting}`);
  await center.stop();
  await center.restart();
  const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers'];
  const [row] = await center.sql(
    `SELECT ${names.map((name) => `current_setting('${name}')`).join(', ')}`,
  );
  const settings = Object.fromEntries(names.map((name, i) => [name, row?.[i]]));
  say('postgres', settings);
  if (names.slice(0, 3).some((name) => settings[name] !== 'on')) throw new Error('not durable');
}

async function load(center: Server): Promise<Wanted[]> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1_000);
  let told = 0;
  await fillNation(center, CASE_COUNT, (cases) => {
    if (cases - told < CASE_COUNT / 10) return;
    told = cases;
    say('loading', { cases, seconds: seconds() });
  });
  const picks = await chooseCases(center, CASE_COUNT, PICKS);
  const [row] = await center.sql(
    `SELECT (SELECT count(*) FROM case_file), (SELECT count(*) FROM inbox), pg_database_size('assize')`,
    LONG_MS,
  );
  const [cases, records, bytes] = (row ?? []).map(Number);
  say('loaded', {
    ...{ cases, records, seconds: seconds() },
    disk_gb: Number(((bytes ?? 0) / 2 ** 30).toFixed(2)),
  });
  return picks;
}

async function admit(center: Server): Promise<Identity> {
  const identity = await admitTo(center, AGENCY, '--agency');
  await center.sql(`SELECT access_grant('${AGENCY}', 'case', '{case_file,party}', 'enforcement',
                    (extract(epoch FROM now()) * 1000)::bigint + 86400000, 'bench')`);
  return identity;
}

// ---- asking ----

type Kind = 'personal_number' | 'case_number';

function question(kind: Kind, { court, number, personalNumber }: Wanted): Uint8Array {
  const of = kind === 'personal_number' ? { personalNumber } : { court, number };
  const message = { reason: REASON, ...of };
  return toBinary(SearchRequestSchema, create(SearchRequestSchema, message));
}

/** A connection of an agency that asks one thing after the other on it. */
class Asker {
  private readonly center: Server;
  private readonly socket: TLSSocket;
  private received = Buffer.alloc(0);
  private answered: ((answer: Buffer) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;

  constructor(center: Server, identity: Identity) {
    this.center = center;
    this.socket = connect({
      host: '127.0.0.1',
      port: center.port,
      servername: 'localhost',
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...identity,
    });
    this.socket.setNoDelay();
    this.socket.on('data', (part: Buffer) => this.take(part));
    this.socket.on('error', (error) => this.failed?.(error));
    this.socket.on('close', () => this.failed?.(new Error('the connection has ended')));
  }

  private take(part: Buffer): void {
    this.received = Buffer.concat([this.received, part]);
    const end = this.received.indexOf('\r\n\r\n');
    const head = this.received.subarray(0, Math.max(end, 0)).toString('latin1');
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (end < 0 || this.received.length < end + 4 + length) return;
    const answer = this.received;
    this.received = Buffer.alloc(0);
    this.answered?.(answer);
  }

  private exchange(method: string, body: Uint8Array): Promise<Buffer> {
    const head =
      `POST /${method} HTTP/1.1\r\nHost: localhost:${this.center.port}\r\nContent-Type: application/proto\r\n` +
      `Connect-Protocol-Version: 1\r\nContent-Length: ${body.length}\r\n\r\n`;
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      this.socket.write(Buffer.concat([Buffer.from(head), body]));
    });
  }

  close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  /** Throws unless the case is among those that are found. */
  async search(kind: Kind, wanted: Wanted): Promise<void> {
    const answer = await this.exchange(`${CASES}/Search`, question(kind, wanted));
    const end = answer.indexOf('\r\n\r\n');
    if (!answer.subarray(0, 12).equals(Buffer.from('HTTP/1.1 200'))) throw new Error(`${answer}`);
    const { cases } = fromBinary(SearchResponseSchema, answer.subarray(end + 4));
    if (!cases.some(({ publicId }) => publicId === wanted.publicId)) {
      throw new Error(`${kind}: ${wanted.publicId} is not in the answer`);
    }
  }
}

// ---- a run ----

interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

const pick = <T>(all: T[]): T => {
  const one = all[Math.floor(Math.random() * all.length)];
  if (one === undefined) throw new Error('there is nothing to ask for');
  return one;
};

function pidOf(server: Server, daemon: Daemon): number {
  const pid = server.daemon(daemon)?.pid;
  if (pid === undefined) throw new Error(`${daemon} is not running`);
  return pid;
}

async function count(center: Server): Promise<number> {
  return Number((await center.sql('SELECT count(*) FROM access_log', LONG_MS))[0]?.[0]);
}

async function ask(center: Server, identity: Identity, picks: Wanted[]): Promise<Measured> {
  const askers = Array.from({ length: FLIGHT }, () => new Asker(center, identity));
  const pids = [pidOf(center, 'assized'), pidOf(center, 'postgres')];
  const spent = () => [...pids.map(cpuNsWithChildren), cpuNs(process.pid)];
  const logged = await count(center);
  const before = spent();
  const began = performance.now();
  const took: number[] = [];
  const work = async (asker: Asker, first: number) => {
    for (let i = first; performance.now() < began + SECONDS * 1_000; i++) {
      const at = performance.now();
      await asker.search(i % 2 ? 'personal_number' : 'case_number', pick(picks));
      took.push(performance.now() - at);
    }
  };
  await Promise.all(askers.map(work));
  askers.forEach((asker) => asker.close());
  const seconds = (performance.now() - began) / 1_000;
  const cpu = spent().map((ns, i) => (ns - (before[i] ?? 0)) / 1_000 / took.length);
  const lines = (await count(center)) - logged;
  if (lines !== took.length) throw new Error(`${took.length} answers, ${lines} lines in the log`);
  took.sort((a, b) => a - b);
  const measured = {
    perSecond: took.length / seconds,
    p50: percentile(took, 50),
    p99: percentile(took, 99),
  };
  say('search', {
    requests: took.length,
    requests_per_s: Math.round(measured.perSecond),
    p50_ms: Number(measured.p50.toFixed(1)),
    p99_ms: Number(measured.p99.toFixed(1)),
    cpu_us_a_request: Object.fromEntries(
      ['assized', 'postgres', 'client'].map((name, i) => [name, Math.round(cpu[i] ?? NaN)]),
    ),
  });
  return measured;
}

/** The questions as assized asks them: the function that reads is the one that writes the line of the log. */
async function pgbench(center: Server): Promise<Measured> {
  const caller =
    `ROW('${AGENCY}', (SELECT spki FROM organisation WHERE code = '${AGENCY}'), NULL, 'enforcement',
                  '${REASON.legalBasis}', NULL)::access_caller`.replace(/\s+/g, ' ');
  const files = ['NULL::bytea, p.id', 'p.hmac, NULL::text'].map((by, i) => {
    const file = join(center.state, `search-${i}.sql`);
    const found = `case_search(${caller}, ${by}, NULL, NULL, NULL, NULL, NULL, NULL, 100, 3000000)`;
    writeFileSync(
      file,
      `\\set n random(1, ${PICKS})\nSELECT f.* FROM bench.pick p, ${found} AS f WHERE p.i = :n;\n`,
    );
    return file;
  });
  const { code, output, errors } = await run(
    PGBENCH,
    [
      ...['-h', join(center.state, 'run/pg'), '-U', 'assize', '-n', '-M', 'prepared'],
      ...files.flatMap((file) => ['-f', file]),
      ...['-c', String(FLIGHT), '-j', '1', '-T', String(SECONDS), 'assize'],
    ],
    LONG_MS,
  );
  if (code !== 0) throw new Error(`pgbench: ${errors}`);
  const perSecond = Number(/tps = ([\d.]+)/.exec(output)?.[1]);
  const mean = Number(/latency average = ([\d.]+)/.exec(output)?.[1]);
  say('pgbench', { requests_per_s: Math.round(perSecond), mean_ms: mean });
  return { perSecond, p50: NaN, p99: NaN };
}

async function measure(center: Server): Promise<void> {
  await configure(center);
  const picks = await load(center);
  const identity = await admit(center);
  const runs: Measured[] = [];
  const ratios: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const ours = await ask(center, identity, picks);
    ratios.push(ours.perSecond / (await pgbench(center)).perSecond);
    runs.push(ours);
  }
  const rate = spread(
    runs.map(({ perSecond }) => perSecond),
    0,
  );
  const p99 = spread(
    runs.map(({ p99: one }) => one),
    1,
  );
  const ratio = spread(ratios, 2);
  console.log(
    JSON.stringify({
      ...{
        requests_per_s: rate.median,
        requests_per_s_min: rate.min,
        requests_per_s_max: rate.max,
      },
      ...{ p99_ms: p99.median, p99_ms_min: p99.min, p99_ms_max: p99.max },
      ...{ ratio_pgbench: ratio.median, ratio_min: ratio.min, ratio_max: ratio.max },
      ...{ cases: CASE_COUNT, runs: RUNS, flight: FLIGHT },
      rss_center_mb: Math.round(peakMb(pidOf(center, 'assized'))),
    }),
  );
}

const center = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
try {
  await measure(center);
} finally {
  await center.dispose();
}

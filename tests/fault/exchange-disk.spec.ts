// An answer is worth what is on the disk of who gives it: the centre's receipt and a court's acknowledgement leave after the
// write-ahead log was flushed, and no receipt leaves while there is no room.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { fillBacklog, prepareBacklog, RECORDS_A_CASE } from '../support/backlog.ts';
import { refusedField } from '../support/cases.ts';
import { Disk } from '../support/disk.ts';
import {
  Exchange,
  follow,
  merkleRoot,
  notice,
  packed,
  record,
  type BatchInit,
  type RecordInit,
} from '../support/exchange.ts';
import { callFromNewAddress, type Response } from '../support/http.ts';
import { eventually, Program } from '../support/processes.ts';
import { withoutRight } from '../support/rights.ts';
import { Server } from '../support/server.ts';

const FILL_CASES = 150;

test.beforeEach(() => {
  callFromNewAddress();
});

async function expectSame({ court, center }: Exchange): Promise<void> {
  const columns = `case_key, seq, encode(hash, 'hex')`;
  const sent = await court.sql(`SELECT ${columns} FROM outbox WHERE target = '' ORDER BY 1, 2`);
  expect(
    await center.sql(`SELECT ${columns} FROM inbox WHERE source = 'DEMO' ORDER BY 1, 2`),
  ).toEqual(sent);
}

/** The processes that serve a daemon. */
async function backends(server: Server): Promise<string[]> {
  const rows = await server.sql(
    `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  return rows.map(([pid]) => String(pid));
}

/** The system calls of a daemon and of what serves it, while something is on its way there. */
async function traced(server: Server, send: () => Promise<void>): Promise<string[]> {
  const trace = join(server.state, 'trace');
  const pids = [String(server.daemon('assized')?.pid), ...(await backends(server))];
  const strace = new Program('strace', [
    ...['-f', '-y', '-s', '256', '-o', trace, '-e', 'trace=fdatasync,write,sendto'],
    ...pids.flatMap((pid) => ['-p', pid]),
  ]);
  try {
    await eventually('strace is attached', 10_000, () => {
      if (strace.exitCode !== undefined) withoutRight('trace', strace.errors);
      return strace.errors.split('attached').length > pids.length;
    });
    await send();
  } finally {
    strace.child.kill('SIGINT');
    await strace.exit;
  }
  return readFileSync(trace, 'utf8').split('\n');
}

/** How many answers, each as TLS application data, left after the log of their batch was flushed, and how many before. */
function answers(calls: string[], daemon: number): { after: number; before: number } {
  const next = (from: number, pattern: RegExp) =>
    calls.findIndex((call, i) => i > from && pattern.test(call));
  const told = new RegExp(`^${daemon} +(write|sendto)\\(\\d+<[^>]*>, "\\\\27\\\\3\\\\3`);
  const seen = { after: 0, before: 0 };
  for (let i = next(-1, /exchange_apply/); i >= 0; i = next(i, /exchange_apply/)) {
    const flushed = next(i, /fdatasync\(\d+<[^>]*pg_wal\/\w+>\) += 0/);
    const answered = next(i, told);
    expect(answered).toBeGreaterThan(i);
    if (flushed > i && flushed < answered) seen.after++;
    else seen.before++;
  }
  return seen;
}

/** A batch of the court, until it has its receipt. */
async function toCenter(exchange: Exchange): Promise<() => Promise<void>> {
  await prepareBacklog(exchange.court);
  return async () => {
    await fillBacklog(exchange.court, 'DEMO', 1);
    await exchange.settle();
  };
}

/** A notice for the court, until the centre has its acknowledgement. */
async function toCourt(exchange: Exchange): Promise<() => Promise<void>> {
  const { publicId } = await exchange.fileCase(31);
  const prison = await exchange.admitSender('VN.TRAI1');
  let last: RecordInit | undefined;
  let batchNo = 0n;
  return async () => {
    const prevRoot = last && merkleRoot([packed(last)]);
    last = follow(notice(++batchNo, { publicId }), last);
    const batch = { source: 'VN.TRAI1', batchNo, records: [last], prevRoot };
    expect((await exchange.pushAs(batch, prison)).status).toBe(200);
    await eventually('the centre has the acknowledgement', 30_000, async () => {
      const [row] = await exchange.center.sql(
        `SELECT count(receipt_id) FROM outbox_state WHERE target = 'DEMO'`,
      );
      return row?.[0] === String(batchNo);
    });
  };
}

for (const { what, side, way } of [
  { what: 'a receipt leaves the centre', side: 'center', way: toCenter },
  { what: 'an acknowledgement leaves a court', side: 'court', way: toCourt },
] as const) {
  test(`${what} after the log of its batch is on disk`, async () => {
    const exchange = await Exchange.start();
    const server = exchange[side];
    const pid = () => server.daemon('assized')?.pid ?? 0;
    try {
      const send = await way(exchange);
      await send();
      const kept = answers(await traced(server, send), pid());
      expect(kept.after).toBeGreaterThan(0);
      expect(kept.before).toBe(0);
      // A database that answers before it flushed would be seen; it has to be said that it may.
      await server.sqlEach([
        'ALTER DATABASE assize SET assize.may_lose = on',
        'ALTER DATABASE assize SET synchronous_commit = off',
      ]);
      const before = server.kill('assized');
      await eventually('it is back', 30_000, () => {
        const warned = /database\.unsafe used=true/.test(server.log('assized'));
        return warned && pid() !== before && pid() !== 0;
      });
      expect(answers(await traced(server, send), pid()).before).toBeGreaterThan(0);
    } finally {
      await exchange.dispose();
    }
  });
}

test('a full disk at the centre delays what is sent to it, and loses nothing', async () => {
  test.setTimeout(180_000);
  const disk = await Disk.make(192 << 10);
  if (typeof disk === 'string') return withoutRight('mount', disk);
  try {
    const exchange = await Exchange.start(undefined, disk.folder); // the court's disk is another
    try {
      await fullAndFree(exchange, disk);
    } finally {
      await exchange.dispose();
    }
  } finally {
    await disk.remove();
  }
});

/** Pushes one record more in each batch that is answered, and of one that was not the same bytes again. */
async function otherCourt(exchange: Exchange): Promise<() => Promise<Response>> {
  const identity = await exchange.admit('OTHER');
  let last = follow(record(1n));
  let batch: BatchInit = { source: 'OTHER', batchNo: 1n, records: [last] };
  return async () => {
    const response = await exchange.pushAs(batch, identity);
    if (response.status !== 200) return response;
    const prevRoot = merkleRoot([packed(last)]);
    last = follow(record(batch.batchNo + 1n), last);
    batch = { source: 'OTHER', batchNo: batch.batchNo + 1n, records: [last], prevRoot };
    return response;
  };
}

async function fullAndFree(exchange: Exchange, disk: Disk): Promise<void> {
  const { court } = exchange;
  const push = await otherCourt(exchange);
  await prepareBacklog(court);
  await disk.fill();
  await fillBacklog(court, 'DEMO', FILL_CASES);
  await eventually('nothing more fits', 60_000, () =>
    /at=pushing why=(not_saved|database_away)/.test(court.log('assized')),
  );
  const refused = await eventually('another is refused too', 60_000, async () => {
    const response = await push().catch(() => undefined);
    return response?.status === 200 ? undefined : response;
  });
  expect(refused.status).toBe(503);
  expect(refusedField(refused)).toMatchObject({ connectCode: 'unavailable' });
  await delay(1_000);
  const [waiting] = await court.sql('SELECT count(*) FROM outbox_state WHERE receipt_id IS NULL');
  expect(Number(waiting?.[0])).toBeGreaterThan(0);
  expect(Number(waiting?.[0])).toBeLessThanOrEqual(FILL_CASES * RECORDS_A_CASE);
  await disk.free();
  await exchange.settle(90_000);
  await expectSame(exchange);
  expect((await push()).status).toBe(200);
}

// An answer of the centre is worth what is on its disk: it leaves after the write-ahead log was flushed, and none leaves
// while there is no room.
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { fillBacklog, prepareBacklog, RECORDS_A_CASE } from '../support/backlog.ts';
import { Exchange } from '../support/exchange.ts';
import { callFromNewAddress } from '../support/http.ts';
import { eventually, Program, run } from '../support/processes.ts';
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

/** The processes that serve the centre's daemon. */
async function backends(center: Server): Promise<string[]> {
  const rows = await center.sql(
    `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  return rows.map(([pid]) => String(pid));
}

test('a receipt leaves the centre after the log of its batch is on disk', async () => {
  const exchange = await Exchange.start();
  try {
    const { court, center } = exchange;
    await prepareBacklog(court);
    await fillBacklog(court, 'DEMO', 1);
    await exchange.settle();
    const trace = join(center.state, 'trace');
    const daemon = center.daemon('assized')?.pid;
    const traced = [String(daemon), ...(await backends(center))];
    const strace = new Program('strace', [
      ...['-f', '-y', '-s', '256', '-o', trace, '-e', 'trace=fdatasync,write,sendto'],
      ...traced.flatMap((pid) => ['-p', pid]),
    ]);
    try {
      await eventually('strace is attached', 10_000, () => {
        test.skip(strace.exitCode !== undefined, 'tracing is not allowed here');
        return strace.errors.split('attached').length > traced.length;
      });
      await fillBacklog(court, 'DEMO', 1);
      await exchange.settle();
    } finally {
      strace.child.kill('SIGINT');
      await strace.exit;
    }
    const calls = readFileSync(trace, 'utf8').split('\n');
    const after = (from: number, pattern: RegExp) =>
      calls.findIndex((call, i) => i > from && pattern.test(call));
    let receipts = 0;
    for (let i = after(-1, /exchange_apply/); i >= 0; i = after(i, /exchange_apply/)) {
      const flushed = after(i, /fdatasync\(\d+<[^>]*pg_wal\/\w+>\) += 0/);
      const answered = after(i, new RegExp(`^${daemon} +write\\(\\d+<(TCP|socket)`));
      expect(flushed).toBeGreaterThan(i);
      expect(answered).toBeGreaterThan(flushed);
      receipts++;
    }
    expect(receipts).toBeGreaterThan(0);
  } finally {
    await exchange.dispose();
  }
});

test('a full disk at the centre delays what is sent to it, and loses nothing', async () => {
  test.setTimeout(180_000);
  const disk = mkdtempSync(join(tmpdir(), 'assize-d-'));
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=192m', 'tmpfs', disk]);
  const before = process.env.TMPDIR;
  try {
    test.skip(mounted.code !== 0, 'mounting is not allowed here');
    process.env.TMPDIR = disk;
    const exchange = await Exchange.start((center) => {
      process.env.TMPDIR = before ?? '/tmp'; // the court's disk is another
      return Promise.resolve({ 'exchange.center': `https://localhost:${center.port}` });
    });
    try {
      await fullAndFree(exchange, disk);
    } finally {
      await exchange.dispose();
    }
  } finally {
    if (mounted.code === 0) await run('umount', [disk]);
    rmSync(disk, { recursive: true });
  }
});

async function fullAndFree(exchange: Exchange, disk: string): Promise<void> {
  const { court, center } = exchange;
  await prepareBacklog(court);
  const filler = join(disk, 'filler');
  const room = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(room.bavail * room.bsize - (2 << 20)));
  await fillBacklog(court, 'DEMO', FILL_CASES);
  await eventually('nothing more fits', 60_000, async () => {
    await delay(100);
    return (
      statfsSync(disk).bavail === 0 || /No space left/.test(center.stateFile('log/postgres.log'))
    );
  });
  await delay(1_000);
  const [waiting] = await court.sql('SELECT count(*) FROM outbox_state WHERE receipt_id IS NULL');
  expect(Number(waiting?.[0])).toBeGreaterThan(0);
  expect(Number(waiting?.[0])).toBeLessThanOrEqual(FILL_CASES * RECORDS_A_CASE);
  rmSync(filler);
  await exchange.settle(90_000);
  await expectSame(exchange);
}

// A backlog of any size goes through the memory that a few batches take: neither daemon comes near what the backlog has.
import { expect, test } from '@playwright/test';
import { Exchange } from '../support/exchange.ts';
import { peakMb } from '../support/measure.ts';
import type { Server } from '../support/server.ts';
import { tell } from '../support/tell.ts';

const MOST_MB = 150;
const RECORDS = 400;
/** Nearly as large as a payload may be: that the case was tried, and one field that nobody knows (1022, some bytes). */
const FILLER = 900_000;
const PAYLOAD = `'\\x1805f23fa0f736'::bytea || convert_to(repeat('v', ${FILLER}), 'UTF8')`;
const BACKLOG_MB = (RECORDS * FILLER) / (1 << 20);

function peak(side: Server): number {
  return peakMb(side.daemon('assized')?.pid ?? 0);
}

test('a backlog larger than their memory may be is drained in it by both sides', async () => {
  test.setTimeout(240_000);
  const exchange = await Exchange.start();
  const { court, center } = exchange;
  try {
    const pids = [court, center].map((side) => side.daemon('assized')?.pid);
    await exchange.closed();
    await exchange.settle();
    await court.sql(
      `SELECT count(case_change((SELECT id FROM court_case LIMIT 1), NULL, 'tried', gen_random_uuid(), ${PAYLOAD}))
       FROM generate_series(1, ${RECORDS})`,
    );
    await exchange.closed(); // wakes the sender
    await exchange.settle(180_000);
    const arrived = `SELECT count(*), sum(length(payload)) / 1048576 FROM inbox WHERE length(payload) > ${FILLER}`;
    expect((await center.sql(arrived))[0]).toEqual([
      String(RECORDS),
      String(Math.floor(BACKLOG_MB)),
    ]);
    expect(BACKLOG_MB).toBeGreaterThan(2 * MOST_MB);
    expect([court, center].map((side) => side.daemon('assized')?.pid)).toEqual(pids);
    tell(`${BACKLOG_MB | 0} MB: court ${peak(court) | 0} MB, centre ${peak(center) | 0} MB`);
    expect(peak(court)).toBeLessThan(MOST_MB);
    expect(peak(center)).toBeLessThan(MOST_MB);
  } finally {
    await exchange.dispose();
  }
});

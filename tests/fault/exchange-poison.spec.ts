// One case in a hundred of ten thousand has a record that cannot be read. Its court learns the reason with the receipt of the
// batch that it was in; what follows in that case waits, everything else takes effect; after a correction so does what waited.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { prepareBacklog } from '../support/backlog.ts';
import { Exchange } from '../support/exchange.ts';
import { callFromNewAddress } from '../support/http.ts';

const CASES = 10_000;
const POISONED = CASES / 100;
const RECORDS_A_CASE = 3;
const POISON = `payload = '\\xff'`;
const DRAIN_MS = 120_000;

let exchange: Exchange;

test.beforeAll(async () => {
  callFromNewAddress();
  exchange = await Exchange.start();
  await prepareBacklog(exchange.court);
});

test.afterAll(async () => {
  await exchange?.dispose();
});

/** Of every case three records in their order; in one of a hundred the second is poison. One transaction. */
const FILL = `
  INSERT INTO court_case (court, number, title)
    SELECT (SELECT id FROM court LIMIT 1), n || '/2026/TLST-DS', 'Poison' FROM generate_series(1, ${CASES}) AS n;
  INSERT INTO bench.made (id, things) SELECT id, '{}' FROM court_case WHERE title = 'Poison';
  ${[1, 2, 3]
    .map(
      (nth) => `SELECT count(CASE WHEN ${nth} = 2 AND number % 100 = 0
      THEN case_write('DEMO', id, bench.new_change(), 1, 'event', gen_random_uuid(), NULL, NULL, '\\xff', '', NULL, NULL)
      ELSE bench.write('DEMO', id, 'event', gen_random_uuid(), (SELECT tail FROM bench.piece WHERE kind = 'event' LIMIT 1)) END)
    FROM bench.made;`,
    )
    .join('\n')}`;

const CORRECT = `
  SELECT count(case_write('DEMO', court_case, bench.new_change(), 2, 'event', change_id, NULL, NULL,
      '\\x0a24'::bytea || convert_to(change_id::text, 'UTF8') || (SELECT tail FROM bench.piece WHERE kind = 'event' LIMIT 1),
      pack_number(3, seq), NULL, NULL))
    FROM outbox WHERE target = '' AND ${POISON}`;

async function number(side: 'court' | 'center', query: string): Promise<number> {
  return Number((await exchange[side].sql(query))[0]?.[0]);
}

/** Until every record is in a batch that has a receipt. The reasons are there as soon as the receipt is. */
async function drain(): Promise<void> {
  const end = performance.now() + DRAIN_MS;
  for (;;) {
    const [row] = await exchange.court.sql(
      `SELECT count(*) FILTER (WHERE s.receipt_id IS NULL),
              count(*) FILTER (WHERE s.receipt_id IS NOT NULL AND s.refused IS NULL AND o.${POISON})
       FROM outbox o JOIN outbox_state s USING (number)`,
    );
    expect(row?.[1], 'poison with a receipt and no reason').toBe('0');
    if (row?.[0] === '0') return;
    expect(performance.now(), `${row?.[0]} have no receipt`).toBeLessThan(end);
    await delay(100);
  }
}

async function lines(side: 'court' | 'center', query: string): Promise<string[]> {
  return (await exchange[side].sql(query)).map((row) => row.join(' ')).sort();
}

const inEffect = () => lines('center', `SELECT case_key, seq, encode(hash, 'hex') FROM inbox`);
const written = (only = '') =>
  lines(
    'court',
    `SELECT case_key, seq, encode(hash, 'hex') FROM outbox o WHERE target = '' ${only}`,
  );
const POISONED_BEFORE = `SELECT FROM outbox p WHERE p.case_key = o.case_key AND p.${POISON} AND p.seq`;

test('poison delays its own cases only, is told with the receipt, and gives way to a correction', async () => {
  await exchange.court.sql(FILL);
  const before = await number('court', 'SELECT count(*) FROM outbox');
  await drain();
  expect(await inEffect()).toEqual(await written(`AND NOT EXISTS (${POISONED_BEFORE} <= o.seq)`));
  expect(await inEffect()).toHaveLength(before - 2 * POISONED);
  const held = await lines('center', 'SELECT case_key, seq FROM held');
  expect(held).toEqual(
    await lines(
      'court',
      `SELECT case_key, seq FROM outbox o WHERE EXISTS (${POISONED_BEFORE} < o.seq)`,
    ),
  );
  expect(held).toHaveLength(POISONED * (RECORDS_A_CASE - 2));
  const refused = `SELECT number, refused FROM outbox_state WHERE refused IS NOT NULL`;
  expect(await lines('court', refused)).toEqual(
    await lines('court', `SELECT number, 'unreadable' FROM outbox WHERE ${POISON}`),
  );

  expect(await number('court', CORRECT)).toBe(POISONED);
  await drain();
  await expect
    .poll(() => number('center', 'SELECT count(*) FROM held'), { timeout: DRAIN_MS })
    .toBe(0);
  expect(await inEffect()).toEqual(await written());
});

// How the centre looks for what a batch changes: one by one, whatever the planner took its tables for when it was asked first.
import { expect, test } from '@playwright/test';
import { fillBacklog, prepareBacklog, RECORDS_A_CASE } from '../support/backlog.ts';
import { Exchange } from '../support/exchange.ts';

const CASES = 200;
/** Rows that one record may read of a table, on the average. */
const ROWS_A_RECORD = 10;

for (const { what, statements } of [
  { what: 'were never analyzed', statements: [] },
  { what: 'were analyzed while they were empty', statements: ['VACUUM ANALYZE'] },
]) {
  test(`walks over nothing where tables ${what}`, async () => {
    const exchange = await Exchange.start();
    const { court, center } = exchange;
    const sum = async (table: string, what: string) =>
      Number(
        (
          await center.sql(
            `SELECT sum(coalesce(${what}, 0)) FROM pg_stat_user_tables WHERE relname ~ '^${table}_\\d$'`,
          )
        )[0]?.[0],
      );
    try {
      await center.sqlEach(statements, 60_000);
      await prepareBacklog(court);
      await fillBacklog(court, 'DEMO', CASES);
      await exchange.settle(120_000);
      await fillBacklog(court, 'DEMO', CASES);
      await exchange.settle(120_000);
      const records = 2 * CASES * RECORDS_A_CASE;
      await center.stop(); // which has all connections tell what they did
      await center.restart();
      expect(await sum('case_record', 'n_tup_ins')).toBeGreaterThanOrEqual(records);
      for (const table of ['case_record', 'case_file', 'case_head', 'inbox']) {
        const rows = await sum(table, 'idx_tup_fetch + seq_tup_read');
        expect(rows, table).toBeLessThan(ROWS_A_RECORD * records);
      }
    } finally {
      await exchange.dispose();
    }
  });
}

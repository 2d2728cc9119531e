// Either side of the exchange is killed around the closing of hearings. Whatever the court committed is at the centre
// once, in the order of its case; what it did not commit is nowhere.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { Exchange } from '../support/exchange.ts';
import { callFromNewAddress } from '../support/http.ts';
import { eventually } from '../support/processes.ts';
import type { Daemon, Server } from '../support/server.ts';

/** After the closing is asked for: before, during and after the commit, the push, the receipt. */
const MOMENTS_MS = [0, 3, 10, 30, 100];

let exchange: Exchange;

test.beforeAll(async () => {
  exchange = await Exchange.start();
});

test.afterAll(async () => {
  await exchange?.dispose();
});

test.beforeEach(() => {
  callFromNewAddress();
});

/** Tags of a packed event's arm `closed`, which is empty. */
const CLOSED = `position('\\x920100'::bytea IN body) > 0`;

async function expectSame(): Promise<void> {
  const sent = await exchange.sent();
  expect(await exchange.received()).toEqual(sent);
  const [closed] = await exchange.court.sql(`SELECT count(*) FROM hearing_event WHERE ${CLOSED}`);
  const [ended] = await exchange.court.sql('SELECT count(*) FROM outbox WHERE hearing IS NOT NULL');
  expect(ended).toEqual(closed);
  const gaps = await exchange.center.sql(
    `SELECT source, case_key FROM inbox GROUP BY 1, 2 HAVING count(*) <> max(seq)
     UNION SELECT h.source, h.case_key FROM case_head h JOIN inbox i USING (source, case_key)
     GROUP BY 1, 2, h.seq HAVING h.seq <> max(i.seq)`,
  );
  expect(gaps).toEqual([]);
}

/** A database that was killed may have to be started twice: what it left behind goes first. */
async function answers(server: Server): Promise<boolean> {
  return server.sql('SELECT 1').then(
    () => true,
    () => false,
  );
}

async function back(side: 'court' | 'center', name: Daemon, killed: number): Promise<void> {
  await eventually(`${name} of the ${side}`, 15_000, async () => {
    const pid = exchange[side].daemon(name)?.pid;
    const running = pid !== undefined && pid !== killed && (await exchange[side].healthy());
    return running && answers(exchange[side]);
  });
}

for (const [side, name] of [
  ['court', 'assized'],
  ['court', 'postgres'],
  ['center', 'assized'],
  ['center', 'postgres'],
] as ['court' | 'center', Daemon][]) {
  test(`nothing is lost or doubled when ${name} of the ${side} is killed`, async () => {
    let closings = 0;
    for (const moment of MOMENTS_MS) {
      const { judge } = await exchange.open();
      const closing = judge.command({ case: 'close', value: {} }).catch(() => undefined);
      await delay(moment);
      const killed = exchange[side].kill(name);
      await back(side, name, killed);
      if ((await Promise.race([closing, delay(100)]))?.refusal === undefined) {
        closings++;
      }
      judge.close();
    }
    expect(closings).toBeGreaterThan(0);
    await exchange.closed();
    await exchange.settle();
    await expectSame();
  });
}

test('nothing is lost or doubled when both sides are stopped in the middle of a batch', async () => {
  await exchange.center.stop();
  for (let i = 0; i < 3; i++) {
    await exchange.closed();
  }
  await exchange.center.restart();
  await delay(200);
  exchange.center.kill('postgres');
  exchange.court.kill('postgres');
  exchange.court.kill('assized');
  await eventually('the court is back', 15_000, () => exchange.court.healthy());
  await exchange.settle();
  await expectSame();
});

test('a long outbox arrives whole and in order through a centre that dies again and again', async () => {
  const before = (await exchange.sent()).length;
  await exchange.court.sql(
    `SELECT count(case_change(id, NULL, 'tried', gen_random_uuid(), '\\x1805'))
     FROM court_case, generate_series(1, 3000)`,
  );
  await exchange.closed(); // wakes the sender
  for (const name of ['assized', 'postgres', 'assized'] as Daemon[]) {
    await delay(50 + Math.random() * 400);
    await back('center', name, exchange.center.kill(name));
  }
  await exchange.settle();
  expect((await exchange.sent()).length).toBe(before + 3001);
  await expectSame();
});

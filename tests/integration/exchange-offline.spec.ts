// A court off the line by its operator's word: the centre hears nothing of it, what is written waits, and all of it arrives once
// it is over, by itself or by word.
import { expect, test } from '@playwright/test';
import { SourceState } from '../../web/src/gen/assize/monitor/v1/monitor_pb.js';
import { Exchange } from '../support/exchange.ts';
import { watcher, type Monitor } from '../support/monitor.ts';
import { eventually } from '../support/processes.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

const WRITTEN = 600; // more than a batch
const WHY = 'Bảo trì đường truyền';

interface Status {
  disconnected: boolean;
  waiting: number;
  sent: number;
  disconnections: { holds: boolean; by: string; why: string; ended_by: string | null }[];
}

let exchange: Exchange;
let monitor: Monitor;
let key: string;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  ({ monitor } = await watcher(exchange, 'officer'));
  ({ key } = await exchange.fileCase(12));
});

test.afterAll(async () => {
  await exchange?.dispose();
});

async function status(): Promise<Status> {
  return JSON.parse(await exchange.court.assize('exchange', 'status', '--json')) as Status;
}

async function contactMs(): Promise<bigint> {
  return (await monitor.source({ code: 'DEMO' })).source?.contactMs ?? 0n;
}

/** The centre has seen the line break off; with its last word. */
async function expectQuiet(): Promise<bigint> {
  await eventually('the centre knows', 20_000, async () => {
    return (await monitor.source({ code: 'DEMO' })).source?.state === SourceState.QUIET;
  });
  return contactMs();
}

async function expectHeld(held: boolean): Promise<void> {
  await eventually(`held ${held}`, 20_000, async () => {
    return (await exchange.court.metric('assize_exchange_disconnected')) === Number(held);
  });
}

/** So many changes of the case, each with its row of the outbox in a transaction of its own. */
async function write(count: number): Promise<void> {
  await exchange.court.sql(
    `DO $$ BEGIN FOR i IN 1..${count} LOOP
       PERFORM case_change('${key}', NULL, 'tried', gen_random_uuid(), '\\x1805'); COMMIT;
     END LOOP; END $$`,
  );
}

async function expectAllOnce(): Promise<void> {
  await exchange.settle();
  expect(await exchange.received()).toEqual(await exchange.sent());
}

test('what is written while the court is off the line waits, also over a restart, and arrives once it is over', async () => {
  await exchange.court.assize('exchange', 'disconnect', '--for', '10', '--why', WHY);
  await expectHeld(true);
  expect(await exchange.court.assize('exchange', 'status')).toMatch(
    /^disconnected (\S+T\S+\+07:00) to (\S+T\S+\+07:00), by/m,
  );
  const heard = await expectQuiet();
  await write(WRITTEN);
  expect(await status()).toMatchObject({
    disconnected: true,
    waiting: WRITTEN,
    sent: 0,
    disconnections: [{ holds: true, why: WHY, ended_by: null }],
  });
  await exchange.court.stop();
  await exchange.court.restart();
  await expectHeld(true);
  await write(1); // tells whoever would listen
  expect((await status()).waiting).toBe(WRITTEN + 1);
  expect(await exchange.court.metric('assize_exchange_failures_total')).toBe(0);
  expect(await exchange.court.metric('assize_exchange_pull_failures_total')).toBe(0);
  expect(await contactMs()).toBe(heard);
  expect(exchange.court.log('assized')).toMatch(
    /exchange.disconnected until_ms=\d+ by=\S+ why="?Bảo/,
  );

  await exchange.court.assize('exchange', 'connect');
  await expectAllOnce();
  await expectHeld(false);
  const after = await status();
  expect(after).toMatchObject({ disconnected: false, waiting: 0, sent: 0 });
  expect(after.disconnections[0]?.ended_by).toBe(after.disconnections[0]?.by);
  await eventually('it asks the centre again', 20_000, async () => (await contactMs()) > heard);
  await expect(exchange.court.assize('exchange', 'connect')).rejects.toThrow(/ended with 5/);
});

test('it ends by itself at its time, and the sender sleeps as before', async () => {
  await exchange.court.assize('exchange', 'disconnect', '--for', '10', '--why', 'Sự cố');
  await exchange.court.assize('exchange', 'disconnect', '--seconds', '3', '--why', WHY);
  await expectHeld(true);
  await write(2);
  await expectHeld(false);
  await expectAllOnce();
  const { disconnected, disconnections } = await status();
  expect(disconnected).toBe(false);
  expect(disconnections.map((one) => one.ended_by === null)).toEqual([true, false, false]);
  await write(1);
  await expectAllOnce();
});

test('is refused where it means nothing', async () => {
  const why = ['--why', WHY];
  await expect(exchange.court.assize('exchange', 'disconnect')).rejects.toThrow(/ended with 2/);
  for (const length of [
    ['--seconds', '0'],
    ['--for', '10081'],
    ['--for', '1', '--seconds', '1'],
  ]) {
    await expect(
      exchange.court.assize('exchange', 'disconnect', ...length, ...why),
    ).rejects.toThrow(/ended with 2/);
  }
  await expect(
    exchange.court.assize('exchange', 'disconnect', '--why', 'x'.repeat(201)),
  ).rejects.toThrow(/ended with 2/);
  await expect(exchange.center.assize('exchange', 'disconnect', ...why)).rejects.toThrow(
    /this is for a court/,
  );
  expect((await status()).disconnected).toBe(false);
});

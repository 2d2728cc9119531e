// Either side is killed while the centre has something for a court. Every notice takes effect there once, in the order of its
// case, and the centre has a receipt for each in the end.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { fromBinary } from '@bufbuild/protobuf';
import { ReceiptSchema } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { Exchange, follow, merkleRoot, notice, packed } from '../support/exchange.ts';
import type { Identity } from '../support/exchange.ts';
import { eventually } from '../support/processes.ts';
import type { Daemon } from '../support/server.ts';

/** After the notices are pushed: before, during and after the answer, its commit, the acknowledgement. */
const MOMENTS_MS = [0, 5, 15, 40];
const A_BATCH = 20;

let exchange: Exchange;
let publicId: string;
let prison: Identity;
let batchNo = 0n;
let prevRoot: Uint8Array = new Uint8Array(32);
let last: ReturnType<typeof notice> | undefined;
let pushed = 0;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  ({ publicId } = await exchange.fileCase(12));
  prison = await exchange.admitSender('VN.TRAI1');
});

test.afterAll(async () => {
  await exchange?.dispose();
});

/** So many notices more, as one batch, again until the centre has said that it has them. */
async function pushNotices(count = A_BATCH): Promise<void> {
  const records = [];
  for (let i = 0; i < count; i++) {
    last = follow(notice(BigInt(++pushed), { publicId }), last);
    records.push(last);
  }
  const batch = { source: 'VN.TRAI1', batchNo: ++batchNo, records, prevRoot };
  await eventually('the centre has them', 20_000, async () => {
    const answer = await exchange.pushAs(batch, prison).catch(() => undefined);
    return answer?.status === 200 && fromBinary(ReceiptSchema, answer.body).cursor === batchNo;
  });
  prevRoot = merkleRoot(records.map(packed));
}

async function ask(side: 'court' | 'center', query: string): Promise<string> {
  return (await exchange[side].sql(query))[0]?.[0] ?? '';
}

/** All that was pushed is at the court, once, in order; the centre has its receipts. */
async function expectAll(): Promise<void> {
  await eventually('the court has all', 30_000, async () => {
    const rows = await ask('court', 'SELECT count(*) FROM notice').catch(() => '');
    return rows === String(pushed);
  });
  await eventually('the centre knows', 30_000, async () => {
    const open = `SELECT count(*) FROM outbox_state WHERE target = 'DEMO' AND receipt_id IS NULL`;
    return (await ask('center', open).catch(() => '')) === '0';
  });
  const lines = `string_agg(case_key || seq || encode(hash, 'hex') || encode(payload, 'hex'), ' ' ORDER BY case_key, seq)`;
  expect(await ask('court', `SELECT md5(${lines}) FROM inbox WHERE source = 'CENTER'`)).toBe(
    await ask('center', `SELECT md5(${lines}) FROM outbox WHERE target = 'DEMO'`),
  );
  const gaps = `SELECT count(*) FROM (SELECT FROM inbox WHERE source = 'CENTER' GROUP BY case_key
                HAVING count(*) <> max(seq)) AS gap`;
  expect(await ask('court', gaps)).toBe('0');
}

for (const [side, name] of [
  ['court', 'assized'],
  ['court', 'postgres'],
  ['center', 'assized'],
  ['center', 'postgres'],
] as ['court' | 'center', Daemon][]) {
  test(`no notice is lost or doubled when ${name} of the ${side} is killed`, async () => {
    for (const moment of MOMENTS_MS) {
      const pushing = pushNotices();
      await delay(moment);
      const killed = exchange[side].kill(name);
      await eventually(`${name} of the ${side}`, 15_000, () => {
        const pid = exchange[side].daemon(name)?.pid;
        return Promise.resolve(pid !== undefined && pid !== killed);
      });
      await pushing;
    }
    await expectAll();
  });
}

test('a court that is killed before it could acknowledge gives the same receipt', async () => {
  await pushNotices(1);
  await expectAll();
  const receipts = `SELECT receipt_id FROM outbox_state WHERE target = 'DEMO' ORDER BY number DESC LIMIT 1`;
  const before = await ask('center', receipts);
  exchange.court.kill('assized');
  // The acknowledgement of the last batch has never come.
  await exchange.center.sql(
    `UPDATE outbox_batch SET root = NULL, receipt_id = NULL, receipt_hash = NULL, received_ms = NULL
     WHERE target = 'DEMO' AND batch_no = (SELECT max(batch_no) FROM outbox_batch WHERE target = 'DEMO')`,
  );
  expect(await ask('center', receipts)).toBe('');
  await expectAll();
  expect(await ask('center', receipts)).toBe(before);
});

test('what is due at a court goes on when it starts, though the centre has nothing for it', async () => {
  const { court } = exchange;
  await court.sql(`INSERT INTO case_due (source, case_key) VALUES ('CENTER', 'case-1')`);
  court.kill('assized');
  await eventually('it has gone on', 20_000, async () => {
    const [row] = await court.sql('SELECT count(*) FROM case_due');
    return row?.[0] === '0';
  });
});

test('a court whose call waits when the centre is killed asks again when it is back', async () => {
  await delay(1_500); // it waits again
  const calls = `SELECT count(*) FROM inbox WHERE source = 'CENTER'`;
  const before = await ask('court', calls);
  exchange.center.kill('assized');
  await pushNotices(1);
  await expectAll();
  expect(Number(await ask('court', calls))).toBe(Number(before) + 1);
});

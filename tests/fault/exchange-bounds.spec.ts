// What hostile input costs a centre: at most eight times its size and 4 MiB of memory, and no more processor time than reading
// it does. Measured on the daemon as it is shipped, against what it had when it had seen nothing yet; the smallest first, so that
// what is kept of one is not too much for the next.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import { ReceiptSchema } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { bombs, mines } from '../support/bombs.ts';
import { refusedField } from '../support/cases.ts';
import { admitTo, callExchange, merkleRoot, packBatch, packed } from '../support/exchange.ts';
import type { Identity } from '../support/exchange.ts';
import { callFromNewAddress, type Response } from '../support/http.ts';
import { Server } from '../support/server.ts';

const TIMES = 8;
const MORE = 4 << 20;
/** Far above what any takes, far below what a loop that spins does. */
const BUSY_S = 5;
const IDLE_MS = 500;
const IDLE_S = 0.2;
const SOURCE = 'VN.TOA1';

let center: Server;
let identity: Identity;
let pid = 0;
let fresh = 0;
let last = { batchNo: 0n, root: new Uint8Array(32) as Uint8Array };

test.beforeAll(async () => {
  callFromNewAddress();
  center = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
  identity = await admitTo(center, SOURCE);
  expect((await send('Open', new Uint8Array())).status).toBe(400);
  pid = center.daemon('assized')?.pid ?? 0;
  fresh = memory('VmRSS');
});

test.afterAll(async () => {
  await center?.dispose();
});

const send = (method: string, body: Uint8Array, coding?: Record<string, string>) =>
  callExchange(center.url, method, body, identity, coding);

const memory = (what: 'VmRSS' | 'VmHWM') =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) *
  1024;

/** The answer, when it cost no more than it may. */
async function within(size: number, ask: () => Promise<Response>): Promise<Response> {
  writeFileSync(`/proc/${pid}/clear_refs`, '5'); // the peak is counted from here (proc(5))
  const busy = center.cpuSeconds('assized');
  const answer = await ask();
  const peak = memory('VmHWM') - fresh;
  const done = center.cpuSeconds('assized');
  await delay(IDLE_MS);
  console.log(
    `${size} bytes: ${(peak / 1024) | 0} KiB, ${(peak / size).toFixed(1)} times; ${(done - busy).toFixed(2)} s`,
  );
  expect(center.daemon('assized')?.pid, 'the daemon lives').toBe(pid);
  expect(peak).toBeLessThanOrEqual(TIMES * size + MORE);
  expect(done - busy).toBeLessThan(BUSY_S);
  expect(center.cpuSeconds('assized') - done).toBeLessThan(IDLE_S);
  return answer;
}

interface Ask {
  name: string;
  size: number;
  run: () => Promise<void>;
}

const refused: Ask[] = bombs().map(({ name, method, body, packed: small, code }) => ({
  name: `refused within bounds: ${name}`,
  size: body.length,
  run: async () => {
    const ask = () =>
      small ? send(method, small, { 'Content-Encoding': 'zstd' }) : send(method, body);
    expect(refusedField(await within(body.length, ask))).toMatchObject({ code });
  },
}));

const read: Ask[] = mines().map(({ name, records, reason }) => ({
  name: `read within bounds: ${name}`,
  size: records.reduce((sum, one) => sum + packed(one).length, 0),
  run: async () => {
    const batch = { source: SOURCE, batchNo: last.batchNo + 1n, prevRoot: last.root, records };
    const body = packBatch(batch, identity);
    const answer = await within(body.length, () => send('Push', body));
    expect(answer.status, answer.body.toString()).toBe(200);
    last = { batchNo: batch.batchNo, root: merkleRoot(records.map(packed)) };
    const { rejections } = fromBinary(ReceiptSchema, answer.body);
    expect(new Set(rejections.map((one) => one.reason))).toEqual(new Set(reason ? [reason] : []));
    expect(rejections).toHaveLength(reason ? records.length : 0);
  },
}));

for (const { name, run } of [...refused, ...read].sort((one, other) => one.size - other.size)) {
  test(name, run);
}

// A court reports to its centre: what closing a hearing sends, who sees it, and who is not let in.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import {
  ReceiptSchema,
  RecordSchema,
  SyncState,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import {
  admitTo,
  Exchange,
  follow,
  merkleRoot,
  packBatch,
  packed,
  record,
} from '../support/exchange.ts';
import { request } from '../support/http.ts';
import { eventually } from '../support/processes.ts';
import { Server } from '../support/server.ts';
import { openByLink, refused } from '../support/session.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

let exchange: Exchange;

test.beforeAll(async () => {
  exchange = await Exchange.start();
});

test.afterAll(async () => {
  await exchange?.dispose();
});

test('the outcome of a closed hearing is received, and clerk and judge see when', async () => {
  const { hearing, judge } = await exchange.open();
  const { cookie: clerk } = await openByLink(exchange.court.url, hearing.links.clerk);
  expect((await exchange.status(clerk)).state).toBe(SyncState.UNSPECIFIED);
  await judge.command({ case: 'close', value: {} });
  for (const cookie of [clerk, judge.cookie]) {
    const status = await eventually('it is received', 10_000, async () => {
      const now = await exchange.status(cookie);
      return now.state === SyncState.RECEIVED ? now : undefined;
    });
    expect(status.recordedMs).toBeGreaterThan(0n);
    expect(status.receivedMs).toBeGreaterThanOrEqual(status.recordedMs - 1_000n);
    expect(status.receiptId).toMatch(/^[0-9a-f-]{36}$/);
  }
  judge.close();
  expect(await exchange.received()).toEqual(await exchange.sent());
  const [head] = await exchange.center.sql(`SELECT status FROM case_head WHERE source = 'DEMO'`);
  expect(head).toEqual(['tried']);
});

test('it is on its way within two seconds of the closing', async () => {
  const before = (await exchange.received()).length;
  await exchange.closed();
  await eventually('received', 2_000, async () => (await exchange.received()).length > before);
});

test('only the clerk and the panel may ask', async () => {
  const hearing = await exchange.court.seed();
  const { cookie } = await openByLink(exchange.court.url, hearing.links.witness);
  expect(refused(await exchange.askStatus(cookie)).code).toBe('role_not_allowed');
  expect(refused(await exchange.askStatus('')).code).toBe('not_signed_in');
});

test('a court without a centre says nothing of one', async () => {
  const alone = await Server.start();
  try {
    const hearing = await alone.seed();
    const { cookie } = await openByLink(alone.url, hearing.links.clerk);
    const answer = await request(`${alone.url}/assize.exchange.v1.SyncService/Status`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/proto',
        'Connect-Protocol-Version': '1',
        'Content-Length': '0',
        Origin: alone.url,
        Cookie: cookie,
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBe(0);
  } finally {
    await alone.dispose();
  }
});

test('while the centre is away the outcome waits, and arrives when it is back', async () => {
  await exchange.center.stop();
  const hearing = await exchange.closed();
  const { cookie } = await openByLink(exchange.court.url, hearing.links.clerk);
  expect((await exchange.status(cookie)).state).toBe(SyncState.WAITING);
  await exchange.center.restart();
  await exchange.settle();
  expect((await exchange.status(cookie)).state).toBe(SyncState.RECEIVED);
  expect(await exchange.received()).toEqual(await exchange.sent());
});

test('the centre does not speak with whoever has no certificate of its authority', async () => {
  await expect(request(`${exchange.center.url}/healthz`)).rejects.toThrow();
  await expect(exchange.openAs('DEMO')).rejects.toThrow();
  const other = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
  try {
    const identity = await admitTo(other, 'DEMO');
    await expect(exchange.openAs('DEMO', identity)).rejects.toThrow();
  } finally {
    await other.dispose();
  }
});

test('an organisation that is not known, or not any more, is refused', async () => {
  const identity = await exchange.admit('VN.TOA2');
  expect((await exchange.openAs('VN.TOA2', identity)).status).toBe(200);
  await exchange.center.sql(`UPDATE organisation SET withdrawn_at = now() WHERE code = 'VN.TOA2'`);
  expect(refused(await exchange.openAs('VN.TOA2', identity)).code).toBe('organisation_unknown');
  await exchange.center.sql(`DELETE FROM organisation WHERE code = 'VN.TOA2'`);
  const batch = { source: 'VN.TOA2', batchNo: 1n, count: 1, records: [record(1n)] };
  expect(refused(await exchange.pushAs(batch, identity)).code).toBe('organisation_unknown');
});

test('a certificate that was replaced opens nothing', async () => {
  const before = await exchange.admit('VN.TOA3');
  const after = await exchange.admit('VN.TOA3');
  expect(refused(await exchange.openAs('VN.TOA3', before)).code).toBe('certificate_revoked');
  expect((await exchange.openAs('VN.TOA3', after)).status).toBe(200);
});

test('nobody pushes under another name', async () => {
  const identity = await exchange.admit('VN.TOA4');
  const before = await exchange.received();
  expect(refused(await exchange.openAs('DEMO', identity)).code).toBe('foreign_source');
  const batch = { source: 'DEMO', batchNo: 99n, count: 1, records: [record(1n)] };
  expect(refused(await exchange.pushAs(batch, identity)).code).toBe('foreign_source');
  expect(await exchange.received()).toEqual(before);
});

test('what is no batch is refused whole', async () => {
  const identity = await exchange.admit('VN.TOA5');
  const good = record(1n);
  const batches = [
    { batchNo: 1n, count: 2, records: [good] },
    { batchNo: 1n, count: 0, records: [] },
    { batchNo: 0n, count: 1, records: [good] },
    { batchNo: 1n, count: 1, records: [{ ...good, caseKey: 'a"b' }] },
    { batchNo: 1n, count: 1, records: [{ ...good, caseKey: 'a'.repeat(65) }] },
    { batchNo: 1n, count: 1, records: [{ ...good, seq: 0n }] },
    { batchNo: 1n, count: 1, records: [{ ...good, seq: 2n ** 63n }] },
    { batchNo: 1n, count: 1, records: [{ ...good, hash: new Uint8Array(31) }] },
    { batchNo: 1n, count: 1, records: [{ ...good, changeId: 'x' }] },
    { batchNo: 1n, count: 501, records: Array.from({ length: 501 }, () => good) },
  ];
  const wrong = [
    { batchNo: 1n, records: [good], merkleRoot: new Uint8Array(32) },
    { batchNo: 1n, records: [good], prevRoot: new Uint8Array(31) },
    { batchNo: 1n, records: [good], keyId: new Uint8Array(0) },
    { batchNo: 1n, records: [{ ...good, context: new Uint8Array(4097) }] },
  ];
  for (const batch of [...batches, ...wrong]) {
    const answer = await exchange.pushAs({ source: 'VN.TOA5', ...batch }, identity);
    expect(refused(answer).code, String(batch.records.length)).toBe('malformed');
  }
  const junk = await exchange.call('Push', Buffer.alloc(100_000, 0x22), identity);
  expect(refused(junk).code).toBe('malformed');
});

test('a batch that its sender did not sign is refused', async () => {
  const identity = await exchange.admit('VN.TOA7');
  const other = await exchange.admit('VN.TOA8');
  const batch = { source: 'VN.TOA7', batchNo: 1n, records: [follow(record(1n))] };
  const forged = [
    packBatch(batch, other),
    packBatch({ ...batch, keyId: new Uint8Array(32) }, identity),
    packBatch(batch, { ...identity, key: other.key }),
  ];
  for (const body of forged) {
    const answer = await exchange.call('Push', body, identity);
    expect(answer.status).toBe(403);
    expect(refused(answer).code).toBe('signature_wrong');
  }
  expect(fromBinary(ReceiptSchema, (await exchange.pushAs(batch, identity)).body).cursor).toBe(1n);
});

test('a batch names the root of the one before it', async () => {
  const identity = await exchange.admit('VN.TOA9');
  const first = follow(record(1n));
  const second = follow(record(2n), first);
  await exchange.pushAs({ source: 'VN.TOA9', batchNo: 1n, records: [first] }, identity);
  const next = { source: 'VN.TOA9', batchNo: 2n, records: [second] };
  expect(refused(await exchange.pushAs(next, identity)).code).toBe('batch_chain');
  const prevRoot = merkleRoot([toBinary(RecordSchema, create(RecordSchema, first))]);
  const answer = await exchange.pushAs({ ...next, prevRoot }, identity);
  expect(fromBinary(ReceiptSchema, answer.body)).toMatchObject({ cursor: 2n, rejections: [] });
});

/** Somebody has the row of a source: batches of it wait, in the order in which they are pushed. */
async function holdSource(center: Server, source: string) {
  const holding = center
    .sql(
      `WITH row AS MATERIALIZED (SELECT FROM organisation WHERE code = '${source}' FOR UPDATE)
       SELECT pg_sleep(60) FROM row`,
    )
    .catch(() => 'cancelled');
  await eventually('it is held', 10_000, async () => {
    const [row] = await center.sql(
      `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`,
    );
    return row?.[0] === '1';
  });
  return {
    waiting: (count: number) =>
      eventually(`${count} wait`, 2_500, async () => {
        const [row] = await center.sql(
          `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%exchange_apply(%' AND wait_event_type = 'Lock'`,
        );
        return row?.[0] === String(count);
      }),
    letGo: async () => {
      await center.sql(
        `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`,
      );
      expect(await holding).toBe('cancelled');
    },
  };
}

test('of two batches that are here at once the later waits for the other, also when its turn comes first', async () => {
  const source = 'VN.TOA10';
  const identity = await exchange.admit(source);
  const first = follow(record(1n));
  const second = follow(record(2n), first);
  const prevRoot = merkleRoot([toBinary(RecordSchema, create(RecordSchema, first))]);
  const { center } = exchange;
  const { waiting, letGo } = await holdSource(center, source);
  const later = exchange.pushAs({ source, batchNo: 2n, records: [second], prevRoot }, identity);
  await waiting(1);
  const earlier = exchange.pushAs({ source, batchNo: 1n, records: [first] }, identity);
  await waiting(2);
  await letGo();
  for (const [answer, batchNo] of [
    [await earlier, 1n],
    [await later, 2n],
  ] as const) {
    expect(fromBinary(ReceiptSchema, answer.body)).toMatchObject({ batchNo, rejections: [] });
  }
  const [row] = await center.sql(
    `SELECT count(*), (SELECT seq FROM case_head WHERE source = '${source}') FROM inbox WHERE source = '${source}'`,
  );
  expect(row).toEqual(['2', '2']);
});

test('a batch that repeats records of one at work is taken in at once, though each waits for the other', async () => {
  const source = 'VN.TOA11';
  const identity = await exchange.admit(source);
  const good = follow(record(1n));
  const odd = follow({ ...record(1n), caseKey: 'case-odd', schemaVersion: 99 });
  const batch = { source, batchNo: 1n, records: [good, odd] };
  const prevRoot = merkleRoot(batch.records.map(packed));
  const again = { source, batchNo: 2n, records: [good], prevRoot };
  const { center } = exchange;
  const { waiting, letGo } = await holdSource(center, source);
  const deadlocks = async () => {
    const [row] = await center.sql(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(row?.[0]);
  };
  const before = await deadlocks();
  // The first writes nothing before its turn, for it is not plain; what repeats it does.
  const first = exchange.pushAs(batch, identity);
  await waiting(1);
  const repeated = exchange.pushAs(again, identity);
  await waiting(2);
  await letGo();
  expect(fromBinary(ReceiptSchema, (await first).body)).toMatchObject({ batchNo: 1n });
  expect(fromBinary(ReceiptSchema, (await repeated).body)).toMatchObject({ batchNo: 2n });
  await eventually('each waited for the other', 10_000, async () => (await deadlocks()) > before);
  const [row] = await center.sql(`SELECT count(*) FROM inbox WHERE source = '${source}'`);
  expect(row).toEqual(['1']);
});

test('a record whose hashes do not fit is rejected in the receipt, a batch out of turn refused', async () => {
  const identity = await exchange.admit('VN.TOA6');
  const batch = { source: 'VN.TOA6', batchNo: 1n, count: 1, records: [record(1n)] };
  expect(refused(await exchange.pushAs({ ...batch, batchNo: 2n }, identity)).code).toBe(
    'batch_gap',
  );
  const first = await exchange.pushAs(batch, identity);
  const receipt = fromBinary(ReceiptSchema, first.body);
  expect(receipt.rejections.map(({ reason }) => reason)).toEqual(['damaged']);
  const again = await exchange.pushAs(batch, identity);
  expect(again.body).toEqual(first.body);
});

test('a record that a court writes is known at the centre, as it was at any time', async () => {
  const hearing = await exchange.court.seed();
  const [row] = await exchange.court.sql(
    `SELECT c.id FROM court_case c JOIN hearing h ON h.court_case = c.id WHERE h.id = '${hearing.id}'`,
  );
  const key = String(row?.[0]);
  const write = (at: string, ...more: string[]) =>
    exchange.writeCase(key, 'event', { case: 'event', value: { at, kind: 'filed' } }, ...more);
  await expect(write('2026-02-31')).rejects.toThrow(/event\.at/);
  const first = await write('2026-02-03');
  expect(await write('2026-02-04', '--op', 'correct')).toBe(first + 1n);
  await exchange.settle(4_000); // long before the sender looks by itself: it was woken
  const shown = JSON.parse(await exchange.center.assize('case', 'show', 'DEMO', key, '--json'));
  expect(shown).toMatchObject([{ kind: 'event', seq: Number(first) + 1 }]);
  const before = ['--known', '2020-01-01', '--json'];
  expect(JSON.parse(await exchange.center.assize('case', 'show', 'DEMO', key, ...before))).toEqual(
    [],
  );
});

// The centre has something for a court: what it rejected, and what others have to tell the court of its cases.
import { createPublicKey, verify } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import {
  NoticeSchema,
  ReceiptSchema,
  RejectionSchema,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import {
  batchOf,
  Exchange,
  follow,
  given,
  headerOf,
  merkleRoot,
  notice,
  packed,
  record,
  recordsOf,
  type BatchInit,
  type Identity,
} from '../support/exchange.ts';
import { eventually } from '../support/processes.ts';
import { refused } from '../support/session.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

/** Far below what a court lets the centre wait before it asks anew. */
const AT_ONCE_MS = 3_000;

let exchange: Exchange;
let key: string;
let publicId: string;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  ({ key, publicId } = await exchange.fileCase(12));
});

test.afterAll(async () => {
  await exchange?.dispose();
});

/** Notices of this case that the court keeps. */
async function notices(): Promise<string[][]> {
  return exchange.court.sql(
    `SELECT n.source, n.seq FROM notice n JOIN case_file f USING (public_id)
     WHERE f.case_key = '${key}' AND n.public_id = '${publicId}' ORDER BY n.seq`,
  );
}

async function pushNotices(
  source: string,
  identity: Identity,
  records: ReturnType<typeof notice>[],
) {
  const answer = await exchange.pushAs({ source, batchNo: 1n, records }, identity);
  expect(answer.status, answer.body.toString()).toBe(200);
  return fromBinary(ReceiptSchema, answer.body);
}

test('what another organisation tells a court of a case is there at once, with who said it', async () => {
  const prison = await exchange.admitSender('VN.TRAI1');
  const one = follow(notice(1n, { publicId }));
  const other = follow(notice(2n, { publicId }), one);
  const receipt = await pushNotices('VN.TRAI1', prison, [one, other]);
  expect(receipt.rejections).toEqual([]);
  await eventually('the court has it', AT_ONCE_MS, async () => (await notices()).length === 2);
  expect(await notices()).toEqual([
    ['CENTER', '1'],
    ['CENTER', '2'],
  ]);
  const [row] = await exchange.court.sql(
    `SELECT encode(payload, 'hex') FROM inbox WHERE record_type = 'notice' AND seq = 1`,
  );
  expect(fromBinary(NoticeSchema, Buffer.from(String(row?.[0]), 'hex'))).toMatchObject({
    court: 'DEMO',
    publicId,
    kind: 'custody',
    text: 'Đã chuyển buồng giam.',
    origin: 'VN.TRAI1',
    originId: one.changeId,
    originName: '',
  });
  const name = 'Trại tạm giam số 1';
  await exchange.center.assize('exchange', 'name', 'VN.TRAI1', name);
  const named = follow(notice(3n, { publicId }), other);
  const prevRoot = merkleRoot([one, other].map(packed));
  const answer = await exchange.pushAs(
    { source: 'VN.TRAI1', batchNo: 2n, prevRoot, records: [named] },
    prison,
  );
  expect(answer.status, answer.body.toString()).toBe(200);
  await eventually(
    'the court has the next',
    AT_ONCE_MS,
    async () => (await notices()).length === 3,
  );
  const [last] = await exchange.court.sql(
    `SELECT encode(payload, 'hex') FROM inbox WHERE record_type = 'notice' AND seq = 3`,
  );
  expect(fromBinary(NoticeSchema, Buffer.from(String(last?.[0]), 'hex')).originName).toBe(name);
  await eventually('the centre knows it', AT_ONCE_MS, async () => {
    const open = `SELECT count(*) FROM outbox_state WHERE target = 'DEMO' AND receipt_id IS NULL`;
    return (await exchange.center.sql(open))[0]?.[0] === '0';
  });
});

test('a notice that waited for another record is there at once when that has come', async () => {
  const source = 'VN.TOA7';
  const identity = await exchange.admit(source);
  await exchange.letNotify(source);
  const first = follow({ ...record(1n), caseKey: 'waited' });
  const held = follow(notice(2n, { publicId, text: 'Chờ.' }, 'waited'), first);
  const push = async (batch: BatchInit) => {
    const answer = await exchange.pushAs(batch, identity);
    expect(answer.status, answer.body.toString()).toBe(200);
    expect(fromBinary(ReceiptSchema, answer.body).rejections).toEqual([]);
    return merkleRoot(batch.records.map(packed));
  };
  const count = (await notices()).length;
  const prevRoot = await push({ source, batchNo: 1n, records: [held] });
  expect(await notices()).toHaveLength(count);
  await push({ source, batchNo: 2n, prevRoot, records: [first] });
  await eventually('the court has it', AT_ONCE_MS, async () => (await notices()).length > count);
});

test('a notice that leads nowhere comes back to its sender with the reason', async () => {
  const prison = await exchange.admitSender('VN.TRAI2');
  const wrong = [
    ['a', { publicId, court: 'VN.TOA9' }, 'notice.court'],
    ['b', { publicId: 'VN:TAND.01:2026:999-TLST-HS' }, 'notice.public_id'],
    ['c', { publicId: 'VN' }, 'notice.public_id'],
    ['d', { publicId, kind: 'a word' }, 'notice.kind'],
    ['e', { publicId, text: '' }, 'notice.text'],
    ['f', { publicId, origin: 'VN.TRAI1' }, 'notice.origin'],
    ['g', { publicId, originName: 'Trại giam khác' }, 'notice.origin'],
    ['h', { publicId, text: 'x'.repeat(9000) }, 'notice'],
  ] as const;
  const before = await notices();
  const records = wrong.map(([at, words]) => follow(notice(1n, words, at)));
  const receipt = await pushNotices('VN.TRAI2', prison, records);
  const reasons = wrong.map(([at, , reason]) => [at, reason]);
  expect(receipt.rejections.map(({ caseKey, reason }) => [caseKey, reason])).toEqual(reasons);
  // The receipt may be lost: the same is waiting for whoever asks.
  const batch = given(await exchange.pullAs('VN.TRAI2', prison));
  const said = recordsOf(batch).map(({ payload }) => fromBinary(RejectionSchema, payload));
  expect(said.map(({ caseKey, seq, reason }) => [caseKey, seq, reason])).toEqual(
    wrong.map(([at, , reason]) => [at, 1n, reason]),
  );
  expect(await notices()).toEqual(before);
});

test('what the centre rejects is marked at its court, by the receipt and by what follows it', async () => {
  await exchange.court.sql(
    `SELECT case_change('${key}', NULL, 'tried', gen_random_uuid(), '\\x1863')`, // no such status
  );
  await exchange.closed(); // wakes the sender
  await eventually('it is marked', AT_ONCE_MS, async () => {
    const [row] = await exchange.court.sql(
      `SELECT refused FROM outbox_state JOIN outbox USING (number) WHERE outbox.case_key = '${key}' AND payload = '\\x1863'`,
    );
    return row?.[0] === 'status';
  });
  await eventually('the centre has said so', AT_ONCE_MS, async () => {
    const [row] = await exchange.court.sql(
      `SELECT count(*) FROM inbox WHERE source = 'CENTER' AND record_type = 'rejection' AND case_key = '${key}'`,
    );
    return row?.[0] === '1';
  });
});

test('a batch of the centre is for one organisation, follows the one before and is signed', async () => {
  const prison = await exchange.admitSender('VN.TRAI3');
  const lost = (seq: bigint, at: string) => follow(notice(seq, { publicId, court: 'VN.NO' }, at));
  await pushNotices('VN.TRAI3', prison, [lost(1n, 'a'), lost(1n, 'b')]);
  const first = given(await exchange.pullAs('VN.TRAI3', prison));
  const header = headerOf(first);
  expect(header).toMatchObject({ source: 'CENTER', target: 'VN.TRAI3', batchNo: 1n, count: 2 });
  expect(Buffer.from(header.merkleRoot)).toEqual(Buffer.from(merkleRoot(first.records)));
  const certificate = exchange.center.stateFile('tls/exchange.pem');
  const signed = verify(
    'sha256',
    first.header,
    createPublicKey(certificate),
    Buffer.from(first.signature),
  );
  expect(signed).toBe(true);
  // Until it is acknowledged it is given again, whatever the caller says that it has.
  const again = given(await exchange.pullAs('VN.TRAI3', prison, 1n));
  expect(Buffer.from(again.header)).toEqual(Buffer.from(first.header));
  expect((await exchange.ackAs(prison, again)).status).toBe(200);
  expect((await exchange.ackAs(prison, again)).status).toBe(200);
  expect(batchOf(await exchange.pullAs('VN.TRAI3', prison, 1n))).toBeUndefined();
  // Whoever was restored and knows less is sent it once more, the same.
  const restored = given(await exchange.pullAs('VN.TRAI3', prison, 0n));
  expect(Buffer.from(restored.header)).toEqual(Buffer.from(first.header));
  const resent = given(await exchange.resendAs('VN.TRAI3', prison, 1n));
  expect(Buffer.from(resent.header)).toEqual(Buffer.from(first.header));
  expect((await exchange.ackAs(prison, resent)).status).toBe(200);
  expect(batchOf(await exchange.resendAs('VN.TRAI3', prison, 2n))).toBeUndefined();
});

test('whoever waits is answered when there is something, and by a later call of the same', async () => {
  const prison = await exchange.admitSender('VN.TRAI4');
  const earlier = exchange.pullAs('VN.TRAI4', prison, 0n, 20_000);
  await exchange.center.sql('SELECT pg_sleep(0.2)');
  const waiting = exchange.pullAs('VN.TRAI4', prison, 0n, 20_000);
  expect(batchOf(await earlier)).toBeUndefined();
  const began = Date.now();
  await pushNotices('VN.TRAI4', prison, [follow(notice(1n, { publicId, court: 'VN.NO' }))]);
  expect(recordsOf(given(await waiting))).toMatchObject([{ recordType: 'rejection' }]);
  expect(Date.now() - began).toBeLessThan(AT_ONCE_MS);
});

test('an answer waits no longer than it was asked to', async () => {
  const prison = await exchange.admitSender('VN.TRAI5');
  const began = Date.now();
  expect(batchOf(await exchange.pullAs('VN.TRAI5', prison, 0n, 1_000))).toBeUndefined();
  expect(Date.now() - began).toBeGreaterThan(900);
  expect(Date.now() - began).toBeLessThan(AT_ONCE_MS);
});

test('nobody pulls or acknowledges for another, or without being known', async () => {
  const prison = await exchange.admitSender('VN.TRAI6');
  const other = await exchange.admitSender('VN.TRAI7');
  await pushNotices('VN.TRAI6', prison, [follow(notice(1n, { publicId, court: 'VN.NO' }))]);
  expect(refused(await exchange.pullAs('VN.TRAI6', other)).code).toBe('foreign_source');
  expect(refused(await exchange.resendAs('VN.TRAI6', other, 1n)).code).toBe('foreign_source');
  const batch = given(await exchange.pullAs('VN.TRAI6', prison));
  expect(refused(await exchange.ackAs(other, batch)).code).toBe('receipt_unknown');
  const changed = { ...batch, header: new Uint8Array([...batch.header, 0x90, 3, 1]) };
  expect(refused(await exchange.ackAs(prison, changed)).code).toBe('receipt_unknown');
  expect(refused(await exchange.call('Pull', Buffer.from([0x0a]), prison)).code).toBe('malformed');
  expect(refused(await exchange.call('Ack', Buffer.from([0x0a]), prison)).code).toBe('malformed');
  expect(refused(await exchange.resendAs('VN.TRAI6', prison, 0n)).code).toBe('malformed');
  await exchange.center.sql(`UPDATE organisation SET withdrawn_at = now() WHERE code = 'VN.TRAI6'`);
  expect(refused(await exchange.pullAs('VN.TRAI6', prison)).code).toBe('organisation_unknown');
  expect(refused(await exchange.resendAs('VN.TRAI6', prison, 1n)).code).toBe(
    'organisation_unknown',
  );
  expect(refused(await exchange.ackAs(prison, batch)).code).toBe('organisation_unknown');
  await exchange.center.assize('cert', 'revoke', 'VN.TRAI6', '--why', 'test');
  expect(refused(await exchange.ackAs(prison, batch)).code).toBe('certificate_revoked');
});

test('a rejection is for the centre to say, and a batch for another is not taken', async () => {
  const prison = await exchange.admitSender('VN.TRAI8');
  const rejection = follow({ ...record(1n), recordType: 'rejection' });
  const batch = { source: 'VN.TRAI8', batchNo: 1n, records: [rejection] };
  const addressed = { ...batch, target: 'DEMO' };
  expect(refused(await exchange.pushAs(addressed, prison)).code).toBe('malformed');
  const answer = await exchange.pushAs(batch, prison);
  expect(fromBinary(ReceiptSchema, answer.body).rejections).toMatchObject([{ reason: 'schema' }]);
});

test('a court counts what it fetched, and by its code what it was refused', async () => {
  const count = (name: string) => exchange.court.metric(`assize_exchange_pull_${name}`);
  expect(await count('batches_total')).toBeGreaterThan(0);
  expect(await count('records_total')).toBeGreaterThanOrEqual(await count('batches_total'));
  expect(await count('up')).toBe(1);
  const withdrawn = (at: string) =>
    exchange.center.sql(`UPDATE organisation SET withdrawn_at = ${at} WHERE code = 'DEMO'`);
  await withdrawn('now()');
  exchange.center.kill('assized'); // it does not wait there any more
  await eventually('it is refused', 15_000, async () => {
    return (await count('refused_total{code="organisation_unknown"}')) > 0;
  });
  expect(await count('up')).toBe(0);
  await withdrawn('NULL');
  await eventually('it is let in again', 15_000, async () => (await count('up')) === 1);
});

test('a court that was restored takes in again what it lost, once', async () => {
  const before = await notices();
  expect(before.length).toBeGreaterThan(0);
  await exchange.court.sql(
    `SET session_replication_role = replica; DELETE FROM notice; DELETE FROM inbox; DELETE FROM case_head;
     DELETE FROM rejection; DELETE FROM receipt; DELETE FROM organisation`,
  );
  exchange.court.kill('assized');
  await eventually('it has them again', 15_000, async () => (await notices()).length > 0);
  await eventually('all of them', AT_ONCE_MS, async () => {
    return JSON.stringify(await notices()) === JSON.stringify(before);
  });
});

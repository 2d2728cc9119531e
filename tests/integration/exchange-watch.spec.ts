// What the centre has for an organisation as one stream: connect-node, as it comes from npm, watches by its certificate.
import { Code, ConnectError, createClient, type Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import {
  BatchSchema,
  ExchangeService,
  ReceiptSchema,
  RejectionSchema,
  type Batch,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import {
  batchOf,
  Exchange,
  follow,
  given,
  headerOf,
  merkleRoot,
  notice,
  packBatch,
  packed,
  receiptOf,
  recordsOf,
  type Identity,
} from '../support/exchange.ts';
import { refused } from '../support/session.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

/** What is new is told at once; this is far below the time between two words of a stream that has nothing new. */
const AT_ONCE_MS = 3_000;
const BEAT_MS = 10_000;

let exchange: Exchange;

test.beforeAll(async () => {
  exchange = await Exchange.start();
});

test.afterAll(async () => {
  await exchange?.dispose();
});

function clientOf(identity: Identity): Client<typeof ExchangeService> {
  const nodeOptions = { rejectUnauthorized: false, ...identity };
  return createClient(
    ExchangeService,
    createConnectTransport({ baseUrl: exchange.center.url, httpVersion: '1.1', nodeOptions }),
  );
}

/** One stream of an organisation, message by message. */
class Watching {
  private readonly stop = new AbortController();
  private readonly messages: AsyncIterator<Batch>;

  constructor(identity: Identity, source: string, cursor = 0n) {
    const call = { signal: this.stop.signal };
    this.messages = clientOf(identity).watch({ source, cursor }, call)[Symbol.asyncIterator]();
  }

  /** The next that is no mere word; undefined when the stream ended well. */
  async next(): Promise<Batch | undefined> {
    for (;;) {
      const { done, value } = await this.word();
      if (done) return undefined;
      if (value.header.length > 0) return value;
    }
  }

  async word(): Promise<IteratorResult<Batch>> {
    return this.messages.next();
  }

  async batch(): Promise<Batch> {
    const batch = await this.next();
    if (batch === undefined) throw new Error('the stream ended');
    return batch;
  }

  /** As the client sees it: why the stream ended. */
  async refusal(): Promise<Code> {
    const error = await this.next().then(
      () => undefined,
      (reason: unknown) => ConnectError.from(reason),
    );
    if (error === undefined) throw new Error('it was not refused');
    return error.code;
  }

  close(): void {
    this.stop.abort();
  }
}

/** Notices that lead nowhere, so that their sender is told. */
const lost = (at: string) => follow(notice(1n, { publicId: 'VN', court: 'VN.NO' }, at));

async function push(source: string, identity: Identity, batchNo: bigint, at: string[]) {
  const last = pushed.get(source);
  const records = at.map(lost);
  const batch = { source, batchNo, records, ...(last && { prevRoot: last }) };
  const answer = await exchange.pushAs(batch, identity);
  expect(answer.status, answer.body.toString()).toBe(200);
  pushed.set(source, merkleRoot(records.map(packed)));
}
const pushed = new Map<string, Uint8Array>();

const told = (batch: Batch) =>
  recordsOf(batch).map(({ payload }) => fromBinary(RejectionSchema, payload).caseKey);

test('what is there and what comes is told in its order, each after the word for the one before', async () => {
  const prison = await exchange.admitSender('VN.TRAI1');
  await push('VN.TRAI1', prison, 1n, ['a', 'b']);
  const watching = new Watching(prison, 'VN.TRAI1');
  const first = await watching.batch();
  expect(told(first)).toEqual(['a', 'b']);
  expect(headerOf(first)).toMatchObject({ source: 'CENTER', target: 'VN.TRAI1', batchNo: 1n });
  await push('VN.TRAI1', prison, 2n, ['c']);
  let second: Batch | undefined;
  const next = watching.batch().then((batch) => (second = batch));
  await exchange.center.sql('SELECT pg_sleep(0.5)');
  expect(second).toBeUndefined(); // the first is not taken in yet
  expect((await exchange.ackAs(prison, first)).status).toBe(200);
  await next;
  expect(told(second as unknown as Batch)).toEqual(['c']);
  expect((await exchange.ackAs(prison, second as unknown as Batch)).status).toBe(200);
  const began = Date.now();
  await push('VN.TRAI1', prison, 3n, ['d']);
  expect(told(await watching.batch())).toEqual(['d']);
  expect(Date.now() - began).toBeLessThan(AT_ONCE_MS);
  watching.close();
});

test('whoever comes back goes on after what they took in, and is given again what they did not', async () => {
  const prison = await exchange.admitSender('VN.TRAI2');
  await push('VN.TRAI2', prison, 1n, ['a']);
  const before = new Watching(prison, 'VN.TRAI2');
  const first = await before.batch();
  before.close();
  const again = new Watching(prison, 'VN.TRAI2');
  const same = await again.batch();
  expect(Buffer.from(same.header)).toEqual(Buffer.from(first.header));
  expect((await exchange.ackAs(prison, same)).status).toBe(200);
  again.close();
  await push('VN.TRAI2', prison, 2n, ['b']);
  const after = new Watching(prison, 'VN.TRAI2', 1n);
  expect(told(await after.batch())).toEqual(['b']);
  after.close();
  // Whoever was restored and knows less is sent what they lost; and Pull gives the same as Watch.
  await exchange.ackAs(prison, given(await exchange.pullAs('VN.TRAI2', prison, 1n)));
  const restored = new Watching(prison, 'VN.TRAI2', 0n);
  expect(Buffer.from((await restored.batch()).header)).toEqual(Buffer.from(first.header));
  restored.close();
});

test('a later call of the same organisation ends the stream, and a stream a call that waits', async () => {
  const prison = await exchange.admitSender('VN.TRAI4');
  const earlier = new Watching(prison, 'VN.TRAI4');
  await earlier.word();
  const later = new Watching(prison, 'VN.TRAI4');
  expect(await earlier.next()).toBeUndefined();
  await later.word();
  const waiting = exchange.pullAs('VN.TRAI4', prison, 0n, 20_000);
  expect(await later.next()).toBeUndefined();
  const last = new Watching(prison, 'VN.TRAI4');
  expect(batchOf(await waiting)).toBeUndefined();
  await push('VN.TRAI4', prison, 1n, ['a']);
  expect(told(await last.batch())).toEqual(['a']);
  last.close();
});

test('nobody watches for another; a stream without news says that it lives, until the right to it ends', async () => {
  const prison = await exchange.admitSender('VN.TRAI5');
  const other = await exchange.admitSender('VN.TRAI6');
  expect(await new Watching(other, 'VN.TRAI5').refusal()).toBe(Code.PermissionDenied);
  expect(await new Watching(prison, 'VN.TRAI5', 2n ** 63n).refusal()).toBe(Code.InvalidArgument);
  expect(refused(await exchange.call('Watch', Buffer.from([0x0a]), prison)).code).toBe('malformed');
  const quiet = new Watching(other, 'VN.TRAI6');
  const withdrawn = new Watching(prison, 'VN.TRAI5');
  const began = Date.now();
  for (const watching of [quiet, withdrawn]) await watching.word();
  await exchange.center.sql(`UPDATE organisation SET withdrawn_at = now() WHERE code = 'VN.TRAI5'`);
  expect(await withdrawn.refusal()).toBe(Code.Unauthenticated);
  expect((await quiet.word()).value).toMatchObject({ records: [] });
  expect(Date.now() - began).toBeGreaterThan(BEAT_MS / 2);
  expect(Date.now() - began).toBeLessThan(2 * BEAT_MS);
  quiet.close();
  expect(await new Watching(prison, 'VN.TRAI5').refusal()).toBe(Code.Unauthenticated);
});

test('a batch far larger than what else may wait in a stream fits into it', async () => {
  const prison = await exchange.admitSender('VN.TRAI7');
  const court = await exchange.admit('VN.TOA7');
  const publicId = 'VN:TAND.01:2026:77-TLST-HS';
  await exchange.center.sql(
    `INSERT INTO case_file VALUES ('VN.TOA7', gen_random_uuid()::text, '${publicId}', 'accepted', 1)`,
  );
  const words = { court: 'VN.TOA7', publicId, text: 'x'.repeat(1_900) };
  const records = Array.from({ length: 500 }, (_, i) => follow(notice(1n, words, `n-${i}`)));
  const answer = await exchange.pushAs({ source: 'VN.TRAI7', batchNo: 1n, records }, prison);
  expect(fromBinary(ReceiptSchema, answer.body).rejections).toEqual([]);
  const watching = new Watching(court, 'VN.TOA7');
  const batch = await watching.batch();
  expect(batch.records.reduce((sum, one) => sum + one.length, 0)).toBeGreaterThan(256 << 10);
  expect(Buffer.from(headerOf(batch).merkleRoot)).toEqual(Buffer.from(merkleRoot(batch.records)));
  watching.close();
});

test('connect-node calls every method of the exchange', async () => {
  const prison = await exchange.admitSender('VN.TRAI8');
  const client = clientOf(prison);
  expect(await client.open({ source: 'VN.TRAI8' })).toMatchObject({ cursor: 0n });
  await push('VN.TRAI8', prison, 1n, ['a']);
  const batch = await client.pull({ source: 'VN.TRAI8', cursor: 0n, waitMs: 0 });
  expect(told(batch)).toEqual(['a']);
  const resent = await client.resend({ source: 'VN.TRAI8', fromBatch: 1n });
  expect(Buffer.from(resent.header)).toEqual(Buffer.from(batch.header));
  expect(await client.ack(receiptOf(batch))).toMatchObject({});
  const records = [lost('b')];
  const prevRoot = pushed.get('VN.TRAI8') ?? new Uint8Array();
  const signed = packBatch({ source: 'VN.TRAI8', batchNo: 2n, records, prevRoot }, prison);
  const answer = await client.push(fromBinary(BatchSchema, signed));
  expect(answer).toMatchObject({ batchNo: 2n, cursor: 2n, rejections: [{ caseKey: 'b' }] });
});

test('at its end the centre tells those who watch', async () => {
  const prison = await exchange.admitSender('VN.TRAI9');
  const watching = new Watching(prison, 'VN.TRAI9');
  await watching.word();
  const ended = watching.refusal();
  await exchange.center.stop();
  expect(await ended).toBe(Code.Unavailable);
  await exchange.center.restart();
});

// A court beside a centre of an older version, which knows Open and Push and nothing else, and says less in its receipts: what
// works goes on, what does not is told as it is, and comes when the centre is newer.
import { randomUUID } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import { CenterSaid, ChangeState } from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import {
  ReceiptSchema,
  RejectionSchema,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { Between, sendOn, without, type Asked } from '../support/between.ts';
import { addCase, CLERKS_REASON, member, writeUnchecked, type Cases } from '../support/clerk.ts';
import { knowElsewhere, letAsk } from '../support/declare.ts';
import { Exchange, follow, notice } from '../support/exchange.ts';
import type { Response } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

const reason = CLERKS_REASON;
const NUMBER = '048190000321';
const KNOWN = ['/Open', '/Push'];

let exchange: Exchange;
let between: Between;
let clerk: Cases;
let older = true;
/** What it was asked while it was older, and does not know. */
const unknown: string[] = [];

/** The Connect protocol's own words, with nothing of ours beside them. */
function unimplemented(): Response {
  const body = Buffer.from('{"code":"unimplemented","message":"unknown method"}');
  return { status: 501, headers: { 'content-type': 'application/json' }, body };
}

/** No zstd, and rejections with a reason alone. */
async function answerAsOlder(asked: Asked): Promise<Response> {
  const headers = without(asked.headers, 'accept-encoding');
  const back = await sendOn(exchange.court, exchange.center, { ...asked, headers });
  const said = { ...back, headers: without(back.headers, 'accept-encoding') };
  if (!asked.path.endsWith('/Push') || back.status !== 200) return said;
  const receipt = fromBinary(ReceiptSchema, back.body);
  receipt.rejections = receipt.rejections.map(({ caseKey, seq, reason }) =>
    create(RejectionSchema, { caseKey, seq, reason }),
  );
  return { ...said, body: Buffer.from(toBinary(ReceiptSchema, receipt)) };
}

async function handle(asked: Asked): Promise<Response> {
  if (!older) return sendOn(exchange.court, exchange.center, asked);
  if (KNOWN.some((method) => asked.path.endsWith(method))) return answerAsOlder(asked);
  unknown.push(asked.path);
  return unimplemented();
}

test.beforeAll(async () => {
  exchange = await Exchange.start(async (center) => {
    between = await Between.before(center, handle);
    return { 'exchange.center': between.url };
  });
  clerk = (await member(exchange.court, 'clerk')).cases;
  await knowElsewhere(
    exchange,
    'TAND.48.KV2',
    { fullName: 'Hồ Thị Sáu', personalNumber: NUMBER },
    9,
  );
  await letAsk(exchange);
});

test.afterAll(async () => {
  await exchange?.dispose();
  between?.close();
});

const metric = (name: string) => exchange.court.metric(`assize_exchange_${name}`);
const notices = async () => (await clerk.notices({ reason })).notices.length;

test('what is written is sent, and what is returned is told with its reason', async () => {
  await exchange.closed();
  const key = await addCase(exchange.court, '7/2026/TLST-DS');
  const event = { case: 'event' as const, value: { at: '2099-12-31', kind: 'filed' } };
  const seq = await writeUnchecked(exchange.court, key, 'event', randomUUID(), event);
  await exchange.settle();
  expect((await exchange.received()).length).toBeGreaterThan(0);
  expect(await metric('up')).toBe(1);
  const [told] = (await clerk.changes({ reason, caseKeys: [key] })).cases;
  expect(told?.changes).toMatchObject([
    { seq, state: ChangeState.RETURNED, reason: 'future:event.at' },
  ]);
});

test('what it does not know is told as that, once, and not as a centre that is away', async () => {
  await eventually('it was asked more than once', 20_000, () =>
    Promise.resolve(unknown.filter((path) => path.endsWith('/Pull')).length > 2),
  );
  expect(await metric('pull_up')).toBe(0);
  expect(await metric('pull_refused_total{code="not_found"}')).toBeGreaterThan(2);
  const { line } = await clerk.changes({ reason });
  expect(line).toMatchObject({ linked: true, older: true, lostMs: 0n });
  expect(line?.answeredMs).toBeGreaterThan(0n);
  const lines = exchange.court.log('assized').split('\n');
  expect(lines.filter((one) => one.includes('exchange.pull_stopped at=pulling'))).toHaveLength(1);
  expect(await clerk.prefill({ reason, personalNumber: NUMBER })).toMatchObject({
    ...{ center: CenterSaid.REFUSED, fields: [] },
  });
});

test('when it is newer what has waited there comes by itself', async () => {
  const { publicId } = await exchange.fileCase(8);
  const agency = await exchange.admitSender('VN.TRAI1');
  const words = { court: 'DEMO', publicId };
  const told = { source: 'VN.TRAI1', batchNo: 1n, records: [follow(notice(1n, words))] };
  expect((await exchange.pushAs(told, agency)).status).toBe(200);
  expect(await notices()).toBe(0);
  older = false;
  await eventually('the notice is here', 30_000, async () => (await notices()) === 1);
  expect(await metric('pull_up')).toBe(1);
  const { line } = await clerk.changes({ reason });
  expect(line).toMatchObject({ older: false, lostMs: 0n });
  expect(await clerk.prefill({ reason, personalNumber: NUMBER })).toMatchObject({
    ...{ center: CenterSaid.ANSWERED, person: { fullName: 'Hồ Thị Sáu' } },
  });
});

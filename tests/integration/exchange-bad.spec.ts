// What a centre is not to take in, each with its code and the field that is wrong. A whole batch is refused by the call; one
// record is rejected in the receipt, by a word or the field of its payload, and delays only its own case.
//
//   bad input                    Connect code         code or reason, field                         test
//                                (r: in a receipt)
//   certificate of another CA    (TLS)                no connection                                 exchange.spec.ts
//   unknown certificate          unauthenticated      organisation_unknown, certificate             here; cases.spec.ts
//   replaced or revoked one      unauthenticated      certificate_revoked, certificate              here; cert, cases.spec.ts
//   another's name               permission_denied    foreign_source, header.source                 here
//   wrong signature              permission_denied    signature_wrong, signature                    here
//   wrong previous root          failed_precondition  batch_chain, header.prev_root                 here
//   gap between batches          aborted              batch_gap, header.batch_no                    here
//   what is no batch             invalid_argument     malformed, the field                          here
//   too many records             invalid_argument     malformed, records                            here
//   too many bytes               resource_exhausted   too_large                                     here
//   depth and zstd bombs, empty
//     submessages by the million invalid_argument     malformed; opened too large: too_large        here
//   the same inside of a record  invalid_argument (r) unreadable, payload; or the field             here
//   what either costs            (any)                8 times its size and 4 MiB at most            ../fault/exchange-bounds.spec.ts
//   record over its limit        invalid_argument     malformed, records[n]                         here
//   call not known here          unimplemented        not_found                                     here
//     by an older centre         unimplemented        told as that; the rest goes on                exchange-older.spec.ts
//   chunks that are none         invalid_argument     malformed, or the connection ends             exchange-keep.spec.ts
//   calls before their turn      (none)               the connection ends                           exchange-keep.spec.ts
//   Connect-Timeout-Ms           invalid_argument     malformed                                     here
//     that is over               deadline_exceeded    time_is_over                                  here
//   same number, another hash    already_exists (r)   equivocation, seq                             here
//   hash that does not fit       invalid_argument (r) damaged, hash                                 here
//   unknown schema version, type unimplemented (r)    schema, schema_version                        here
//   field not known here         (taken in)           kept as it was sent                           here
//   future date, clock ahead     out_of_range (r)     future, recorded_ms                           here
//   clock behind                 (taken in)                                                         here
//   a day of what has happened
//     that is still to come      out_of_range (r)     future, the field                             here; of a clerk's: declare.spec.ts
//   time before the year 1       invalid_argument (r) recorded_ms, context                          here
//   wrong field of a record      invalid_argument (r) its path                                      here
//   notice without a right       permission_denied (r) access_no_right, record_type                 here
//   case record of no court      permission_denied (r) access_no_right, record_type                 here
//   no purpose                   invalid_argument     field_wrong, reason.purpose                   cases.spec.ts
//   wrong purpose, no right      permission_denied    access_no_right, reason.purpose               cases.spec.ts
import { randomBytes, randomUUID } from 'node:crypto';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { WhoReadMeRequestSchema } from '../../web/src/gen/assize/access/v1/access_pb.js';
import {
  GetRequestSchema,
  SearchRequestSchema,
} from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { RefusalSchema } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { CaseRecordSchema } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import {
  CaseChangeSchema,
  ExchangeService,
  Op,
  OpenRequestSchema,
  PullRequestSchema,
  ReceiptSchema,
  RecordContextSchema,
  ResendRequestSchema,
  WatchRequestSchema,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { bombs, mines } from '../support/bombs.ts';
import { ACCESS, CASES, REASON, refusedField, type FieldRefused } from '../support/cases.ts';
import {
  admitTo,
  callExchange,
  callMethod,
  follow,
  given,
  merkleRoot,
  notice,
  packBatch,
  packed,
  record,
  type BatchInit,
  type Identity,
  type RecordInit,
} from '../support/exchange.ts';
import { request } from '../support/http.ts';
import { Server } from '../support/server.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

/** How far a clock may be ahead, of the table of limits. */
const FUTURE_MS = 300_000;

let center: Server;
let identity: Identity;
const SOURCE = 'VN.TOA1';
/** Of the last batch that was taken in. */
let last: { batchNo: bigint; root: Uint8Array } = { batchNo: 0n, root: new Uint8Array(32) };

test.beforeAll(async () => {
  center = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
  identity = await admitTo(center, SOURCE);
});

test.afterAll(async () => {
  await center?.dispose();
});

const push = (body: Uint8Array, by = identity) => callExchange(center.url, 'Push', body, by);

const next = (records: RecordInit[]): BatchInit => ({
  source: SOURCE,
  batchNo: last.batchNo + 1n,
  prevRoot: last.root,
  records,
});

async function refusal(batch: BatchInit, by = identity): Promise<FieldRefused> {
  return refusedField(await push(packBatch(batch, identity), by));
}

/** The reasons by case, each with the field where it is not that itself, of a batch that is taken in. */
async function rejections(records: RecordInit[]): Promise<Record<string, string>> {
  const answer = await push(packBatch(next(records), identity));
  expect(answer.status, answer.body.toString()).toBe(200);
  last = { batchNo: last.batchNo + 1n, root: merkleRoot(records.map(packed)) };
  return reasons(answer.body);
}

/** The Connect codes of reasons; of a field that is wrong it is invalid_argument. */
const CONNECT: Record<string, string> = {
  equivocation: 'already_exists',
  chain: 'failed_precondition',
  schema: 'unimplemented',
  future: 'out_of_range',
  access_no_right: 'permission_denied',
};

/** Of "future:event.at" what is wrong with that field. */
const wordOf = (reason: string): string => reason.replace(/:.*/, '');

function reasons(receipt: Uint8Array): Record<string, string> {
  const { rejections } = fromBinary(ReceiptSchema, receipt);
  for (const { reason, connectCode } of rejections) {
    expect(connectCode, reason).toBe(CONNECT[wordOf(reason)] ?? 'invalid_argument');
  }
  const said = (reason: string, field: string) =>
    reason === field ? reason : `${wordOf(reason)} ${field}`;
  return Object.fromEntries(
    rejections.map(({ caseKey, reason, field }) => [caseKey, said(reason, field)]),
  );
}

interface Part {
  recordType?: string;
  schemaVersion?: number;
  op?: Op;
  recordedMs?: bigint;
  payload?: Uint8Array;
  context?: Uint8Array;
}

const one = (caseKey: string, more: Part = {}) => follow({ ...record(1n), caseKey, ...more });

/** Of a Watch that is refused. */
async function watchRefused(source: string, by: Identity): Promise<{ code: Code; field: string }> {
  const transport = createConnectTransport({
    baseUrl: center.url,
    httpVersion: '1.1',
    nodeOptions: { rejectUnauthorized: false, ...by },
  });
  try {
    for await (const batch of createClient(ExchangeService, transport).watch({ source })) {
      throw new Error(`it was given ${batch.records.length} records`);
    }
    throw new Error('it ended');
  } catch (error) {
    const { code, ...refused } = ConnectError.from(error);
    const [detail] = ConnectError.from(error).findDetails(RefusalSchema);
    return { code, field: detail?.field ?? refused.message };
  }
}

async function inEffect(key: string): Promise<number> {
  const rows = await center.sql(
    `SELECT count(*) FROM inbox WHERE source = '${SOURCE}' AND case_key = '${key}'`,
  );
  return Number(rows[0]?.[0]);
}

test('who it is and what they sign is asked of every batch', async () => {
  const good = next([one('a')]);
  const unknown = await admitTo(center, 'VN.TOA2');
  await center.sql(`UPDATE organisation SET withdrawn_at = now() WHERE code = 'VN.TOA2'`);
  const asUnknown = packBatch({ ...good, source: 'VN.TOA2' }, unknown);
  expect(refusedField(await push(asUnknown, unknown))).toMatchObject({
    ...{ connectCode: 'unauthenticated', code: 'organisation_unknown', field: 'certificate' },
  });
  const replaced = await admitTo(center, 'VN.TOA3');
  await admitTo(center, 'VN.TOA3');
  const asReplaced = packBatch({ ...good, source: 'VN.TOA3' }, replaced);
  expect(refusedField(await push(asReplaced, replaced))).toMatchObject({
    ...{ connectCode: 'unauthenticated', code: 'certificate_revoked', field: 'certificate' },
  });
  expect(await refusal({ ...good, source: 'VN.TOA2' })).toMatchObject({
    ...{ connectCode: 'permission_denied', code: 'foreign_source', field: 'header.source' },
  });
  const forged = packBatch(good, { ...identity, key: replaced.key });
  expect(refusedField(await push(forged))).toMatchObject({
    ...{ connectCode: 'permission_denied', code: 'signature_wrong', field: 'signature' },
  });
});

test('a certificate that is unknown or revoked is told so by each call, with the field', async () => {
  const rows: [string, 'organisation_unknown' | 'certificate_revoked', Identity][] = [];
  const before = await admitTo(center, 'VN.TOA4');
  await admitTo(center, 'VN.TOA4');
  rows.push(['VN.TOA4', 'certificate_revoked', before]);
  rows.push(['VN.TOA5', 'organisation_unknown', await admitTo(center, 'VN.TOA5')]);
  await center.sql(`DELETE FROM organisation WHERE code = 'VN.TOA5'`);
  for (const [source, code, by] of rows) {
    const exchange = 'assize.exchange.v1.ExchangeService';
    const calls: [string, Uint8Array][] = [
      [`${exchange}/Open`, toBinary(OpenRequestSchema, create(OpenRequestSchema, { source }))],
      [`${exchange}/Pull`, toBinary(PullRequestSchema, create(PullRequestSchema, { source }))],
      [`${exchange}/Ack`, toBinary(ReceiptSchema, create(ReceiptSchema, { batchNo: 1n }))],
      [`${exchange}/Push`, packBatch({ ...next([one('a')]), source }, by)],
      [
        `${exchange}/Resend`,
        toBinary(ResendRequestSchema, create(ResendRequestSchema, { source, fromBatch: 1n })),
      ],
      [
        `${CASES}/Get`,
        toBinary(
          GetRequestSchema,
          create(GetRequestSchema, { source, caseKey: 'a', reason: REASON }),
        ),
      ],
      [
        `${CASES}/Search`,
        toBinary(
          SearchRequestSchema,
          create(SearchRequestSchema, { court: 'TAND.01', reason: REASON }),
        ),
      ],
      [
        `${ACCESS}/WhoReadMe`,
        toBinary(
          WhoReadMeRequestSchema,
          create(WhoReadMeRequestSchema, { source, caseKey: 'a', reason: REASON }),
        ),
      ],
    ];
    const wanted = { status: 401, connectCode: 'unauthenticated', code, field: 'certificate' };
    for (const [method, body] of calls) {
      const answer = await callMethod(center.url, method, body, by);
      expect(refusedField(answer), `${code} ${method}`).toMatchObject(wanted);
    }
    const { code: connect, field } = await watchRefused(source, by);
    expect([connect, field]).toEqual([Code.Unauthenticated, 'certificate']);
  }
});

test('a batch out of its place is refused, and names what shows it', async () => {
  expect(await rejections([one('place')])).toEqual({});
  const good = next([one('place-2')]);
  expect(await refusal({ ...good, batchNo: good.batchNo + 1n })).toMatchObject({
    ...{ connectCode: 'aborted', code: 'batch_gap', field: 'header.batch_no' },
  });
  expect(await refusal({ ...good, prevRoot: new Uint8Array(32) })).toMatchObject({
    ...{ connectCode: 'failed_precondition', code: 'batch_chain', field: 'header.prev_root' },
  });
  const again = { ...good, batchNo: good.batchNo - 1n, prevRoot: new Uint8Array(32).fill(7) };
  expect(await refusal(again)).toMatchObject({
    ...{ connectCode: 'failed_precondition', code: 'batch_chain', field: 'header.prev_root' },
  });
});

test('what is no batch is refused with its first field that is wrong', async () => {
  const good = next([one('whole'), one('whole-2')]);
  const [first = record(1n)] = good.records;
  const wrong: [Partial<BatchInit>, string][] = [
    [{ source: 'vn.toa' }, 'header.source'],
    [{ target: '' }, 'header.target'],
    [{ target: 'VN.TOA9' }, 'header.target'],
    [{ batchNo: 0n }, 'header.batch_no'],
    [{ records: [] }, 'records'],
    [{ records: Array.from({ length: 501 }, () => first) }, 'records'],
    [{ count: 3 }, 'header.count'],
    [{ prevRoot: new Uint8Array(31) }, 'header.prev_root'],
    [{ merkleRoot: new Uint8Array(31) }, 'header.merkle_root'],
    [{ merkleRoot: new Uint8Array(32) }, 'header.merkle_root'],
    [{ keyId: new Uint8Array(1) }, 'header.key_id'],
    [{ records: [first, { ...first, seq: 0n }] }, 'records[1]'],
    [{ records: [first, one('payload', { payload: Buffer.alloc((1 << 20) + 1) })] }, 'records[1]'],
    [{ records: [one('context', { context: Buffer.alloc(4097) }), first] }, 'records[0]'],
  ];
  for (const [part, field] of wrong) {
    const said = await refusal({ ...good, ...part });
    expect(said).toMatchObject({ connectCode: 'invalid_argument', code: 'malformed', field });
  }
  expect(refusedField(await push(Buffer.alloc(1_000, 0x22)))).toMatchObject({ field: 'batch' });
  expect(refusedField(await push(Buffer.alloc(0)))).toMatchObject({ field: 'header' });
  const large = await push(Buffer.alloc((4 << 20) + 1));
  expect(refusedField(large)).toMatchObject({
    connectCode: 'resource_exhausted',
    code: 'too_large',
  });
});

test('what is small to send and large or deep to read is refused, or is the fault of its record', async () => {
  for (const { name, method, body, packed: small, code } of bombs()) {
    const coding = small && { 'Content-Encoding': 'zstd' };
    const answer = await callExchange(center.url, method, small ?? body, identity, coding);
    expect(refusedField(answer), name).toMatchObject({ code });
  }
  for (const { name, records, reason } of mines()) {
    const said = Object.values(await rejections(records)).map((one) => one.split(' ')[0]);
    expect(said, name).toEqual(reason === undefined ? [] : records.map(() => reason));
  }
});

test('a record that is wrong delays its own case, and no other', async () => {
  const wrong: [string, RecordInit, string][] = [
    ['hash', { ...one('hash'), hash: randomBytes(32) }, 'damaged hash'],
    ['version', one('version', { schemaVersion: 2 }), 'schema schema_version'],
    ['type', one('type', { recordType: 'verdict' }), 'schema schema_version'],
    ['op', one('op', { op: 9 as Op }), 'op'],
    ['status', one('status', { payload: Buffer.from([0x18, 99]) }), 'status'],
    ['words', one('words', { payload: Buffer.from([0xff]) }), 'unreadable payload'],
  ];
  const follows = wrong.map(([key, before]) => follow({ ...record(2n), caseKey: key }, before));
  const good = one('good');
  const records = [...wrong.map(([, bad]) => bad), ...follows, good];
  expect(await rejections(records)).toEqual(
    Object.fromEntries(wrong.map(([key, , reason]) => [key, reason])),
  );
  expect(await inEffect('good')).toBe(1);
  for (const [key] of wrong) expect(await inEffect(key), key).toBe(0);
  const [held] = await center.sql(`SELECT count(*) FROM held WHERE source = '${SOURCE}'`);
  expect(Number(held?.[0])).toBe(wrong.length);
});

function saying(recordType: string, body: MessageInitShape<typeof CaseRecordSchema>['body']): Part {
  const words = create(CaseRecordSchema, { entity: randomUUID(), body });
  return { recordType, payload: toBinary(CaseRecordSchema, words) };
}

function party(personalNumber: string): Part {
  const value = { fullName: 'Nguyễn Văn A', personalNumber };
  return saying('party', { case: 'party', value: { role: 1, who: { case: 'person', value } } });
}

test('a time that no calendar has delays its own case, and no other', async () => {
  const since = (validFromMs: bigint) =>
    toBinary(RecordContextSchema, create(RecordContextSchema, { validFromMs }));
  const said = await rejections([
    one('recorded', { recordedMs: -(2n ** 63n), context: since(1n) }),
    one('valid', { ...party('001099012345'), context: since(-253_402_300_799_999n) }),
    one('year-1', { ...party('001099012345'), context: since(-62_135_596_800_000n) }),
  ]);
  expect(said).toEqual({ recorded: 'recorded_ms', valid: 'context' });
  expect(await inEffect('year-1')).toBe(1);
});

test('what has not happened yet by the calendar of Vietnam is not told as if it had; what is planned is', async () => {
  const dayOf = (ms: number) => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 10);
  const now = Date.now();
  const [past, ahead] = [dayOf(now - 86_400_000), dayOf(now + 2 * 86_400_000)];
  const soon = BigInt(now + 2 * FUTURE_MS);
  const sha256 = new Uint8Array(32);
  const [id, decided] = [randomUUID(), { kind: 1, number: '3/2026/HS-ST' }];
  const event = (at: string) => saying('event', { case: 'event', value: { at, kind: 'filed' } });
  const hearing = (value: { scheduledMs: bigint; endedMs?: bigint }) =>
    saying('hearing', { case: 'hearing', value });
  const decision = (issuedOn: string, more = {}) =>
    saying('decision', { case: 'decision', value: { ...decided, issuedOn, ...more } });
  const file = { court: 'TAND.01', number: '1/2026/TLST-HS', kind: 1, instance: 1, status: 1 };
  const document = { title: 'Cáo trạng', sha256, issuedOn: ahead };
  const enforced = { decision: id, agency: 'THADS.01' };
  const born = { fullName: 'A', dateOfBirth: ahead };
  const change = create(CaseChangeSchema, { status: 5, atMs: soon });
  const wrong: [string, Part][] = [
    ['event.at', event(ahead)],
    [
      'case_file.accepted_on',
      saying('case_file', { case: 'caseFile', value: { ...file, acceptedOn: ahead } }),
    ],
    ['document.issued_on', saying('document', { case: 'document', value: document })],
    ['hearing.ended_ms', hearing({ scheduledMs: soon, endedMs: soon })],
    ['decision.issued_on', decision(ahead)],
    [
      'appeal.filed_on',
      saying('appeal', { case: 'appeal', value: { decision: id, filedOn: ahead } }),
    ],
    [
      'enforcement.begun_on',
      saying('enforcement', { case: 'enforcement', value: { ...enforced, begunOn: ahead } }),
    ],
    [
      'enforcement.ended_on',
      saying('enforcement', { case: 'enforcement', value: { ...enforced, endedOn: ahead } }),
    ],
    [
      'party.person.date_of_birth',
      saying('party', { case: 'party', value: { role: 1, who: { case: 'person', value: born } } }),
    ],
    ['at_ms', { payload: toBinary(CaseChangeSchema, change) }],
  ];
  const good: Part[] = [
    event(past),
    event(dayOf(now)),
    hearing({ scheduledMs: soon }),
    hearing({ scheduledMs: soon, endedMs: BigInt(now + FUTURE_MS / 2) }),
    decision(past, { inForceOn: ahead }),
    { ...event(ahead), op: Op.RETRACT },
  ];
  const records = [
    ...wrong.map(([path, part]) => one(`ahead-${path}`, part)),
    ...good.map((part, at) => one(`come-${at}`, part)),
  ];
  expect(await rejections(records)).toEqual(
    Object.fromEntries(wrong.map(([path]) => [`ahead-${path}`, `future ${path}`])),
  );
  for (const at of good.keys()) expect(await inEffect(`come-${at}`), `${at}`).toBe(1);
});

test('a field of a case record that is wrong is named by its path', async () => {
  const said = await rejections([
    one('party', party('12')),
    one('party-good', party('001099012345')),
  ]);
  expect(said).toEqual({ party: 'party.person.personal_number' });
});

test('a notice wants a right, and case records are for courts to send', async () => {
  const agency = 'VN.TRAI1';
  const prison = await admitTo(center, agency, '--agency');
  const words = { court: SOURCE, publicId: 'VN:TAND.01:2026:1-HS' };
  const told = follow(notice(1n, words));
  const waits = follow(notice(2n, words), told);
  const prisons = { source: agency, batchNo: 1n, records: [told, waits, one('its-own')] };
  const answer = await push(packBatch(prisons, prison), prison);
  expect(reasons(answer.body)).toEqual({
    'its-own': 'access_no_right record_type',
    'notice-1': 'access_no_right record_type',
  });
  expect(await rejections([told, one('beside')])).toEqual({
    'notice-1': 'access_no_right record_type',
  });
  expect(await inEffect('beside')).toBe(1);
  // With the right it is looked at what the notice says: this court has no such case.
  const right = ['--service', 'exchange', '--types', 'notice', '--purpose', 'enforcement'];
  await center.assize('access', 'grant', agency, ...right);
  const more = [follow(notice(1n, words, 'notice-2')), one('its-other')];
  const prevRoot = merkleRoot(prisons.records.map(packed));
  const next = packBatch({ source: agency, batchNo: 2n, prevRoot, records: more }, prison);
  expect(reasons((await push(next, prison)).body)).toEqual({
    'its-other': 'access_no_right record_type',
    'notice-2': 'notice.public_id',
  });
});

test('another record under a number that is taken is kept beside the first, and flags its source', async () => {
  const first = one('twice');
  expect(await rejections([first])).toEqual({});
  expect(await rejections([one('twice', { payload: Buffer.from([0x18, 6]) })])).toEqual({
    twice: 'equivocation seq',
  });
  const [flagged] = await center.sql(
    `SELECT flagged_at IS NOT NULL FROM organisation WHERE code = '${SOURCE}'`,
  );
  expect(flagged).toEqual(['t']);
  expect(await inEffect('twice')).toBe(1);
  const [kept] = await center.sql(
    `SELECT count(*) FROM rejection WHERE source = '${SOURCE}' AND reason = 'equivocation'`,
  );
  expect(kept).toEqual(['1']);
});

test('a clock may be behind by any time, and ahead by a little', async () => {
  const now = BigInt(Date.now());
  const said = await rejections([
    one('behind', { recordedMs: now - 86_400_000n * 3_650n }),
    one('ahead', { recordedMs: now + BigInt(FUTURE_MS) / 2n }),
    one('future', { recordedMs: now + BigInt(FUTURE_MS) * 2n }),
    one('for-ever', { recordedMs: 2n ** 62n }),
  ]);
  expect(said).toEqual({ future: 'future recorded_ms', 'for-ever': 'future recorded_ms' });
});

test('an older centre keeps a field it does not know, and takes the case on after it knows the version', async () => {
  const known = toBinary(CaseChangeSchema, create(CaseChangeSchema, { status: 5 }));
  const payload = Buffer.concat([known, Buffer.from([0xf2, 0x3f, 2, 0x68, 0x69])]); // field 1022
  const newer = one('newer', { schemaVersion: 2 });
  const after = follow({ ...record(2n), caseKey: 'newer' }, newer);
  expect(await rejections([one('field', { payload }), newer, after])).toEqual({
    newer: 'schema schema_version',
  });
  const [kept] = await center.sql(
    `SELECT encode(payload, 'hex') FROM inbox WHERE source = '${SOURCE}' AND case_key = 'field'`,
  );
  expect(kept).toEqual([payload.toString('hex')]);
  // What its court sends in its stead, in words that are known here, sets free what waits.
  const context = Buffer.from([0x18, 1]); // corrects the first
  const instead = follow({ ...record(3n), caseKey: 'newer', op: 2, context }, after);
  expect(await rejections([instead])).toEqual({});
  expect(await inEffect('newer')).toBe(3);
});

test('a newer court that calls what an older centre does not have is told so', async () => {
  const answer = await callExchange(center.url, 'Reconcile', new Uint8Array(), identity);
  expect(refusedField(answer)).toMatchObject({ connectCode: 'unimplemented', code: 'not_found' });
});

test('a call ends when the time is over that its caller gave it, and nothing is lost by that', async () => {
  const source = 'VN.TRAI3';
  const by = await admitTo(center, source, '--agency');
  const open = toBinary(OpenRequestSchema, create(OpenRequestSchema, { source }));
  const within = (ms: string) => ({ 'Connect-Timeout-Ms': ms });
  const ended = { connectCode: 'deadline_exceeded', code: 'time_is_over' };
  for (const ms of ['12345678901', '1.5', '-1']) {
    const answer = await callExchange(center.url, 'Open', open, by, within(ms));
    expect(refusedField(answer), ms).toMatchObject({ connectCode: 'invalid_argument' });
  }
  expect((await callExchange(center.url, 'Open', open, by, within('9999999999'))).status).toBe(200);
  expect(refusedField(await callExchange(center.url, 'Open', open, by, within('0')))).toMatchObject(
    { ...ended, status: 504 },
  );
  const request = { source, waitMs: 20_000 };
  const pull = toBinary(PullRequestSchema, create(PullRequestSchema, request));
  const began = Date.now();
  expect(
    refusedField(await callExchange(center.url, 'Pull', pull, by, within('300'))),
  ).toMatchObject(ended);
  const streamed = { ...within('300'), 'Content-Type': 'application/connect+proto' };
  const watch = toBinary(WatchRequestSchema, create(WatchRequestSchema, { source }));
  const envelope = Buffer.concat([Buffer.from([0, 0, 0, 0, watch.length]), watch]);
  const { body } = await callExchange(center.url, 'Watch', envelope, by, streamed);
  expect(JSON.parse(body.subarray(body.indexOf('{')).toString())).toMatchObject({
    error: { code: 'deadline_exceeded' },
  });
  expect(Date.now() - began).toBeGreaterThanOrEqual(600);
  expect(Date.now() - began).toBeLessThan(20_000);
  // What comes now is there for the next call, and comes within its time.
  const waiting = callExchange(center.url, 'Pull', pull, by, within('60000'));
  const wrong = packBatch({ source, batchNo: 1n, records: [one('none-of-its-own')] }, by);
  expect(reasons((await push(wrong, by)).body)).toEqual({
    'none-of-its-own': 'access_no_right record_type',
  });
  expect(given(await waiting).records).toHaveLength(1);
});

test('every refusal is counted by its code', async () => {
  const { body } = await request(`${center.url}/metrics`, { from: '127.0.0.1', ...identity });
  const codes = [
    ...['organisation_unknown', 'certificate_revoked', 'foreign_source', 'signature_wrong'],
    ...['batch_gap', 'batch_chain', 'malformed', 'too_large', 'time_is_over'],
  ];
  for (const code of codes) {
    const line = new RegExp(`^assize_net_refused_total\\{code="${code}"\\} [1-9]`, 'm');
    expect(body.toString(), code).toMatch(line);
  }
});

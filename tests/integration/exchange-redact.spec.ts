// What a change says of somebody is taken away at its court and at the centre, and stays away: whatever comes again, and whoever
// goes on from a backup. What proves that nothing else was changed stays.
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import {
  ChangeState,
  HistoryRequestSchema,
  HistoryResponseSchema,
  SearchRequestSchema,
  SearchResponseSchema,
} from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { CaseRecordSchema, PartyRole } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import {
  Op,
  ReceiptSchema,
  RecordContextSchema,
  Sensitivity,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { ask, CASES, read, REASON } from '../support/cases.ts';
import { CLERKS_REASON, member } from '../support/clerk.ts';
import {
  Exchange,
  follow,
  merkleRoot,
  packed,
  record,
  type BatchInit,
  type Identity,
  type RecordInit,
} from '../support/exchange.ts';
import { watcher } from '../support/monitor.ts';
import { eventually, run } from '../support/processes.ts';
import { binary, type Server } from '../support/server.ts';

test.describe.configure({ mode: 'serial', timeout: 180_000 });

const NAME = 'Lý Thị Zubrowka';
const NUMBER = '001187098765';
const LATER = 'Lý Thị Kwasniewska';
const ENTITY = '0192f0c1-2b3c-7d4e-8f50-000000000007';
const BASIS = 'Điều 14 Luật Bảo vệ dữ liệu cá nhân';

let exchange: Exchange;
let agency: Identity;
let folder: string;
let key: string;
let seq: bigint;
/** As it was sent. */
let whole: RecordInit;
/** By what somebody finds the person. */
let hmac: string;
let batches: string[][];
let known: string[][];

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  exchange = await Exchange.start();
  ({ key } = await exchange.fileCase(21));
  agency = await exchange.admit('VKS.01', '--agency');
  const right = ['--types', 'all', '--purpose', 'enforcement'];
  await exchange.center.assize('access', 'grant', 'VKS.01', ...right);
});

test.afterAll(async () => {
  await exchange?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const party = async (fullName: string, personalNumber: string): Promise<bigint> => {
  const person = { fullName, personalNumber, dateOfBirth: '1987-05-04' };
  const value = { role: PartyRole.DEFENDANT, who: { case: 'person', value: person } } as const;
  return exchange.writeCase(key, 'party', { case: 'party', value });
};

/** What of the person is anywhere in a database. */
async function traces(server: Server): Promise<string[]> {
  const where = ['-h', join(server.state, 'run/pg'), '-U', 'assize', 'assize'];
  const { code, output } = await run('pg_dump', where, 60_000);
  expect(code).toBe(0);
  const dump = output.toLowerCase();
  const bytes = Buffer.from(NAME).toString('hex');
  const looked = [NAME.toLowerCase(), 'zubrowka', bytes, Buffer.from(NUMBER).toString('hex'), hmac];
  return looked.filter((one) => one && dump.includes(one));
}

async function rowsOf(server: Server, query: string): Promise<string[][]> {
  return server.sql(query.replaceAll('KEY', `'${key}'`));
}

const BATCHES = `SELECT DISTINCT batch_no, encode(batch_hash, 'hex'), encode(root, 'hex') FROM receipt
  WHERE source = 'DEMO' ORDER BY 1`;
const KNOWN = `SELECT kind, entity, seq, upper_inf(known) FROM case_record WHERE case_key = KEY ORDER BY 3, 4`;

/** All hashes of the case's records follow from what is there, and one from the other. */
async function chainHolds(server: Server, table: string): Promise<boolean> {
  const [row] = await rowsOf(
    server,
    `SELECT bool_and(hash = exchange_hash(prev_hash, seq, change_id, op, schema_version, recorded_ms, case_key, record_type,
              coalesce(substr(kept, 1, 32), sha256(payload)), context)
            AND prev_hash = coalesce(before, decode(repeat('00', 32), 'hex'))) FROM (
       SELECT *, lag(hash) OVER (ORDER BY seq) AS before FROM ${table} WHERE case_key = KEY) AS r`,
  );
  return row?.[0] === 't';
}

async function history() {
  const message = { reason: REASON, source: 'DEMO', caseKey: key };
  const url = exchange.center.url;
  const answer = await ask(url, `${CASES}/History`, HistoryRequestSchema, message, agency);
  return read(HistoryResponseSchema, answer).versions;
}

async function foundByNumber(): Promise<number> {
  const message = { reason: REASON, personalNumber: NUMBER };
  const url = exchange.center.url;
  const answer = await ask(url, `${CASES}/Search`, SearchRequestSchema, message, agency);
  return read(SearchResponseSchema, answer).cases.length;
}

async function lose(server: Server): Promise<void> {
  process.kill(server.pid, 'SIGKILL');
  await eventually('all of it is gone', 20_000, async () => server.remains().length === 0);
  renameSync(server.state, `${server.state}.lost`);
}

test('what was written is at both, and can be found', async () => {
  seq = await party(NAME, NUMBER);
  await exchange.settle();
  const row = `SELECT change_id, recorded_ms, encode(prev_hash, 'hex'), encode(payload, 'hex'), encode(payload_hash, 'hex'),
    encode(hash, 'hex') FROM outbox WHERE case_key = KEY AND seq = ${seq}`;
  const [[changeId = '', recordedMs = '', ...bytes] = []] = await rowsOf(exchange.court, row);
  const [prevHash, payload, payloadHash, hash] = bytes.map((hex) => Buffer.from(hex, 'hex'));
  whole = {
    ...{ changeId, caseKey: key, seq, op: 1, recordType: 'party', schemaVersion: 1 },
    ...{ recordedMs: BigInt(recordedMs), prevHash, payload, payloadHash, hash },
  };
  const ident = `SELECT encode(value_hmac, 'hex') FROM person_ident WHERE case_key = KEY`;
  hmac = (await rowsOf(exchange.court, ident))[0]?.[0] ?? '';
  expect(await traces(exchange.court)).toHaveLength(4); // by words, not by the whole name
  expect((await traces(exchange.center)).length).toBeGreaterThan(1);
  expect(await foundByNumber()).toBe(1);
  await exchange.court.assize('backup', join(folder, 'court.backup'));
});

test('a redaction takes it away at both, and leaves every hash', async () => {
  await party(LATER, '001187098766');
  await exchange.settle();
  const before = await exchange.received();
  batches = await exchange.center.sql(BATCHES);
  known = await rowsOf(exchange.center, KNOWN);
  const by = await exchange.court.assize('case', 'redact', key, String(seq), '--basis', BASIS);
  expect(BigInt(by)).toBe(seq + 2n);
  expect(await traces(exchange.court)).toEqual([]); // at once
  await exchange.settle();
  await eventually('it has effect at the centre', 10_000, async () => {
    return (
      (await rowsOf(exchange.center, 'SELECT 1 FROM redaction WHERE case_key = KEY')).length > 0
    );
  });
  expect(await traces(exchange.center)).toEqual([]);
  const { monitor } = await watcher(exchange, 'officer');
  expect((await monitor.source({ code: 'DEMO' })).source?.redacted).toBe(1n);
  expect((await exchange.received()).slice(0, -1)).toEqual(before);
  expect(await exchange.received()).toEqual(await exchange.sent());
  expect(await chainHolds(exchange.court, 'outbox')).toBe(true);
  expect(await chainHolds(exchange.center, 'inbox')).toBe(true);
  expect(await rowsOf(exchange.center, KNOWN)).toEqual(known);
  const payload =
    'SELECT encode(substr(kept, 1, 32), $$hex$$) FROM inbox WHERE case_key = KEY AND seq =';
  expect(await rowsOf(exchange.center, `${payload} ${seq}`)).toEqual([
    [Buffer.from(whole.payloadHash ?? []).toString('hex')],
  ]);
  // Once, of what says something, and said why.
  const again = (what: string, basis = BASIS) =>
    exchange.court.assize('case', 'redact', key, what, '--basis', basis);
  await expect(again(String(seq))).rejects.toThrow('no record');
  await expect(again(by.trim())).rejects.toThrow('no record');
  await expect(again('999')).rejects.toThrow('no record');
  await expect(again('1', '')).rejects.toThrow('--basis');
});

test('whoever reads the history sees that it was redacted, when and on what ground, not what it said', async () => {
  const versions = await history();
  const gone = versions.filter((one) => one.redaction !== undefined);
  expect(gone.length).toBeGreaterThan(0);
  for (const one of gone) {
    expect(one.seq).toBe(seq);
    expect(one.redaction).toMatchObject({ redactedBy: seq + 2n, legalBasis: BASIS });
    expect(Number(one.redaction?.atMs)).toBeGreaterThan(Number(one.recordedMs));
    expect(fromBinary(CaseRecordSchema, one.record).body.case).toBeUndefined();
  }
  expect(versions.some((one) => Buffer.from(one.record).includes(LATER))).toBe(true);
  expect(await foundByNumber()).toBe(0);
  const log = `SELECT legal_basis FROM access_log WHERE method = 'Redact'`;
  expect(await exchange.court.sql(log)).toEqual([[BASIS]]);
});

test('the clerk sees it on the page of the case', async () => {
  const { cases } = await member(exchange.court, 'clerk');
  const asked = { reason: CLERKS_REASON, caseKeys: [key] };
  const [told] = (await cases.changes(asked)).cases;
  const change = (at: bigint) => told?.changes.find((one) => one.seq === at);
  const redaction = { redactedBy: seq + 2n, legalBasis: BASIS };
  expect(change(seq)).toMatchObject({ redaction, state: ChangeState.RECEIVED });
  expect(change(seq + 1n)?.redaction).toBeUndefined();
  expect(change(seq + 2n)).toMatchObject({ op: Op.REDACT, recordType: 'party' });
  const found = await cases.search({ reason: CLERKS_REASON, partyName: 'Zubrowka' });
  expect(found.cases).toEqual([]);
});

test('nothing else can be changed, and nobody says so without a redaction', async () => {
  for (const [server, table] of [
    [exchange.court, 'outbox'],
    [exchange.center, 'inbox'],
  ] as const) {
    const change = (what: string, at: bigint) =>
      server.sql(`UPDATE ${table} SET ${what} WHERE case_key = '${key}' AND seq = ${at}`);
    const keep = `kept = sha256(payload) || sha256('')`;
    await expect(change(`payload = '', ${keep}`, seq + 1n)).rejects.toThrow('append-only');
    await expect(change(`payload = ''`, seq)).rejects.toThrow('append-only');
    await expect(change('kept = NULL', seq)).rejects.toThrow('append-only');
    await expect(change('op = 1', seq)).rejects.toThrow('append-only');
    await expect(server.sql(`DELETE FROM ${table}`)).rejects.toThrow('append-only');
  }
});

test('the old batch again brings nothing back, and is no equivocation', async () => {
  const court = {
    cert: exchange.court.stateFile('tls/exchange.pem'),
    key: exchange.court.stateFile('tls/exchange-key.pem'),
  };
  const answer = await exchange.pushAs({ source: 'DEMO', batchNo: 1n, records: [whole] }, court);
  expect(answer.status, answer.body.toString()).toBe(200);
  expect(fromBinary(ReceiptSchema, answer.body).rejections).toEqual([]);
  expect(await traces(exchange.center)).toEqual([]);
  const flagged = 'SELECT count(*) FROM organisation WHERE flagged_at IS NOT NULL';
  expect(await exchange.center.sql(flagged)).toEqual([['0']]);
  await exchange.center.sql(
    `DELETE FROM receipt WHERE id NOT IN (SELECT receipt FROM inbox) AND source = 'DEMO'`,
  );
});

test('what was returned goes as well, once its correction is in', async () => {
  const source = 'VN.TOA7';
  const court = await exchange.admit(source);
  const said = (
    at: bigint,
    fullName: string,
    number: string,
    more: RecordInit = {},
  ): RecordInit => {
    const value = {
      role: 1,
      who: { case: 'person' as const, value: { fullName, personalNumber: number } },
    };
    const body = { entity: ENTITY, body: { case: 'party' as const, value } };
    const payload = toBinary(CaseRecordSchema, create(CaseRecordSchema, body));
    return { ...record(at), recordType: 'party', payload, ...more };
  };
  const context = (words: object) =>
    toBinary(RecordContextSchema, create(RecordContextSchema, words));
  const bad = follow(said(1n, 'Wojciechowska', '12'));
  const redacts = context({ redacts: 1n, legalBasis: BASIS });
  const rest = toBinary(CaseRecordSchema, create(CaseRecordSchema, { entity: ENTITY }));
  const redaction = follow(
    said(2n, '', '', { op: Op.REDACT, payload: rest, context: redacts }),
    bad,
  );
  const more = { op: Op.CORRECT, context: context({ corrects: 1n }) };
  const correction = follow(said(3n, 'Nguyễn Thị Lan', NUMBER, more), redaction);
  const first = { source, batchNo: 1n, records: [bad, redaction] };
  const rejections = async (batch: BatchInit) => {
    const answer = await exchange.pushAs(batch, court);
    expect(answer.status, answer.body.toString()).toBe(200);
    return fromBinary(ReceiptSchema, answer.body).rejections.map(({ reason }) => reason);
  };
  expect(await rejections(first)).toEqual(['party.person.personal_number']);
  const kept = `SELECT count(*) FROM rejection WHERE source = '${source}' AND position('Wojciechowska'::bytea IN payload) > 0`;
  expect(await exchange.center.sql(kept)).toEqual([['1']]);
  const prevRoot = merkleRoot(first.records.map(packed));
  const second = { source, batchNo: 2n, records: [correction], prevRoot };
  expect(await rejections(second)).toEqual([]);
  expect(await exchange.center.sql(kept)).toEqual([['0']]);
  const rows = `SELECT seq, hash = exchange_hash(prev_hash, seq, change_id, op, schema_version, recorded_ms, case_key, record_type,
    coalesce(substr(kept, 1, 32), sha256(payload)), context), payload = '\\x${Buffer.from(rest).toString('hex')}'
    FROM inbox WHERE source = '${source}' ORDER BY seq`;
  expect(await exchange.center.sql(rows)).toEqual([
    ['1', 't', 't'],
    ['2', 't', 't'],
    ['3', 't', 'f'],
  ]);
});

test('a centre that lost everything is sent the same batches without it', async () => {
  const before = await exchange.received();
  const lost = ['inbox', 'held', 'rejection', 'case_head', 'case_record', 'case_file', 'redaction'];
  await exchange.center.sql(
    `SET session_replication_role = replica;
     ${[...lost, 'person_ident', 'receipt', 'source_progress'].map((one) => `DELETE FROM ${one};`).join(' ')}
     UPDATE organisation SET cursor = 0, root = decode(repeat('00', 32), 'hex')`,
  );
  exchange.center.kill('assized');
  await exchange.closed(); // with something to send the court hears how far the centre is
  const bare = (lines: string[]) => lines.map((line) => line.split(' ').slice(0, 3).join(' '));
  await eventually('it has them again', 30_000, async () => {
    const now = bare(await exchange.received());
    return now.length > before.length && bare(before).every((line) => now.includes(line));
  });
  expect((await exchange.center.sql(BATCHES)).slice(0, batches.length)).toEqual(batches);
  expect(await chainHolds(exchange.center, 'inbox')).toBe(true);
  expect(await rowsOf(exchange.center, KNOWN)).toEqual(known);
  expect(await traces(exchange.center)).toEqual([]);
});

test('a court that goes on from an older backup is given it back redacted', async () => {
  const { court, center } = exchange;
  const file = join(folder, 'court.backup');
  const returns = join(folder, 'returns.json');
  await lose(court);
  const { code, output, errors } = await run(
    binary('assize'),
    ['restore', file, '--state', court.state],
    120_000,
  );
  expect(code, output + errors).toBe(0);
  const after = /--after (\d+)/.exec(output + errors)?.[1] ?? '';
  await court.restart();
  expect((await traces(court)).length).toBeGreaterThan(0); // the backup still had it
  const basis = ['--legal-basis', 'Công văn 12/TA'];
  await center.assize('exchange', 'returns', 'DEMO', '--after', after, '--to', returns, ...basis);
  await court.assize('exchange', 'take-back', returns);
  expect(await traces(court)).toEqual([]);
  expect(await chainHolds(court, 'outbox')).toBe(true);
  await exchange.settle();
  const bare = (lines: string[]) => lines.map((line) => line.split(' ').slice(0, 3).join(' '));
  expect(bare(await exchange.sent())).toEqual(bare(await exchange.received()));
  rmSync(`${court.state}.lost`, { recursive: true, force: true });
});

test('for which time, on what ground and how sensitive is told as its court wrote it', async () => {
  const body = { case: 'event', value: { at: '2026-02-04', kind: 'filed' } } as const;
  const envelope = [
    ...['--valid-from', '2026-02-03', '--valid-to', '2026-03-01T12:00:00+07:00'],
    ...['--legal-basis', 'Điều 252 BLTTHS', '--sensitivity', 'personal_sensitive'],
  ];
  const written = await exchange.writeCase(key, 'event', body, ...envelope);
  await exchange.settle();
  const told = (await history()).find((one) => one.seq === written);
  expect(told).toMatchObject({
    validFromMs: BigInt(Date.parse('2026-02-03T00:00:00+07:00')),
    validToMs: BigInt(Date.parse('2026-03-01T12:00:00+07:00')),
    legalBasis: 'Điều 252 BLTTHS',
    sensitivity: Sensitivity.PERSONAL_SENSITIVE,
  });
  for (const [more, why] of [
    [['--valid-from', '2026-02-30'], /are a day/],
    [['--valid-from', '2026-02-03', '--valid-to', '2026-02-03'], /is after/],
    [['--legal-basis', 'a\nb'], /one line/],
    [['--sensitivity', 'secret'], /personal_sensitive/],
  ] as const) {
    await expect(exchange.writeCase(key, 'event', body, ...more)).rejects.toThrow(why);
  }
});

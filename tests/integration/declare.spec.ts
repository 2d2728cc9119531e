// People declare only once: a court is told by its centre what other courts know of somebody, and says so when it is not.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from '@playwright/test';
import {
  CenterSaid,
  type PrefillResponse,
} from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { CaseRecordSchema, PartyRole, Sex } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { RefusalSchema } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { provinces } from '../../web/src/cases/courts.ts';
import { doubtsOf } from '../../web/src/cases/personal.ts';
import { clientsOf } from '../support/cases.ts';
import {
  addCase,
  caseFile,
  casesOf,
  CLERKS_REASON,
  member,
  person,
  writeRecord,
  type Cases,
} from '../support/clerk.ts';
import { knowElsewhere, letAsk } from '../support/declare.ts';
import { Exchange } from '../support/exchange.ts';
import { Proxy } from '../support/proxy.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

const reason = CLERKS_REASON;
const NUMBER = '048190000321';

let exchange: Exchange;
let proxy: Proxy;
let clerk: Cases;
let account: string;
let key: string;

test.beforeAll(async () => {
  exchange = await Exchange.start(async (center) => {
    proxy = await Proxy.to(center.port);
    return { 'exchange.center': `https://localhost:${proxy.port}` };
  });
  const signedIn = await member(exchange.court, 'clerk');
  clerk = signedIn.cases;
  account = String(
    (
      await exchange.court.sql(`SELECT id FROM account WHERE login = '${signedIn.account.login}'`)
    )[0],
  );
  key = await addCase(exchange.court, '7/2026/TLST-DS');
  const file = caseFile('7/2026/TLST-DS', 'Vụ án thử');
  await writeRecord(exchange.court, key, 'case_file', randomUUID(), file);
  const known = {
    ...{ fullName: 'Hồ Thị Sáu', personalNumber: NUMBER, dateOfBirth: '1990-05-06', sex: 1 },
    residence: 'Đà Nẵng',
  };
  await knowElsewhere(exchange, 'TAND.48.KV2', known, 100);
});

test.afterAll(async () => {
  await exchange?.dispose();
  if (proxy?.port) await proxy.close();
});

const prefill = (personalNumber = NUMBER): Promise<PrefillResponse> =>
  clerk.prefill({ reason, personalNumber });
const fieldOf = (told: PrefillResponse, name: string) =>
  told.fields.find((field) => field.name === name);
const accesses = async (where: string): Promise<unknown[][]> =>
  exchange.center.sql(
    `SELECT l.organisation, l.account, l.purpose, l.legal_basis, a.asker FROM access_log l
     LEFT JOIN access_asker a ON a.access = l.id WHERE l.method = 'Prefill' AND ${where}`,
  );

test('a court without the right is told so, with what it knows itself', async () => {
  expect(await prefill()).toMatchObject({ center: CenterSaid.NO_RIGHT, fields: [] });
  await letAsk(exchange, 'statistics');
  expect((await prefill()).center).toBe(CenterSaid.NO_RIGHT); // for another purpose
  expect(await accesses('true')).toEqual([]);
});

test('somebody is filled in from what another court knows, with who says so and how old it is', async () => {
  await letAsk(exchange);
  const told = await prefill();
  expect(told.center).toBe(CenterSaid.ANSWERED);
  expect(told.person).toMatchObject({ fullName: 'Hồ Thị Sáu', residence: 'Đà Nẵng', sex: 1 });
  for (const { source, ageDays } of told.fields)
    expect({ source, ageDays }).toEqual({ source: 'TAND.48.KV2', ageDays: 100 });
  expect(told.fields.length).toBe(5);
  expect(await accesses('true')).toEqual([
    ['DEMO', '', 'adjudication', reason.legalBasis, account],
  ]);
  const nobody = await prefill('048190000322');
  expect(nobody.center).toBe(CenterSaid.ANSWERED);
  expect(nobody.person).toBeUndefined();
});

test('of each field the newest stands, whoever says it', async () => {
  const said = { personalNumber: NUMBER, residence: 'Hà Nội' };
  const entity = randomUUID();
  await writeRecord(exchange.court, key, 'party', entity, person('Hồ Thị Sáu', said));
  const told = await prefill();
  expect(told.person).toMatchObject({ residence: 'Hà Nội', dateOfBirth: '1990-05-06' });
  expect(fieldOf(told, 'residence')).toMatchObject({ source: 'DEMO', ageDays: 0 });
  expect(fieldOf(told, 'date_of_birth')).toMatchObject({ source: 'TAND.48.KV2', ageDays: 100 });
  await exchange.settle();
  const moved = { ...said, residence: 'Huế', fullName: 'Hồ Thị Sáu' };
  await knowElsewhere(exchange, 'TAND.46', moved, 0);
  expect((await prefill()).person?.residence).toBe('Huế');
});

test('nothing of the centre is told before its line of the log, nor is it asked before our own', async () => {
  const breakLog = async (server: typeof exchange.court, broken: boolean) => {
    await server.sql(
      broken
        ? `ALTER TABLE access_log ADD CONSTRAINT broken CHECK (method <> 'Prefill') NOT VALID`
        : 'ALTER TABLE access_log DROP CONSTRAINT broken',
    );
  };
  await breakLog(exchange.center, true);
  const told = await prefill();
  expect(told.center).toBe(CenterSaid.AWAY);
  expect(told.person?.residence).toBe('Hà Nội');
  await breakLog(exchange.center, false);
  await breakLog(exchange.court, true);
  const before = (await accesses('true')).length;
  await expect(prefill()).rejects.toThrow(/unavailable/);
  expect((await accesses('true')).length).toBe(before);
  await breakLog(exchange.court, false);
});

const party = (fullName: string, personalNumber?: string, more: object = {}) => ({
  role: PartyRole.CIVIL_PLAINTIFF,
  who: { case: 'person' as const, value: { fullName, personalNumber, ...more } },
});
/** more: what else is in the request, or stands in the place of what is. */
const add = (changeId: string, added: object, more: object = {}, cases = clerk) => {
  const words: object = { party: added, ...more };
  return cases.addParty({ reason, caseKey: key, changeId, ...words });
};

/** Why it was refused: the code, and the path of the field. */
async function refusalOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(() => undefined, ConnectError.from);
  const [why] = error?.findDetails(RefusalSchema) ?? [];
  if (!why) throw error ?? new Error('it was not refused');
  return `${why.code} ${why.field}`.trim();
}

test('a clerk adds a party, which the centre has a moment later, and adds it once', async () => {
  const changeId = randomUUID();
  const added = party('  Đỗ  Văn Bảy'.normalize('NFD').trim(), '001080000999', { sex: 2 });
  const answers = await Promise.all([add(changeId, added), add(changeId, added)]);
  expect(answers[0].seq).toBe(answers[1].seq);
  expect((await add(changeId, added)).seq).toBe(answers[0].seq);
  await exchange.settle();
  const [row] = await exchange.center.sql(
    `SELECT r.kind, r.entity, encode(i.payload, 'hex') FROM case_record r
     JOIN inbox i USING (source, case_key, seq) WHERE r.change_id = '${changeId}'`,
  );
  const there = fromBinary(CaseRecordSchema, Buffer.from(String(row?.[2]), 'hex'));
  expect([row?.[0], row?.[1], there.entity]).toEqual(['party', changeId, changeId]);
  expect(there.body.value).toMatchObject({
    who: { value: { fullName: 'Đỗ  Văn Bảy'.normalize('NFC') } },
  });
  const found = await clerk.search({ reason, personalNumber: '001080000999' });
  expect(found.cases.map(({ caseKey }) => caseKey)).toEqual([key]);
  expect((await clerk.search({ reason, partyName: 'do van bay' })).cases.length).toBe(1);
  const [log] = await exchange.court.sql(
    `SELECT count(*), min(account::text) FROM access_log WHERE method = 'AddParty'`,
  );
  expect(log).toEqual(['1', account]);
  expect((await prefill('001080000999')).fields[0]).toMatchObject({ source: 'DEMO', own: true });
});

test('a change that is there already is no other party', async () => {
  const changeId = randomUUID();
  await add(changeId, party('Đỗ Văn Tám'));
  expect(await refusalOf(add(changeId, party('Đỗ Văn Chín')))).toBe('command_id_reused');
  const caseKey = await addCase(exchange.court, '8/2026/TLST-DS');
  expect(await refusalOf(add(changeId, party('Đỗ Văn Tám'), { caseKey }))).toBe(
    'command_id_reused',
  );
});

test('somebody who is a party already is added again only when the clerk says so', async () => {
  const again = () => party('Đỗ Văn Bảy', '001080000999');
  expect(await refusalOf(add(randomUUID(), again()))).toBe('party_already');
  expect((await add(randomUUID(), again(), { beside: true })).seq).toBeGreaterThan(0n);
});

test('names the field that is wrong, and writes nothing of it', async () => {
  const count = async () =>
    exchange.court.sql('SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM party_name)');
  const before = await count();
  const id = randomUUID();
  const who = { case: 'organisation' as const, value: { name: 'Công ty A', number: 'abc' } };
  const wrong: [object, string][] = [
    [{ party: party('') }, 'field_wrong party.person.full_name'],
    [{ party: party(' ') }, 'field_wrong party.person.full_name'],
    [{ party: party('A\nB') }, 'field_wrong party.person.full_name'],
    [{ party: party('Đ'.repeat(200)) }, 'field_wrong party.person.full_name'],
    [{ party: party('Đỗ Thị A', '12') }, 'field_wrong party.person.personal_number'],
    [
      { party: party('Đỗ Thị A', undefined, { dateOfBirth: '1990-02-30' }) },
      'field_wrong party.person.date_of_birth',
    ],
    [
      { party: party('Đỗ Thị A', undefined, { dateOfBirth: '2099-12-31' }) },
      'day_ahead party.person.date_of_birth',
    ],
    [{ party: party('Đỗ Thị A', undefined, { sex: 9 }) }, 'field_wrong party.person.sex'],
    [{ party: { ...party('Đỗ Thị A'), role: 0 } }, 'field_wrong party.role'],
    [{ party: { role: 3 } }, 'field_wrong party.Party'],
    [{ party: { role: 3, who } }, 'field_wrong party.organisation.number'],
    [{ changeId: 'x' }, 'field_wrong change_id'],
    [{ caseKey: '1' }, 'field_wrong case_key'],
    [{ caseKey: randomUUID() }, 'case_unknown'],
    [{ reason: {} }, 'field_wrong reason.purpose'],
  ];
  for (const [more, why] of wrong)
    expect([why, await refusalOf(add(id, party('Đỗ Thị A'), more))]).toEqual([why, why]);
  expect(await count()).toEqual(before);
});

test('what is said to have happened after today is not written at the command line either', async () => {
  const event = (at: string) => ({ case: 'event' as const, value: { at, kind: 'filed' } });
  const write = (at: string, ...more: string[]) =>
    writeRecord(exchange.court, key, 'event', randomUUID(), event(at), ...more);
  await expect(write('2099-12-31')).rejects.toThrow('event.at is ahead of today');
  await expect(write('2099-12-31', '--op', 'correct')).rejects.toThrow('event.at is ahead');
  await expect(write('2099-02-31')).rejects.toThrow('event.at is wrong');
});

test('only clerks of the court write, by cookie', async () => {
  for (const role of ['judge', 'officer', 'administrator']) {
    const { cases } = await member(exchange.court, role);
    expect(await refusalOf(add(randomUUID(), party('A'), {}, cases))).toBe('staff_role');
  }
  const nobody = casesOf(exchange.court.url);
  expect(await refusalOf(add(randomUUID(), party('A'), {}, nobody))).toBe('staff_not_signed_in');
  for (const identity of [
    await exchange.admit('AGENCY.Y', '--agency'),
    await exchange.admit('CENTER'),
  ]) {
    const { cases } = clientsOf(exchange.center.url, identity);
    const refused = await refusalOf(add(randomUUID(), party('A'), {}, cases));
    expect(['operator_only', 'not_found']).toContain(refused);
  }
});

test("what a court's people see and write is no organisation's", async () => {
  const { cases } = clientsOf(exchange.center.url, await exchange.admit('AGENCY.Z', '--agency'));
  const watched = async () => {
    for await (const told of cases.watchChanges({ reason })) return told;
    return undefined;
  };
  const calls: [() => Promise<unknown>, Code, string][] = [
    [() => cases.addParty({ reason, caseKey: key }), Code.PermissionDenied, 'operator_only'],
    [() => cases.notices({ reason }), Code.Unimplemented, 'not_found'],
    [() => cases.takeNotice({ reason, id: 1n }), Code.PermissionDenied, 'operator_only'],
    [() => cases.changes({ reason }), Code.Unimplemented, 'not_found'],
    [watched, Code.Unimplemented, 'not_found'],
  ];
  for (const [call, code, refusal] of calls) {
    const error = await call().then(() => undefined, ConnectError.from);
    expect(error?.code).toBe(code);
    expect(error?.findDetails(RefusalSchema)[0]?.code).toBe(refusal);
  }
});

test('a slow centre holds up no clerk for long, nor many of them', async () => {
  proxy.stall(true);
  const begun = Date.now();
  const told = await Promise.all(Array.from({ length: 40 }, () => prefill()));
  for (const { center, person: known } of told) {
    expect(center).toBe(CenterSaid.AWAY);
    expect(known?.residence).toBe('Hà Nội');
  }
  expect(Date.now() - begun).toBeLessThan(20_000);
  proxy.stall(false);
  await expect.poll(async () => (await prefill()).center).toBe(CenterSaid.ANSWERED);
});

test('a court that stops while its centre is asked ends, and asks again afterwards', async () => {
  const own = async () =>
    (await exchange.court.sql(`SELECT count(*) FROM access_log WHERE method = 'Prefill'`))[0]?.[0];
  const before = await own();
  proxy.stall(true);
  const waiting = prefill().catch(() => undefined); // answered, or cut off with the court
  await expect.poll(own).not.toBe(before);
  await exchange.court.stop();
  await waiting;
  proxy.stall(false);
  await exchange.court.restart();
  await expect.poll(async () => (await prefill()).center).toBe(CenterSaid.ANSWERED);
});

test('a court off the line does not ask, and one whose centre is gone goes on by itself', async () => {
  await exchange.court.assize('exchange', 'disconnect', '--for', '5', '--why', 'Thử');
  await expect.poll(async () => (await prefill()).center).toBe(CenterSaid.DISCONNECTED);
  await exchange.court.assize('exchange', 'connect');
  await expect.poll(async () => (await prefill()).center).toBe(CenterSaid.ANSWERED);
  await proxy.close();
  const told = await prefill();
  expect(told.center).toBe(CenterSaid.AWAY);
  expect(told.person?.residence).toBe('Hà Nội');
});

test('a number that does not fit is told from one that does', () => {
  for (const [number, sex, born, doubts] of [
    ['048190000321', Sex.FEMALE, '1990-05-06', []],
    ['048190000321', Sex.MALE, '1991-05-06', ['sex', 'birth']],
    ['001204000321', Sex.MALE, '2004-01-01', []],
    ['001304000321', Sex.OTHER, '', []],
    ['003190000321', Sex.FEMALE, '', ['province']],
    ['123190000321', Sex.FEMALE, '', []],
    ['04819000032', Sex.MALE, '2004-01-01', []],
  ] as const)
    expect([number, doubtsOf(number, sex, born)]).toEqual([number, doubts]);
});

test('the provinces that courts are called by are those of the reference data', () => {
  const lines = readFileSync('db/reference/administrative-units.tsv', 'utf8').trim().split('\n');
  const known = lines
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([, above]) => above === '')
    .map(([code, , name]) => [code, name?.replace(/^(Thành phố|Tỉnh) /, '')]);
  expect(Object.entries(provinces).sort()).toEqual(known.sort());
});

// Case records for who has a right to them: agencies at the centre, clerks and judges at their court; and the log of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from '@playwright/test';
import {
  GrantRequestSchema,
  ListRightsRequestSchema,
  ListRightsResponseSchema,
  Purpose,
  RevokeRequestSchema,
  Service,
  WhoReadMeRequestSchema,
  WhoReadMeResponseSchema,
} from '../../web/src/gen/assize/access/v1/access_pb.js';
import { CaseRecordSchema } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { CaseStatus } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import {
  GetRequestSchema,
  GetResponseSchema,
  HistoryRequestSchema,
  HistoryResponseSchema,
  PrefillRequestSchema,
  PrefillResponseSchema,
  SearchRequestSchema,
  SearchResponseSchema,
} from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { RefusalSchema } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import {
  ACCESS,
  ask,
  CASES,
  clientsOf,
  read,
  REASON,
  refusedField,
  searchValue,
  type Caller,
} from '../support/cases.ts';
import { Exchange, type Identity } from '../support/exchange.ts';
import { refused } from '../support/session.ts';
import { ACCOUNT_NAME, addAccount, signIn } from '../support/staff.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

const ENTITY = '0192f0c1-2b3c-7d4e-8f50-00000000000';
const PUBLIC_ID = 'VN:TAND.01.KV2:2026:12-TLST-HS';

let exchange: Exchange;
let agency: Identity;
let operator: Identity;
let clerk: Caller;
let key: string;

type Body = Parameters<typeof create<typeof CaseRecordSchema>>[1];

/** Writes a record of the case at its court. */
async function write(type: string, entity: number, body: object, ...more: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  const file = join(folder, 'record');
  const record = create(CaseRecordSchema, { entity: `${ENTITY}${entity}`, body } as Body);
  try {
    writeFileSync(file, toBinary(CaseRecordSchema, record));
    await exchange.court.assize('case', 'write', key, type, file, ...more);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NUMBER = '001099012345';

const party = (fullName: string, more: object = {}) => ({
  case: 'party',
  value: {
    role: 1,
    who: { case: 'person', value: { fullName, personalNumber: NUMBER, ...more } },
  },
});

async function staff(role: string): Promise<Caller> {
  const { cookie } = await signIn(exchange.court.url, await addAccount(exchange.court, role));
  return { cookie };
}

const get = (message: object, caller: Caller, url = exchange.center.url) =>
  ask(url, `${CASES}/Get`, GetRequestSchema, { reason: REASON, ...message }, caller);
const search = (message: object, caller: Caller, url = exchange.center.url) =>
  ask(url, `${CASES}/Search`, SearchRequestSchema, { reason: REASON, ...message }, caller);
const grant = (message: object, caller: Caller, url = exchange.center.url) =>
  ask(url, `${ACCESS}/Grant`, GrantRequestSchema, message, caller);
const theCase = () => ({ source: 'DEMO', caseKey: key });

test.beforeAll(async () => {
  exchange = await Exchange.start();
  agency = await exchange.admit('AGENCY.THADS');
  operator = await exchange.admit('CENTER');
  clerk = await staff('clerk');
  const { hearing, judge } = await exchange.open();
  const [row] = await exchange.court.sql(
    `SELECT court_case FROM hearing WHERE id = '${hearing.id}'`,
  );
  key = String(row?.[0]);
  const file = { court: 'TAND.01.KV2', number: '12/2026/TLST-HS', kind: 1, instance: 1 };
  const value = { ...file, acceptedOn: '2026-02-03', status: 2 };
  await write('case_file', 1, { case: 'caseFile', value });
  await write('party', 2, party('Lê Văn Một', { nationality: 'VN' }));
  await write('party', 2, party('Lê Văn Hai'), '--op', 'correct');
  await judge.command({ case: 'close', value: {} }); // wakes the sender
  judge.close();
  await exchange.settle();
});

test.afterAll(async () => {
  await exchange?.dispose();
});

test('an agency gets nothing before it was granted a right, and then only that', async () => {
  const noRight = {
    ...{ status: 403, connectCode: 'permission_denied' },
    ...{ code: 'access_no_right', field: 'reason.purpose' },
  };
  expect(refusedField(await get(theCase(), agency))).toMatchObject(noRight);
  await exchange.center.assize(
    ...['access', 'grant', 'AGENCY.THADS', '--types', 'party', '--purpose', 'enforcement'],
  );
  const { records } = read(GetResponseSchema, await get(theCase(), agency));
  expect(records.map(({ recordType }) => recordType)).toEqual(['party']);
  const said = fromBinary(CaseRecordSchema, records[0]?.record ?? new Uint8Array());
  expect(said.body.value).toMatchObject({ who: { value: { fullName: 'Lê Văn Hai' } } });
  const other = { reason: { ...REASON, purpose: Purpose.STATISTICS } };
  expect(refusedField(await get({ ...theCase(), ...other }, agency))).toMatchObject(noRight);
});

test('what was known before a correction is told of that time', async () => {
  const answer = await ask(
    exchange.center.url,
    `${CASES}/History`,
    HistoryRequestSchema,
    { reason: REASON, ...theCase(), entity: `${ENTITY}2`, validAtMs: BigInt(Date.now()) },
    agency,
  );
  const { versions } = read(HistoryResponseSchema, answer);
  expect(versions.map(({ seq }) => seq)).toEqual([2n, 3n]);
  const [first, second] = versions;
  expect(first?.knownToMs).toBe(second?.knownFromMs);
  expect(second?.knownToMs).toBe(0n); // not set: it is still known to be so
});

test('without a purpose or a legal basis nothing is told, and the field is named', async () => {
  const { purpose, legalBasis } = REASON;
  const wrong = [
    [undefined, 'reason'],
    [{ legalBasis }, 'reason.purpose'],
    [{ purpose: 77 as Purpose, legalBasis }, 'reason.purpose'],
    [{ purpose }, 'reason.legal_basis'],
    [{ purpose, legalBasis: '  ' }, 'reason.legal_basis'],
    [{ purpose, legalBasis: 'a\nb' }, 'reason.legal_basis'],
    [{ purpose, legalBasis: 'a'.repeat(501) }, 'reason.legal_basis'],
  ] as const;
  for (const [reason, field] of wrong) {
    const answers = [
      await get({ ...theCase(), reason }, agency),
      await get({ ...theCase(), reason }, clerk, exchange.court.url),
      await search({ court: 'TAND.01', reason }, agency),
      await ask(
        ...([exchange.center.url, `${CASES}/History`, HistoryRequestSchema] as const),
        { ...theCase(), reason } as never,
        agency,
      ),
      await ask(
        ...([exchange.center.url, `${ACCESS}/WhoReadMe`, WhoReadMeRequestSchema] as const),
        { ...theCase(), reason } as never,
        agency,
      ),
    ];
    for (const answer of answers) {
      expect(refusedField(answer)).toMatchObject({
        status: 400,
        connectCode: 'invalid_argument',
        code: 'field_wrong',
        field,
      });
    }
  }
});

test('a field that is wrong is named', async () => {
  const wrong = [
    [{ source: 'DEMO' }, 'case_key'],
    [{ caseKey: key }, 'source'],
    [{ source: 'a b', caseKey: key }, 'source'],
    [{ publicId: '12/2026' }, 'public_id'],
    [{ publicId: PUBLIC_ID, source: 'DEMO' }, 'public_id'],
    [{ ...theCase(), validAtMs: 2n ** 62n }, 'valid_at_ms'],
    [{ ...theCase(), knownAtMs: -(2n ** 62n) }, 'known_at_ms'],
    [{ ...theCase(), validAtMs: -253_402_300_799_999n }, 'valid_at_ms'],
    [{ ...theCase(), pageToken: 'x' }, 'page_token'],
    [{ ...theCase(), pageToken: '1 2 3 4' }, 'page_token'],
  ] as const;
  for (const [message, field] of wrong) {
    expect(refusedField(await get(message, agency)), field).toMatchObject({
      code: 'field_wrong',
      field,
    });
  }
  const searches = [
    [{}, 'number'],
    [{ number: 'x' }, 'number'],
    [{ publicId: 'x' }, 'public_id'],
    [{ court: 'TAND.99' }, 'court'],
    [{ court: 'TAND.01', status: 99 }, 'status'],
    [{ court: 'TAND.01', limit: 101 }, 'limit'],
    [{ court: 'TAND.01', pageToken: 'a b c' }, 'page_token'],
  ] as const;
  for (const [message, field] of searches) {
    expect(refusedField(await search(message, agency)), field).toMatchObject({
      code: 'field_wrong',
      field,
    });
  }
});

test('the operator grants and withdraws, nobody else does', async () => {
  const right = {
    client: 'AGENCY.THADS',
    service: Service.CASE,
    recordTypes: ['case_file'],
    purpose: Purpose.ENFORCEMENT,
  };
  const untilMs = BigInt(Date.now() + 86_400_000);
  expect(refused(await grant({ ...right, untilMs }, agency))).toMatchObject({
    connectCode: 'permission_denied',
    code: 'operator_only',
  });
  expect((await grant({ ...right, untilMs }, operator)).status).toBe(200);
  const { rights } = read(
    ListRightsResponseSchema,
    await ask(
      ...([exchange.center.url, `${ACCESS}/ListRights`, ListRightsRequestSchema] as const),
      { client: 'AGENCY.THADS' },
      operator,
    ),
  );
  expect(rights).toContainEqual(
    expect.objectContaining({ recordType: 'case_file', untilMs, grantedBy: 'CENTER' }),
  );
  const wrong = [
    [{ client: 'a b' }, 'client'],
    [{ service: 9 }, 'service'],
    [{ recordTypes: [] }, 'record_types'],
    [{ recordTypes: ['name'] }, 'record_types'],
    [{ recordTypes: ['notice'] }, 'record_types'],
    [{ service: Service.EXCHANGE }, 'record_types'],
    [{ purpose: 0 }, 'purpose'],
    [{ untilMs: 1n }, 'until_ms'],
    [{ untilMs: untilMs * 2n }, 'until_ms'],
  ] as const;
  for (const [part, field] of wrong) {
    expect(refusedField(await grant({ ...right, untilMs, ...part }, operator))).toMatchObject({
      code: 'field_wrong',
      field,
    });
  }
  expect(refused(await grant({ ...right, untilMs, client: 'NOBODY' }, operator)).code).toBe(
    'client_unknown',
  );
  const revoke = (caller: Identity) =>
    ask(exchange.center.url, `${ACCESS}/Revoke`, RevokeRequestSchema, right, caller);
  expect(refused(await revoke(agency)).code).toBe('operator_only');
  expect((await search({ court: 'TAND.01.KV2' }, agency)).status).toBe(200);
  for (const [court, found] of [
    ['TAND.01.KV2', [PUBLIC_ID]],
    ['TAND.01', []],
  ] as const) {
    const answer = await search({ number: '12/2026/TLST-HS', court }, agency);
    expect(read(SearchResponseSchema, answer).cases.map(({ publicId }) => publicId)).toEqual(found);
  }
  expect((await revoke(operator)).status).toBe(200);
  expect(refused(await revoke(operator)).code).toBe('right_unknown');
  expect(refused(await search({ court: 'TAND.01.KV2' }, agency)).code).toBe('access_no_right');
});

test('an administrator of the centre grants by cookie, others of its staff do not', async () => {
  const right = {
    client: 'AGENCY.THADS',
    service: Service.CASE,
    recordTypes: ['appeal'],
    purpose: Purpose.INSPECTION,
    untilMs: BigInt(Date.now() + 86_400_000),
  };
  const atCenter = async (role: string): Promise<Caller> => {
    const account = await addAccount(exchange.center, role);
    return { cookie: (await signIn(exchange.people, account)).cookie };
  };
  const administrator = await atCenter('administrator');
  expect((await grant(right, administrator, exchange.people)).status).toBe(200);
  expect(
    (await ask(exchange.people, `${ACCESS}/Revoke`, RevokeRequestSchema, right, administrator))
      .status,
  ).toBe(200);
  for (const role of ['officer', 'clerk', 'judge']) {
    expect(refused(await grant(right, await atCenter(role), exchange.people)).code).toBe(
      'staff_role',
    );
  }
  const foreign = await get(theCase(), await atCenter('judge'), exchange.people);
  expect(refused(foreign).code).toBe('case_unknown');
  expect(refused(await grant(right, { cookie: '' }, exchange.people)).code).toBe(
    'staff_not_signed_in',
  );
});

test('the command line tells the rights, and withdraws them', async () => {
  const list = async () =>
    JSON.parse(await exchange.center.assize('access', 'list', '--json')) as object[];
  await exchange.center.assize(
    ...['access', 'grant', 'AGENCY.THADS', '--types', 'all', '--purpose', 'inspection'],
  );
  expect((await list()).length).toBe(12);
  await exchange.center.assize('access', 'revoke', 'AGENCY.THADS', '--purpose', 'inspection');
  expect(await list()).toEqual([
    expect.objectContaining({ client: 'AGENCY.THADS', type: 'party', purpose: 'enforcement' }),
  ]);
  const bad = [
    [['grant', 'NOBODY', '--types', 'party', '--purpose', 'enforcement'], /no organisation NOBODY/],
    [['grant', 'AGENCY.THADS', '--types', 'x', '--purpose', 'enforcement'], /types are of/],
    [['grant', 'AGENCY.THADS', '--types', 'party', '--purpose', 'x'], /purpose is one of/],
    [['revoke', 'AGENCY.THADS', '--purpose', 'statistics'], /no such right/],
    [['grant', 'AGENCY.THADS'], /access wants/],
  ] as const;
  for (const [words, why] of bad) {
    await expect(exchange.center.assize('access', ...words)).rejects.toThrow(why);
  }
});

test('a certificate that was replaced opens nothing', async () => {
  const before = await exchange.admit('AGENCY.OLD');
  await exchange.admit('AGENCY.OLD');
  expect(refused(await get(theCase(), before)).code).toBe('certificate_revoked');
  expect(refused(await get({ source: 'DEMO', caseKey: 'none' }, agency)).code).toBe('case_unknown');
});

test('clerks and judges find the cases of their court, others nothing', async () => {
  const { url } = exchange.court;
  const judge = await staff('judge');
  for (const caller of [clerk, judge]) {
    for (const by of [
      { number: '12/2026/TLST-HS' },
      { publicId: PUBLIC_ID },
      { court: 'TAND.01.KV2', status: CaseStatus.TRIED },
    ]) {
      const { cases } = read(SearchResponseSchema, await search(by, caller, url));
      expect(cases).toEqual([
        expect.objectContaining({
          source: 'DEMO',
          caseKey: key,
          publicId: PUBLIC_ID,
          status: CaseStatus.TRIED,
        }),
      ]);
    }
    const { records } = read(GetResponseSchema, await get({ publicId: PUBLIC_ID }, caller, url));
    expect(records.map(({ recordType }) => recordType)).toEqual(['case_file', 'party']);
  }
  for (const role of ['officer', 'administrator']) {
    expect(refused(await get(theCase(), await staff(role), url)).code).toBe('staff_role');
  }
  expect(refused(await get(theCase(), { cookie: '' }, url)).code).toBe('staff_not_signed_in');
  expect(refused(await get({ source: 'TAND48', caseKey: key }, clerk, url)).code).toBe(
    'case_unknown',
  );
  expect(refused(await grant({}, clerk, url)).code).toBe('staff_role');
});

test('who read a case is told, by name where it was staff', async () => {
  const answer = await ask(
    exchange.court.url,
    `${ACCESS}/WhoReadMe`,
    WhoReadMeRequestSchema,
    {
      reason: { purpose: Purpose.DATA_SUBJECT, legalBasis: 'Điều 4 Luật 91/2025/QH15' },
      ...theCase(),
    },
    clerk,
  );
  const { accesses } = read(WhoReadMeResponseSchema, answer);
  expect(accesses.length).toBeGreaterThan(4);
  expect(accesses[0]).toMatchObject({
    organisation: 'DEMO',
    name: ACCOUNT_NAME,
    method: 'Get',
    purpose: Purpose.ENFORCEMENT,
    purposeVi: 'Thi hành án',
    purposeEn: 'Enforcement of judgments',
    legalBasis: REASON.legalBasis,
  });
});

test('people are found by number, of parties the caller may see', async () => {
  const { url } = exchange.court;
  const grantTypes = (types: string) =>
    exchange.center.assize(
      ...['access', 'grant', 'AGENCY.THADS', '--types', types, '--purpose', 'prosecution'],
    );
  const reason = { ...REASON, purpose: Purpose.PROSECUTION };
  const byNumber = (personalNumber: string) => search({ reason, personalNumber }, agency);
  await grantTypes('case_file');
  expect(refused(await byNumber(NUMBER)).code).toBe('access_no_right');
  await grantTypes('party');
  for (const answer of [
    await byNumber(NUMBER),
    await search({ personalNumber: NUMBER }, clerk, url),
  ]) {
    const { cases } = read(SearchResponseSchema, answer);
    expect(cases.map(({ publicId }) => publicId)).toEqual([PUBLIC_ID]);
  }
  expect(read(SearchResponseSchema, await byNumber('001099012346')).cases).toEqual([]);
  expect(refusedField(await byNumber('12')).field).toBe('personal_number');
  for (const server of [exchange.center, exchange.court]) {
    const kept = await server.sql(`SELECT value_hmac, value_enc FROM person_ident`);
    const secret = readFileSync(join(server.state, 'person.key'), 'utf8');
    expect(kept[0]?.[0]).toBe(`\\x${searchValue(secret, NUMBER).toString('hex')}`);
    expect(kept.length).toBe(2);
    expect(kept.flat().join()).not.toContain(Buffer.from(NUMBER).toString('hex'));
  }
});

test('a party of a new case is filled in, with source and age of each field', async () => {
  await write('party', 3, party('Lê Văn Hai', { residence: 'Hà Nội' }));
  const prefill = (personalNumber: string, caller: Caller = clerk) =>
    ask(
      exchange.court.url,
      `${CASES}/Prefill`,
      PrefillRequestSchema,
      { reason: { ...REASON, purpose: Purpose.INTAKE }, personalNumber },
      caller,
    );
  const { person, fields } = read(PrefillResponseSchema, await prefill(NUMBER));
  expect(person).toMatchObject({
    fullName: 'Lê Văn Hai',
    personalNumber: NUMBER,
    residence: 'Hà Nội',
    nationality: 'VN',
  });
  const old = fields.find(({ name }) => name === 'nationality');
  const young = fields.find(({ name }) => name === 'residence');
  expect(fields.map(({ name }) => name).sort()).toEqual(
    ['full_name', 'nationality', 'personal_number', 'residence'].sort(),
  );
  expect(young).toMatchObject({ source: 'DEMO', ageDays: 0 });
  expect(Number(old?.recordedMs)).toBeLessThan(Number(young?.recordedMs));
  const nobody = read(PrefillResponseSchema, await prefill('001099012346'));
  expect(nobody.person).toBeUndefined();
  expect(nobody.fields).toEqual([]);
  expect(refusedField(await prefill('x')).field).toBe('personal_number');
  expect(refused(await prefill(NUMBER, await staff('officer'))).code).toBe('staff_role');
});

test('somebody is told who has read of them', async () => {
  const who = (message: object) =>
    ask(
      exchange.court.url,
      `${ACCESS}/WhoReadMe`,
      WhoReadMeRequestSchema,
      { reason: { purpose: Purpose.DATA_SUBJECT, legalBasis: 'Điều 4' }, ...message },
      clerk,
    );
  const { accesses } = read(WhoReadMeResponseSchema, await who({ personalNumber: NUMBER }));
  const methods = accesses.map(({ method }) => method);
  expect(methods.slice(0, 2)).toEqual(['Prefill', 'Search']);
  expect(methods).toContain('Get');
  const nobody = await who({ personalNumber: '001099012346' });
  expect(read(WhoReadMeResponseSchema, nobody).accesses.length).toBe(1); // asked for above
  for (const message of [
    { personalNumber: '12' },
    { personalNumber: NUMBER, source: 'DEMO', caseKey: key },
  ]) {
    expect(refusedField(await who(message)).field).toBe('personal_number');
  }
});

test('connect-node, as it comes, calls by mutual TLS every method that organisations have', async () => {
  await exchange.settle();
  const { cases, access } = clientsOf(exchange.center.url, agency);
  const { access: granting } = clientsOf(exchange.center.url, operator);
  const reason = REASON;
  const right = { client: 'AGENCY.THADS', purpose: reason.purpose };
  const untilMs = BigInt(Date.now() + 86_400_000);
  const reading = { ...right, service: Service.CASE, recordTypes: ['case_file', 'party'] };
  await granting.grant({ ...reading, untilMs });
  await granting.grant({ ...right, service: Service.ACCESS, recordTypes: ['access'], untilMs });
  expect((await granting.listRights(right)).rights.length).toBeGreaterThan(2);
  expect((await cases.get({ reason, ...theCase() })).records.length).toBe(3);
  expect((await cases.get({ reason, publicId: PUBLIC_ID })).records.length).toBe(3);
  expect((await cases.history({ reason, ...theCase() })).versions.length).toBe(5);
  expect((await cases.search({ reason, personalNumber: NUMBER })).cases.length).toBe(1);
  expect((await cases.prefill({ reason, personalNumber: NUMBER })).person).toMatchObject({
    fullName: 'Lê Văn Hai',
  });
  expect((await access.whoReadMe({ reason, ...theCase() })).accesses.length).toBeGreaterThan(3);
  const wrong = await cases.get(theCase()).then(() => undefined, ConnectError.from);
  expect(wrong?.code).toBe(Code.InvalidArgument);
  expect(wrong?.findDetails(RefusalSchema)).toEqual([
    expect.objectContaining({ code: 'field_wrong', field: 'reason' }),
  ]);
  await granting.revoke({ ...reading });
  const late = await cases
    .search({ reason, court: 'TAND.01' })
    .then(() => undefined, ConnectError.from);
  expect(late?.code).toBe(Code.PermissionDenied);
  await granting.grant({ ...reading, untilMs });
});

test('a case stands where its hearing left it, at its court and at the centre', async () => {
  await exchange.center.assize(
    ...['access', 'grant', 'AGENCY.THADS', '--types', 'case_file', '--purpose', 'enforcement'],
  );
  for (const [url, caller] of [
    [exchange.court.url, clerk],
    [exchange.center.url, agency],
  ] as const) {
    const found = async (status: CaseStatus) =>
      read(SearchResponseSchema, await search({ court: 'TAND.01.KV2', status }, caller, url)).cases;
    expect(await found(CaseStatus.TRIED)).toEqual([
      expect.objectContaining({ caseKey: key, status: CaseStatus.TRIED }),
    ]);
    expect(await found(CaseStatus.ACCEPTED)).toEqual([]);
  }
});

test('a case whose file is retracted is found no more, and its history tells until when it was', async () => {
  const reason = { ...REASON, purpose: Purpose.PROSECUTION };
  const found = async () => [
    ...read(SearchResponseSchema, await search({ reason, publicId: PUBLIC_ID }, agency)).cases,
    ...read(SearchResponseSchema, await search({ reason, personalNumber: NUMBER }, agency)).cases,
    ...read(SearchResponseSchema, await search({ court: 'TAND.01.KV2' }, clerk, exchange.court.url))
      .cases,
  ];
  const file = { court: 'TAND.01.KV2', number: '12/2026/TLST-HS', kind: 1, instance: 1 };
  const value = { ...file, acceptedOn: '2026-02-03', status: 5 };
  expect((await found()).length).toBe(3);
  const old = { case: 'caseFile', value: { ...value, status: 8 } };
  await write('case_file', 1, old, '--op', 'retract');
  await exchange.settle();
  expect(await found()).toEqual([]);
  const history = await ask(
    ...([exchange.center.url, `${CASES}/History`, HistoryRequestSchema] as const),
    { reason, ...theCase(), entity: `${ENTITY}1` },
    agency,
  );
  const { versions } = read(HistoryResponseSchema, history);
  expect(versions.filter(({ knownToMs }) => knownToMs > 0n).length).toBe(1);
  const [row] = await exchange.court.sql(`SELECT status FROM court_case WHERE id = '${key}'`);
  expect(row).toEqual(['tried']); // a retraction says of nothing that it holds
  await write('case_file', 1, { case: 'caseFile', value });
  await exchange.settle();
  expect((await found()).length).toBe(3);
});

test('a long answer is read page by page', async () => {
  await exchange.center.sql(
    `INSERT INTO case_record SELECT source, case_key, kind, gen_random_uuid(), seq, change_id, valid, known
     FROM case_record, generate_series(1, 700)
     WHERE case_key = '${key}' AND entity = '${ENTITY}2' AND upper_inf(known) AND upper_inf(valid)`,
  );
  const { cases } = clientsOf(exchange.center.url, agency);
  const entities = new Set<string>();
  const sizes: number[] = [];
  let pageToken = '';
  do {
    const page = await cases.get({ reason: REASON, ...theCase(), ...(pageToken && { pageToken }) });
    for (const { entity } of page.records) entities.add(entity);
    sizes.push(page.records.length);
    pageToken = page.pageToken;
  } while (pageToken !== '' && sizes.length < 5);
  expect(sizes).toEqual([500, 203]);
  expect(entities.size).toBe(703);
});

test('when the access cannot be written down, not a byte is told', async () => {
  const broken =
    'CREATE TRIGGER broken BEFORE INSERT ON access_log EXECUTE FUNCTION refuse_change()';
  for (const [server, caller] of [
    [exchange.center, agency],
    [exchange.court, clerk],
  ] as const) {
    await server.sql(broken);
    const answer = await get(theCase(), caller, server.url);
    expect(refused(answer)).toMatchObject({
      status: 503,
      connectCode: 'unavailable',
      code: 'access_not_logged',
    });
    expect(answer.body.toString()).not.toContain('Lê Văn');
    await server.sql('DROP TRIGGER broken ON access_log');
    expect((await get(theCase(), caller, server.url)).status).toBe(200);
  }
});

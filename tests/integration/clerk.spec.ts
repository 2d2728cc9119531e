// What a clerk sees of the court's own cases: found by number, name and person, and how far each change is on its way to a real
// centre, which returns what it cannot take in; told once and told on, and only to clerks and judges.
import { randomUUID } from 'node:crypto';
import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from '@playwright/test';
import {
  ChangeState,
  type CaseChanges,
  type Change,
  type ChangesResponse,
} from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { CaseStatus, Op } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { ask, CASES } from '../support/cases.ts';
import {
  addCase,
  answered,
  caseFile,
  casesOf,
  CLERKS_REASON,
  member,
  person,
  writeRecord,
  writeUnchecked,
  type Cases,
} from '../support/clerk.ts';
import { Exchange } from '../support/exchange.ts';
import { eventually } from '../support/processes.ts';
import { Proxy } from '../support/proxy.ts';
import { ChangesRequestSchema } from '../../web/src/gen/assize/cases/v1/case_service_pb.js';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

const reason = CLERKS_REASON;
const NUMBER = '001099054321';

let exchange: Exchange;
let proxy: Proxy;
let clerk: Cases;
let cookie: string;

test.beforeAll(async () => {
  exchange = await Exchange.start(async (center) => {
    proxy = await Proxy.to(center.port);
    return { 'exchange.center': `https://localhost:${proxy.port}` };
  });
  ({ cases: clerk, cookie } = await member(exchange.court, 'clerk'));
});

test.afterAll(async () => {
  await exchange?.dispose();
  await proxy?.close();
});

async function codeOf(asked: Promise<unknown>): Promise<Code | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}

async function firstOf(cases: Cases, message: object = { reason }): Promise<ChangesResponse> {
  for await (const told of cases.watchChanges(message)) return told;
  throw new Error('nothing was told');
}

async function changesOf(key: string): Promise<CaseChanges> {
  const told = (await clerk.changes({ reason, caseKeys: [key] })).cases[0];
  if (!told) throw new Error('there are no changes');
  return told;
}

async function changeOf(key: string, seq: bigint): Promise<Change> {
  const change = (await changesOf(key)).changes.find((one) => one.seq === seq);
  if (!change) throw new Error(`there is no change ${seq}`);
  return change;
}

const numbers = async (asked: object): Promise<string[]> =>
  (await clerk.search({ reason, ...asked })).cases.map(({ number }) => number);

/** Everything this test watches is told as it comes. */
function listen(cases: Cases, caseKeys: string[] = []) {
  const told: ChangesResponse[] = [];
  const stop = new AbortController();
  const watching = async () => {
    for await (const one of cases.watchChanges({ reason, caseKeys }, { signal: stop.signal }))
      told.push(one);
  };
  return { told, stop, ended: codeOf(watching()) };
}

test('tells only clerks and judges of the court, and only with a reason', async () => {
  const nobody = casesOf(exchange.court.url);
  expect(await codeOf(nobody.changes({ reason }))).toBe(Code.Unauthenticated);
  expect(await codeOf(firstOf(nobody))).toBe(Code.Unauthenticated);
  for (const role of ['officer', 'administrator']) {
    const { cases } = await member(exchange.court, role);
    expect(await codeOf(cases.changes({ reason }))).toBe(Code.PermissionDenied);
    expect(await codeOf(firstOf(cases))).toBe(Code.PermissionDenied);
    expect(await codeOf(cases.search({ reason }))).toBe(Code.PermissionDenied);
  }
  const { cases: judge } = await member(exchange.court, 'judge');
  expect((await judge.changes({ reason })).line?.linked).toBe(true);
  expect((await firstOf(judge)).line?.linked).toBe(true);
  for (const asked of [{}, { reason: { purpose: 1 } }, { reason: { legalBasis: 'Điều 47' } }]) {
    expect(await codeOf(clerk.changes(asked))).toBe(Code.InvalidArgument);
    expect(await codeOf(firstOf(clerk, asked))).toBe(Code.InvalidArgument);
    expect(await codeOf(clerk.search(asked))).toBe(Code.InvalidArgument);
  }
  const many = Array.from({ length: 101 }, () => randomUUID());
  for (const caseKeys of [['12/2026'], many])
    expect(await codeOf(clerk.changes({ reason, caseKeys }))).toBe(Code.InvalidArgument);
});

test('an organisation with a certificate is not told how far a court is', async () => {
  const agency = await exchange.admit('AGENCY.X');
  const url = exchange.center.url;
  const answer = await ask(url, `${CASES}/Changes`, ChangesRequestSchema, { reason }, agency);
  expect(answer.status).toBe(404);
});

test('finds cases by number, name and person, the newest first, page by page', async () => {
  const { court } = exchange;
  const keys: Record<string, string> = {};
  for (const number of ['9/2026/TLST-HS', '12/2026/TLST-DS', '120/2025/TLST-HS'])
    keys[number] = await addCase(court, number, `Vụ ${number}`);
  const key = keys['12/2026/TLST-DS'] ?? '';
  const entity = randomUUID();
  const file = caseFile('12/2026/TLST-DS', 'Vụ Đặng', CaseStatus.SUSPENDED);
  await writeRecord(court, key, 'case_file', randomUUID(), file);
  await writeRecord(
    court,
    key,
    'party',
    entity,
    person('Đặng Thị Hòa', { personalNumber: NUMBER }),
  );

  expect(await numbers({})).toEqual(['12/2026/TLST-DS', '9/2026/TLST-HS', '120/2025/TLST-HS']);
  expect(await numbers({ numberBegins: '12' })).toEqual(['12/2026/TLST-DS', '120/2025/TLST-HS']);
  expect(await numbers({ numberBegins: '12/2026' })).toEqual(['12/2026/TLST-DS']);
  for (const partyName of ['Đặng Thị Hòa', 'dang thi hoa', 'HÒA đặng', 'dang th'])
    expect(await numbers({ partyName })).toEqual(['12/2026/TLST-DS']);
  for (const partyName of ['Đặng Văn', 'an', '---', "'; DROP TABLE court_case"])
    expect(await numbers({ partyName })).toEqual([]);
  expect(await numbers({ personalNumber: NUMBER })).toEqual(['12/2026/TLST-DS']);
  expect(await numbers({ personalNumber: '001099054322' })).toEqual([]);
  expect(await numbers({ status: CaseStatus.SUSPENDED })).toEqual(['12/2026/TLST-DS']);
  expect(await numbers({ numberBegins: '%' })).toEqual([]);

  const first = await clerk.search({ reason, limit: 2 });
  expect(first.cases.map(({ number }) => number)).toEqual(['12/2026/TLST-DS', '9/2026/TLST-HS']);
  const page = await clerk.search({ reason, limit: 2, pageToken: first.pageToken });
  expect(page.cases.map(({ number }) => number)).toEqual(['120/2025/TLST-HS']);
  expect(page.pageToken).toBe('');
  expect(first.cases[0]).toMatchObject({
    source: 'DEMO',
    caseKey: key,
    publicId: 'VN:TAND.01.KV1:2026:12-TLST-DS',
    status: CaseStatus.SUSPENDED,
    title: 'Vụ 12/2026/TLST-DS',
  });
  expect(first.cases[1]?.record).toHaveLength(0);
  for (const wrong of [
    { partyName: '' },
    { numberBegins: ' ' },
    { pageToken: '1' },
    { limit: 101 },
  ])
    expect(await codeOf(clerk.search({ reason, ...wrong }))).toBe(Code.InvalidArgument);

  // By what somebody is called, and was until then; not by what was never so.
  await writeRecord(court, key, 'party', entity, person('Đặng Thị Hà'), '--op', 'correct');
  for (const partyName of ['đặng thị hòa', 'đặng thị hà'])
    expect(await numbers({ partyName })).toEqual(['12/2026/TLST-DS']);
  await writeRecord(court, key, 'party', entity, person('Đặng Thị Hà'), '--op', 'retract');
  for (const partyName of ['đặng thị hòa', 'đặng thị hà'])
    expect(await numbers({ partyName })).toEqual([]);
});

test('opens a case by its key alone', async () => {
  const [found] = (await clerk.search({ reason, numberBegins: '12/2026' })).cases;
  const caseKey = found?.caseKey ?? '';
  const types = (await clerk.get({ reason, caseKey })).records.map(({ recordType }) => recordType);
  expect(types).toEqual(['case_file']);
  const { versions } = await clerk.history({ reason, caseKey });
  expect(versions.map(({ recordType }) => recordType)).toContain('party');
});

test('a change is received with the receipt of its batch', async () => {
  const key = await addCase(exchange.court, '21/2026/TLST-HS');
  await writeRecord(
    ...([exchange.court, key, 'case_file', randomUUID()] as const),
    caseFile('21/2026/TLST-HS', 'Vụ án thử'),
  );
  await answered(exchange);
  const change = await changeOf(key, 1n);
  expect(change).toMatchObject({
    state: ChangeState.RECEIVED,
    recordType: 'case_file',
    op: Op.UPSERT,
    held: false,
    reason: '',
  });
  expect(change.receivedMs).toBeGreaterThanOrEqual(change.recordedMs - 1_000n);
  const sql = `SELECT batch_no FROM receipt WHERE id = '${change.receiptId}' AND source = 'DEMO'`;
  expect(await exchange.center.sql(sql)).toEqual([[String(change.batchNo)]]);
  const { line } = await clerk.changes({ reason });
  expect(line).toMatchObject({ linked: true, lostMs: 0n });
  expect(line?.answeredMs).toBeGreaterThan(0n);
});

test('what the centre returns says why, what follows is held, and a correction sets it free', async () => {
  const { court } = exchange;
  const key = await addCase(court, '22/2026/TLST-HS');
  const other = await addCase(court, '23/2026/TLST-HS');
  const entity = randomUUID();
  await writeRecord(
    court,
    key,
    'case_file',
    randomUUID(),
    caseFile('22/2026/TLST-HS', 'Vụ án thử'),
  );
  await writeUnchecked(
    court,
    key,
    'party',
    entity,
    person('Lê Văn Ba', { personalNumber: '0010' }),
  );
  const event = { case: 'event', value: { at: '2026-03-01', kind: 'filed' } } as const;
  await writeRecord(court, key, 'event', randomUUID(), event);
  await writeRecord(court, other, 'event', randomUUID(), event);
  await answered(exchange);
  const returned = await changeOf(key, 2n);
  expect(returned).toMatchObject({
    state: ChangeState.RETURNED,
    reason: 'party.person.personal_number',
    entity,
    correctedBy: 0n,
  });
  expect(await changeOf(key, 1n)).toMatchObject({ state: ChangeState.RECEIVED, held: false });
  expect(await changeOf(key, 3n)).toMatchObject({ state: ChangeState.RECEIVED, held: true });
  expect(await changesOf(key)).toMatchObject({
    ...{ number: '22/2026/TLST-HS', state: ChangeState.RETURNED },
    ...{ waiting: 0n, sent: 0n, received: 2n, returned: 1n, held: 1n },
  });
  expect(await changesOf(other)).toMatchObject({ state: ChangeState.RECEIVED, held: 0n });
  const all = await clerk.changes({ reason, caseKeys: [key, other] });
  expect(all.returned).toBe(1n);
  expect(all.toCorrect.map(({ number }) => number)).toEqual(['22/2026/TLST-HS']);
  expect(all.cases.every(({ changes }) => changes.length === 0)).toBe(true);
  const held = `SELECT seq FROM held WHERE source = 'DEMO' AND case_key = '${key}'`;
  expect(await exchange.center.sql(held)).toEqual([['3']]);
  // The centre says it a second time, of its own accord, with the time.
  await eventually(
    'its word is here',
    30_000,
    async () => (await changeOf(key, 2n)).returnedMs > 0n,
  );

  const body = person('Lê Văn Ba', { personalNumber: NUMBER });
  const more = ['--op', 'correct', '--corrects', '2'];
  expect(await writeRecord(court, key, 'party', entity, body, ...more)).toBe(4n);
  await answered(exchange);
  expect(await changeOf(key, 2n)).toMatchObject({
    ...{ state: ChangeState.RETURNED, correctedBy: 4n, correction: ChangeState.RECEIVED },
  });
  expect(await changeOf(key, 3n)).toMatchObject({ state: ChangeState.RECEIVED, held: false });
  expect(await changeOf(key, 4n)).toMatchObject({ corrects: 2n, held: false });
  expect(await exchange.center.sql(held)).toEqual([]);
  const after = await clerk.changes({ reason, caseKeys: [key] });
  expect(after).toMatchObject({ returned: 0n, toCorrect: [] });
  expect(after.cases[0]).toMatchObject({ state: ChangeState.RECEIVED, returned: 0n, held: 0n });
});

test('a retraction that takes the place of what was returned is a correction too', async () => {
  const { court } = exchange;
  const key = await addCase(court, '24/2026/TLST-HS');
  const entity = randomUUID();
  await writeUnchecked(court, key, 'party', entity, person('Lê Văn Tư', { personalNumber: '1' }));
  await answered(exchange);
  expect((await changesOf(key)).state).toBe(ChangeState.RETURNED);
  const more = ['--op', 'retract', '--corrects', '1'];
  await writeRecord(court, key, 'party', entity, person('Lê Văn Tư'), ...more);
  await answered(exchange);
  expect((await changesOf(key)).state).toBe(ChangeState.RECEIVED);
});

test('watching tells at once, and again when a change is written and received', async () => {
  const key = await addCase(exchange.court, '25/2026/TLST-HS');
  const event = { case: 'event', value: { at: '2026-03-01', kind: 'filed' } } as const;
  const { told, stop, ended } = listen(clerk, [key]);
  await eventually('the first word', 10_000, async () => told.length > 0);
  expect(told[0]?.cases).toEqual([]);
  await writeRecord(exchange.court, key, 'event', randomUUID(), event);
  const stateNow = () => told.at(-1)?.cases[0]?.changes[0]?.state;
  await eventually('it is received', 20_000, async () => stateNow() === ChangeState.RECEIVED);
  stop.abort();
  expect(await ended).toBe(Code.Canceled);
});

test('more than are looked for at one time are all told, by turns', async () => {
  const key = await addCase(exchange.court, '28/2026/TLST-HS');
  const event = { case: 'event', value: { at: '2026-03-01', kind: 'filed' } } as const;
  const all = Array.from({ length: 20 }, () => listen(clerk, [key])); // CHANGES_LOOKS_MAX is 8
  const each = (holds: (one: ChangesResponse | undefined) => boolean) =>
    all.every(({ told }) => holds(told.at(-1)));
  await eventually('the first word to each', 20_000, async () => each(Boolean));
  await writeRecord(exchange.court, key, 'event', randomUUID(), event);
  await eventually('it is told to each', 20_000, async () =>
    each((one) => one?.cases[0]?.state === ChangeState.RECEIVED),
  );
  for (const { stop } of all) stop.abort();
  for (const { ended } of all) expect(await ended).toBe(Code.Canceled);
});

test('a change whose batch has no answer yet is sent, and received with the answer', async () => {
  const key = await addCase(exchange.court, '25/2026/TLST-KDTM');
  await exchange.settle();
  const state = async () =>
    (await clerk.changes({ reason, caseKeys: [key] })).cases[0]?.changes[0]?.state;
  proxy.stall(true);
  const event = { case: 'event', value: { at: '2026-03-01', kind: 'filed' } } as const;
  await writeRecord(exchange.court, key, 'event', randomUUID(), event);
  await expect.poll(state, { timeout: 20_000 }).toBe(ChangeState.SENT);
  proxy.stall(false);
  await expect.poll(state, { timeout: 40_000 }).toBe(ChangeState.RECEIVED);
});

test('a centre that is away is told of, and what waits for it; then all arrives', async () => {
  const key = await addCase(exchange.court, '26/2026/TLST-HS');
  const event = { case: 'event', value: { at: '2026-03-01', kind: 'filed' } } as const;
  const { told, stop, ended } = listen(clerk, [key]);
  await eventually('the first word', 10_000, async () => told.length > 0);
  await exchange.center.stop();
  await eventually('the line is lost', 30_000, async () => (told.at(-1)?.line?.lostMs ?? 0n) > 0n);
  await writeRecord(exchange.court, key, 'event', randomUUID(), event);
  const now = () => told.at(-1);
  await eventually('it waits', 20_000, async () => (now()?.cases[0]?.changes.length ?? 0) > 0);
  const state = now()?.cases[0]?.changes[0]?.state;
  expect([ChangeState.WAITING, ChangeState.SENT]).toContain(state);
  expect((now()?.waiting ?? 0n) + (now()?.sent ?? 0n)).toBe(1n);
  await exchange.center.restart();
  const there = () => now()?.cases[0]?.state === ChangeState.RECEIVED && now()?.line?.lostMs === 0n;
  await eventually('it has arrived', 40_000, async () => there());
  expect(now()).toMatchObject({ waiting: 0n, sent: 0n });
  stop.abort();
  await ended;
});

test('each look is in the log, with the cases it was to; without the log nothing is told', async () => {
  const key = await addCase(exchange.court, '27/2026/TLST-HS');
  const looks = () =>
    exchange.court.sql(
      `SELECT l.method, l.purpose, l.legal_basis FROM access_log l JOIN access_subject s ON s.access = l.id
       WHERE s.case_key = '${key}' ORDER BY l.id`,
    );
  await clerk.changes({ reason, caseKeys: [key] });
  await firstOf(clerk, { reason, caseKeys: [key] });
  const words = ['adjudication', reason.legalBasis];
  expect(await looks()).toEqual([
    ['Changes', ...words],
    ['WatchChanges', ...words],
  ]);
  await exchange.court.sql('ALTER TABLE access_log ADD CONSTRAINT never CHECK (false) NOT VALID');
  try {
    expect(await codeOf(clerk.changes({ reason, caseKeys: [key] }))).toBe(Code.Unavailable);
    expect(await codeOf(firstOf(clerk, { reason, caseKeys: [key] }))).toBe(Code.Unavailable);
    expect(await codeOf(clerk.search({ reason }))).toBe(Code.Unavailable);
  } finally {
    await exchange.court.sql('ALTER TABLE access_log DROP CONSTRAINT never');
  }
  expect(await looks()).toHaveLength(2);
});

test('whoever is signed out meanwhile is told no more', async () => {
  const { cases, account } = await member(exchange.court, 'clerk');
  const { told, ended } = listen(cases);
  await eventually('the first word', 10_000, async () => told.length > 0);
  await exchange.court.assize('account', 'end', account.login);
  expect(await ended).toBe(Code.Unauthenticated);
});

test('a court that stops says so to whoever watches, and tells on when it is back', async () => {
  const { told, ended } = listen(casesOf(exchange.court.url, cookie));
  await eventually('the first word', 10_000, async () => told.length > 0);
  await exchange.court.stop();
  expect(await ended).toBe(Code.Unavailable);
  await exchange.court.restart();
  expect((await firstOf(clerk)).line?.linked).toBe(true);
});

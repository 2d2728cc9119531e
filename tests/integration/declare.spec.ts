// People declare only once: a court is told by its centre what other courts know of somebody, and says so when it is not.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import {
  CenterSaid,
  type PrefillResponse,
} from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import {
  addCase,
  caseFile,
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

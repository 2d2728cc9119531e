// Between court and centre stands a server of the national exchange (X-Road): the centre's service is under a path there, and
// who calls for whom is in headers.
import { createPublicKey, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from '@playwright/test';
import {
  WhoReadMeRequestSchema,
  WhoReadMeResponseSchema,
} from '../../web/src/gen/assize/access/v1/access_pb.js';
import { GetRequestSchema } from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { Between, sendOn, type Asked } from '../support/between.ts';
import { ACCESS, ask, CASES, read, REASON } from '../support/cases.ts';
import { Exchange, sha256 } from '../support/exchange.ts';
import type { Response } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

const SERVICE = '/r1/XROADVN/GOV/CENTER/EXCHANGE/cases';
const CLIENT = 'XROADVN/GOV/DEMO/CASES';

let exchange: Exchange;
let road: Between;
const seen: { method: string; headers: IncomingHttpHeaders }[] = [];

/** Sends a request on to the centre as the court, without the path of its own. */
async function sendAlong(asked: Asked): Promise<Response> {
  if (!asked.path.startsWith(`${SERVICE}/`))
    return { status: 404, headers: {}, body: Buffer.alloc(0) };
  const method = asked.path.slice(asked.path.lastIndexOf('/') + 1);
  seen.push({ method, headers: asked.headers });
  const path = asked.path.slice(SERVICE.length);
  return sendOn(exchange.court, exchange.center, { ...asked, path });
}

test.beforeAll(async () => {
  exchange = await Exchange.start(async (center) => {
    road = await Between.before(center, sendAlong);
    return {
      'exchange.center': `${road.url}${SERVICE}`,
      'exchange.road_client': CLIENT,
    };
  });
});

test.afterAll(async () => {
  await exchange?.dispose();
  road?.close();
});

test('both directions go under its path, and each call says for whom, by what, about what', async () => {
  await exchange.closed();
  await exchange.settle();
  expect(await exchange.received()).toEqual(await exchange.sent());
  await eventually('the court asks what there is for it', 10_000, () =>
    Promise.resolve(seen.some(({ method }) => method === 'Pull')),
  );
  for (const { headers } of seen) {
    expect(headers['x-road-client']).toBe(CLIENT);
    expect(headers['x-road-userid']).toBe('DEMO');
    expect(headers['x-road-id']).toMatch(/^[0-9a-f-]{36}$/);
  }
  expect(new Set(seen.map(({ headers }) => headers['x-road-id'])).size).toBe(seen.length);
  const push = seen.find(({ method }) => method === 'Push');
  expect(push?.headers['x-road-issue']).toBe('batch-1');
});

test('both sides log the call under the same id', () => {
  const push = seen.find(({ method }) => method === 'Push');
  const id = String(push?.headers['x-road-id']);
  const line = (log: string) => log.split('\n').find((one) => one.includes(id));
  expect(line(exchange.court.log('assized'))).toContain('issue="batch-1"');
  const logged = line(exchange.center.log('assized'));
  expect(logged).toContain(`client="${CLIENT}"`);
  expect(logged).toContain('user="DEMO"');
  expect(logged).toContain('issue="batch-1"');
});

test('a batch keeps what it was signed with, and the call it came by, also when what it said is redacted', async () => {
  const { key } = await exchange.fileCase(9);
  const [last] = await exchange.court.sql(
    `SELECT max(seq) FROM outbox WHERE case_key = '${key}' AND record_type = 'case_file'`,
  );
  await exchange.court.assize('case', 'redact', key, String(last?.[0]), '--basis', 'Điều 4');
  await exchange.settle();
  const rows = await exchange.center.sql(
    `SELECT encode(header, 'hex'), encode(signature, 'hex'), encode(public_key, 'hex'),
            encode(batch_hash, 'hex'), road->>'id', road->>'client', road->>'user', road->>'issue'
     FROM batch_signature b JOIN receipt r ON r.id = b.receipt JOIN organisation_key ON spki = key_id
     ORDER BY batch_no`,
  );
  const pushes = seen.filter(({ method }) => method === 'Push').map(({ headers }) => headers);
  expect(rows.length).toBe(pushes.length);
  for (const [i, row] of rows.entries()) {
    const [header, signature, spki] = row.slice(0, 3).map((hex) => Buffer.from(hex, 'hex'));
    const publicKey = createPublicKey({ key: spki as Buffer, format: 'der', type: 'spki' });
    expect(verify('sha256', header as Buffer, publicKey, signature as Buffer)).toBe(true);
    const other = Buffer.concat([header as Buffer, Buffer.of(0)]);
    expect(verify('sha256', other, publicKey, signature as Buffer)).toBe(false);
    expect(Buffer.from(sha256(header as Buffer)).toString('hex')).toBe(row[3]);
    expect(row.slice(4)).toEqual([pushes[i]?.['x-road-id'], CLIENT, 'DEMO', `batch-${i + 1}`]);
  }
});

test('whoever asks who read a case is told by which call of the exchange', async () => {
  const { key } = await exchange.fileCase(10);
  const agency = await exchange.admit('AGENCY.THADS');
  const grant = ['access', 'grant', 'AGENCY.THADS', '--purpose', 'enforcement', '--types'];
  await exchange.center.assize(...grant, 'case_file');
  await exchange.center.assize(...grant, 'access', '--service', 'access');
  const theCase = { reason: REASON, source: 'DEMO', caseKey: key };
  const by = {
    'X-Road-Client': `XROADVN/GOV/THADS/${'C'.repeat(255)}`,
    'X-Road-Id': 'c7b0b4a2-0001',
    'X-Road-UserId': 'VN001099012345',
  };
  const url = exchange.center.url;
  const got = await ask(url, `${CASES}/Get`, GetRequestSchema, theCase, agency, by);
  expect(got.status).toBe(200);
  const plain = await ask(url, `${CASES}/Get`, GetRequestSchema, theCase, agency);
  expect(plain.status).toBe(200);
  const who = await ask(url, `${ACCESS}/WhoReadMe`, WhoReadMeRequestSchema, theCase, agency);
  const { accesses } = read(WhoReadMeResponseSchema, who);
  expect(accesses.map(({ roadClient, roadId }) => [roadClient, roadId])).toEqual([
    ['', ''],
    [by['X-Road-Client'], by['X-Road-Id']],
  ]);
});

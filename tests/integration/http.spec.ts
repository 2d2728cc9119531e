// The HTTP face before strangers: what a browser gets, and what a hostile client does not.
import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { OpenByLinkRequestSchema } from '../../web/src/gen/assize/session/v1/session_pb.js';
import { expect, test } from '../support/fixtures.ts';
import { RawConnection, request } from '../support/http.ts';
import { eventually } from '../support/processes.ts';
import type { Server } from '../support/server.ts';
import { call, callOpen, refused } from '../support/session.ts';

const OPEN = '/assize.session.v1.SessionService/OpenByLink';

function post(server: Server, body: Uint8Array, framing: string): Buffer {
  const head = [
    `POST ${OPEN} HTTP/1.1`,
    `Host: localhost:${server.port}`,
    `Origin: ${server.url}`,
    'Content-Type: application/proto',
    'Connect-Protocol-Version: 1',
    framing,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

const wrongLink = toBinary(
  OpenByLinkRequestSchema,
  create(OpenByLinkRequestSchema, { token: 'A'.repeat(43) }),
);

test('tells its health', async ({ server }) => {
  const health = await request(`${server.url}/healthz`);
  expect(health.status).toBe(200);
  expect(JSON.parse(health.body.toString())).toMatchObject({ ok: true });
});

test('shows its numbers to the addresses that may see them, and to no other', async ({
  server,
}) => {
  // The caller's address is one of 127/8 but not 127.0.0.1, the only one allowed.
  expect((await request(`${server.url}/metrics`)).status).toBe(404);
  const metrics = await request(`${server.url}/metrics`, { from: '127.0.0.1' });
  expect(metrics.status).toBe(200);
  expect(metrics.body.toString()).toMatch(/^assize_hearings \d+$/m);
});

test('serves the pages with the headers that keep them safe', async ({ server }) => {
  const page = await request(`${server.url}/`);
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toContain('text/html');
  const policy = page.headers['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe-inline');
  expect(policy).not.toContain('unsafe-eval');
  expect(page.headers['strict-transport-security']).toMatch(/max-age=\d{8}/);
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  expect(page.headers['referrer-policy']).toBe('no-referrer');
  expect(page.headers['server']).toBeUndefined();
});

test('serves assets compressed, immutable, in ranges and not twice', async ({ server }) => {
  const page = (await request(`${server.url}/`)).body.toString();
  const script = /\/assets\/[^"]+\.js/.exec(page)?.[0];
  expect(script).toBeDefined();
  const url = `${server.url}${script}`;
  const plain = await request(url);
  expect(plain.headers['cache-control']).toContain('immutable');
  const brotli = await request(url, { headers: { 'Accept-Encoding': 'br' } });
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotli.body.length).toBeLessThan(plain.body.length);
  const part = await request(url, { headers: { Range: 'bytes=10-19' } });
  expect(part.status).toBe(206);
  expect(part.body).toEqual(plain.body.subarray(10, 20));
  expect(part.headers['content-range']).toBe(`bytes 10-19/${plain.body.length}`);
  const again = await request(url, {
    headers: { 'If-None-Match': String(plain.headers['etag']) },
  });
  expect(again.status).toBe(304);
  expect(again.body.length).toBe(0);
});

test('gives the page for its own addresses and nothing outside its folder', async ({ server }) => {
  const deep = await request(`${server.url}/hearing`);
  expect(deep.status).toBe(200);
  expect(deep.headers['content-type']).toContain('text/html');
  expect((await request(`${server.url}/assets/none.js`)).status).toBe(404);
  for (const path of ['/../../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd']) {
    const connection = await RawConnection.open(server.port);
    connection.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await eventually('the connection ends', 5_000, () => connection.closed);
    expect(connection.text).not.toContain('root:');
  }
});

test('refuses a call from another site', async ({ server, hearing }) => {
  const token = new URL(hearing.links.witness).hash.slice(1);
  const answer = await callOpen(server.url, token, { Origin: 'https://evil.example' });
  expect(refused(answer)).toMatchObject({ status: 403, code: 'origin_refused' });
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test('refuses a body of another type, a form above all', async ({ server }) => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const answer = await callOpen(server.url, 'A'.repeat(43), { 'Content-Type': type });
    expect(refused(answer)).toMatchObject({ status: 415, code: 'unsupported_type' });
  }
});

test('refuses another method and an unknown service', async ({ server }) => {
  expect((await request(`${server.url}${OPEN}`)).status).toBe(405);
  const answer = await call(server.url, 'Nothing', new Uint8Array());
  expect(refused(answer)).toMatchObject({ status: 404, code: 'not_found' });
});

test('refuses a body that is no message', async ({ server }) => {
  const answer = await call(server.url, 'OpenByLink', Buffer.from('ffffffffffff', 'hex'));
  expect(refused(answer)).toMatchObject({ status: 400, code: 'malformed' });
});

test('refuses a text that is not UTF-8', async ({ server }) => {
  const answer = await call(server.url, 'OpenByLink', Buffer.from('0a04c3283031', 'hex'));
  expect(refused(answer)).toMatchObject({ status: 400, code: 'malformed' });
});

test('refuses a body over the limit before it has come', async ({ server }) => {
  const connection = await RawConnection.open(server.port);
  connection.write(post(server, Buffer.alloc(0), 'Content-Length: 999999999'));
  await connection.says('\r\n\r\n');
  expect(connection.text).toMatch(/^HTTP\/1.1 413/);
  connection.close();
});

test('ends a connection whose headers are too long', async ({ server }) => {
  const connection = await RawConnection.open(server.port);
  connection.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`);
  await eventually('the connection ends', 5_000, () => connection.closed);
  expect(connection.text).not.toContain('HTTP/1.1 200');
  expect(await server.healthy()).toBe(true);
});

test('reads a chunked body', async ({ server }) => {
  const half = Math.floor(wrongLink.length / 2);
  const chunk = (part: Uint8Array) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
  const body = Buffer.concat([
    chunk(wrongLink.subarray(0, half)),
    chunk(wrongLink.subarray(half)),
    Buffer.from('0\r\n\r\n'),
  ]);
  const connection = await RawConnection.open(server.port);
  connection.write(post(server, body, 'Transfer-Encoding: chunked'));
  await connection.says('link_unknown');
  expect(connection.text).toMatch(/^HTTP\/1.1 404/);
  connection.close();
});

test('refuses broken chunks and a length beside them', async ({ server }) => {
  for (const [body, extra] of [
    ['zz\r\nnothing\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'],
    ['ffffffffffffffffff\r\n', 'Transfer-Encoding: chunked'],
    ['0\r\n\r\n', 'Transfer-Encoding: chunked\r\nContent-Length: 5'],
  ] as const) {
    const connection = await RawConnection.open(server.port);
    connection.write(post(server, Buffer.from(body), extra));
    await eventually('the connection ends', 5_000, () => connection.closed);
    expect(connection.text).not.toContain('HTTP/1.1 200');
  }
  expect(await server.healthy()).toBe(true);
});

test('answers pipelined calls without spinning', async ({ server }) => {
  const one = post(server, wrongLink, `Content-Length: ${wrongLink.length}`);
  const connection = await RawConnection.open(server.port);
  connection.write(Buffer.concat([one, one, one]));
  await connection.says('link_unknown');
  await eventually('the connection ends', 5_000, () => connection.closed);
  const before = server.cpuSeconds('assized');
  await delay(500);
  expect(server.cpuSeconds('assized') - before).toBeLessThan(0.2);
  expect(await server.healthy()).toBe(true);
});

test('lets nobody hold it up by sending slowly', async ({ server }) => {
  const slow: RawConnection[] = [];
  for (let i = 0; i < 30; i++) {
    const connection = await RawConnection.open(server.port);
    connection.write('POST /assize.session.v1.SessionService/OpenByLink HTTP/1.1\r\nHost: lo');
    slow.push(connection);
  }
  const began = performance.now();
  expect(await server.healthy()).toBe(true);
  expect(performance.now() - began).toBeLessThan(1_000);
  const drip = setInterval(() => slow.forEach((connection) => connection.write('c')), 1_000);
  await eventually('every slow connection is ended', 20_000, () =>
    slow.every((connection) => connection.closed),
  ).finally(() => clearInterval(drip));
});

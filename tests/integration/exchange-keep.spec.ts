// Organisations call again on the connection they have. What they send before its turn is not served, and costs nothing.
import { connect, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from '@playwright/test';
import {
  OpenRequestSchema,
  PullRequestSchema,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { admitTo, type Identity } from '../support/exchange.ts';
import { eventually } from '../support/processes.ts';
import { Server } from '../support/server.ts';

test.describe.configure({ mode: 'serial', timeout: 60_000 });

let center: Server;
let identity: Identity;

test.beforeAll(async () => {
  center = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
  identity = await admitTo(center, 'VN.TOA1');
});

test.afterAll(async () => {
  await center?.dispose();
});

/** What an organisation writes on one connection, and what comes back. */
class Line {
  received = '';
  closed = false;
  private readonly socket: TLSSocket;

  constructor() {
    const at = { port: center.port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'] };
    this.socket = connect({ ...at, rejectUnauthorized: false, ...identity });
    this.socket.on('data', (data: Buffer) => (this.received += data.toString('latin1')));
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('error', () => (this.closed = true));
  }

  write(...parts: Buffer[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  get answers(): number {
    return this.received.split('HTTP/1.1 200').length - 1;
  }

  async answered(count: number): Promise<void> {
    await eventually(`${count} answers`, 5_000, () => this.answers === count);
  }

  async ended(what = 'this'): Promise<void> {
    await eventually(`the connection ends after ${what}`, 15_000, () => this.closed);
  }

  close(): void {
    this.socket.destroy();
  }
}

function post(method: string, body: Uint8Array, ...lines: string[]): Buffer {
  const head = [
    `POST /assize.exchange.v1.ExchangeService/${method} HTTP/1.1`,
    ...['Host: localhost', 'Content-Type: application/proto', 'Connect-Protocol-Version: 1'],
    ...(lines.length > 0 ? lines : [`Content-Length: ${body.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

const open = (source = 'VN.TOA1', ...lines: string[]) =>
  post('Open', toBinary(OpenRequestSchema, create(OpenRequestSchema, { source })), ...lines);
const pull = (waitMs: number) => {
  const request = create(PullRequestSchema, { source: 'VN.TOA1', waitMs });
  return post('Pull', toBinary(PullRequestSchema, request));
};

test('one call after the other is answered, a refused one too', async () => {
  const line = new Line();
  for (let calls = 1; calls <= 20; calls++) {
    line.write(open());
    await line.answered(calls);
  }
  line.write(open('VN.TOA2'));
  await eventually('it is refused', 5_000, () => line.received.includes('foreign_source'));
  line.write(open());
  await line.answered(21);
  expect(line.received).not.toContain('Connection: close');
  expect(line.closed).toBe(false);
  line.close();
});

test('a call that says so is the last, and so is one whose length is not said', async () => {
  const body = toBinary(OpenRequestSchema, create(OpenRequestSchema, { source: 'VN.TOA1' }));
  const chunk = `${body.length.toString(16)}\r\n`;
  const packed = Buffer.concat([Buffer.from(chunk), body, Buffer.from('\r\n0\r\n\r\n')]);
  const last = [
    open('VN.TOA1', `Content-Length: ${body.length}`, 'Connection: close'),
    post('Open', packed, 'Transfer-Encoding: chunked'),
  ];
  for (const call of last) {
    const line = new Line();
    line.write(call);
    await line.ended();
    expect(line.answers).toBe(1);
  }
});

test('what comes before its turn ends the connection, and no processor time is spent on it', async () => {
  const before = center.cpuSeconds('assized');
  for (const first of [open(), pull(3_000)]) {
    const line = new Line();
    line.write(first, open(), open());
    await line.ended();
    expect(line.answers).toBeLessThanOrEqual(1);
  }
  const waiting = new Line();
  waiting.write(pull(2_000));
  await delay(300);
  waiting.write(open()); // while the first is with the service
  await waiting.ended();
  expect(waiting.answers).toBeLessThanOrEqual(1);
  const extra = new Line();
  extra.write(open(), Buffer.from('\r\n'));
  await eventually('it is answered, or not', 5_000, () => extra.closed || extra.answers === 1);
  extra.close();
  expect(center.cpuSeconds('assized') - before).toBeLessThan(0.5);
});

test('a body that is not read to its end is no request', async () => {
  const line = new Line();
  line.write(open('VN.TOA1', 'Content-Length: 4194305'), open(), open());
  await eventually('it is refused', 5_000, () => line.received.includes('too_large'));
  await line.ended();
  expect(line.answers).toBe(0);
});

/** What is wrong with the chunks that a body comes in, and header lines beside them. */
const CHUNKS: [what: string, body: string, ...lines: string[]][] = [
  ['a length that is none', 'zz\r\nnothing\r\n0\r\n\r\n'],
  ['a length below nothing', '-5\r\nabcde\r\n0\r\n\r\n'],
  ['a length that no number holds', 'ffffffffffffffffff\r\n'],
  ['a length over the limit', '7fffffff\r\n'],
  ['no end after what was said', '3\r\nabcdefgh\r\n0\r\n\r\n'],
  ['a length beside them', '0\r\n\r\n', 'Content-Length: 5'],
  ['an extension that does not end', `5;${'a'.repeat(200_000)}`],
  ['a length that does not end', '0'.repeat(200_000)],
  ['a trailer that does not end', `0\r\n${'X-More: a\r\n'.repeat(20_000)}`],
];

test('chunks that are none are no body, and end the connection', async () => {
  const before = center.cpuSeconds('assized');
  const sent = CHUNKS.map(([what, body, ...lines]) => {
    const line = new Line();
    line.write(post('Open', Buffer.from(body), 'Transfer-Encoding: chunked', ...lines), open());
    return { what, line };
  });
  for (const { what, line } of sent) {
    await line.ended(what);
    expect(line.received, what).toMatch(/^HTTP\/1.1 4(00|13) /);
    expect(line.answers, what).toBe(0);
  }
  expect(center.cpuSeconds('assized') - before).toBeLessThan(2);
});

test('a body in a hundred thousand chunks is read as one', async () => {
  const before = center.cpuSeconds('assized');
  const request = toBinary(OpenRequestSchema, create(OpenRequestSchema, { source: 'VN.TOA1' }));
  const filler = Buffer.alloc(100_000, Buffer.from([0xf2, 0x3f, 0x01, 0x61])); // a field nobody knows
  const body = Buffer.concat([request, filler]);
  const chunks = Array.from(body, (byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
  const line = new Line();
  line.write(
    post('Open', Buffer.concat(chunks), 'Transfer-Encoding: chunked'),
    Buffer.from('0\r\n\r\n'),
  );
  await line.ended('many chunks');
  expect(line.answers).toBe(1);
  expect(center.cpuSeconds('assized') - before).toBeLessThan(2);
});

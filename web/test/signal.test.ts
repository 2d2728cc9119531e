import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import {
  ClientMessageSchema,
  ServerMessageSchema,
  type ClientMessage,
} from '../src/gen/assize/signal/v1/signal_pb.js';
import { Refused } from '../src/lib/refusal.ts';
import { Signal, type LinkState } from '../src/lib/signal.ts';

/** The server's end of the line, as far as the client can tell. */
class Line {
  static readonly OPEN = 1;
  static all: Line[] = [];
  readonly url: string;
  readyState = 0;
  binaryType = '';
  sent: ClientMessage[] = [];
  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (event: { data: ArrayBuffer }) => void;

  constructor(url: string) {
    this.url = url;
    Line.all.push(this);
  }

  send(bytes: Uint8Array): void {
    this.sent.push(fromBinary(ClientMessageSchema, bytes));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = Line.OPEN;
    this.onopen?.();
  }

  break(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  say(message: MessageInitShape<typeof ServerMessageSchema>): void {
    const bytes = toBinary(ServerMessageSchema, create(ServerMessageSchema, message));
    this.onmessage?.({ data: bytes.slice().buffer });
  }

  commands() {
    return this.sent.flatMap(({ requestId, request }) =>
      request.case === 'command' ? [{ requestId, id: request.value.commandId }] : [],
    );
  }
}

const snapshot = { response: { case: 'snapshot' as const, value: { seq: 1n } } };
const lastLine = (): Line => Line.all.at(-1) ?? assert.fail('no connection was made');

let states: LinkState[];
let signal: Signal;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  Object.assign(globalThis, { WebSocket: Line });
  Line.all = [];
  states = [];
  const host = {
    query: () => new URLSearchParams({ media: '1' }),
    receive: () => undefined,
    linkChanged: (state: LinkState) => states.push(state),
    pong: () => undefined,
    seenSeq: () => 1n,
  };
  signal = new Signal(host, 'wss://court/signal');
  signal.start();
  lastLine().open();
  lastLine().say(snapshot);
});

afterEach(() => {
  signal.stop();
  mock.timers.reset();
});

test('is up at the first word of the server', () => {
  assert.deepEqual(
    states.map(({ kind }) => kind),
    ['opening', 'up'],
  );
});

test('sends an unanswered command again, under the same id, on the next connection', async () => {
  const done = signal.command({ case: 'raiseHand', value: {} });
  const [before] = lastLine().commands();
  lastLine().break();
  assert.equal(states.at(-1)?.kind, 'down');
  mock.timers.tick(250);
  lastLine().open();
  const [after] = lastLine().commands();
  assert.equal(Line.all.length, 2);
  assert.equal(after?.id, before?.id);
  lastLine().say({
    inReplyTo: after?.requestId ?? 0n,
    response: { case: 'done', value: { seq: 7n } },
  });
  assert.equal(await done, 7n);
});

test('gives a refusal to whoever asked', async () => {
  const asked = signal.command({ case: 'start', value: {} });
  const inReplyTo = lastLine().commands()[0]?.requestId ?? 0n;
  const value = { code: 'wrong_status', vi: 'Không.', en: 'No.' };
  lastLine().say({ inReplyTo, response: { case: 'refusal', value } });
  await assert.rejects(
    asked,
    (error) => error instanceof Refused && error.sentence('vi') === 'Không.',
  );
});

test('gives up a command that is never answered', async () => {
  const asked = signal.command({ case: 'raiseHand', value: {} });
  mock.timers.tick(30000);
  await assert.rejects(asked, (error) => error instanceof Refused && error.code === 'unanswered');
});

test('does not come back by itself after an eviction', () => {
  lastLine().say({ response: { case: 'evicted', value: { reason: { code: 'other_device' } } } });
  mock.timers.tick(60000);
  assert.equal(Line.all.length, 1);
  assert.equal(states.at(-1)?.kind, 'evicted');
  signal.start();
  assert.equal(Line.all.length, 2);
});

test('comes back when a draining server said to', () => {
  lastLine().say({ response: { case: 'reconnect', value: { afterMs: 2000 } } });
  mock.timers.tick(1900);
  assert.equal(Line.all.length, 1);
  mock.timers.tick(400);
  assert.equal(Line.all.length, 2);
});

test('takes a long silence for a lost connection, lost when it fell silent', () => {
  const heardAtMs = Date.now();
  mock.timers.tick(15000);
  const state = states.find(({ kind }) => kind === 'down');
  assert.ok(state?.kind === 'down' && state.sinceMs === heardAtMs);
});

test('remembers since when it has been down while attempts fail', () => {
  lastLine().break();
  const first = states.at(-1);
  mock.timers.tick(250);
  lastLine().break();
  const second = states.at(-1);
  assert.ok(first?.kind === 'down' && second?.kind === 'down');
  assert.equal(second.sinceMs, first.sinceMs);
});

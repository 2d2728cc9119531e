import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { MonitorService, ProgressResponseSchema } from '../src/gen/assize/monitor/v1/monitor_pb.js';
import { RefusalSchema } from '../src/gen/assize/signal/v1/signal_pb.js';
import { asRefusal } from '../src/lib/refusal.ts';
import { stream } from '../src/lib/stream.ts';

const realFetch = globalThis.fetch;
afterEach(() => void (globalThis.fetch = realFetch));

function envelope(flags: number, bytes: Uint8Array): number[] {
  const { length } = bytes;
  return [
    flags,
    length >>> 24,
    (length >>> 16) & 255,
    (length >>> 8) & 255,
    length & 255,
    ...bytes,
  ];
}

const message = (courts: number) =>
  envelope(0, toBinary(ProgressResponseSchema, create(ProgressResponseSchema, { courts })));
const end = (said: object) => envelope(2, new TextEncoder().encode(JSON.stringify(said)));

/** The server answers with these bytes, so many at a time. */
function answer(bytes: number[], atOnce: number): void {
  globalThis.fetch = () =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          start(out) {
            for (let i = 0; i < bytes.length; i += atOnce)
              out.enqueue(Uint8Array.from(bytes.slice(i, i + atOnce)));
            out.close();
          },
        }),
      ),
    );
}

async function read(): Promise<{ courts: number[]; code: string }> {
  const courts: number[] = [];
  try {
    const { signal } = new AbortController();
    for await (const one of stream(MonitorService.method.watch, {}, signal))
      courts.push(one.courts);
    return { courts, code: '' };
  } catch (error) {
    return { courts, code: asRefusal(error).code };
  }
}

test('reads messages however they were cut on their way', async () => {
  const bytes = [...message(389), ...message(0), ...message(7), ...end({})];
  for (const atOnce of [1, 2, 5, 6, 1000]) {
    answer(bytes, atOnce);
    assert.deepEqual(await read(), { courts: [389, 0, 7], code: '' });
  }
});

test('an end that is a refusal is that refusal', async () => {
  const packed = toBinary(RefusalSchema, create(RefusalSchema, { code: 'staff_not_signed_in' }));
  const value = Buffer.from(packed).toString('base64').replaceAll('=', '');
  answer([...message(1), ...end({ error: { code: 'unauthenticated', details: [{ value }] } })], 9);
  assert.deepEqual(await read(), { courts: [1], code: 'staff_not_signed_in' });
});

test('a stream that is torn, or says nonsense, is no end', async () => {
  answer([...message(1), ...message(2).slice(0, -1)], 3);
  assert.deepEqual(await read(), { courts: [1], code: 'unreachable' });
  answer([0, 255, 255, 255, 255, 1], 6);
  assert.deepEqual(await read(), { courts: [], code: 'unreachable' });
  answer(envelope(2, new TextEncoder().encode('{')), 6);
  assert.deepEqual(await read(), { courts: [], code: 'unreachable' });
});

test('asks as Connect has it', async () => {
  let asked: RequestInit | undefined;
  let where = '';
  globalThis.fetch = (input, init) => {
    where = String(input);
    asked = init;
    return Promise.resolve(new Response(Uint8Array.from(end({}))));
  };
  assert.deepEqual(await read(), { courts: [], code: '' });
  assert.equal(where, '/assize.monitor.v1.MonitorService/Watch');
  assert.equal(new Headers(asked?.headers).get('content-type'), 'application/connect+proto');
  assert.deepEqual([...(asked?.body as Uint8Array)], [0, 0, 0, 0, 0]);
});

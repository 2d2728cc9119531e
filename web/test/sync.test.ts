import { create, toBinary } from '@bufbuild/protobuf';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { SyncState, SyncStatusSchema } from '../src/gen/assize/exchange/v1/exchange_pb.js';
import { watchSync } from '../src/lib/sync.ts';

let answers: (SyncState | 'away')[];
let asked: number;
let told: SyncState[];
let end: () => void;

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds);
  for (let i = 0; i < 5; i++) await turn();
}

async function watch(...states: (SyncState | 'away')[]): Promise<void> {
  answers = states;
  end = watchSync((status) => told.push(status.state));
  await pass(0);
}

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  asked = 0;
  told = [];
  mock.method(globalThis, 'fetch', () => {
    const state = answers[asked++] ?? 'away';
    if (state === 'away') return Promise.reject(new TypeError('no network'));
    const body = toBinary(SyncStatusSchema, create(SyncStatusSchema, { state }));
    return Promise.resolve(new Response(body as Uint8Array<ArrayBuffer>));
  });
});

afterEach(() => {
  end();
  mock.restoreAll();
  mock.timers.reset();
});

test('asks again while the outcome waits, and not after it was received', async () => {
  await watch(SyncState.WAITING, SyncState.WAITING, SyncState.RECEIVED);
  await pass(2_000);
  await pass(2_000);
  await pass(60_000);
  assert.deepEqual(told, [SyncState.WAITING, SyncState.WAITING, SyncState.RECEIVED]);
  assert.equal(asked, 3);
});

test('asks no more when there is no centre, or it refused', async () => {
  for (const state of [SyncState.UNSPECIFIED, SyncState.REFUSED]) {
    const before = asked;
    await watch(...Array<SyncState>(before + 2).fill(state));
    await pass(60_000);
    assert.equal(asked, before + 1);
    end();
  }
});

test('asks again when the server did not answer', async () => {
  await watch('away', SyncState.RECEIVED);
  assert.deepEqual(told, []);
  await pass(10_000);
  assert.deepEqual(told, [SyncState.RECEIVED]);
});

test('says nothing after its end, whatever is still on its way', async () => {
  answers = [SyncState.WAITING];
  end = watchSync((status) => told.push(status.state));
  end();
  await pass(60_000);
  assert.deepEqual(told, []);
  assert.equal(asked, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { HearingViewSchema, RecordLamp, Right } from '../src/gen/assize/signal/v1/signal_pb.js';
import { vi } from '../src/lib/i18n/vi.ts';
import { nothing, type Knowledge } from '../src/lib/merge.ts';
import { lampTiding } from '../src/lib/tidings.ts';

const with_ = (record: RecordLamp, ...rights: Right[]): Knowledge => ({
  ...nothing,
  hearing: create(HearingViewSchema, { record }),
  rights: new Set(rights),
});

test('says it when the record begins, and once', () => {
  const on = with_(RecordLamp.ON);
  assert.deepEqual(lampTiding(with_(RecordLamp.STARTING), on, vi), [
    { text: vi.record.said.ON, urgent: false },
  ]);
  assert.deepEqual(lampTiding(on, on, vi), []);
});

test('tells the presiding judge what to do when the record fails', () => {
  const before = with_(RecordLamp.ON);
  assert.equal(lampTiding(before, with_(RecordLamp.FAILED), vi)[0]?.text, vi.record.said.FAILED);
  assert.deepEqual(lampTiding(before, with_(RecordLamp.FAILED, Right.CONDUCT), vi), [
    { text: vi.record.advice, urgent: true },
  ]);
});

test('does not say that nothing is recorded to somebody who just came in', () => {
  assert.deepEqual(lampTiding(nothing, with_(RecordLamp.OFF), vi), []);
});

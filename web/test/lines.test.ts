import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { Role, Status } from '../src/gen/assize/hearing/v1/hearing_pb.js';
import { RecordingSchema } from '../src/gen/assize/record/v1/recording_pb.js';
import { vi } from '../src/lib/i18n/vi.ts';
import { vi as of } from '../src/recordings/i18n/vi.ts';
import { asOf, endpointName, linesOf, momentAt } from '../src/recordings/lines.ts';

const COUNSEL = 5;
const words = { of, hearing: vi, lang: 'vi' as const };
const granted = { case: 'floorGranted' as const, value: { participant: COUNSEL } };

const recording = create(RecordingSchema, {
  status: Status.CLOSED,
  startMs: 0n,
  summary: { durationMs: 60_000n },
  people: [
    {
      participant: COUNSEL,
      name: 'Ngô Thị Hồng Vân',
      role: Role.DEFENCE_COUNSEL,
      endpoint: COUNSEL,
      formers: [{ untilSeq: 8n, name: 'Lê Hoàng Yến' }],
    },
  ],
  events: [
    { seq: 4n, atMs: 1_000n, body: granted },
    { seq: 9n, atMs: 9_000n, body: granted },
  ],
});

test('an event is told of whoever had the seat then', () => {
  const [before, after] = linesOf(recording, words).map(({ text }) => text);
  assert.match(before ?? '', /Lê Hoàng Yến$|Lê Hoàng Yến[^→]/);
  assert.doesNotMatch(before ?? '', /Vân/);
  assert.match(after ?? '', /Ngô Thị Hồng Vân/);
  assert.doesNotMatch(after ?? '', /Yến/);
});

test('a moment is of its last event', () => {
  const name = (atMs: number) =>
    endpointName(asOf(recording, momentAt(recording, atMs).seq), COUNSEL, words);
  assert.match(name(2_000), /Yến/);
  assert.doesNotMatch(name(2_000), /Vân/);
  assert.match(name(10_000), /Vân/);
});

test('a file of the whole is of all who had the seat, in order', () => {
  assert.match(endpointName(recording, COUNSEL, words), /Lê Hoàng Yến → Ngô Thị Hồng Vân$/);
});

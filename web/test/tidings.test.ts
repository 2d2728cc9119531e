import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  CallWitnessSchema,
  CutOffSchema,
  EnterPhaseSchema,
  EventSchema,
  LapseSchema,
  RemindSchema,
  Role,
  RuleOverriddenSchema,
  Standing,
  type Event,
} from '../src/gen/assize/hearing/v1/hearing_pb.js';
import {
  HearingViewSchema,
  RecordLamp,
  Right,
  SnapshotSchema,
} from '../src/gen/assize/signal/v1/signal_pb.js';
import { en } from '../src/lib/i18n/en.ts';
import { vi } from '../src/lib/i18n/vi.ts';
import { fromSnapshot, nothing, type Knowledge } from '../src/lib/merge.ts';
import { lampTiding, ownTiding, sentencesFor } from '../src/lib/tidings.ts';

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

const at = (body: Event['body']): Event => create(EventSchema, { seq: 1n, atMs: 0n, body });
const people = create(SnapshotSchema, {
  you: 1,
  yourEndpoint: 1,
  participants: [
    { id: 1, name: 'An', role: Role.DETENTION_OFFICER, endpoint: 1 },
    { id: 2, name: 'Bình', role: Role.DEFENDANT, endpoint: 1 },
    { id: 3, name: 'Chi', role: Role.WITNESS, endpoint: 2 },
  ],
  procedure: { phases: [{ title: { vi: 'Xét hỏi', en: 'Questioning' } }] },
});
const room = fromSnapshot(people);
const said = (body: Event['body']) => sentencesFor(at(body), room, room, vi, 'vi');

test('says to all before one device that somebody there is set apart', () => {
  const [tiding] = said({ case: 'cutOff', value: create(CutOffSchema, { participant: 2 }) });
  assert.deepEqual(tiding, { text: vi.tidings.apart.cutOff.you, urgent: true, chime: 'stop' });
});

test('tells everybody else calmly who is called to testify', () => {
  const [tiding] = said({
    case: 'witnessCalled',
    value: create(CallWitnessSchema, { participant: 3 }),
  });
  assert.deepEqual(tiding, { text: 'Người làm chứng Chi được gọi vào khai.', urgent: false });
});

test('names the phase that begins', () => {
  const [tiding] = said({ case: 'phaseEntered', value: create(EnterPhaseSchema, { phase: 1 }) });
  assert.equal(tiding?.text, 'Phiên tòa chuyển sang phần Xét hỏi.');
});

test('tells a witness of being apart, once', () => {
  assert.deepEqual(ownTiding(Standing.WAITING, Standing.SEQUESTERED, vi), [
    { text: vi.tidings.youSequestered, urgent: true, chime: 'turn' },
  ]);
  assert.deepEqual(ownTiding(Standing.SEQUESTERED, Standing.SEQUESTERED, vi), []);
});

test('tells of a rule that is set aside under which article it stands, and where the reason is', () => {
  const overridden = (article: string) =>
    said({
      case: 'ruleOverridden',
      value: create(RuleOverriddenSchema, { rule: 'quorum.clerk', article }),
    });
  assert.deepEqual(overridden('BLTTHS 288'), [
    {
      text: 'Chủ tọa quyết định khác quy định tại Điều 288 Bộ luật Tố tụng hình sự 2015. Lý do được ghi vào biên bản.',
      urgent: false,
    },
  ]);
  assert.equal(
    overridden('')[0]?.text,
    'Chủ tọa quyết định khác quy định. Lý do được ghi vào biên bản.',
  );
});

test('tells everybody when a suspension ends soon, and that it has ended', () => {
  const untilMs = BigInt(Date.UTC(2026, 10, 26, 2, 30)); // 09:30 in Viet Nam
  const reminded: Event['body'] = { case: 'reminded', value: create(RemindSchema, { untilMs }) };
  assert.deepEqual(said(reminded), [
    {
      text: 'Thời hạn tạm ngừng sẽ hết lúc 09:30, ngày 26 tháng 11 năm 2026.',
      urgent: false,
    },
  ]);
  assert.equal(
    sentencesFor(at(reminded), room, room, en, 'en')[0]?.text,
    'The time limit of the suspension ends at 09:30, 26 November 2026.',
  );
  assert.deepEqual(said({ case: 'lapsed', value: create(LapseSchema) }), [
    { text: vi.tidings.lapsed, urgent: true },
  ]);
});

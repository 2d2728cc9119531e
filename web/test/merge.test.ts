import { create } from '@bufbuild/protobuf';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Standing, Status } from '../src/gen/assize/hearing/v1/hearing_pb.js';
import { EventsSchema, SnapshotSchema } from '../src/gen/assize/signal/v1/signal_pb.js';
import { fromSnapshot, withEvents } from '../src/lib/merge.ts';

const known = fromSnapshot(
  create(SnapshotSchema, {
    seq: 5n,
    hearing: { status: Status.SCHEDULED },
    participants: [
      { id: 1, name: 'A', standing: Standing.IN_HEARING },
      { id: 2, name: 'B', standing: Standing.WAITING },
    ],
    you: 1,
    saving: true,
  }),
);

test('merges what changed by id and keeps the rest', () => {
  const merged = withEvents(
    known,
    create(EventsSchema, {
      events: [{ seq: 6n, body: { case: 'admitted', value: { participant: 2 } } }],
      participants: [{ id: 2, name: 'B', standing: Standing.IN_HEARING }],
    }),
  );
  assert.equal(merged.kind, 'merged');
  if (merged.kind !== 'merged') return;
  assert.equal(merged.knowledge.seq, 6n);
  assert.deepEqual(
    merged.knowledge.participants.map(({ id, standing }) => [id, standing]),
    [
      [1, Standing.IN_HEARING],
      [2, Standing.IN_HEARING],
    ],
  );
  assert.equal(merged.knowledge.hearing?.status, Status.SCHEDULED);
});

test('takes an event only once', () => {
  const events = create(EventsSchema, { events: [{ seq: 5n }] });
  assert.equal(withEvents(known, events).kind, 'known');
});

test('skips the events it has of a message that overlaps', () => {
  const merged = withEvents(known, create(EventsSchema, { events: [{ seq: 5n }, { seq: 6n }] }));
  assert.ok(merged.kind === 'merged' && merged.fresh.length === 1);
});

test('notices that an event is missing', () => {
  const events = create(EventsSchema, { events: [{ seq: 7n }] });
  assert.equal(withEvents(known, events).kind, 'gap');
});

test('takes views told anew without an event', () => {
  const restated = create(EventsSchema, { hearing: { status: Status.RECESS } });
  const merged = withEvents(known, restated);
  assert.ok(merged.kind === 'merged' && merged.knowledge.seq === 5n);
  assert.equal(merged.knowledge.hearing?.status, Status.RECESS);
});

test('keeps what was written, and the draft until it is told anew', () => {
  const paused = fromSnapshot(
    create(SnapshotSchema, {
      seq: 5n,
      words: [{ seq: 3n, words: 'Ghi chú' }],
      suspensionDraft: 'Dự thảo',
      adjournmentDraft: 'Dự thảo hoãn',
    }),
  );
  const merged = withEvents(
    paused,
    create(EventsSchema, { events: [{ seq: 6n }], words: [{ seq: 6n, words: 'Tóm tắt' }] }),
  );
  assert.equal(merged.kind, 'merged');
  if (merged.kind !== 'merged') return;
  assert.deepEqual([...merged.knowledge.words.values()], ['Ghi chú', 'Tóm tắt']);
  assert.equal(merged.knowledge.suspensionDraft, 'Dự thảo');
  assert.equal(merged.knowledge.adjournmentDraft, 'Dự thảo hoãn');
  const gone = withEvents(
    merged.knowledge,
    create(EventsSchema, { events: [{ seq: 7n }], suspensionDraft: '' }),
  );
  assert.equal(gone.kind === 'merged' && gone.knowledge.suspensionDraft, '');
});

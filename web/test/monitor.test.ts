import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { CaseRecordSchema } from '../src/gen/assize/cases/v1/cases_pb.js';
import {
  MinuteSchema,
  ProgressResponseSchema,
  SourceSchema,
  SourceState,
} from '../src/gen/assize/monitor/v1/monitor_pb.js';
import { ago, duration, figure } from '../src/monitor/figures.ts';
import { follow } from '../src/monitor/follow.ts';
import { hourOf, largestOf, quartersOf, ticksFor } from '../src/monitor/hour.ts';
import { en } from '../src/monitor/i18n/en.ts';
import { vi } from '../src/monitor/i18n/vi.ts';
import { explain } from '../src/monitor/reasons.ts';
import { changesOf, concernOf, found, inOrder, nameOf, totalsOf } from '../src/monitor/sources.ts';

const now = Date.UTC(2026, 10, 22, 2, 42, 10);
const minute = 60_000;
const thisMinute = Math.floor(now / minute) * minute;

const source = (code: string, init: MessageInitShape<typeof SourceSchema> = {}) =>
  create(SourceSchema, { code, nameVi: `Tòa án ${code}`, state: SourceState.LIVE, ...init });
const quiet = { state: SourceState.QUIET };
const progress = (...sources: ReturnType<typeof source>[]) =>
  create(ProgressResponseSchema, { sources });

test('writes numbers and spans as each language does', () => {
  assert.equal(figure(14_512_331n, 'vi'), '14.512.331');
  assert.equal(figure(14_512_331n, 'en'), '14,512,331');
  assert.equal(duration(340, 'vi'), '340 mili giây');
  assert.equal(duration(340, 'en', true), '340 ms');
  assert.equal(duration(1234, 'vi'), '1,2 giây');
  assert.equal(duration(1234, 'en'), '1.2 seconds');
  assert.equal(duration(90 * minute, 'vi'), '1,5 giờ');
});

test('says how long ago something was, never in the future', () => {
  assert.equal(ago(now - 12_400, now, 'vi'), '12 giây trước');
  assert.equal(ago(now + 5000, now, 'en'), '1 second ago');
  assert.equal(ago(now - 59_999, now, 'en'), '59 seconds ago');
  assert.equal(ago(now - minute, now, 'vi'), '1 phút trước');
  assert.equal(ago(now - 25 * 60 * minute, now, 'en'), '25 hours ago');
  assert.equal(ago(now - 49 * 60 * minute, now, 'vi'), '2 ngày trước');
});

test('lists trouble on top, and moves no row for a number that grows', () => {
  const rows = [
    source('D'),
    source('C', { state: SourceState.WITHDRAWN, rejected: 9n }),
    source('B', { state: SourceState.NEVER }),
    source('Z', { rejected: 1n }),
    source('Y', { rejected: 40n }),
    source('X', { ...quiet, flaggedMs: 5n }),
    source('W', quiet),
  ];
  const order = inOrder(rows, 'vi').map(({ code }) => code);
  assert.deepEqual(order, ['X', 'W', 'Y', 'Z', 'B', 'D', 'C']);
  const grown = rows.map((one) => ({
    ...one,
    records: one.records + 7n,
    rejected: one.rejected * 3n,
  }));
  assert.deepEqual(
    inOrder(grown, 'vi').map(({ code }) => code),
    order,
  );
  assert.equal(concernOf(source('C', { state: SourceState.WITHDRAWN, flaggedMs: 1n })), null);
});

test('regions are in the order of their numbers', () => {
  const rows = [source('A', { nameVi: 'khu vực 10' }), source('B', { nameVi: 'khu vực 2' })];
  assert.deepEqual(
    inOrder(rows, 'vi').map(({ code }) => code),
    ['B', 'A'],
  );
});

test('finds a court by name or code, with or without marks', () => {
  const rows = [
    source('TAND.01', { nameVi: 'Tòa án nhân dân thành phố Hà Nội' }),
    source('TAND.20', { nameVi: 'Tòa án nhân dân thành phố Đà Nẵng', nameEn: 'Da Nang City' }),
  ];
  const codes = (words: string) => found(rows, words).map(({ code }) => code);
  assert.deepEqual(codes('ha noi'), ['TAND.01']);
  assert.deepEqual(codes('  ĐÀ  nẵng '), ['TAND.20']);
  assert.deepEqual(codes('da city'), ['TAND.20']);
  assert.deepEqual(codes('tand.2'), ['TAND.20']);
  assert.deepEqual(codes(''), ['TAND.01', 'TAND.20']);
  assert.deepEqual(codes('huế'), []);
});

test('a source without a name is called by its code', () => {
  assert.equal(nameOf(create(SourceSchema, { code: 'VKSNDTC' }), 'en'), 'VKSNDTC');
});

test('adds up what there is, and names who is slowest of those connected', () => {
  const totals = totalsOf([
    source('A', { records: 5n, rejected: 1n, held: 2n, lagMs: 40n }),
    source('B', { records: 7n, lagMs: 90n }),
    source('C', { ...quiet, records: 1n, lagMs: 9000n }),
    source('D', { state: SourceState.NEVER }),
  ]);
  assert.equal(totals.records, 13n);
  assert.equal(totals.rejected, 1n);
  assert.equal(totals.held, 2n);
  assert.equal(totals.slowest?.source.code, 'B');
  assert.equal(totals.slowest?.lagMs, 90);
  assert.deepEqual(totals.concerns, { flagged: 0, quiet: 1, rejected: 1 });
  assert.equal(totals.never, 1);
  assert.equal(totalsOf([source('D')]).slowest, null);
});

test('tells of changes of state, not of numbers that grow', () => {
  const before = progress(
    source('A', { records: 1n, rejected: 1n }),
    source('B'),
    source('C', quiet),
  );
  const same = progress(
    source('A', { records: 9n, rejected: 2n }),
    source('B'),
    source('C', quiet),
  );
  assert.deepEqual(changesOf(before, same), []);
  const after = progress(
    source('A'),
    source('B', { ...quiet, flaggedMs: 3n }),
    source('C'),
    source('D'),
  );
  assert.deepEqual(
    changesOf(before, after).map((change) => [change.source.code, change.what]),
    [
      ['A', 'corrected'],
      ['B', 'quiet'],
      ['B', 'flagged'],
      ['C', 'live'],
      ['D', 'live'],
    ],
  );
});

test('an hour has sixty minutes, of which those without a record are empty', () => {
  const slots = hourOf(
    [
      create(MinuteSchema, { beginMs: BigInt(thisMinute), records: 3n, lagMs: 20n }),
      create(MinuteSchema, { beginMs: BigInt(thisMinute - 5 * minute), rejected: 1n }),
      create(MinuteSchema, { beginMs: BigInt(thisMinute - 60 * minute), records: 99n }),
    ],
    now,
  );
  assert.equal(slots.length, 60);
  assert.deepEqual(slots.at(-1), {
    beginMs: thisMinute,
    records: 3,
    rejected: 0,
    lagMs: 20,
    open: true,
  });
  assert.equal(slots[0]?.beginMs, thisMinute - 59 * minute);
  assert.equal(slots.at(-6)?.rejected, 1);
  assert.equal(slots.at(-6)?.lagMs, null);
  assert.equal(slots.filter(({ open }) => open).length, 1);
  assert.equal(largestOf(slots, ({ records }) => records)?.beginMs, thisMinute);
  assert.equal(
    largestOf(slots.slice(0, 9), ({ records }) => records),
    null,
  );
  for (const i of quartersOf(slots)) assert.equal(((slots[i]?.beginMs ?? 1) / minute) % 15, 0);
  assert.equal(quartersOf(slots).length, 4);
});

test('axes have round steps and reach above what they show', () => {
  assert.deepEqual(ticksFor(1553, 1), [0, 500, 1000, 1500, 2000]);
  assert.deepEqual(ticksFor(3, 1), [0, 1, 2, 3]);
  assert.deepEqual(ticksFor(0, 1), [0, 1]);
  assert.deepEqual(ticksFor(0.37, 0.1), [0, 0.1, 0.2, 0.3, 0.4]);
  for (let largest = 1; largest < 5000; largest += 7) {
    const ticks = ticksFor(largest, 1);
    assert.ok((ticks.at(-1) ?? 0) >= largest && ticks.length <= 6, String(largest));
    assert.ok(ticks.every(Number.isInteger), String(largest));
  }
});

/** The paths of every field that can be wrong, as the centre writes them. */
function pathsOf(message: DescMessage, before = ''): string[] {
  return message.fields.flatMap((field) => {
    const path = before ? `${before}.${field.name}` : field.name;
    return field.message ? pathsOf(field.message, path) : [path];
  });
}

test('every field of a case record has its words in both languages', () => {
  const paths = pathsOf(CaseRecordSchema);
  assert.ok(paths.includes('party.person.personal_number') && paths.length > 50);
  for (const path of [...paths, 'CaseRecord', 'party.Party', 'status']) {
    assert.ok(!explain(path, vi, 'vi').includes(path), path);
    assert.notEqual(explain(path, en, 'en'), en.wrongPath(path), path);
  }
});

test('every kind of record has its name, and an unknown reason is given as it came', () => {
  for (const { name } of CaseRecordSchema.fields.filter(({ oneof }) => oneof)) {
    assert.ok(vi.types[name] && en.types[name], name);
  }
  assert.equal(explain('future', en, 'en'), en.reasons.future);
  assert.ok(explain('party.shoe_size', vi, 'vi').includes('party.shoe_size'));
});

test('a stream that ends or falls silent is opened again, until there is enough', async () => {
  const told: number[] = [];
  const lost: unknown[] = [];
  let opened = 0;
  async function* open(signal: AbortSignal): AsyncGenerator<number> {
    opened++;
    yield opened;
    if (opened === 1) throw new Error('gone');
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
  await new Promise<void>((resolve) => {
    const following = follow(
      open,
      {
        told: (message) => void told.push(message),
        lost: (error, retryMs) => {
          lost.push(error);
          assert.ok(retryMs >= 125 && retryMs <= 250);
          if (lost.length === 3) resolve();
          else setTimeout(() => following.retryNow());
          return lost.length < 3;
        },
      },
      20,
    );
  });
  assert.deepEqual(told, [1, 2, 3]);
  assert.equal(String(lost[0]), 'Error: gone');
  assert.match(String(lost[1]), /AbortError/);
});

import { create } from '@bufbuild/protobuf';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Role, Stand, Standing } from '../src/gen/assize/hearing/v1/hearing_pb.js';
import {
  IncidentViewSchema,
  SnapshotSchema,
  StepViewSchema,
  StepView_Kind,
} from '../src/gen/assize/signal/v1/signal_pb.js';
import { vi as court } from '../src/court/i18n/vi.ts';
import { articleInFull } from '../src/lib/article.ts';
import { checksBySite, roleNames, ruleName, stepCommand } from '../src/court/law.ts';
import { lasting, lineOf, speechOf, stopwatch } from '../src/court/spans.ts';
import { callable, nextInPlace, nextOfStand } from '../src/court/stand.ts';
import { vi } from '../src/lib/i18n/vi.ts';
import { fromSnapshot } from '../src/lib/merge.ts';

test('says an article in full, whatever its form', () => {
  assert.equal(articleInFull('BLTTHS 306', vi), 'Điều 306 Bộ luật Tố tụng hình sự 2015');
  assert.equal(
    articleInFull('BLTTHS 254, 288', vi),
    'Các điều 254, 288 Bộ luật Tố tụng hình sự 2015',
  );
  assert.equal(articleInFull('TTLT 05/2021, 10', vi), 'Điều 10 Thông tư liên tịch 05/2021');
  assert.equal(articleInFull('Quy chế 7', vi), 'Quy chế 7');
});

test('names what a rule is about', () => {
  assert.equal(ruleName('phase.last_words.floor', court), court.override.rules.floor);
  assert.equal(ruleName('quorum.clerk', court), court.override.rules.quorum);
  assert.equal(ruleName('something.new', court), 'something.new');
});

test('says everyone for all roles, and names a few', () => {
  const all = Object.values(Role).filter(
    (role): role is Role => typeof role === 'number' && role > 0,
  );
  assert.equal(roleNames(all, vi, 'tất cả', 'vi'), 'tất cả');
  assert.equal(roleNames([Role.DEFENDANT, Role.VICTIM], vi, 'tất cả', 'vi'), 'bị cáo và bị hại');
});

test('asks for what the next step is', () => {
  const step = create(StepViewSchema, { kind: StepView_Kind.PHASE, phase: 5 });
  assert.deepEqual(stepCommand(step), { case: 'enterPhase', value: { phase: 5 } });
  assert.equal(stepCommand(create(StepViewSchema, {})), null);
});

test('keeps a speech clock that ends nothing', () => {
  assert.equal(speechOf(0, 0, 90_000).kind, 'open');
  assert.equal(speechOf(0, 100, 79_000).kind, 'within');
  assert.equal(speechOf(0, 100, 80_000).kind, 'near');
  assert.deepEqual(speechOf(0, 100, 130_000), { kind: 'over', spokenMs: 130_000, overMs: 30_000 });
  assert.equal(stopwatch(3_845_000), '1:04:05');
});

test('says how long something lasts in its two greatest units', () => {
  assert.equal(lasting(45_000, court), '45 giây');
  assert.equal(lasting(105_000, court), '1 phút 45 giây');
  assert.equal(lasting(4 * 86_400_000 + 9 * 3_600_000, court), '4 ngày 9 giờ');
});

test('puts every loss of connection on one line of time', () => {
  const incident = (fromMs: bigint, toMs: bigint) => create(IncidentViewSchema, { fromMs, toMs });
  const line = lineOf([incident(0n, 100_000n), incident(300_000n, 0n)], 400_000);
  assert.deepEqual([line.fromMs, line.toMs], [0, 400_000]);
  assert.deepEqual(
    line.losses.map(({ start, width, going }) => [start, width, going]),
    [
      [0, 0.25, false],
      [0.75, 0.25, true],
    ],
  );
});

const known = fromSnapshot(
  create(SnapshotSchema, {
    procedure: {
      phases: [{}, { call: [Role.WITNESS] }],
      undertakings: [{ roles: [Role.WITNESS] }, { roles: [Role.INTERPRETER] }],
    },
    hearing: {
      phase: 2,
      witness: 3,
      quorum: [
        { id: 'clerk', site: 1, met: true },
        { id: 'officer', site: 2, met: false },
        { id: 'defendant', site: 0, met: false },
      ],
    },
    participants: [
      { id: 1, role: Role.WITNESS, standing: Standing.IN_HEARING, stand: Stand.HEARD },
      { id: 2, role: Role.WITNESS, standing: Standing.SEQUESTERED },
      { id: 3, role: Role.WITNESS, standing: Standing.IN_HEARING, stand: Stand.UNDERTAKING },
      { id: 4, role: Role.EXPERT, standing: Standing.NOT_SIGNED_IN },
      { id: 5, role: Role.VICTIM, standing: Standing.IN_HEARING },
    ],
  }),
);

test('groups the conditions by site, the hearing as a whole last', () => {
  const groups = checksBySite(known, [1, 2]);
  assert.deepEqual(
    groups.map(({ site, met, unmet }) => [site, met.length, unmet.length]),
    [
      [1, 1, 0],
      [2, 0, 1],
      [0, 0, 1],
    ],
  );
});

test('offers those who wait to be called before those who were heard, and nobody else', () => {
  assert.deepEqual(
    callable(known).map(({ person, again }) => [person.id, again]),
    [
      [2, false],
      [1, true],
    ],
  );
});

test('knows the next step of a testimony', () => {
  const onStand = known.participants[2];
  assert.ok(onStand);
  assert.equal(nextOfStand(onStand)?.name, 'give');
  const heard = known.participants[0];
  assert.ok(heard);
  assert.equal(nextOfStand(heard), null);
});

test('takes the undertaking of who is called in no phase where they sit, and of nobody else', () => {
  const [witness] = known.participants;
  assert.ok(witness);
  const step = (role: Role, rest = {}) =>
    nextInPlace(known, { ...witness, stand: Stand.UNSPECIFIED, role, ...rest })?.name;
  assert.equal(step(Role.INTERPRETER), 'ask');
  assert.equal(step(Role.INTERPRETER, { stand: Stand.UNDERTAKING }), 'give');
  assert.equal(step(Role.INTERPRETER, { sworn: true }), undefined);
  assert.equal(step(Role.WITNESS), undefined);
  assert.equal(step(Role.VICTIM), undefined);
});

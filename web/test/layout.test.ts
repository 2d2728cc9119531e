import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, type Measures, type Row } from '../src/lib/layout.ts';

const measures: Measures = {
  width: 1000,
  height: 700,
  gap: 8,
  siteGap: 16,
  heading: 28,
  caption: 52,
};

const lines = (row: Row, tiles: number[]) =>
  Math.max(...row.sites.map(({ index, columns }) => Math.ceil((tiles[index] ?? 0) / columns)));

const heightOf = (rows: Row[], tiles: number[]) =>
  rows.reduce(
    (sum, row) => {
      const count = lines(row, tiles);
      const pictures = count * (row.pictureHeight + measures.caption) + (count - 1) * measures.gap;
      return sum + measures.heading + pictures;
    },
    (rows.length - 1) * measures.siteGap,
  );

const widthOf = (row: Row) =>
  row.sites.reduce(
    (sum, { columns }) => sum + columns * row.pictureWidth + (columns - 1) * measures.gap,
    (row.sites.length - 1) * measures.siteGap,
  );

const hearings = [[1], [2], [3, 1], [1, 1, 1], [3, 1, 3], [5, 1, 4, 2], [8, 1], [12, 2, 6, 6]];

test('shows every site once, in order', () => {
  for (const tiles of hearings) {
    const shown = arrange(tiles, measures).flatMap((row) => row.sites.map(({ index }) => index));
    assert.deepEqual(shown, [...tiles.keys()]);
  }
});

test('never needs more room than there is', () => {
  for (const tiles of hearings) {
    for (const [width, height] of [
      [1000, 700],
      [1408, 740],
      [620, 530],
      [300, 900],
    ]) {
      const rows = arrange(tiles, { ...measures, width: width ?? 0, height: height ?? 0 });
      assert.ok(heightOf(rows, tiles) <= (height ?? 0) || rows.every((r) => r.pictureHeight === 0));
      for (const row of rows) assert.ok(widthOf(row) <= (width ?? 0));
    }
  }
});

test('keeps every picture at a quarter or more of the largest', () => {
  for (const tiles of hearings) {
    const heights = arrange(tiles, measures).map((row) => row.pictureHeight);
    assert.ok(Math.min(...heights) * 2 >= Math.max(...heights), tiles.join());
  }
});

test('gives one person the whole stage', () => {
  const [row] = arrange([1], measures);
  assert.ok(row && row.pictureHeight > 500);
});

test('has nothing to arrange in an empty courtroom', () => {
  assert.deepEqual(arrange([], measures), []);
});

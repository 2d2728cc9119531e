import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOff } from '../src/lib/backoff.ts';
import { capital, clock, hourMinute, longDate } from '../src/lib/format.ts';
import { gradeOf } from '../src/lib/network.ts';

const opening = Date.UTC(2026, 10, 21, 2, 42, 10);

test('tells the time of Viet Nam wherever the device is', () => {
  assert.equal(clock(opening), '09:42:10');
  assert.equal(hourMinute(Date.UTC(2026, 10, 20, 17, 5)), '00:05');
});

test('writes a date as the court does', () => {
  assert.equal(longDate(opening, 'vi'), 'ngày 21 tháng 11 năm 2026');
  assert.equal(longDate(opening, 'en'), '21 November 2026');
});

test('gives a role its capital', () => {
  assert.equal(capital('đại diện'), 'Đại diện');
});

test('waits longer after each attempt, up to four seconds, never in step', () => {
  const longest = [0, 1, 2, 3, 4, 9].map((attempt) => backOff(attempt, () => 0));
  assert.deepEqual(longest, [250, 500, 1000, 2000, 4000, 4000]);
  assert.equal(
    backOff(0, () => 1),
    125,
  );
});

test('grades a connection by what is worst in it', () => {
  assert.equal(gradeOf(true, 20, 40), 'good');
  assert.equal(gradeOf(true, 120, 40), 'fair');
  assert.equal(gradeOf(true, 0, 900), 'bad');
  assert.equal(gradeOf(false, 0, 0), 'none');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeAsked } from '../src/recordings/place.ts';

test('an address leads to a moment of the recording', () => {
  assert.equal(placeAsked('?hearing=x&at=61500', 60_000, 10_000), 1500);
});

test('a moment outside the recording leads to its nearest end', () => {
  assert.equal(placeAsked('?at=5', 60_000, 10_000), 0);
  assert.equal(placeAsked('?at=999999', 60_000, 10_000), 10_000);
});

test('an address without a moment, or with none that is a number, leads to the start', () => {
  assert.equal(placeAsked('?hearing=x', 60_000, 10_000), 0);
  assert.equal(placeAsked('?at=noon', 60_000, 10_000), 0);
});

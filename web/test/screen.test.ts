import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Standing } from '../src/gen/assize/hearing/v1/hearing_pb.js';
import { screenFor, steps, type Standpoint } from '../src/lib/screen.ts';

const arrived: Standpoint = {
  asking: false,
  token: false,
  signedIn: true,
  stopped: false,
  patient: false,
  standing: Standing.NOT_SIGNED_IN,
  isCourt: false,
  step: 'introduction',
  returning: false,
};

test('asks for a link when nobody is signed in', () => {
  assert.equal(screenFor({ ...arrived, signedIn: false }), 'welcome');
  assert.equal(screenFor({ ...arrived, signedIn: false, token: true }), 'join');
});

test('leads step by step to the waiting room', () => {
  for (const step of steps) assert.equal(screenFor({ ...arrived, step }), step);
  assert.equal(
    screenFor({ ...arrived, step: 'declaration', standing: Standing.WAITING }),
    'waiting',
  );
});

test('keeps a witness who is apart in a waiting room', () => {
  assert.equal(screenFor({ ...arrived, standing: Standing.SEQUESTERED }), 'waiting');
});

test('leads the court past all steps but the check', () => {
  for (const step of steps) assert.equal(screenFor({ ...arrived, isCourt: true, step }), 'check');
});

test('puts the word of the server before what the browser remembers', () => {
  assert.equal(screenFor({ ...arrived, standing: Standing.IN_HEARING }), 'courtroom');
  assert.equal(screenFor({ ...arrived, standing: Standing.LEFT, step: 'rules' }), 'left');
});

test('leads who left and wants to come back through what is still to be declared', () => {
  const left: Standpoint = { ...arrived, standing: Standing.LEFT, step: 'rules' };
  assert.equal(screenFor({ ...left, returning: true }), 'rules');
});

test('waits for the first word of the server, but not for ever', () => {
  const unknown = { ...arrived, standing: Standing.UNSPECIFIED };
  assert.equal(screenFor({ ...unknown, patient: true }), 'opening');
  assert.equal(screenFor(unknown), 'introduction');
});

test('stops wherever one is when another device takes over', () => {
  const inside = { ...arrived, standing: Standing.IN_HEARING };
  assert.equal(screenFor({ ...inside, stopped: true }), 'stopped');
});

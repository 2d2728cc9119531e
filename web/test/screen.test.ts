import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Standing } from '../src/gen/assize/hearing/v1/hearing_pb.js';
import { screenFor, type Standpoint } from '../src/lib/screen.ts';

const arrived: Standpoint = {
  asking: false,
  token: false,
  signedIn: true,
  stopped: false,
  patient: false,
  standing: Standing.NOT_SIGNED_IN,
  isCourt: false,
  checked: false,
};

test('asks for a link when nobody is signed in', () => {
  assert.equal(screenFor({ ...arrived, signedIn: false }), 'welcome');
  assert.equal(screenFor({ ...arrived, signedIn: false, token: true }), 'join');
});

test('leads through the check and the rules to the waiting room', () => {
  assert.equal(screenFor(arrived), 'check');
  assert.equal(screenFor({ ...arrived, checked: true }), 'rules');
  assert.equal(screenFor({ ...arrived, checked: true, standing: Standing.WAITING }), 'waiting');
});

test('leads the court past the rules', () => {
  assert.equal(screenFor({ ...arrived, isCourt: true, checked: true }), 'check');
});

test('puts the word of the server before what the browser remembers', () => {
  assert.equal(screenFor({ ...arrived, standing: Standing.IN_HEARING }), 'courtroom');
  assert.equal(screenFor({ ...arrived, standing: Standing.LEFT, checked: true }), 'left');
});

test('waits for the first word of the server, but not for ever', () => {
  const unknown = { ...arrived, standing: Standing.UNSPECIFIED };
  assert.equal(screenFor({ ...unknown, patient: true }), 'opening');
  assert.equal(screenFor(unknown), 'check');
});

test('stops wherever one is when another device takes over', () => {
  const inside = { ...arrived, standing: Standing.IN_HEARING };
  assert.equal(screenFor({ ...inside, stopped: true }), 'stopped');
});

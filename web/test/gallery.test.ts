import { create } from '@bufbuild/protobuf';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Status } from '../src/gen/assize/hearing/v1/hearing_pb.js';
import { GalleryViewSchema } from '../src/gen/assize/signal/v1/signal_pb.js';
import { vi } from '../src/gallery/i18n/vi.ts';
import { galleryTidings, sceneFor } from '../src/gallery/scene.ts';

const view = (changes: object = {}) =>
  create(GalleryViewSchema, { status: Status.IN_SESSION, open: true, playing: true, ...changes });

test('shows a picture only while the gallery is open and the session public', () => {
  assert.equal(sceneFor(null, true), 'opening');
  assert.equal(sceneFor(view(), true), 'picture');
  assert.equal(sceneFor(view({ open: false }), true), 'shut');
  assert.equal(sceneFor(view({ private: true }), true), 'private');
  assert.equal(sceneFor(view({ status: Status.CLOSED }), true), 'ended');
});

test('goes on showing a delayed picture after the hearing went into recess', () => {
  assert.equal(sceneFor(view({ status: Status.RECESS }), true), 'picture');
  assert.equal(sceneFor(view({ status: Status.RECESS }), false), 'recess');
});

test('says why there is no picture', () => {
  assert.equal(sceneFor(view(), false), 'preparing');
  assert.equal(sceneFor(view({ status: Status.SCHEDULED }), false), 'before');
  assert.equal(sceneFor(view({ status: Status.SCHEDULED, open: false }), false), 'before');
  assert.equal(sceneFor(view({ status: Status.SUSPENDED }), false), 'suspended');
});

test('announces the doors at once and the delay calmly', () => {
  const said = (before: object, now: object) => galleryTidings(view(before), view(now), vi);
  assert.deepEqual(galleryTidings(null, view(), vi), []);
  assert.deepEqual(said({}, {}), []);
  assert.deepEqual(said({ open: false }, {}), [{ text: vi.said.opened, urgent: true }]);
  assert.deepEqual(said({}, { open: false }), [{ text: vi.said.shut, urgent: true }]);
  assert.deepEqual(said({}, { private: true }), [{ text: vi.said.private, urgent: true }]);
  assert.deepEqual(said({}, { delayS: 9 }), [{ text: vi.said.delay(9), urgent: false }]);
});

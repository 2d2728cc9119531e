// window.__assize: a read-only look at the page's state for tests and support. Nothing in the product reads it.
import { Standing, Status } from '../gen/assize/hearing/v1/hearing_pb.js';
import { statusOf } from './merge.ts';
import { app } from './state.svelte.ts';

const diagnostics = {
  get screen() {
    return app.screen;
  },
  get link() {
    return app.link.kind;
  },
  get mediaLink() {
    return app.media.link.kind;
  },
  get seq() {
    return Number(app.known.seq);
  },
  get status() {
    return Status[statusOf(app.known)];
  },
  get standing() {
    return Standing[app.standing];
  },
  get you() {
    return app.known.you;
  },
  get endpoint() {
    return app.known.yourEndpoint;
  },
  get leg() {
    return app.media.leg === undefined ? null : Number(app.media.leg);
  },
  get slots() {
    return Object.fromEntries(app.media.slots);
  },
  get pc() {
    return app.media.pc;
  },
  get muted() {
    return app.muted;
  },
};

export type Diagnostics = typeof diagnostics;

export function exposeDiagnostics(): void {
  Object.defineProperty(window, '__assize', { value: Object.freeze(diagnostics) });
}

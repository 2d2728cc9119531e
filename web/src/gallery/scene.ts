// What a viewer is to see, and what is said of a change: pure functions of what the server told.
import { Status } from '../gen/assize/hearing/v1/hearing_pb.js';
import { isOver } from '../lib/over.ts';
import type { GalleryView } from '../gen/assize/signal/v1/signal_pb.js';
import type { Tiding } from '../lib/tidings.ts';
import type { GalleryWords } from './i18n/vi.ts';

export type Scene =
  | 'opening' // nothing is known yet
  | 'before'
  | 'shut'
  | 'private'
  | 'recess'
  | 'suspended'
  | 'preparing' // open, and no picture has come yet
  | 'picture'
  | 'ended';

/**
 * A picture that flows is shown whatever the status: it comes later than the court's clock, and its own cards say what it shows.
 */
export function sceneFor(view: GalleryView | null, pictureFlows: boolean): Scene {
  if (!view) return 'opening';
  if (isOver(view.status)) return 'ended';
  if (view.private) return 'private';
  if (!view.open) return view.status === Status.SCHEDULED ? 'before' : 'shut';
  if (pictureFlows) return 'picture';
  switch (view.status) {
    case Status.SCHEDULED:
      return 'before';
    case Status.RECESS:
    case Status.DELIBERATING:
      return 'recess';
    case Status.SUSPENDED:
      return 'suspended';
    default:
      return 'preparing';
  }
}

/** What a screen reader says when the doors open or close; the status itself is in the heading. */
export function galleryTidings(
  before: GalleryView | null,
  now: GalleryView,
  words: GalleryWords,
): Tiding[] {
  if (!before) return [];
  const said: Tiding[] = [];
  if (now.private !== before.private) {
    said.push({ text: now.private ? words.said.private : words.said.public, urgent: true });
  } else if (now.open !== before.open && !isOver(now.status)) {
    said.push({ text: now.open ? words.said.opened : words.said.shut, urgent: true });
  }
  if (now.delayS !== before.delayS && now.open) {
    said.push({ text: words.said.delay(now.delayS), urgent: false });
  }
  return said;
}

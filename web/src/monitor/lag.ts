// How far behind its source the last batch of a source was.
import { SourceState, type Minute, type Source } from '../gen/assize/monitor/v1/monitor_pb.js';

/** In milliseconds; null while nothing has taken effect. A field that was not sent has its default on the prototype only. */
export const lagOf = (source: Source): number | null =>
  Object.hasOwn(source, 'lagMs') ? Number(source.lagMs) : null;

export const lagOfMinute = (minute: Minute): number | null =>
  Object.hasOwn(minute, 'lagMs') ? Number(minute.lagMs) : null;

/** Nobody here knows what a source has written since it was there last. */
export const lagIsKnown = (source: Source): boolean =>
  source.state !== SourceState.QUIET || source.batchNo === 0n;

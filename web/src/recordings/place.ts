// Where something is in a recording. Places are milliseconds from its start; what is on screen is a court's clock beside it.
import type { Gap, Recording } from '../gen/assize/record/v1/recording_pb.js';
import { Medium } from '../gen/assize/record/v1/recording_pb.js';

export interface Hole {
  fromMs: number;
  toMs: number;
  medium: 'AUDIO' | 'VIDEO' | 'BOTH';
}

/** 1:02:03, or 2:03 in a recording of less than an hour. */
export function placeText(ms: number, durationMs: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  if (durationMs < 3_600_000) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)}:${two(minutes)}:${two(seconds % 60)}`;
}

/** The place an address asks for by `at`, a moment in Unix milliseconds; the start when it asks for none. */
export function placeAsked(search: string, startMs: number, durationMs: number): number {
  const at = Number(new URLSearchParams(search).get('at') ?? startMs);
  return Number.isFinite(at) ? Math.min(Math.max(0, at - startMs), durationMs) : 0;
}

const holeOf = ({ fromMs, toMs, medium }: Gap): Hole => ({
  fromMs: Number(fromMs),
  toMs: Number(toMs),
  medium: medium === Medium.AUDIO ? 'AUDIO' : medium === Medium.VIDEO ? 'VIDEO' : 'BOTH',
});

/** What is missing in a file, without what is missing for everyone. */
export function holesOf(recording: Recording, file: string): { all: Hole[]; own: Hole[] } {
  const all = recording.gaps.map(holeOf);
  const own = (recording.files.find(({ name }) => name === file)?.gaps ?? [])
    .map(holeOf)
    .filter((hole) => !all.some(({ fromMs, toMs }) => hole.fromMs >= fromMs && hole.toMs <= toMs));
  return { all, own };
}

export const holeAt = (holes: Hole[], ms: number): Hole | undefined =>
  holes.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs - 250);

/**
 * The outline of the levels in a box of the given width and height, mirrored about its middle. 0 is loudest, 127 silence,
 * 255 not on record.
 */
export function outline(levels: Uint8Array, width: number, height: number): string {
  const quietest = 90; // what is less loud is drawn as nothing
  const middle = height / 2;
  const step = width / Math.max(1, levels.length);
  return Array.from(levels, (level, at) => {
    if (level >= quietest) return '';
    const half = ((quietest - level) / quietest) * (middle - 1);
    const top = (middle - half).toFixed(1);
    return `M${(at * step).toFixed(2)} ${top}h${step.toFixed(2)}V${(middle + half).toFixed(1)}h${(-step).toFixed(2)}z`;
  }).join('');
}

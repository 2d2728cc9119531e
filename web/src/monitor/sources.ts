// What of the sources has to be looked at, in which order they are listed, and what has changed since they were last told of.
import {
  SourceState,
  type ProgressResponse,
  type Source,
} from '../gen/assize/monitor/v1/monitor_pb.js';
import type { Lang } from '../lib/i18n/index.svelte.ts';
import { lagOf } from './lag.ts';

/** Worst first. */
export type Concern = 'flagged' | 'quiet' | 'rejected';

/** Courts are to be there at all times; another agency may only ask something now and then. */
const isMissed = ({ court, state }: Source): boolean => court && state === SourceState.QUIET;

export function concernOf(source: Source): Concern | null {
  const { state, flaggedMs, rejected } = source;
  if (state === SourceState.WITHDRAWN) return null;
  if (flaggedMs > 0n) return 'flagged';
  if (isMissed(source)) return 'quiet';
  return rejected > 0n ? 'rejected' : null;
}

export const isThere = ({ state }: Source): boolean =>
  state === SourceState.LIVE || state === SourceState.CATCHING_UP;

export const nameOf = (source: Source, lang: Lang): string =>
  (lang === 'vi' ? source.nameVi : source.nameEn) || source.code;

const ranks = { flagged: 0, quiet: 1, rejected: 2 };

function rankOf(source: Source): number {
  const concern = concernOf(source);
  if (concern) return ranks[concern];
  if (source.state === SourceState.NEVER) return 3;
  return source.state === SourceState.WITHDRAWN ? 5 : 4;
}

/** Trouble on top. By name within, so that no row moves for a number that grows. */
export function inOrder(sources: readonly Source[], lang: Lang): Source[] {
  const { compare } = new Intl.Collator(lang, { numeric: true });
  return [...sources].sort(
    (one, other) =>
      rankOf(one) - rankOf(other) ||
      compare(nameOf(one, lang), nameOf(other, lang)) ||
      compare(one.code, other.code),
  );
}

const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();

/** Whose name in either language or code has all these words, with or without their marks. */
export function found(sources: readonly Source[], words: string): Source[] {
  const wanted = folded(words).split(/\s+/).filter(Boolean);
  return sources.filter(({ code, nameVi, nameEn }) => {
    const text = folded(`${code} ${nameVi} ${nameEn}`);
    return wanted.every((word) => text.includes(word));
  });
}

export interface Totals {
  records: bigint;
  rejected: bigint;
  held: bigint;
  redacted: bigint;
  /** With the longest lag of those that are connected. */
  slowest: { source: Source; lagMs: number } | null;
  /** Of which nobody here can know how far behind they are. */
  away: number;
  concerns: Record<Concern, number>;
  never: number;
}

export function totalsOf(sources: readonly Source[]): Totals {
  const totals: Totals = {
    records: 0n,
    rejected: 0n,
    held: 0n,
    redacted: 0n,
    slowest: null,
    away: 0,
    concerns: { flagged: 0, quiet: 0, rejected: 0 },
    never: 0,
  };
  for (const source of sources) {
    totals.records += source.records;
    totals.rejected += source.rejected;
    totals.held += source.held;
    totals.redacted += source.redacted;
    if (source.state === SourceState.NEVER) totals.never++;
    const concern = concernOf(source);
    if (concern) totals.concerns[concern]++;
    if (isMissed(source)) totals.away++;
    const lagMs = isThere(source) ? lagOf(source) : null;
    if (lagMs !== null && lagMs >= (totals.slowest?.lagMs ?? 0)) totals.slowest = { source, lagMs };
  }
  return totals;
}

/** That a source is connected or not any more, flagged, or has rejected records or none any more. Not what only grows. */
export interface Change {
  source: Source;
  what: 'live' | 'catchingUp' | 'quiet' | 'withdrawn' | 'flagged' | 'rejected' | 'corrected';
}

const told = {
  [SourceState.UNSPECIFIED]: null,
  [SourceState.NEVER]: null,
  [SourceState.LIVE]: 'live',
  [SourceState.CATCHING_UP]: 'catchingUp',
  [SourceState.QUIET]: 'quiet',
  [SourceState.WITHDRAWN]: 'withdrawn',
} as const;

export function changesOf(before: ProgressResponse, after: ProgressResponse): Change[] {
  const known = new Map(before.sources.map((source) => [source.code, source]));
  return after.sources.flatMap((source) => {
    const was = known.get(source.code);
    const what: Change['what'][] = [];
    const state = told[source.state];
    if (state && was?.state !== source.state) what.push(state);
    if (source.flaggedMs > 0n && !was?.flaggedMs) what.push('flagged');
    if (source.rejected > 0n && !was?.rejected) what.push('rejected');
    if (source.rejected === 0n && was?.rejected) what.push('corrected');
    return what.map((one) => ({ source, what: one }));
  });
}

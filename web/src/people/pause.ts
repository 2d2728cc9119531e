// What to say while the hearing stands still, and outside the courtroom about how it stands. Pure.
import { PauseCause, Status } from '../gen/assize/hearing/v1/hearing_pb.js';
import { clock, longDate } from '../lib/format.ts';
import type { Lang } from '../lib/i18n/index.svelte.ts';
import type { Dictionary } from '../lib/i18n/vi.ts';
import { statusOf, type Knowledge } from '../lib/merge.ts';
import { siteName } from '../lib/names.ts';
import { decisionOf, endpointOf, stopCause } from '../lib/view.ts';
import type { PeopleWords } from './i18n/vi.ts';

export interface Card {
  title: string;
  sentences: string[];
  decision: string; // the words of the court, or ''
}

type Paused = Exclude<keyof PeopleWords['pause'] & keyof typeof Status, 'UNSPECIFIED'>;

/** The sentence about the site whose absence stopped the session, while that is why it stands still. */
export function lossSentence(known: Knowledge, words: PeopleWords): string {
  const endpoint = endpointOf(known, known.hearing?.pausedBy ?? 0);
  if (!endpoint) return '';
  const site = siteName(known, endpoint.site);
  const cause = stopCause(known.hearing?.pauseCause ?? PauseCause.UNSPECIFIED);
  if (cause !== 'lost') return words.pause[cause](site);
  if (endpoint.linkLostMs > 0n) return words.pause.lost(site, clock(Number(endpoint.linkLostMs)));
  return words.pause.back(site);
}

/** The card of a status in which nothing is seen and heard; undefined when something is. */
export function cardFor(known: Knowledge, words: PeopleWords, lang: Lang): Card | undefined {
  const status = statusOf(known);
  const named = words.pause[Status[status] as Paused] as
    { title: string; text: string } | undefined;
  if (!named) return undefined;
  const loss = status === Status.RECESS ? lossSentence(known, words) : '';
  if (loss) return { title: words.pause.paused, sentences: [loss], decision: '' };
  const sentences = [named.text];
  if (status === Status.SUSPENDED) sentences.push(...deadline(known, words, lang));
  const decided = status === Status.SUSPENDED || status === Status.ADJOURNED;
  return { title: named.title, sentences, decision: decided ? decisionOf(known) : '' };
}

function deadline({ hearing }: Knowledge, words: PeopleWords, lang: Lang): string[] {
  if (hearing?.lapsed) return [words.pause.lapsed];
  const until = Number(hearing?.suspendedUntilMs ?? 0n);
  return until > 0 ? [`${words.pause.until} ${words.pause.untilText(longDate(until, lang))}.`] : [];
}

/** How the hearing stands, for somebody who is not in the courtroom. */
export function statement(
  known: Knowledge,
  words: Dictionary,
  people: PeopleWords,
  lang: Lang,
): string {
  const loss = statusOf(known) === Status.RECESS ? lossSentence(known, people) : '';
  const name = Status[statusOf(known)] as keyof typeof Status;
  const [until = ''] = statusOf(known) === Status.SUSPENDED ? deadline(known, people, lang) : [];
  return loss || [words.waiting.statusText[name], until].filter(Boolean).join(' ');
}

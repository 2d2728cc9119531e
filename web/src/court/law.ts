// How the screens of the court read the procedure: phases, articles in full, the step that comes next. Pure.
import { Role } from '../gen/assize/hearing/v1/hearing_pb.js';
import {
  StepView_Kind,
  type CheckView,
  type PhaseView,
  type StepView,
  type Text,
} from '../gen/assize/signal/v1/signal_pb.js';
import type { Lang } from '../lib/i18n/index.svelte.ts';
import type { Dictionary } from '../lib/i18n/vi.ts';
import type { Knowledge } from '../lib/merge.ts';
import type { CommandBody } from '../lib/signal.ts';
import type { CourtWords } from './i18n/vi.ts';

export const inWords = (text: Text | undefined, lang: Lang): string => text?.[lang] ?? '';

/** Phases are numbered from 1. */
export const phaseOf = (knowledge: Knowledge, phase: number): PhaseView | undefined =>
  knowledge.procedure?.phases[phase - 1];

export const phaseNow = (knowledge: Knowledge): PhaseView | undefined =>
  phaseOf(knowledge, knowledge.hearing?.phase ?? 0);

/** What a rule is about, by its name: "quorum.ID", "phase.ID.WHAT", "suspension.days". */
export function ruleName(rule: string, words: CourtWords): string {
  const [first = '', , what = ''] = rule.split('.');
  return words.override.rules[first === 'phase' ? what : first] ?? rule;
}

/** Every role there is, in one word. */
export function roleNames(roles: Role[], words: Dictionary, everyone: string, lang: Lang): string {
  const all = Object.values(Role).filter((role) => typeof role === 'number').length - 1;
  if (new Set(roles).size >= all) return everyone;
  const names = roles.map((role) => words.roles[Role[role] as keyof typeof Role]);
  return new Intl.ListFormat(lang, { type: 'conjunction' }).format(names);
}

/** What the one button asks for. */
export function stepCommand(step: StepView): CommandBody | null {
  switch (step.kind) {
    case StepView_Kind.START:
      return { case: 'start', value: {} };
    case StepView_Kind.PHASE:
      return { case: 'enterPhase', value: { phase: step.phase } };
    case StepView_Kind.RESUME:
      return { case: 'resume', value: {} };
    case StepView_Kind.CLOSE:
      return { case: 'close', value: {} };
    case StepView_Kind.UNSPECIFIED:
      return null;
  }
}

export interface CheckGroup {
  site: number; // 0: the hearing as a whole
  unmet: CheckView[];
  met: CheckView[];
}

/** The conditions of the law, central point first, the hearing as a whole last. */
export function checksBySite(knowledge: Knowledge, sites: number[]): CheckGroup[] {
  const checks = knowledge.hearing?.quorum ?? [];
  return [...sites, 0].map((site) => {
    const here = checks.filter((check) => check.site === site);
    return {
      site,
      unmet: here.filter((check) => !check.met),
      met: here.filter((check) => check.met),
    };
  });
}

export const unmetCount = (knowledge: Knowledge): number =>
  (knowledge.hearing?.quorum ?? []).filter((check) => !check.met).length;

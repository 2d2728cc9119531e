// What is open on the court's own screen: the panel and its tab, at most one question at a time, and the layout that was chosen.
import { Status } from '../gen/assize/hearing/v1/hearing_pb.js';
import { Right } from '../gen/assize/signal/v1/signal_pb.js';
import { statusOf } from '../lib/merge.ts';
import { kept } from '../lib/kept.ts';
import { app } from '../lib/state.svelte.ts';

export type Tab = 'floor' | 'people' | 'quorum' | 'incidents' | 'minutes';
export type Layout = 'even' | 'speaker';
export type Stop = 'recess' | 'suspend' | 'adjourn' | 'close';
export type Question =
  | { kind: 'next' }
  | { kind: 'back'; phase: number }
  | { kind: Stop }
  | { kind: 'override' | 'screens' | 'keys' }
  | { kind: 'sequester' | 'cutOff' | 'summary' | 'identity'; person: number }; // 0: all of them

const wide = 1200; // px: from here on the panel stands beside the sites

class Bench {
  question = $state.raw<Question | null>(null);
  counting = $state(false); // down to the opening
  keysOn = $state(kept.device.get('keys') !== 'off');
  layout = $state<Layout>(kept.device.get('layout') === 'speaker' ? 'speaker' : 'even');
  private chosen = $state<Tab | null>(null);
  private folded = $state<boolean | null>(null);

  /** Beside the sites from the opening on, where there is room for it, unless it was folded away. */
  get panel(): boolean {
    const { innerWidth } = window;
    return !(this.folded ?? (innerWidth < wide || statusOf(app.known) === Status.SCHEDULED));
  }

  set panel(open: boolean) {
    this.folded = !open;
  }

  tabs = $derived<Tab[]>([
    ...(app.can(Right.NOTES) ? (['minutes'] as const) : []),
    'floor',
    'people',
    'quorum',
    'incidents',
  ]);
  tab = $derived<Tab>(
    this.chosen !== null && this.tabs.includes(this.chosen)
      ? this.chosen
      : (this.tabs[0] ?? 'floor'),
  );

  show(tab: Tab): void {
    this.chosen = tab;
    this.panel = true;
  }

  ask(question: Question): void {
    this.question = question;
  }

  answered(): void {
    this.question = null;
  }

  arrange(layout: Layout): void {
    this.layout = layout;
    kept.device.set('layout', layout);
  }

  useKeys(on: boolean): void {
    this.keysOn = on;
    kept.device.set('keys', on ? null : 'off');
  }
}

export const bench = new Bench();

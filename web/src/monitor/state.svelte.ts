// The one state of the page: where everybody is as the centre's stream last told, whether that is still told, and the source
// that is looked at closely.
import {
  MonitorService,
  type ProgressResponse,
  type Source,
  type SourceResponse,
} from '../gen/assize/monitor/v1/monitor_pb.js';
import { announcer } from '../lib/announce.svelte.ts';
import { language } from '../lib/i18n/index.svelte.ts';
import { asRefusal } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';
import { mustSignIn, StaffPage } from '../lib/staff-page.svelte.ts';
import { signInPage } from '../lib/staff.ts';
import { stream } from '../lib/stream.ts';
import { time } from '../lib/time.svelte.ts';
import { follow, type Following } from './follow.ts';
import { m } from './i18n/index.ts';
import { changesOf, nameOf } from './sources.ts';

const quietMs = 15_000; // the centre says something every 10 s
const blinkMs = 1500; // shorter than this the stream may be away without a word
/** To these the answer stays the same. */
const final = new Set(['staff_role', 'not_found']);
const saidAtOnce = 3; // changes that are told one by one

class Monitor extends StaffPage {
  protected readonly lookMs = 5000;
  private following: Following | undefined;

  progress = $state.raw<ProgressResponse | null>(null);
  /** Of this device's clock; 0 while the stream is open. */
  lostMs = $state(Date.now());
  retryMs = $state(0);
  /** The code of the source that is shown, or ''. */
  open = $state(codeOf(location.search));
  details = $state.raw<SourceResponse | null>(null);

  readonly live = $derived(
    this.progress !== null &&
      (this.lostMs === 0 || time.nowMs - time.ofDevice(this.lostMs) < blinkMs),
  );
  readonly toldAtMs = $derived(Number(this.progress?.nowMs ?? 0n));
  /** What is shown is as of this moment; it stands still while nothing is told. */
  readonly asOfMs = $derived(this.live ? Math.max(time.nowMs, this.toldAtMs) : this.toldAtMs);

  override async begin(): Promise<void> {
    window.addEventListener('popstate', () => this.show(codeOf(location.search)));
    window.addEventListener('online', () => this.retryNow());
    await super.begin();
    if (!this.member) return;
    const watch = (signal: AbortSignal) => stream(MonitorService.method.watch, {}, signal);
    this.following = follow(watch, this, quietMs);
  }

  told(progress: ProgressResponse): void {
    const before = this.progress;
    time.set(Number(progress.nowMs));
    this.lostMs = 0;
    this.progress = progress;
    if (before) this.tell(before, progress);
    if (before && this.open && differs(sourceOf(before, this.open), sourceOf(progress, this.open)))
      void this.look();
  }

  lost(error: unknown, retryMs: number): boolean {
    const why = asRefusal(error);
    if (this.lostMs === 0) this.lostMs = Date.now();
    this.retryMs = Date.now() + retryMs;
    if (mustSignIn(why)) location.assign(signInPage());
    else if (final.has(why.code)) this.refusal = why;
    else return true;
    return false;
  }

  retryNow(): void {
    this.following?.retryNow();
  }

  go(code: string): void {
    history.pushState(null, '', addressOf(code));
    this.show(code);
  }

  private show(code: string): void {
    this.open = code;
    this.details = null;
    this.refusal = null;
    this.staleMs = 0;
    void this.look();
  }

  protected async load(): Promise<void> {
    const { open } = this;
    if (!open) return;
    const details = await call(MonitorService.method.source, { code: open });
    if (open === this.open) this.details = details;
  }

  protected get shows(): boolean {
    return this.details !== null;
  }

  private tell(before: ProgressResponse, after: ProgressResponse): void {
    const changes = changesOf(before, after);
    if (changes.length > saidAtOnce) announcer.say(m().changed(changes.length));
    else
      for (const { what, source } of changes)
        announcer.say(m().changes[what](nameOf(source, language.code)));
  }
}

export const addressOf = (code: string): string =>
  code ? `/monitor?source=${encodeURIComponent(code)}` : '/monitor';

function codeOf(search: string): string {
  return new URLSearchParams(search).get('source') ?? '';
}

export const sourceOf = (progress: ProgressResponse | null, code: string): Source | undefined =>
  progress?.sources.find((one) => one.code === code);

/** In what its details would show. */
const differs = (one?: Source, other?: Source): boolean =>
  one?.batchNo !== other?.batchNo ||
  one?.rejected !== other?.rejected ||
  one?.held !== other?.held ||
  one?.state !== other?.state;

export const monitor = new Monitor();

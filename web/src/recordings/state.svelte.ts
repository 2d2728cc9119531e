// The recordings page: what there is, the one that is open, and the ticket to watch it.
import {
  FileCheck,
  FilesState,
  RecordingService,
  ViewKind,
  ViewReason,
  type Recording,
  type RecordingSummary,
  type View,
} from '../gen/assize/record/v1/recording_pb.js';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';

const lookAgainMs = 1500;

export interface Reason {
  reason: ViewReason;
  note: string;
}

class Recordings {
  list = $state.raw<RecordingSummary[] | null>(null);
  more = $state(false);
  hearing = $state(new URLSearchParams(location.search).get('hearing') ?? '');
  recording = $state.raw<Recording | null>(null);
  views = $state.raw<View[]>([]);
  viewsCut = $state(false);
  refusal = $state.raw<Refused | null>(null);
  ticket = $state('');
  file = $state('');
  levels = $state.raw<{ stepMs: number; levels: Uint8Array } | null>(null);
  private why: Reason | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  async begin(): Promise<void> {
    window.addEventListener('popstate', () =>
      this.show(new URLSearchParams(location.search).get('hearing') ?? ''),
    );
    await this.show(this.hearing);
  }

  /** Goes to a recording, or to the list. */
  async go(hearing: string): Promise<void> {
    history.pushState(null, '', hearing ? `/recordings?hearing=${hearing}` : '/recordings');
    await this.show(hearing);
  }

  private async show(hearing: string): Promise<void> {
    clearTimeout(this.timer);
    this.hearing = hearing;
    this.recording = null;
    this.ticket = '';
    this.file = '';
    this.levels = null;
    this.why = null;
    await (hearing ? this.look() : this.loadList());
  }

  private async tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await work();
      this.refusal = null;
      return done;
    } catch (error) {
      this.refusal = asRefusal(error);
      return undefined;
    }
  }

  async loadList(): Promise<void> {
    const said = await this.tried(() => call(RecordingService.method.list, {}));
    if (!said) return;
    this.list = said.recordings;
    this.more = said.more;
  }

  /** Looks at the recording, and again while something of it is under way. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    const hearing = this.hearing;
    const recording = await this.tried(() => call(RecordingService.method.get, { hearing }));
    if (this.hearing !== hearing || !recording) return;
    this.recording = recording;
    if (this.isBusy) this.timer = setTimeout(() => void this.look(), lookAgainMs);
    if (!this.file && recording.files[0]) await this.choose(recording.files[0].name);
    if (this.views.length === 0 || !this.ticket) await this.loadViews();
  }

  private get isBusy(): boolean {
    return (
      this.recording?.summary?.state === FilesState.MAKING ||
      (this.recording?.files.some(({ check }) => check === FileCheck.UNDER_WAY) ?? false)
    );
  }

  async loadViews(): Promise<void> {
    const { hearing } = this;
    const said = await this.tried(() => call(RecordingService.method.views, { hearing }));
    if (!said || this.hearing !== hearing) return;
    this.views = said.views;
    this.viewsCut = said.more;
  }

  async choose(file: string): Promise<void> {
    const { hearing } = this;
    this.file = file;
    this.levels = null;
    const said = await this.tried(() => call(RecordingService.method.levels, { hearing, file }));
    if (said && this.file === file) this.levels = said;
  }

  async render(): Promise<void> {
    const { hearing } = this;
    this.ticket = '';
    this.file = '';
    const started = await this.tried(() => call(RecordingService.method.render, { hearing }));
    if (started) await this.look();
  }

  /** Opens the recording to watch; the reason stays, for when the ticket has ended. */
  async watch(why: Reason): Promise<boolean> {
    const ticket = await this.open(ViewKind.WATCH, why);
    if (!ticket) return false;
    this.why = why;
    this.ticket = ticket;
    return true;
  }

  /** The ticket has ended, or the server was restarted: a further view for the same reason. */
  async watchAgain(): Promise<boolean> {
    await this.look();
    return this.why !== null && this.watch(this.why);
  }

  /** The address of the file, to be saved; "" when it was refused. */
  async download(file: string, why: Reason): Promise<string> {
    const ticket = await this.open(ViewKind.DOWNLOAD, why, file);
    return ticket ? this.address(file, ticket) : '';
  }

  private async open(kind: ViewKind, why: Reason, file?: string): Promise<string> {
    const { hearing } = this;
    const said = await this.tried(() =>
      call(RecordingService.method.open, { hearing, kind, file, ...why }),
    );
    if (said) void this.loadViews();
    return said?.ticket ?? '';
  }

  address(file: string, ticket: string): string {
    return `/recordings/${this.hearing}/${file}?ticket=${ticket}`;
  }
}

export const recordings = new Recordings();

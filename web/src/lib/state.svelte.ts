// The one state of the page: who is here (session), what is known of the hearing (knowledge), and the two connections. Screens
// read it and call its verbs; nothing else talks to the server.
import { create } from '@bufbuild/protobuf';
import {
  EndpointKind,
  Role,
  Standing,
  type Event,
  type ShareKind,
} from '../gen/assize/hearing/v1/hearing_pb.js';
import type { Session } from '../gen/assize/session/v1/session_pb.js';
import {
  AskHelpSchema,
  MediaAnswerSchema,
  OpenMediaSchema,
  ListenToRecordSchema,
  ResyncSchema,
  UseProgrammeSchema,
  type RecordLevel,
  type Right,
} from '../gen/assize/signal/v1/signal_pb.js';
import type { EndpointQuality, ServerMessage } from '../gen/assize/signal/v1/signal_pb.js';
import { announcer } from './announce.svelte.ts';
import { chimes } from './chimes.svelte.ts';
import { Devices } from './devices.svelte.ts';
import { language, t } from './i18n/index.svelte.ts';
import { kept } from './kept.ts';
import { prepareLeg } from './leg.ts';
import { lineOf, type Line } from './network.ts';
import { Media, type MediaHost } from './media.svelte.ts';
import { fromSnapshot, nothing, withEvents, type Knowledge } from './merge.ts';
import { asRefusal, type Refused } from './refusal.ts';
import { screenFor, steps, type Step } from './screen.ts';
import { currentSession, openByLink } from './session.ts';
import { Share, type ShareHost } from './share.svelte.ts';
import {
  Signal,
  type CommandBody,
  type CommandExtras,
  type LinkState,
  type SignalHost,
} from './signal.ts';
import { invites, lampTiding, ownTiding, sentencesFor } from './tidings.ts';
import { time } from './time.svelte.ts';
import { endpointOf, holdsFloor, isCourt, myself, personOf, seatsOf } from './view.ts';

const holdMs = 150; // of the first words, for an offer to come and be answered
const measurements = 10;
const measureEveryMs = 300;
const patienceMs = 1500; // for the first snapshot, before the equipment check is shown without it

/** That something was told to this device, and where its words stand. */
export interface Told {
  seq: bigint;
  atMs: number;
}

class AppState implements SignalHost, MediaHost, ShareHost {
  private asking = $state(true);
  private patient = $state(true);
  private hushed = $state(false); // muted here at once, before the server has said so
  private devicesStarted = false;
  private held: ServerMessage[] | null = null; // what came before the first offer was answered
  private readonly signal = new Signal(this);

  session = $state.raw<Session | null>(null);
  token = $state<string | null>(null);
  known = $state.raw<Knowledge>(nothing);
  link = $state.raw<LinkState>({ kind: 'idle' });
  roundTripMs = $state<number | null>(null);
  quality = $state.raw<ReadonlyMap<number, EndpointQuality>>(new Map());
  step = $state<Step>('introduction');
  declared = $state(0); // version of the court's rules this person has declared to keep, or 0
  invited = $state(false); // asked to switch the microphone on
  returning = $state(false); // left, and on the way in again
  sentBackAtMs = $state<number | null>(null);
  help = $state.raw<{ told: boolean; atMs: number } | null>(null); // of the last call for help
  summary = $state.raw<Told | null>(null); // what was told of the time somebody here was set apart
  refusal = $state.raw<Refused | null>(null); // of the last thing asked for
  busy = $state(0); // commands on their way
  refusedCommand: { body: CommandBody; more: CommandExtras } | null = null;
  thin = $state(kept.tab.get('thin') === 'yes'); // the programme feed instead of everybody
  listening = $state(false); // to the record instead of the live sound
  levels = $state.raw<RecordLevel[]>([]); // of the record, while listening
  private trips: number[] | null = null; // while the line is measured
  private wished = false; // the server knows of the two on this connection

  readonly devices = new Devices((tracks) => this.media.send(tracks));
  readonly media = new Media(this);
  readonly share = new Share(this);

  me = $derived(myself(this.known));
  standing = $derived(this.me?.standing ?? Standing.UNSPECIFIED);
  myEndpoint = $derived(endpointOf(this.known, this.known.yourEndpoint));
  companion = $derived(this.session?.endpointKind === EndpointKind.COMPANION);
  court = $derived(isCourt(this.session?.role ?? Role.UNSPECIFIED));
  mayShare = $derived(this.known.hearing?.mayShare ?? false);
  /** The device of a room that is not the court's: nobody before it signs in, and it is read from across the room. */
  kiosk = $derived(!this.court && this.session?.endpointKind === EndpointKind.ROOM);
  muted = $derived(this.hushed || (this.myEndpoint?.muted ?? true));
  screen = $derived(
    screenFor({
      asking: this.asking,
      token: this.token !== null,
      signedIn: this.session !== null,
      stopped: this.link.kind === 'evicted',
      patient: this.patient,
      standing: this.standing,
      isCourt: this.court,
      step: this.step,
      returning: this.returning,
    }),
  );

  /** What the page was opened with: a link's token in the fragment, or the cookie of an earlier visit. */
  async begin(): Promise<void> {
    this.token = takeToken() ?? kept.tab.get('token');
    window.addEventListener('hashchange', () => {
      this.token = takeToken() ?? this.token;
      if (this.token) this.goOut();
    });
    prepareLeg();
    if (!this.token) {
      const session = await currentSession().catch(() => null);
      if (session?.gallery) return location.replace('/gallery');
      if (session) this.comeIn(session);
    }
    this.asking = false;
  }

  /** The one button of the join screen: only now is the link used. */
  async join(): Promise<void> {
    if (!this.token) return;
    await this.ask(async () => {
      const session = await openByLink(this.token ?? '');
      this.token = null;
      kept.tab.set('token', null);
      if (session.gallery) return location.replace('/gallery');
      history.replaceState(null, '', '/');
      this.comeIn(session);
    });
  }

  /** Here again after another device had taken this one's place. */
  comeBack(): void {
    this.signal.start();
  }

  retryNow(): void {
    this.signal.start();
  }

  /** Camera and microphone, asked for by the first screen that needs them. */
  useDevices(): void {
    if (this.devicesStarted || this.companion) return;
    this.devicesStarted = true;
    void this.devices.start();
  }

  /** Some round trips, one after the other; null when none came back. */
  async measureLine(): Promise<Line | null> {
    const trips = (this.trips = []) as number[];
    for (let count = 0; count < measurements; count++) {
      this.signal.ping();
      await new Promise((resolve) => setTimeout(resolve, measureEveryMs));
    }
    this.trips = null;
    return trips.length > 0 ? lineOf(trips) : null;
  }

  /** Forth or back on the way to the waiting room. */
  goTo(step: Step): void {
    this.step = step;
    kept.tab.set(this.key('step'), step);
  }

  /** The court's rules of this version are read and will be kept. */
  declare(version: number): Promise<boolean> {
    this.declared = version;
    kept.tab.set(this.key('declared'), String(version));
    return this.checkIn();
  }

  /** In again after having left: through the rules first where they have not been declared, or have changed since. */
  async checkIn(): Promise<boolean> {
    const rules = this.court ? undefined : this.declared;
    this.returning = true;
    const done = await this.command({ case: 'checkIn', value: { rules } });
    if (!done && this.refusal?.code === 'declaration_needed') this.goTo('rules');
    else this.returning = false;
    return done;
  }

  readSummary(): void {
    this.summary = null;
    kept.tab.set(this.key('summary'), null);
  }

  can(right: Right): boolean {
    return this.known.rights.has(right);
  }

  /** Sends a command; a refusal is shown in the chosen language. True when it was done. */
  async command(body: CommandBody, more: CommandExtras = {}): Promise<boolean> {
    const done = await this.ask(() => this.signal.command(body, more));
    this.refusedCommand = done ? null : { body, more };
    return done;
  }

  /** What was refused last, once more: the rules that were shown are set aside for this reason. */
  async override(words: string): Promise<boolean> {
    if (!this.refusedCommand) return false;
    const { body, more } = this.refusedCommand;
    return this.command(body, { ...more, words, overrides: this.refusal?.law.overrides });
  }

  /** The same for whoever shows the outcome themselves: the seq of its last event, or throws Refused. */
  issue(body: CommandBody, more: CommandExtras = {}): Promise<bigint> {
    return this.signal.command(body, more);
  }

  /** Tells the officers who look after the hearings of the day; `help` says whether they were told. */
  async callHelp(words: string): Promise<void> {
    const told = await this.signal
      .request({ case: 'askHelp', value: create(AskHelpSchema, { words }) })
      .then(
        () => true,
        () => false,
      );
    this.help = { told, atMs: time.nowMs };
  }

  async useProgramme(on: boolean): Promise<void> {
    const done = await this.ask(() =>
      this.signal.request({ case: 'useProgramme', value: create(UseProgrammeSchema, { on }) }),
    );
    if (!done) return;
    this.thin = on;
    kept.tab.set('thin', on ? 'yes' : null);
  }

  async listen(on: boolean): Promise<void> {
    const done = await this.ask(() =>
      this.signal.request({ case: 'listenToRecord', value: create(ListenToRecordSchema, { on }) }),
    );
    if (!done) return;
    this.listening = on;
    this.levels = [];
  }

  async setMicrophone(on: boolean): Promise<void> {
    this.invited = false;
    this.hushed = !on;
    this.applySilence();
    if (on === !this.myEndpoint?.muted) return;
    await this.command(on ? { case: 'unmute', value: {} } : { case: 'mute', value: {} });
  }

  private async ask(work: () => Promise<unknown>): Promise<boolean> {
    this.busy += 1;
    try {
      await work();
      this.refusal = null;
      return true;
    } catch (error) {
      this.refusal = asRefusal(error);
      return false;
    } finally {
      this.busy -= 1;
    }
  }

  private comeIn(session: Session): void {
    this.session = session;
    const step = kept.tab.get(this.key('step'));
    this.step = steps.find((known) => known === step) ?? 'introduction';
    this.declared = Number(kept.tab.get(this.key('declared')) ?? 0);
    const [seq, atMs] = kept.tab.get(this.key('summary'))?.split('/') ?? [];
    this.summary = seq ? { seq: BigInt(seq), atMs: Number(atMs) } : null;
    this.patient = true;
    setTimeout(() => (this.patient = false), patienceMs);
    this.hold();
    this.signal.start();
  }

  /** Drawing the courtroom takes as long as connecting does: the offer is answered first, so that both go on at once. */
  private hold(): void {
    this.held = [];
    setTimeout(() => this.release(), holdMs);
  }

  private release(): void {
    const messages = this.held ?? [];
    this.held = null;
    for (const message of messages) this.receive(message);
  }

  /** A new link was opened in this tab: the person may be another. */
  private goOut(): void {
    this.signal.stop();
    this.releaseDevices();
    this.session = null;
    this.known = nothing;
    this.held = null;
    this.refusal = null;
  }

  private key(name: string): string {
    return `${name}.${this.session?.hearing}.${this.session?.participant}`;
  }

  // What the signalling connection asks and tells.

  query(): URLSearchParams {
    const query = new URLSearchParams({ media: '1' });
    if (this.known.seq > 0n) query.set('since', String(this.known.seq));
    if (this.media.leg !== undefined) query.set('leg', String(this.media.leg));
    return query;
  }

  seenSeq(): bigint {
    return this.known.seq;
  }

  linkChanged(state: LinkState): void {
    this.link = state;
    this.wished &&= state.kind === 'up';
    if (state.kind === 'evicted') this.releaseDevices();
  }

  pong(roundTripMs: number, serverMs: number): void {
    this.trips?.push(roundTripMs);
    this.roundTripMs = Math.round(roundTripMs);
    time.set(serverMs, roundTripMs);
  }

  receive(message: ServerMessage): void {
    const { response } = message;
    if (this.held && response.case !== 'mediaOffer') {
      this.held.push(message);
      return;
    }
    switch (response.case) {
      case 'snapshot':
        time.set(Number(response.value.serverMs));
        this.learn(fromSnapshot(response.value));
        break;
      case 'events': {
        const merged = withEvents(this.known, response.value);
        if (merged.kind === 'gap')
          this.signal.send({ case: 'resync', value: create(ResyncSchema) });
        if (merged.kind === 'merged') this.learn(merged.knowledge, merged.fresh);
        break;
      }
      case 'mediaOffer':
        this.media.offered(response.value);
        break;
      case 'mediaSlots':
        this.media.placed(response.value);
        break;
      case 'mediaState':
        this.media.told(response.value);
        break;
      case 'linkQuality':
        this.quality = new Map(response.value.endpoints.map((item) => [item.endpoint, item]));
        break;
      case 'recordLevels':
        this.levels = response.value.levels;
        break;
      case 'notice':
        this.known = {
          ...this.known,
          saving: response.value.saving,
          notSavingSinceMs: Number(response.value.sinceMs),
        };
        break;
    }
  }

  // What media asks of signalling.

  answer(leg: bigint, sdp: string): void {
    this.signal.send({ case: 'mediaAnswer', value: create(MediaAnswerSchema, { leg, sdp }) });
    this.release();
  }

  askForLeg(): void {
    this.signal.send({ case: 'openMedia', value: create(OpenMediaSchema) });
  }

  // What showing a document asks of both.

  showTrack(track: MediaStreamTrack | null): void {
    this.media.send({ share: track });
  }

  startShare(kind: ShareKind): Promise<boolean> {
    return this.command({ case: 'startShare', value: { kind } });
  }

  stopShare(): Promise<boolean> {
    return this.command({ case: 'stopShare', value: {} });
  }

  private learn(knowledge: Knowledge, fresh: Event[] = []): void {
    const before = this.known;
    const stood = this.standing;
    this.known = knowledge;
    if (stood === Standing.IN_HEARING && this.standing === Standing.WAITING) {
      this.sentBackAtMs = time.nowMs;
    } else if (this.standing !== Standing.WAITING) {
      this.sentBackAtMs = null;
    }
    for (const event of fresh) {
      this.invited = invites(event, knowledge, this.invited);
      this.hearSummary(event, knowledge);
    }
    if (fresh.length === 0 && this.speakingTurn) this.invited = true;
    const sentences = [
      ...ownTiding(stood, this.standing, t()),
      ...lampTiding(before, knowledge, t()),
      ...fresh.flatMap((event) => sentencesFor(event, before, knowledge, t(), language.code)),
    ];
    for (const { text, urgent, chime } of sentences) {
      announcer.say(text, urgent);
      if (chime) chimes.play(chime);
    }
    if (this.myEndpoint?.muted) this.hushed = false;
    else this.invited = false;
    this.applySilence();
    this.share.follow(knowledge.hearing?.sharer ?? 0, knowledge.yourEndpoint);
    if (this.standing === Standing.LEFT) this.releaseDevices();
    this.wish();
  }

  private hearSummary({ body, seq, atMs }: Event, { yourEndpoint }: Knowledge): void {
    if (body.case !== 'summaryTold') return;
    if (personOf(this.known, body.value.participant)?.endpoint !== yourEndpoint) return;
    this.summary = { seq, atMs: Number(atMs) };
    kept.tab.set(this.key('summary'), `${seq}/${atMs}`);
  }

  /** What this device asked for holds on a new connection, and after coming in again. */
  private wish(): void {
    const inside = this.standing === Standing.IN_HEARING;
    if (inside && !this.wished) {
      if (this.thin) void this.useProgramme(true);
      if (this.listening) void this.listen(true);
    }
    this.wished = inside;
  }

  private releaseDevices(): void {
    this.share.release();
    this.media.stop();
    this.devices.stop();
    this.devicesStarted = false;
  }

  private applySilence(): void {
    this.devices.silence(this.muted);
  }

  /** Someone at this device holds the floor. */
  private get speakingTurn(): boolean {
    const seat = seatsOf(this.known).find(
      ({ endpoint }) => endpoint.id === this.known.yourEndpoint,
    );
    return seat !== undefined && holdsFloor(this.known, seat);
  }
}

/** The token of /join#TOKEN, taken out of the address bar. Kept for a reload until the button is pressed. */
function takeToken(): string | null {
  if (location.pathname !== '/join' || location.hash.length < 2) return null;
  const token = location.hash.slice(1);
  history.replaceState(null, '', '/join');
  kept.tab.set('token', token);
  return token;
}

export const app = new AppState();

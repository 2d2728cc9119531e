// Picture and sound: the leg in use, the one that is to take its place (make before break), and who is in which slot. Goes on
// while signalling is away.
import {
  Feed,
  MediaState_State,
  type MediaOffer,
  type MediaSlot,
  type MediaSlots,
  type MediaState,
} from '../gen/assize/signal/v1/signal_pb.js';
import { backOff } from './backoff.ts';
import { Leg, type LegHost, type LocalTracks } from './leg.ts';
import { Levels } from './levels.ts';

const tickMs = 200;
const promoteAfterMs = 1500; // a connected leg into which nothing flows (everybody muted, nobody there) is good too
const establishMs = 8000; // a leg that is not up by then is asked for again
const patienceMs = 4000; // ICE may come back by itself for so long

export type MediaLink =
  | { kind: 'none' }
  | { kind: 'connecting'; sinceMs: number }
  | { kind: 'up' }
  | { kind: 'lost'; sinceMs: number; relayAway: boolean };

export interface MediaHost {
  answer(leg: bigint, sdp: string): void;
  askForLeg(): void;
}

/** Who is in a slot: an endpoint's number, or a negative one for a feed and for what somebody shows. */
export const programme = -Feed.PROGRAMME;
export const writtenRecord = -Feed.RECORD;
export const shared = -100;

const occupant = ({ endpoint, feed, share }: MediaSlot): number =>
  share ? shared : feed ? -feed : endpoint;

export interface Sound {
  key: string;
  stream: MediaStream;
}

export class Media implements LegHost {
  link = $state.raw<MediaLink>({ kind: 'none' });
  pictures = $state.raw<ReadonlyMap<number, MediaStream>>(new Map());
  sounds = $state.raw<readonly Sound[]>([]);
  speaking = $state.raw<ReadonlySet<number>>(new Set());
  soundBlocked = $state(false); // the browser wants a touch of the page first
  soundAttempt = $state(0);
  still = $state.raw<ReadonlySet<number>>(new Set());

  private readonly host: MediaHost;
  private readonly levels = new Levels();
  private tracks: LocalTracks = { audio: null, video: null, share: null };
  private current: Leg | null = null;
  private next: Leg | null = null;
  private connectedAtMs = 0;
  private offeredAtMs = 0;
  private asked = 0;
  private askTimer: ReturnType<typeof setTimeout> | undefined;
  private ticker: ReturnType<typeof setInterval> | undefined;

  constructor(host: MediaHost) {
    this.host = host;
  }

  /** The leg a reconnecting client still has, or undefined. */
  get leg(): bigint | undefined {
    return this.current && !this.current.failed ? this.current.id : undefined;
  }

  get pc(): RTCPeerConnection | null {
    return this.current?.pc ?? null;
  }

  get slots(): ReadonlyMap<string, number> {
    return this.current?.slots ?? new Map();
  }

  offered({ leg: id, sdp }: MediaOffer): void {
    this.stopAsking();
    this.next?.close();
    this.next = new Leg(id, this);
    this.connectedAtMs = 0;
    this.offeredAtMs = performance.now();
    if (!this.current?.connected) this.promote();
    if (this.link.kind === 'none') this.link = { kind: 'connecting', sinceMs: Date.now() };
    this.ticker ??= setInterval(() => this.tick(), tickMs);
    const leg = this.current?.id === id ? this.current : this.next;
    leg?.open(sdp, this.tracks).catch(() => this.ask());
  }

  placed({ leg: id, slots }: MediaSlots): void {
    const leg = [this.next, this.current].find((candidate) => candidate?.id === id);
    if (!leg) return;
    leg.slots = new Map(slots.map((slot) => [slot.mid, occupant(slot)]));
    if (leg === this.current) this.show();
  }

  told({ leg, state }: MediaState): void {
    if (state === MediaState_State.UNAVAILABLE) {
      this.stopAsking();
      if (!this.current?.connected) this.lose(true);
    } else if (state === MediaState_State.LOST && leg === this.current?.id && this.current.failed) {
      this.ask();
    }
  }

  /** What is not named stays as it is. */
  send(tracks: Partial<LocalTracks>): void {
    this.tracks = { ...this.tracks, ...tracks };
    this.current?.use(this.tracks);
    this.next?.use(this.tracks);
  }

  /** After a touch of the page. */
  allowSound(): void {
    this.soundAttempt += 1;
  }

  stop(): void {
    this.stopAsking();
    clearInterval(this.ticker);
    this.ticker = undefined;
    this.current?.close();
    this.next?.close();
    this.current = this.next = null;
    this.link = { kind: 'none' };
    this.show();
  }

  answer(leg: bigint, sdp: string): void {
    this.host.answer(leg, sdp);
  }

  legChanged(leg: Leg): void {
    if (leg === this.next && leg.connected) this.connectedAtMs = performance.now();
    if (leg !== this.current) return;
    this.show();
    const state = leg.pc?.connectionState;
    if (state === 'connected') this.recovered();
    else if (state === 'disconnected') this.ask(patienceMs);
    else if (leg.failed) this.ask();
  }

  private recovered(): void {
    this.stopAsking();
    this.asked = 0;
    this.link = { kind: 'up' };
  }

  private lose(relayAway: boolean): void {
    const sinceMs = this.link.kind === 'lost' ? this.link.sinceMs : Date.now();
    this.link = { kind: 'lost', sinceMs, relayAway };
  }

  /** Asks for a new leg, more slowly each time in vain; until then the old one may still recover. */
  private ask(delayMs = backOff(this.asked)): void {
    this.lose(false);
    if (this.askTimer !== undefined) return;
    this.askTimer = setTimeout(() => {
      this.askTimer = undefined;
      this.asked += 1;
      this.host.askForLeg();
      this.ask(backOff(this.asked) + patienceMs);
    }, delayMs);
  }

  private stopAsking(): void {
    clearTimeout(this.askTimer);
    this.askTimer = undefined;
  }

  private promote(): void {
    if (!this.next) return;
    this.current?.close();
    this.current = this.next;
    this.next = null;
    this.show();
    if (this.current.connected) this.recovered();
  }

  private tick(): void {
    const waitedMs = performance.now() - this.connectedAtMs;
    if (this.next?.connected && (this.next.receives() || waitedMs > promoteAfterMs)) this.promote();
    if (!this.current) return;
    const late = performance.now() - this.offeredAtMs > establishMs;
    if (this.link.kind === 'connecting' && late) this.ask();
    const { speaking, still } = this.levels.read(this.current);
    if (!sameSet(speaking, this.speaking)) this.speaking = speaking;
    if (!sameSet(still, this.still)) this.still = still;
  }

  private show(): void {
    const leg = this.current;
    const pictures = new Map<number, MediaStream>();
    for (const { mid, receiver } of leg?.receivers('v') ?? []) {
      const endpoint = leg?.slots.get(mid);
      if (leg && endpoint) pictures.set(endpoint, leg.stream(mid, receiver));
    }
    this.pictures = pictures;
    this.sounds = (leg?.receivers('a') ?? []).flatMap(({ mid, receiver }) =>
      leg ? [{ key: `${leg.id}/${mid}`, stream: leg.stream(mid, receiver) }] : [],
    );
  }
}

const sameSet = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean =>
  a.size === b.size && [...a].every((item) => b.has(item));

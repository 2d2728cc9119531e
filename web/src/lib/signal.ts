// The signalling connection: one WebSocket to assized that comes back by itself. It knows bytes, sequence of attempts and
// unanswered commands; what the messages mean is its host's affair.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { CommandSchema } from '../gen/assize/hearing/v1/hearing_pb.js';
import {
  ClientMessageSchema,
  ServerMessageSchema,
  type ClientMessage,
  type Refusal,
  type ServerMessage,
} from '../gen/assize/signal/v1/signal_pb.js';
import { backOff } from './backoff.ts';
import { refusedBy, unanswered, type Refused } from './refusal.ts';

const pingMs = 5000;
const quietMs = 11000; // nothing heard for so long: the connection is dead, whatever the socket says
const commandMs = 30000;

export type LinkState =
  | { kind: 'idle' }
  | { kind: 'opening' }
  | { kind: 'up' }
  | { kind: 'down'; sinceMs: number; retryAtMs: number }
  | { kind: 'evicted'; reason: Refused }; // does not come back by itself

export type CommandBody = Exclude<
  MessageInitShape<typeof CommandSchema>['body'],
  undefined | { case: undefined }
>;
/** What may go with a command; the same commandId again is the same command. */
export type CommandExtras = { words?: string; overrides?: string[]; commandId?: string };
type Request = Exclude<ClientMessage['request'], { case: undefined }>;

export interface SignalHost {
  /** The query of the URL: where the client stands. */
  query(): URLSearchParams;
  /** Everything but answers to commands, pongs and what ends the connection. */
  receive(message: ServerMessage): void;
  linkChanged(state: LinkState): void;
  pong(roundTripMs: number, serverMs: number): void;
  seenSeq(): bigint;
}

interface Pending {
  request: Request;
  expires: ReturnType<typeof setTimeout>;
  resolve(seq: bigint): void;
  reject(reason: Refused): void;
}

export class Signal {
  private readonly host: SignalHost;
  private readonly url: string;
  private readonly pending = new Map<bigint, Pending>();
  private socket: WebSocket | null = null;
  private state: LinkState = { kind: 'idle' };
  private attempt = 0;
  private lastRequest = 0n;
  private heardAtMs = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setInterval> | undefined;

  constructor(host: SignalHost, url = `wss://${location.host}/signal`) {
    this.host = host;
    this.url = url;
  }

  /** Connects now, also instead of waiting for the next attempt or after an eviction. */
  start(): void {
    if (this.socket) return;
    clearTimeout(this.retryTimer);
    if (this.state.kind !== 'down') this.become({ kind: 'opening' });
    this.open();
  }

  stop(): void {
    this.end({ kind: 'idle' });
  }

  /** Resolves with the seq of the command's last event. The same command is sent again, under the same id, on a new connection. */
  command(
    body: CommandBody,
    { commandId = crypto.randomUUID(), words, overrides }: CommandExtras = {},
  ): Promise<bigint> {
    const seenSeq = this.host.seenSeq();
    const written = { words: words?.normalize('NFC'), overrides };
    const value = create(CommandSchema, { commandId, seenSeq, ...written, body });
    return this.request({ case: 'command', value });
  }

  /** Resolves when the server has done it; sent again on a new connection until then. */
  request(request: Request): Promise<bigint> {
    return new Promise((resolve, reject) => {
      const id = ++this.lastRequest;
      const expires = setTimeout(() => this.settle(id)?.reject(unanswered()), commandMs);
      this.pending.set(id, { request, expires, resolve, reject });
      this.write(id, request);
    });
  }

  /** Sends what is only of use on this very connection; dropped when there is none. */
  send(request: Request): void {
    this.write(++this.lastRequest, request);
  }

  private open(): void {
    const socket = new WebSocket(`${this.url}?${this.host.query().toString()}`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.opened(socket);
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(new Uint8Array(event.data as ArrayBuffer));
    };
    socket.onclose = () => this.lost(socket, Date.now());
    this.socket = socket;
    this.heardAtMs = Date.now();
    this.pingTimer = setInterval(() => this.beat(), pingMs);
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.ping();
    for (const [id, { request }] of this.pending) this.write(id, request);
  }

  private beat(): void {
    if (this.socket && Date.now() - this.heardAtMs > quietMs)
      this.lost(this.socket, this.heardAtMs);
    else this.ping();
  }

  /** The host is told how long the answer took. */
  ping(): void {
    const clientMs = BigInt(Math.round(performance.now()));
    this.send({ case: 'ping', value: { $typeName: 'assize.signal.v1.Ping', clientMs } });
  }

  private receive(bytes: Uint8Array): void {
    const message = fromBinary(ServerMessageSchema, bytes);
    this.heardAtMs = Date.now();
    if (this.state.kind !== 'up') {
      this.attempt = 0;
      this.become({ kind: 'up' });
    }
    const { response } = message;
    switch (response.case) {
      case 'pong':
        this.host.pong(
          performance.now() - Number(response.value.clientMs),
          Number(response.value.serverMs),
        );
        break;
      case 'done':
        this.settle(message.inReplyTo)?.resolve(response.value.seq);
        break;
      case 'refusal':
        this.settle(message.inReplyTo)?.reject(refusedFrom(response.value));
        break;
      case 'evicted':
        this.end({ kind: 'evicted', reason: refusedFrom(response.value.reason) });
        break;
      case 'reconnect':
        this.comeBack(response.value.afterMs);
        break;
      default:
        this.host.receive(message);
    }
  }

  private settle(request: bigint): Pending | undefined {
    const pending = this.pending.get(request);
    clearTimeout(pending?.expires);
    this.pending.delete(request);
    return pending;
  }

  private lost(socket: WebSocket, sinceMs: number): void {
    if (socket !== this.socket) return;
    this.closeSocket();
    this.retryIn(backOff(this.attempt++), sinceMs);
  }

  private comeBack(afterMs: number): void {
    this.closeSocket();
    this.retryIn(afterMs + Math.random() * 250, Date.now());
  }

  private retryIn(delayMs: number, lostAtMs: number): void {
    const sinceMs = this.state.kind === 'down' ? this.state.sinceMs : lostAtMs;
    this.become({ kind: 'down', sinceMs, retryAtMs: Date.now() + delayMs });
    this.retryTimer = setTimeout(() => this.start(), delayMs);
  }

  private end(state: LinkState): void {
    clearTimeout(this.retryTimer);
    this.closeSocket();
    this.attempt = 0;
    this.become(state);
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(unanswered());
  }

  private closeSocket(): void {
    clearInterval(this.pingTimer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private become(state: LinkState): void {
    this.state = state;
    this.host.linkChanged(state);
  }

  private write(id: bigint, request: Request): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const message = create(ClientMessageSchema, { requestId: id, request });
    this.socket.send(toBinary(ClientMessageSchema, message) as Uint8Array<ArrayBuffer>);
  }
}

const refusedFrom = (value: Refusal | undefined): Refused =>
  value ? refusedBy(value) : unanswered();

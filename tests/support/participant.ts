// A second, independent client of the signalling protocol: what a person's browser says, without the browser.
import { randomUUID } from 'node:crypto';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import WebSocket from 'ws';
import type { Command } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { CommandSchema } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import {
  ClientMessageSchema,
  ServerMessageSchema,
  type Events,
  type Refusal,
  type ServerMessage,
  type Snapshot,
} from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { eventually } from './processes.ts';
import { callerAddress } from './http.ts';
import { openByLink } from './session.ts';

const PING_MS = 5_000; // who says nothing for 20 s is taken to be gone

type CommandBody = NonNullable<MessageInitShape<typeof CommandSchema>['body']>;
type Response = Exclude<ServerMessage['response'], { case: undefined }>;
export type Arm = Response['case'];
type ValueOf<A extends Arm> = Extract<Response, { case: A }>['value'];

/** How a request ended: a code from the table of refusals, or the seq of its last event. */
export interface Outcome {
  refusal: string | undefined;
  seq: bigint;
  /** All that was said with a refusal. */
  why?: Refusal;
}

export interface ConnectOptions {
  cookie?: string;
  origin?: string;
  since?: bigint;
  media?: boolean;
}

export class Participant {
  readonly messages: ServerMessage[] = [];
  closeCode: number | undefined;
  readonly socket: WebSocket;
  readonly cookie: string;
  private nextRequest = 1n;

  private constructor(socket: WebSocket, cookie: string) {
    this.socket = socket;
    this.cookie = cookie;
    socket.on('message', (data: Buffer) =>
      this.messages.push(fromBinary(ServerMessageSchema, data)),
    );
    const beat = setInterval(() => this.send({ case: 'ping', value: {} }), PING_MS).unref();
    socket.on('close', (code) => {
      clearInterval(beat);
      this.closeCode = code;
    });
    socket.on('error', () => undefined);
  }

  /** Opens the link and connects; resolves when the server has said where the hearing stands. */
  static async join(url: string, link: string, options: ConnectOptions = {}): Promise<Participant> {
    const session = await openByLink(url, link);
    return Participant.connect(url, { ...options, cookie: session.cookie });
  }

  static async connect(url: string, options: ConnectOptions): Promise<Participant> {
    const participant = new Participant(openSocket(url, options), options.cookie ?? '');
    await eventually('the first message of the server', 10_000, () => {
      if (participant.messages.length === 0 && participant.closeCode !== undefined) {
        throw new Error(`closed with ${participant.closeCode} before the first message`);
      }
      return participant.messages.length > 0;
    });
    return participant;
  }

  /** The newest whole state the server sent. */
  get snapshot(): Snapshot {
    const snapshot = this.all('snapshot').at(-1);
    if (snapshot === undefined) {
      throw new Error('the server sent no snapshot');
    }
    return snapshot;
  }

  /** Seqs of all events told so far, in the order of their coming. */
  get seqs(): bigint[] {
    return this.all('events').flatMap((events: Events) => events.events.map((event) => event.seq));
  }

  /** The last seq this client knows. */
  get seq(): bigint {
    const first = this.all('snapshot').at(-1)?.seq ?? 0n;
    return this.seqs.reduce((newest, seq) => (seq > newest ? seq : newest), first);
  }

  all<A extends Arm>(arm: A): ValueOf<A>[] {
    return this.messages
      .filter((message) => message.response.case === arm)
      .map((message) => message.response.value as ValueOf<A>);
  }

  /** Waits for an event of this kind after the given seq. */
  async event(kind: string, after = 0n, withinMs = 5_000): Promise<bigint> {
    return eventually(
      `an event ${kind}`,
      withinMs,
      () =>
        this.all('events')
          .flatMap((events) => events.events)
          .find((event) => event.body.case === kind && event.seq > after)?.seq,
    );
  }

  /** Asks for something and waits for the answer. */
  async command(
    body: CommandBody,
    extra: { commandId?: string; seenSeq?: bigint; words?: string; overrides?: string[] } = {},
  ): Promise<Outcome> {
    return this.submit(
      create(CommandSchema, { commandId: randomUUID(), seenSeq: this.seq, ...extra, body }),
    );
  }

  /** As the presiding judge goes on who is shown rule after rule, and sets each aside for this reason. */
  async overrule(body: CommandBody, words: string): Promise<Outcome> {
    let outcome = await this.command(body);
    while (outcome.why !== undefined && outcome.why.overrides.length > 0) {
      outcome = await this.command(body, { overrides: outcome.why.overrides, words });
    }
    return outcome;
  }

  /** Declares to keep the court's rules, in the version the procedure asks for. */
  async checkIn(): Promise<Outcome> {
    const rules = this.snapshot.procedure?.declaration ?? 0;
    return this.command({ case: 'checkIn', value: { rules } });
  }

  /** What was written with the event of this number, as far as this client was told. */
  words(seq: bigint): string | undefined {
    return [...this.all('snapshot'), ...this.all('events')]
      .flatMap((told) => told.words)
      .find((written) => written.seq === seq)?.words;
  }

  async submit(command: Command): Promise<Outcome> {
    return this.answerTo(this.send({ case: 'command', value: command }));
  }

  /** Sends one request; its number finds the answer. */
  send(request: MessageInitShape<typeof ClientMessageSchema>['request']): bigint {
    const requestId = this.nextRequest++;
    this.socket.send(
      toBinary(ClientMessageSchema, create(ClientMessageSchema, { requestId, request })),
    );
    return requestId;
  }

  async answerTo(requestId: bigint): Promise<Outcome> {
    const answer = await eventually(`the answer to request ${requestId}`, 8_000, () => {
      if (this.closeCode !== undefined) {
        throw new Error(`closed with ${this.closeCode} before the answer`);
      }
      return this.messages.find((message) => message.inReplyTo === requestId);
    });
    return {
      refusal: answer.response.case === 'refusal' ? answer.response.value.code : undefined,
      seq: answer.response.case === 'done' ? answer.response.value.seq : 0n,
      ...(answer.response.case === 'refusal' ? { why: answer.response.value } : {}),
    };
  }

  async closed(): Promise<number> {
    return eventually('the server closes', 15_000, () => this.closeCode);
  }

  close(): void {
    this.socket.close();
  }
}

export function openSocket(url: string, options: ConnectOptions): WebSocket {
  const query = new URLSearchParams();
  if (options.since !== undefined) {
    query.set('since', String(options.since));
  }
  if (options.media === true) {
    query.set('media', '1');
  }
  const target = `${url.replace(/^https/, 'wss')}/signal?${query.toString()}`;
  return new WebSocket(target, {
    rejectUnauthorized: false,
    perMessageDeflate: false,
    localAddress: callerAddress(),
    headers: {
      Origin: options.origin ?? url,
      ...(options.cookie === undefined ? {} : { Cookie: options.cookie }),
    },
  });
}

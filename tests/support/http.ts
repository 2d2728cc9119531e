// Requests as a browser, a program or a stranger would send them. The certificate is self-signed.
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { IncomingHttpHeaders } from 'node:http';
import { eventually } from './processes.ts';

/**
 * The address requests come from. Limits count per address, so each test calls from one of its own; all of 127/8 is
 * this machine.
 */
let caller = '127.0.0.1';

export function callFromNewAddress(): string {
  const part = () => 1 + Math.floor(Math.random() * 253);
  caller = `127.${part()}.${part()}.${part()}`;
  return caller;
}

export function callerAddress(): string {
  return caller;
}

export interface Response {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** The address to call from, when it is not the test's own. */
  from?: string | undefined;
  /** A client certificate and its key, PEM. */
  cert?: string | undefined;
  key?: string | undefined;
}

export function request(url: string, options: RequestOptions = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      url,
      {
        method: options.method ?? 'GET',
        headers: options.headers,
        cert: options.cert,
        key: options.key,
        rejectUnauthorized: false,
        agent: false,
        localAddress: options.from ?? caller,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(parts),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}

/** A TLS connection on which a test writes what it likes. */
export class RawConnection {
  received = Buffer.alloc(0);
  closed = false;
  readonly socket: TLSSocket;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => (this.received = Buffer.concat([this.received, data])));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => (this.closed = true));
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        {
          socket: connectTcp({ port, host: '127.0.0.1', localAddress: caller }),
          rejectUnauthorized: false,
          ALPNProtocols: ['http/1.1'],
        },
        () => resolve(new RawConnection(socket)),
      );
      socket.once('error', reject);
    });
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** Waits until the server has said this. */
  async says(text: string): Promise<void> {
    await eventually(text, 5_000, () => this.text.includes(text)).catch((error: unknown) => {
      throw new Error(`${String(error)}; it said: ${this.text}`);
    });
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  close(): void {
    this.socket.destroy();
  }
}

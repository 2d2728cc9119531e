// A server that stands between a court and its centre, and has the certificates of both.
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { request, type Response } from './http.ts';
import type { Server } from './server.ts';

export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export class Between {
  private readonly server: HttpsServer;

  private constructor(server: HttpsServer) {
    this.server = server;
  }

  /** Before the centre; what handle gives is the answer. */
  static async before(
    center: Server,
    handle: (asked: Asked) => Promise<Response>,
  ): Promise<Between> {
    const server = createServer(
      {
        cert: center.stateFile('tls/exchange.pem'),
        key: center.stateFile('tls/exchange-key.pem'),
        ca: center.stateFile('tls/ca.pem'),
        requestCert: true,
        minVersion: 'TLSv1.3',
      },
      (asked, answer) => {
        reply(asked, answer, handle).catch(() => answer.destroy());
      },
    );
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return new Between(server);
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function reply(
  asked: IncomingMessage,
  answer: ServerResponse,
  handle: (asked: Asked) => Promise<Response>,
): Promise<void> {
  const body = await buffer(asked);
  const back = await handle({ path: asked.url ?? '', headers: asked.headers, body });
  const headers = without(back.headers, 'connection');
  answer.writeHead(back.status, { ...headers, 'content-length': back.body.length });
  answer.end(back.body);
}

export const without = (headers: IncomingHttpHeaders, name: string): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name));

/** Asks the centre this as the court. */
export function sendOn(court: Server, center: Server, asked: Asked): Promise<Response> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(without(asked.headers, 'connection'))) {
    if (typeof value === 'string') headers[name] = value;
  }
  return request(`${center.url}${asked.path}`, {
    method: 'POST',
    headers: { ...headers, host: new URL(center.url).host },
    body: asked.body,
    cert: court.stateFile('tls/exchange.pem'),
    key: court.stateFile('tls/exchange-key.pem'),
  });
}

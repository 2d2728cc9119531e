// A court and the centre it reports to.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  BatchSchema,
  OpenRequestSchema,
  StatusRequestSchema,
  SyncStatusSchema,
  type SyncStatus,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { Courtroom, must } from './courtroom.ts';
import { request, type Response } from './http.ts';
import { Participant } from './participant.ts';
import { eventually } from './processes.ts';
import { Server, type Hearing } from './server.ts';

/** A client certificate and its key, PEM. */
export interface Identity {
  cert: string;
  key: string;
}

const HEADERS = { 'Content-Type': 'application/proto', 'Connect-Protocol-Version': '1' };

export class Exchange {
  readonly court: Server;
  readonly center: Server;

  private constructor(court: Server, center: Server) {
    this.court = court;
    this.center = center;
  }

  static async start(): Promise<Exchange> {
    const center = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
    const court = await Server.start({ 'exchange.center': `https://localhost:${center.port}` });
    await center.assize('exchange', 'admit', 'DEMO', '--to', court.state);
    return new Exchange(court, center);
  }

  async dispose(): Promise<void> {
    await this.court.dispose();
    await this.center.dispose();
  }

  /** Makes an organisation known to the centre. */
  async admit(organisation: string): Promise<Identity> {
    return admitTo(this.center, organisation);
  }

  /** A hearing in session, with its judge. */
  async open(): Promise<{ hearing: Hearing; judge: Participant }> {
    const hearing = await this.court.seed();
    const judge = await new Courtroom(this.court, hearing).arrive('judge');
    must(await judge.command({ case: 'start', value: {} }));
    return { hearing, judge };
  }

  async closed(): Promise<Hearing> {
    const { hearing, judge } = await this.open();
    must(await judge.command({ case: 'close', value: {} }));
    judge.close();
    return hearing;
  }

  /** Until everything that was written has an answer of the centre. */
  async settle(milliseconds = 30_000): Promise<void> {
    await eventually('everything is received', milliseconds, async () => {
      try {
        const [row] = await this.court.sql('SELECT count(*) FROM outbox WHERE receipt_id IS NULL');
        return row?.[0] === '0';
      } catch {
        return false;
      }
    });
  }

  /** What left the court, and what is at the centre, as lines to be compared. */
  async sent(): Promise<string[]> {
    const rows = await this.court.sql(
      `SELECT case_key, seq, encode(hash, 'hex'), receipt_id FROM outbox ORDER BY case_key, seq`,
    );
    return rows.map((row) => row.join(' '));
  }

  async received(): Promise<string[]> {
    const rows = await this.center.sql(
      `SELECT case_key, seq, encode(hash, 'hex'), receipt FROM inbox WHERE source = 'DEMO'
       ORDER BY case_key, seq`,
    );
    return rows.map((row) => row.join(' '));
  }

  /** Asks the centre something as an organisation, or as nobody. */
  async call(method: string, body: Uint8Array, identity?: Identity): Promise<Response> {
    return request(`${this.center.url}/assize.exchange.v1.ExchangeService/${method}`, {
      method: 'POST',
      headers: { ...HEADERS, 'Content-Length': String(body.length) },
      body,
      ...identity,
    });
  }

  async openAs(source: string, identity?: Identity): Promise<Response> {
    const body = create(OpenRequestSchema, { source });
    return this.call('Open', toBinary(OpenRequestSchema, body), identity);
  }

  async pushAs(
    batch: MessageInitShape<typeof BatchSchema>,
    identity?: Identity,
  ): Promise<Response> {
    return this.call('Push', toBinary(BatchSchema, create(BatchSchema, batch)), identity);
  }

  /** The sync status as the browser of this cookie gets it. */
  async askStatus(cookie: string): Promise<Response> {
    const body = toBinary(StatusRequestSchema, create(StatusRequestSchema, {}));
    return request(`${this.court.url}/assize.exchange.v1.SyncService/Status`, {
      method: 'POST',
      headers: {
        ...HEADERS,
        'Content-Length': String(body.length),
        Origin: this.court.url,
        Cookie: cookie,
      },
      body,
    });
  }

  async status(cookie: string): Promise<SyncStatus> {
    return fromBinary(SyncStatusSchema, (await this.askStatus(cookie)).body);
  }
}

/** A certificate of this centre's authority, and the organisation known to the centre. */
export async function admitTo(center: Server, organisation: string): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  try {
    await center.assize('exchange', 'admit', organisation, '--to', folder);
    return {
      cert: readFileSync(join(folder, 'tls/exchange.pem'), 'utf8'),
      key: readFileSync(join(folder, 'tls/exchange-key.pem'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A record that is whole but for its hashes. */
export function record(
  seq: bigint,
): NonNullable<MessageInitShape<typeof BatchSchema>['records']>[number] {
  const digest = new Uint8Array(32);
  return {
    changeId: randomUUID(),
    caseKey: 'case-1',
    seq,
    prevHash: digest,
    op: 1,
    recordType: 'case',
    schemaVersion: 1,
    recordedMs: 1n,
    payload: new Uint8Array([0x18, 5]),
    payloadHash: digest,
    hash: digest,
  };
}

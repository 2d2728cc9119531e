// A court and the centre it reports to.
import { createHash, createPublicKey, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  CaseKind,
  CaseRecordSchema,
  Instance,
} from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import {
  BatchHeaderSchema,
  BatchSchema,
  CaseStatus,
  NoticeSchema,
  OpenRequestSchema,
  PullRequestSchema,
  ReceiptSchema,
  RecordSchema,
  ResendRequestSchema,
  StatusRequestSchema,
  SyncStatusSchema,
  type Batch,
  type BatchHeader,
  type Receipt,
  type Record as ExchangeRecord,
  type SyncStatus,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { Courtroom, must } from './courtroom.ts';
import { request, type Response } from './http.ts';
import { Participant } from './participant.ts';
import { freePorts } from './ports.ts';
import { eventually } from './processes.ts';
import { Server, type Hearing } from './server.ts';

/** A client certificate and its key, PEM. */
export interface Identity {
  cert: string;
  key: string;
}

const HEADERS = {
  'Content-Type': 'application/proto',
  'Connect-Protocol-Version': '1',
};

/** method: with the service's name before it. */
export async function callMethod(
  url: string,
  method: string,
  body: Uint8Array,
  identity?: Identity,
  more: Record<string, string> = {},
): Promise<Response> {
  return request(`${url}/${method}`, {
    method: 'POST',
    headers: { ...HEADERS, 'Content-Length': String(body.length), ...more },
    body,
    ...identity,
  });
}

export async function callExchange(
  url: string,
  method: string,
  body: Uint8Array,
  identity?: Identity,
  more: Record<string, string> = {},
): Promise<Response> {
  return callMethod(url, `assize.exchange.v1.ExchangeService/${method}`, body, identity, more);
}

export class Exchange {
  readonly court: Server;
  readonly center: Server;
  /** Where the people of the centre sign in. */
  readonly people: string;

  private constructor(court: Server, center: Server, people: string) {
    this.court = court;
    this.center = center;
    this.people = people;
  }

  /** way: how the court reaches the centre, when that is not directly; disk: where the centre's state directory is made. */
  static async start(
    way?: (center: Server) => Promise<Record<string, string>>,
    disk?: string,
  ): Promise<Exchange> {
    const { port } = await freePorts();
    const center = await Server.start(
      { role: 'center', 'exchange.organisation': 'CENTER', 'center.port': String(port) },
      disk,
    );
    const directly = { 'exchange.center': `https://localhost:${center.port}` };
    const court = await Server.start(way ? await way(center) : directly);
    await center.assize('exchange', 'admit', 'DEMO', '--to', court.state);
    return new Exchange(court, center, `https://localhost:${port}`);
  }

  async dispose(): Promise<void> {
    await this.court.dispose();
    await this.center.dispose();
  }

  /** Makes an organisation known to the centre. */
  async admit(organisation: string, ...more: string[]): Promise<Identity> {
    return admitTo(this.center, organisation, ...more);
  }

  /** An agency that may tell courts things. */
  async admitSender(agency: string): Promise<Identity> {
    const identity = await this.admit(agency, '--agency');
    await this.letNotify(agency);
    return identity;
  }

  async letNotify(organisation: string): Promise<void> {
    const right = ['--service', 'exchange', '--types', 'notice', '--purpose', 'enforcement'];
    await this.center.assize('access', 'grant', organisation, ...right);
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

  /** Writes a record of a case at the court; gives its number. */
  async writeCase(
    key: string,
    type: string,
    body: MessageInitShape<typeof CaseRecordSchema>['body'],
    ...more: string[]
  ): Promise<bigint> {
    const folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
    const file = join(folder, 'record');
    const words = { entity: '0192f0c1-2b3c-7d4e-8f50-000000000001', body };
    try {
      writeFileSync(file, toBinary(CaseRecordSchema, create(CaseRecordSchema, words)));
      return BigInt(await this.court.assize('case', 'write', key, type, file, ...more));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** A case of the court that the centre knows by its public identifier. */
  async fileCase(number: number): Promise<{ key: string; publicId: string }> {
    const hearing = await this.court.seed();
    const [row] = await this.court.sql(`SELECT court_case FROM hearing WHERE id = '${hearing.id}'`);
    const key = String(row?.[0]);
    await this.writeCase(key, 'case_file', {
      case: 'caseFile',
      value: {
        court: 'TAND.01',
        number: `${number}/2026/TLST-HS`,
        kind: CaseKind.CRIMINAL,
        instance: Instance.FIRST,
        title: 'Vụ án thử',
        acceptedOn: '2026-02-03',
        status: CaseStatus.ACCEPTED,
      },
    });
    await this.closed(); // wakes the sender
    await this.settle();
    return { key, publicId: `VN:TAND.01:2026:${number}-TLST-HS` };
  }

  /** Until everything that was written has an answer of the centre. */
  async settle(milliseconds = 30_000): Promise<void> {
    await eventually('everything is received', milliseconds, async () => {
      try {
        const [row] = await this.court.sql(
          'SELECT count(*) FROM outbox_state WHERE receipt_id IS NULL',
        );
        return row?.[0] === '0';
      } catch {
        return false;
      }
    });
  }

  /** What left the court, and what is at the centre, as lines to be compared. */
  async sent(): Promise<string[]> {
    const rows = await this.court.sql(
      `SELECT o.case_key, o.seq, encode(o.hash, 'hex'), s.receipt_id
       FROM outbox o JOIN outbox_state s USING (number) ORDER BY o.case_key, o.seq`,
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
    return callExchange(this.center.url, method, body, identity);
  }

  async openAs(source: string, identity?: Identity): Promise<Response> {
    const body = create(OpenRequestSchema, { source });
    return this.call('Open', toBinary(OpenRequestSchema, body), identity);
  }

  async pushAs(batch: BatchInit, identity: Identity): Promise<Response> {
    return this.call('Push', packBatch(batch, identity), identity);
  }

  /** What the centre has for an organisation after this batch; it may wait so long. */
  async pullAs(source: string, identity: Identity, cursor = 0n, waitMs = 0): Promise<Response> {
    const body = create(PullRequestSchema, { source, cursor, waitMs });
    return this.call('Pull', toBinary(PullRequestSchema, body), identity);
  }

  async resendAs(source: string, identity: Identity, fromBatch: bigint): Promise<Response> {
    const body = create(ResendRequestSchema, { source, fromBatch });
    return this.call('Resend', toBinary(ResendRequestSchema, body), identity);
  }

  /** Says that a batch was taken in. */
  async ackAs(identity: Identity, batch: Batch): Promise<Response> {
    return this.call('Ack', toBinary(ReceiptSchema, receiptOf(batch)), identity);
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

/** A batch that a centre gave; undefined when it had none. */
export function batchOf(response: Response): Batch | undefined {
  if (response.status !== 200) throw new Error(response.body.toString());
  return response.body.length > 0 ? fromBinary(BatchSchema, response.body) : undefined;
}

/** The batch that a centre must have had. */
export function given(response: Response): Batch {
  const batch = batchOf(response);
  if (batch === undefined) throw new Error('the centre had nothing');
  return batch;
}

export function headerOf(batch: Batch): BatchHeader {
  return fromBinary(BatchHeaderSchema, batch.header);
}

/** That it was taken in. */
export function receiptOf(batch: Batch): Receipt {
  const { batchNo } = headerOf(batch);
  return create(ReceiptSchema, {
    receiptId: randomUUID(),
    batchNo,
    batchHash: sha256(batch.header),
    receivedMs: 1n,
    cursor: batchNo,
  });
}

export function recordsOf(batch: Batch): ExchangeRecord[] {
  return batch.records.map((one) => fromBinary(RecordSchema, one));
}

/** A certificate of this centre's authority, and the organisation known to the centre. */
export async function admitTo(
  center: Server,
  organisation: string,
  ...more: string[]
): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  try {
    await center.assize('exchange', 'admit', organisation, '--to', folder, ...more);
    return {
      cert: readFileSync(join(folder, 'tls/exchange.pem'), 'utf8'),
      key: readFileSync(join(folder, 'tls/exchange-key.pem'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export type RecordInit = MessageInitShape<typeof RecordSchema>;

/** A batch before it is packed; what is not given is computed. */
export interface BatchInit {
  source: string;
  batchNo: bigint;
  count?: number;
  records: RecordInit[];
  prevRoot?: Uint8Array;
  merkleRoot?: Uint8Array;
  keyId?: Uint8Array;
  target?: string;
}

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** RFC 9162 section 2.1.1, from its definition. */
export function merkleRoot(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), ...leaves);
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return sha256(
    Uint8Array.of(1),
    merkleRoot(leaves.slice(0, left)),
    merkleRoot(leaves.slice(left)),
  );
}

/** A record as it is sent: a leaf of its batch's tree. */
export function packed(one: RecordInit): Uint8Array {
  return toBinary(RecordSchema, create(RecordSchema, one));
}

/** The batch as its sender signs it; with another's key, what a forger would. */
export function packBatch(batch: BatchInit, identity: Identity): Uint8Array {
  const records = batch.records.map(packed);
  const spki = createPublicKey(identity.cert).export({ type: 'spki', format: 'der' });
  const header = toBinary(
    BatchHeaderSchema,
    create(BatchHeaderSchema, {
      source: batch.source,
      batchNo: batch.batchNo,
      count: batch.count ?? records.length,
      prevRoot: batch.prevRoot ?? new Uint8Array(32),
      merkleRoot: batch.merkleRoot ?? merkleRoot(records),
      keyId: batch.keyId ?? sha256(spki),
      ...(batch.target !== undefined && { target: batch.target }),
    }),
  );
  const signature = new Uint8Array(sign('sha256', header, identity.key));
  return toBinary(BatchSchema, create(BatchSchema, { header, signature, records }));
}

/** A record that is whole but for its hashes. */
export function record(seq: bigint): RecordInit {
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

function int(bytes: number, value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(value);
  return out.subarray(8 - bytes);
}

/** What an organisation tells a court of one of its cases. */
export function notice(
  seq: bigint,
  words: MessageInitShape<typeof NoticeSchema>,
  caseKey = 'notice-1',
): RecordInit {
  const body = { court: 'DEMO', kind: 'custody', text: 'Đã chuyển buồng giam.', ...words };
  const payload = toBinary(NoticeSchema, create(NoticeSchema, body));
  return { ...record(seq), caseKey, recordType: 'notice', payload };
}

/** Gives a record its place behind another (none: the first of its case) and the hashes that fit. */
export function follow(one: RecordInit, before?: RecordInit): RecordInit {
  const text = (value = '') => sha256(Buffer.from(value));
  const payloadHash = sha256(one.payload ?? new Uint8Array());
  const prevHash = before?.hash ?? new Uint8Array(32);
  const hash = sha256(
    prevHash,
    int(8, one.seq ?? 0n),
    Buffer.from((one.changeId ?? '').replaceAll('-', ''), 'hex'),
    int(4, BigInt(one.op ?? 0)),
    int(4, BigInt(one.schemaVersion ?? 0)),
    int(8, BigInt.asUintN(64, one.recordedMs ?? 0n)),
    text(one.caseKey),
    text(one.recordType),
    payloadHash,
    one.context?.length ? sha256(one.context) : new Uint8Array(),
  );
  return { ...one, payloadHash, prevHash, hash };
}

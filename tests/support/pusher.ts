// An organisation that is only a client of the centre: it packs and signs its own batches, and sends each, the same bytes, until
// it has the receipt, whatever happens on the way.
import { fromBinary } from '@bufbuild/protobuf';
import { ReceiptSchema, type Receipt } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import {
  callExchange,
  merkleRoot,
  packBatch,
  packed,
  type Identity,
  type RecordInit,
} from './exchange.ts';
import type { Response } from './http.ts';
import { eventually } from './processes.ts';

const DELIVERED_MS = 60_000;

/** A batch that has its place behind another. */
interface Packed {
  batchNo: bigint;
  root: Uint8Array;
  bytes: Uint8Array;
}

export class Pusher {
  readonly receipts = new Map<string, Uint8Array>();
  /** How often what of the following happened. */
  readonly did = { 'refused before its turn': 0, 'waited for its turn': 0 };
  private sent = { batchNo: 0n, root: new Uint8Array(32) as Uint8Array };
  private readonly url: string;
  private readonly identity: Identity;
  private readonly source: string;

  constructor(url: string, source: string, identity: Identity) {
    this.url = url;
    this.source = source;
    this.identity = identity;
  }

  protected async push(records: RecordInit[]): Promise<void> {
    if (records.length === 0) return;
    await this.bring(this.pack(records, this.sent));
  }

  /** Two batches of records, the later of which is sent first: when nothing else is sent before its answer, it is refused; otherwise it may
   * wait at the centre. In its turn it has one receipt, whatever became of it before. */
  protected async pushPermuted(
    records: RecordInit[],
    later: RecordInit[],
    alone: boolean,
  ): Promise<void> {
    const first = this.pack(records, this.sent);
    const second = this.pack(later, first);
    const early = this.send(second.bytes);
    if (alone) await early;
    await this.bring(first);
    const id = await this.bring(second);
    const answer = await early;
    if (answer?.status === 200 && !alone) {
      if (fromBinary(ReceiptSchema, answer.body).receiptId !== id)
        throw new Error(`batch ${second.batchNo} has a second receipt`);
      this.did['waited for its turn']++;
    } else if (answer?.status === 409 && /batch_gap/.test(answer.body.toString())) {
      this.did['refused before its turn']++;
    } else if (answer !== undefined && answer.status !== 503) {
      throw new Error(`before its turn: ${answer.status} ${answer.body.toString()}`);
    }
  }

  private pack(records: RecordInit[], before: Pick<Packed, 'batchNo' | 'root'>): Packed {
    const batchNo = before.batchNo + 1n;
    const batch = { source: this.source, batchNo, records, prevRoot: before.root };
    const bytes = packBatch(batch, this.identity);
    return { batchNo, bytes, root: merkleRoot(records.map(packed)) };
  }

  /** Gives the receipt that it has from now on. */
  private async bring(batch: Packed): Promise<string> {
    const { receiptId } = await this.deliver(batch.bytes);
    this.receipts.set(receiptId, batch.bytes);
    this.sent = batch;
    return receiptId;
  }

  /** Nothing when the connection broke. */
  private async send(bytes: Uint8Array): Promise<Response | undefined> {
    return callExchange(this.url, 'Push', bytes, this.identity).catch(() => undefined);
  }

  protected async deliver(bytes: Uint8Array): Promise<Receipt> {
    const body = await eventually('the centre has answered', DELIVERED_MS, async () => {
      const response = await this.send(bytes);
      if (response === undefined || response.status === 503) return undefined;
      if (response.status !== 200) {
        throw new Error(`${response.status} ${response.body.toString()}`);
      }
      return response.body;
    });
    return fromBinary(ReceiptSchema, body);
  }
}

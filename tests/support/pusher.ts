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
import { eventually } from './processes.ts';

const DELIVERED_MS = 60_000;

export class Pusher {
  readonly receipts = new Map<string, Uint8Array>();
  private batchNo = 0n;
  private prevRoot: Uint8Array = new Uint8Array(32);
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
    const batchNo = this.batchNo + 1n;
    const batch = { source: this.source, batchNo, records, prevRoot: this.prevRoot };
    const bytes = packBatch(batch, this.identity);
    const receipt = await this.deliver(bytes);
    this.receipts.set(receipt.receiptId, bytes);
    this.batchNo = batchNo;
    this.prevRoot = merkleRoot(records.map(packed));
  }

  protected async deliver(bytes: Uint8Array): Promise<Receipt> {
    const body = await eventually('the centre has answered', DELIVERED_MS, async () => {
      const response = await callExchange(this.url, 'Push', bytes, this.identity).catch(
        () => undefined,
      );
      if (response === undefined || response.status === 503) return undefined;
      if (response.status !== 200) {
        throw new Error(`${response.status} ${response.body.toString()}`);
      }
      return response.body;
    });
    return fromBinary(ReceiptSchema, body);
  }
}

// An organisation that watches what the centre has for it, says that it has it, and comes again whenever its stream breaks.
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import {
  ExchangeService,
  type Batch,
  type Receipt,
  type Record as ExchangeRecord,
} from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { headerOf, receiptOf, recordsOf, type Identity } from './exchange.ts';

export class Watcher {
  /** All that was told, each batch once, in its order. */
  readonly records: ExchangeRecord[] = [];
  /** What was told out of its place. */
  readonly wrong: string[] = [];
  private receipt: Receipt | undefined; // of the last batch that was taken in
  private running = true;
  private readonly stopped = new AbortController();
  private readonly client: Client<typeof ExchangeService>;
  private readonly source: string;
  private readonly done: Promise<void>;

  constructor(url: string, source: string, identity: Identity) {
    const nodeOptions = { rejectUnauthorized: false, ...identity };
    this.source = source;
    this.client = createClient(
      ExchangeService,
      createConnectTransport({ baseUrl: url, httpVersion: '1.1', nodeOptions }),
    );
    this.done = this.run();
  }

  private async run(): Promise<void> {
    while (this.running) {
      await this.watch().catch(() => undefined); // cut, or the centre is away
      if (this.running) await delay(50);
    }
  }

  private async watch(): Promise<void> {
    const cursor = this.receipt?.batchNo ?? 0n;
    const call = { signal: this.stopped.signal };
    for await (const batch of this.client.watch({ source: this.source, cursor }, call)) {
      if (batch.header.length === 0) continue; // a word that the stream goes on
      this.take(batch);
      if (this.receipt) await this.client.ack(this.receipt, call);
    }
  }

  /** One that comes again was not acknowledged, as far as the centre knows; it has the receipt that it had. */
  private take(batch: Batch): void {
    const before = this.receipt?.batchNo ?? 0n;
    const { batchNo } = headerOf(batch);
    if (batchNo === before) return;
    if (batchNo !== before + 1n) this.wrong.push(`batch ${batchNo} after ${before}`);
    this.receipt = receiptOf(batch);
    this.records.push(...recordsOf(batch));
  }

  async stop(): Promise<void> {
    this.running = false;
    this.stopped.abort();
    await this.done;
  }
}

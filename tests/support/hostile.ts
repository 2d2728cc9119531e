// A court that is only a client: it signs with its own key what no good court sends. It keeps count of what must be at the
// centre in the end, and of what must not.
import { randomUUID } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { CaseRecordSchema } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { RecordContextSchema } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import type { Dice } from './dice.ts';
import { follow, type RecordInit } from './exchange.ts';
import { Pusher } from './pusher.ts';

const UNREADABLE = Uint8Array.of(0xff);

function line(one: RecordInit): string {
  return `${one.caseKey} ${one.seq} ${Buffer.from(one.hash ?? []).toString('hex')}`;
}

export class HostileCourt extends Pusher {
  /** Every record that must take effect, and every second one under a number that was taken. */
  readonly genuine: string[] = [];
  readonly equivocal: string[] = [];
  /** Of those that must take effect, which say something. */
  readonly effective: string[] = [];
  readonly counts = { replayed: 0, doubled: 0, poisoned: 0, withheld: 0, shuffled: 0 };
  private readonly cases = new Map<string, RecordInit[]>();
  private readonly acknowledged: RecordInit[] = [];
  private readonly poisoned: RecordInit[] = [];
  private withheld: RecordInit[] = [];

  private write(key: string, payload: Uint8Array, corrects?: bigint): RecordInit {
    const before = this.cases.get(key) ?? [];
    const one = follow(
      {
        changeId: randomUUID(),
        caseKey: key,
        seq: BigInt(before.length + 1),
        op: corrects === undefined ? 1 : 2,
        recordType: 'event',
        schemaVersion: 1,
        recordedMs: BigInt(Date.now()),
        payload,
        ...(corrects !== undefined && {
          context: toBinary(RecordContextSchema, create(RecordContextSchema, { corrects })),
        }),
      },
      before.at(-1),
    );
    this.cases.set(key, [...before, one]);
    this.genuine.push(line(one));
    if (payload !== UNREADABLE) this.effective.push(`${key} ${one.seq}`);
    return one;
  }

  private event(): Uint8Array {
    const value = { at: '2026-03-02', kind: 'summons', text: randomUUID() };
    const record = create(CaseRecordSchema, {
      entity: randomUUID(),
      body: { case: 'event', value },
    });
    return toBinary(CaseRecordSchema, record);
  }

  /** New records, some of them poison, some kept back for later; old ones again; a second one under a number of the past. */
  async step(dice: Dice): Promise<void> {
    const late = this.withheld;
    const fresh = Array.from({ length: 1 + dice.below(20) }, () => {
      const poison = dice.chance(0.05);
      const key = `hostile-${dice.below(12)}`;
      const one = this.write(key, poison ? UNREADABLE : this.event());
      if (poison) this.poisoned.push(one);
      this.counts.poisoned += Number(poison);
      return one;
    });
    this.withheld = fresh.filter(() => dice.chance(0.15));
    this.counts.withheld += this.withheld.length;
    const again = this.acknowledged.length > 0 && dice.chance(0.3);
    const records = [
      ...late,
      ...fresh.filter((one) => !this.withheld.includes(one)),
      ...(again ? [dice.pick(this.acknowledged), ...this.equivocate(dice)] : []),
    ];
    this.counts.doubled += Number(again);
    const mixed = dice.chance(0.5);
    this.counts.shuffled += Number(mixed);
    await this.pushParts(dice, mixed ? dice.shuffle(records) : records);
    if (dice.chance(0.3)) await this.replay(dice);
  }

  /** In one batch, or in two of which the later comes first. */
  private async pushParts(dice: Dice, records: RecordInit[]): Promise<void> {
    if (records.length < 2 || dice.chance(0.6)) return this.push(records);
    const at = 1 + dice.below(records.length - 1);
    await this.pushPermuted(records.slice(0, at), records.slice(at), dice.chance(0.5));
    this.acknowledge(records);
  }

  private equivocate(dice: Dice): RecordInit[] {
    const taken = dice.pick(this.acknowledged);
    const before = this.cases.get(taken.caseKey ?? '')?.[Number(taken.seq) - 2];
    const other = follow({ ...taken, changeId: randomUUID(), payload: this.event() }, before);
    this.equivocal.push(line(other));
    return [other];
  }

  protected override async push(records: RecordInit[]): Promise<void> {
    await super.push(records);
    this.acknowledge(records);
  }

  private acknowledge(records: RecordInit[]): void {
    this.acknowledged.push(...records.filter((one) => this.genuine.includes(line(one))));
  }

  /** An old batch once more has the receipt that it had. */
  private async replay(dice: Dice): Promise<void> {
    const [id, packed] = dice.pick([...this.receipts]);
    const receipt = await this.deliver(packed);
    if (receipt.receiptId !== id) throw new Error(`batch ${id} has a second receipt`);
    this.counts.replayed++;
  }

  /** What was kept back, and a correction of each poisoned record. */
  async mend(): Promise<void> {
    await this.push(this.withheld.splice(0));
    await this.push(
      this.poisoned.splice(0).map((one) => this.write(one.caseKey ?? '', this.event(), one.seq)),
    );
  }
}

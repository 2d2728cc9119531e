// People declare only once: what another court knows of somebody, at the centre.
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { CaseRecordSchema, PartyRole } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import type { NaturalPersonSchema } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { follow, record, type Exchange } from './exchange.ts';

/** A court that has sent the centre its one record: of this person, so many days ago. */
export async function knowElsewhere(
  exchange: Exchange,
  court: string,
  person: MessageInitShape<typeof NaturalPersonSchema>,
  days: number,
): Promise<void> {
  const identity = await exchange.admit(court);
  const words = create(CaseRecordSchema, {
    entity: '0192f0c1-2b3c-7d4e-8f50-0000000000aa',
    body: {
      case: 'party',
      value: { role: PartyRole.WITNESS, who: { case: 'person', value: person } },
    },
  });
  const party = follow({
    ...record(1n),
    recordType: 'party',
    recordedMs: BigInt(Date.now() - days * 86_400_000),
    payload: toBinary(CaseRecordSchema, words),
  });
  const answer = await exchange.pushAs({ source: court, batchNo: 1n, records: [party] }, identity);
  if (answer.status !== 200) throw new Error(answer.body.toString());
}

/** The court's right to ask the centre of parties. */
export async function letAsk(exchange: Exchange, purpose = 'adjudication'): Promise<void> {
  await exchange.center.assize(
    ...['access', 'grant', 'DEMO', '--types', 'party', '--purpose', purpose],
  );
}

// CaseService as connect-web, as it comes from npm, calls it in a browser: what the clerk's page calls, unary and as a stream.
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { Purpose } from '../../web/src/gen/assize/access/v1/access_pb.js';
import { CaseService } from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { PartyRole } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { SyncService } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';

/** What each call says of the case of this number. */
export async function look(number: string): Promise<unknown[]> {
  const transport = createConnectTransport({ baseUrl: location.origin, useBinaryFormat: true });
  const client = createClient(CaseService, transport);
  const reason = { purpose: Purpose.ADJUDICATION, legalBasis: 'Điều 47 BLTTHS' };
  const found = (await client.search({ reason, numberBegins: number })).cases[0];
  const caseKey = found?.caseKey ?? '';
  const said: unknown[] = [
    found?.number,
    (await client.get({ reason, caseKey })).records[0]?.recordType,
    (await client.history({ reason, caseKey })).versions[0]?.recordType,
  ];
  const told = await client.changes({ reason, caseKeys: [caseKey] });
  said.push(told.cases[0]?.number, told.line?.linked);
  for await (const one of client.watchChanges({ reason, caseKeys: [caseKey] })) {
    said.push(one.cases[0]?.number, one.line?.linked);
    break;
  }
  const refused = await client.changes({}).catch((error: Error) => error.message);
  return [...said, refused];
}

/** What each call says that writes a party into the case of this number, and that notices are told by. */
export async function write(number: string, personalNumber: string): Promise<unknown[]> {
  const transport = createConnectTransport({ baseUrl: location.origin, useBinaryFormat: true });
  const client = createClient(CaseService, transport);
  const reason = { purpose: Purpose.ADJUDICATION, legalBasis: 'Điều 47 BLTTHS' };
  const caseKey = (await client.search({ reason, numberBegins: number })).cases[0]?.caseKey ?? '';
  const value = { fullName: 'Lý Thị Mười', personalNumber };
  const party = { role: PartyRole.WITNESS, who: { case: 'person', value } } as const;
  const changeId = crypto.randomUUID();
  const { seq } = await client.addParty({ reason, caseKey, changeId, party });
  const { person } = await client.prefill({ reason, personalNumber });
  const { notices } = await client.notices({ reason, caseKey });
  const message = (error: Error) => error.message;
  return [
    seq > 0n,
    person?.fullName,
    notices.length,
    await client.takeNotice({ reason, id: 999_999n }).catch(message),
    await createClient(SyncService, transport).status({}).catch(message),
  ];
}

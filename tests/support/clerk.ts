// CaseService as its own library calls it: connect-node as it comes from npm, by the cookie of somebody signed in at a court; and
// records that the court writes and its centre does not take in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { Client } from '@connectrpc/connect';
import { Purpose } from '../../web/src/gen/assize/access/v1/access_pb.js';
import { CaseService } from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import {
  CaseKind,
  CaseRecordSchema,
  Instance,
  PartyRole,
} from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { CaseStatus } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import type { Exchange } from './exchange.ts';
import type { Server } from './server.ts';
import { clientOf } from './people.ts';
import { addAccount, signIn, type Account } from './staff.ts';

export type Cases = Client<typeof CaseService>;

export const CLERKS_REASON = {
  purpose: Purpose.ADJUDICATION,
  legalBasis: 'Điều 47 Bộ luật Tố tụng hình sự',
};

/** Nobody without a cookie. */
export const casesOf = (url: string, cookie = ''): Cases => clientOf(CaseService, url, cookie);

/** Somebody of the court, signed in. */
export async function member(
  court: Server,
  role: string,
): Promise<{ cases: Cases; account: Account; cookie: string }> {
  const account = await addAccount(court, role);
  const { cookie } = await signIn(court.url, account);
  return { cases: casesOf(court.url, cookie), account, cookie };
}

type Body = MessageInitShape<typeof CaseRecordSchema>['body'];

/** A case of the court, without a hearing; gives its key. */
export async function addCase(court: Server, number: string, title = 'Vụ án thử'): Promise<string> {
  await court.sql(
    `INSERT INTO court (name) SELECT 'Tòa án thử' WHERE NOT EXISTS (SELECT FROM court)`,
  );
  const [row] = await court.sql(
    `INSERT INTO court_case (court, number, title)
     SELECT id, '${number}', '${title}' FROM court LIMIT 1 RETURNING id`,
  );
  return String(row?.[0]);
}

export const caseFile = (number: string, title: string, status = CaseStatus.ACCEPTED): Body => ({
  case: 'caseFile',
  value: {
    ...{ court: 'TAND.01.KV1', number, kind: CaseKind.CRIMINAL, instance: Instance.FIRST },
    ...{ title, acceptedOn: '2026-02-03', status },
  },
});

export const person = (fullName: string, more: object = {}): Body => ({
  case: 'party',
  value: {
    role: PartyRole.DEFENDANT,
    who: { case: 'person', value: { fullName, nationality: 'VN', ...more } },
  },
});

const packed = (entity: string, body: Body): Uint8Array =>
  toBinary(CaseRecordSchema, create(CaseRecordSchema, { entity, body }));

/** A record of a case, as the court's people write it; gives its number. */
export async function writeRecord(
  court: Server,
  key: string,
  type: string,
  entity: string,
  body: Body,
  ...more: string[]
): Promise<bigint> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  const file = join(folder, 'record');
  try {
    writeFileSync(file, packed(entity, body));
    return BigInt(await court.assize('case', 'write', key, type, file, ...more));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A record past the court's own checks, as older programs may have written it; gives its number. */
export async function writeUnchecked(
  court: Server,
  key: string,
  type: string,
  entity: string,
  body: Body,
): Promise<bigint> {
  const payload = Buffer.from(packed(entity, body)).toString('hex');
  const [row] = await court.sql(
    `SELECT case_write('DEMO', '${key}', uuid_at((extract(epoch FROM now()) * 1000)::bigint), 1, '${type}',
       '${entity}', NULL, NULL, '\\x${payload}', '', NULL, NULL)`,
  );
  return BigInt(String(row?.[0]));
}

/** Until the court has been told what became of all it sent. */
export async function answered(exchange: Exchange, milliseconds = 30_000): Promise<void> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const [row] = await exchange.court.sql(
      `SELECT count(*) FROM case_change WHERE state IN ('waiting', 'sent')`,
    );
    if (row?.[0] === '0') return;
    if (Date.now() > until) throw new Error('not everything was answered');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// Asking for case records and granting rights: as an organisation by its certificate, as staff by cookie.
import { createHmac } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { AccessService, Purpose } from '../../web/src/gen/assize/access/v1/access_pb.js';
import { createClient, type Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { CaseService } from '../../web/src/gen/assize/cases/v1/case_service_pb.js';
import { MonitorService } from '../../web/src/gen/assize/monitor/v1/monitor_pb.js';
import type { Identity } from './exchange.ts';
import { request, type Response } from './http.ts';
import { refused, type Refused } from './session.ts';

export const CASES = 'assize.cases.v1.CaseService';
export const ACCESS = 'assize.access.v1.AccessService';

/** Why somebody asks, when the test is about something else. */
export const REASON = {
  purpose: Purpose.ENFORCEMENT,
  legalBasis: 'Điều 28 Luật Thi hành án dân sự',
};

/** Who asks: a certificate, or a cookie. */
export type Caller = Identity | { cookie: string };

export function ask<I extends DescMessage>(
  url: string,
  method: string,
  schema: I,
  message: MessageInitShape<I>,
  caller: Caller,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = toBinary(schema, create(schema, message));
  const cookie: Record<string, string> =
    'cookie' in caller ? { Origin: url, Cookie: caller.cookie } : {};
  return request(`${url}/${method}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/proto',
      'Connect-Protocol-Version': '1',
      'Content-Length': String(body.length),
      ...cookie,
      ...headers,
    },
    body,
    ...('cookie' in caller ? {} : caller),
  });
}

/** The answer, or an error with what was refused. */
export function read<O extends DescMessage>(schema: O, answer: Response): MessageShape<O> {
  if (answer.status !== 200) {
    throw new Error(`refused: ${answer.status} ${answer.body.toString()}`);
  }
  return fromBinary(schema, answer.body);
}

export interface FieldRefused extends Refused {
  field: string;
}

/** A refusal with the path of the field that is wrong. */
export function refusedField(answer: Response): FieldRefused {
  const error = JSON.parse(answer.body.toString()) as {
    details?: { debug?: { field?: string } }[];
  };
  return { ...refused(answer), field: error.details?.[0]?.debug?.field ?? '' };
}

/** The services as connect-node, as it comes from npm, calls them by a certificate. */
export function clientsOf(
  url: string,
  identity: Identity,
): {
  cases: Client<typeof CaseService>;
  access: Client<typeof AccessService>;
  monitor: Client<typeof MonitorService>;
} {
  const transport = createConnectTransport({
    baseUrl: url,
    httpVersion: '1.1',
    nodeOptions: { rejectUnauthorized: false, ...identity },
  });
  return {
    cases: createClient(CaseService, transport),
    access: createClient(AccessService, transport),
    monitor: createClient(MonitorService, transport),
  };
}

/** What a personal number is searched for by, from its definition; secret: the text of person.key. */
export function searchValue(secret: string, number: string): Buffer {
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  return hmac(hmac(Buffer.from(secret.trim(), 'hex'), 'assize person search'), number);
}

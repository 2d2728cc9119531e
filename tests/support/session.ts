// Signing in over Connect, as the join page does.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  OpenByLinkRequestSchema,
  SessionSchema,
  type Session,
} from '../../web/src/gen/assize/session/v1/session_pb.js';
import { request, type Response } from './http.ts';

export const COOKIE = '__Host-assize';

/** The Connect error of a refused call; code is the one of the table of refusals. */
export interface Refused {
  status: number;
  connectCode: string;
  code: string;
}

export function token(link: string): string {
  return new URL(link).hash.slice(1);
}

export async function call(
  url: string,
  method: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
  from?: string,
): Promise<Response> {
  return request(`${url}/assize.session.v1.SessionService/${method}`, {
    method: 'POST',
    from,
    headers: {
      'Content-Type': 'application/proto',
      'Connect-Protocol-Version': '1',
      'Content-Length': String(body.length),
      Origin: url,
      ...headers,
    },
    body,
  });
}

export async function callOpen(
  url: string,
  linkToken: string,
  headers: Record<string, string> = {},
  from?: string,
): Promise<Response> {
  const body = create(OpenByLinkRequestSchema, { token: linkToken });
  return call(url, 'OpenByLink', toBinary(OpenByLinkRequestSchema, body), headers, from);
}

/** Opens a session, or throws what was refused. */
export async function openByLink(
  url: string,
  link: string,
): Promise<{ cookie: string; session: Session; setCookie: string }> {
  const answer = await callOpen(url, token(link));
  const setCookie = answer.headers['set-cookie']?.[0];
  if (answer.status !== 200 || setCookie === undefined) {
    throw new Error(`the link was refused: ${answer.status} ${answer.body.toString()}`);
  }
  return {
    cookie: setCookie.split(';')[0] ?? '',
    session: fromBinary(SessionSchema, answer.body),
    setCookie,
  };
}

export function refused(answer: Response): Refused {
  const error = JSON.parse(answer.body.toString()) as {
    code: string;
    details?: { code?: string; debug?: { code?: string } }[];
  };
  const detail = error.details?.[0];
  return {
    status: answer.status,
    connectCode: error.code,
    code: detail?.debug?.code ?? detail?.code ?? '',
  };
}

// Staff: accounts made on the command line, and signing in over Connect, as the sign-in page does.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import {
  MemberSchema,
  SessionsRequestSchema,
  SessionsResponseSchema,
  SignInRequestSchema,
  type Member,
  type StaffSession,
} from '../../web/src/gen/assize/staff/v1/staff_pb.js';
import { request, type Response } from './http.ts';
import type { Server } from './server.ts';

export const STAFF_COOKIE = '__Host-assize-staff';

export interface Account {
  login: string;
  password: string;
}

/** Whose accounts these are: nobody of the demonstration, whose accounts are found by their owners' names. */
export const ACCOUNT_NAME = 'Phạm Gia Huy';

let made = 0;

/** An account of its own for a test; its password was given by someone else unless it is settled. */
export async function addAccount(
  server: Server,
  role = 'clerk',
  { settled = true } = {},
): Promise<Account> {
  const login = `${role}.${process.pid}.${++made}`;
  const password = await server.assize(
    ...['account', 'add', login, '--name', ACCOUNT_NAME, '--role', role, '--generate'],
  );
  if (settled) {
    await server.sql(`UPDATE account SET must_change = false WHERE login = '${login}'`);
  }
  return { login, password: password.trim() };
}

export function callStaff<I extends DescMessage>(
  url: string,
  method: string,
  schema: I,
  message: MessageInitShape<I>,
  headers: Record<string, string> = {},
  from?: string,
): Promise<Response> {
  const body = toBinary(schema, create(schema, message));
  return request(`${url}/assize.staff.v1.StaffService/${method}`, {
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

export const tryToSignIn = (
  url: string,
  account: Account,
  headers: Record<string, string> = {},
  from?: string,
): Promise<Response> => callStaff(url, 'SignIn', SignInRequestSchema, account, headers, from);

/** Signs in, or throws what was refused. */
export async function signIn(
  url: string,
  account: Account,
  from?: string,
): Promise<{ cookie: string; setCookie: string; member: Member }> {
  const answer = await tryToSignIn(url, account, { 'User-Agent': 'a test' }, from);
  const setCookie = answer.headers['set-cookie']?.[0];
  if (answer.status !== 200 || setCookie === undefined) {
    throw new Error(`not signed in: ${answer.status} ${answer.body.toString()}`);
  }
  return {
    cookie: setCookie.split(';')[0] ?? '',
    setCookie,
    member: fromBinary(MemberSchema, answer.body),
  };
}

/** The sessions that the owner of the cookie, or of this login, has. */
export async function sessionsOf(
  url: string,
  cookie: string,
  login?: string,
): Promise<StaffSession[]> {
  const asked = login === undefined ? {} : { login };
  const answer = await callStaff(url, 'Sessions', SessionsRequestSchema, asked, { Cookie: cookie });
  return fromBinary(SessionsResponseSchema, answer.body).sessions;
}

// Signing in: unary Connect calls in binary form (connectrpc.com/docs/protocol) to the services of proto/assize/session. The
// session itself is an HttpOnly cookie that no script sees.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { SessionService, type Session } from '../gen/assize/session/v1/session_pb.js';
import { RefusalSchema } from '../gen/assize/signal/v1/signal_pb.js';
import { Refused, refusedBy, unreachable } from './refusal.ts';

export interface Method<I extends DescMessage, O extends DescMessage> {
  name: string;
  parent: { typeName: string };
  input: I;
  output: O;
}

/** One unary call of any service; throws Refused. */
export async function call<I extends DescMessage, O extends DescMessage>(
  method: Method<I, O>,
  input: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  const response = await fetch(`/${method.parent.typeName}/${method.name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/proto', 'connect-protocol-version': '1' },
    body: toBinary(method.input, create(method.input, input)) as Uint8Array<ArrayBuffer>,
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await refusalOf(response);
  return fromBinary(method.output, new Uint8Array(await response.arrayBuffer()));
}

/** An error as Connect says it. */
export interface ErrorBody {
  details?: { value?: string }[];
}

/** The refusal, with both sentences, is its first detail. */
export function refusalIn(error: ErrorBody | null, waitS = 0): Refused {
  const packed = error?.details?.[0]?.value;
  if (!packed) return unreachable();
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return refusedBy(fromBinary(RefusalSchema, bytes), waitS);
}

export async function refusalOf(response: Response): Promise<Refused> {
  const error = (await response.json().catch(() => null)) as ErrorBody | null;
  return refusalIn(error, Number(response.headers.get('retry-after') ?? 0));
}

export const openByLink = (token: string): Promise<Session> =>
  call(SessionService.method.openByLink, { token });

/** The session of the cookie, or null when there is none any more. */
export async function currentSession(): Promise<Session | null> {
  try {
    return await call(SessionService.method.current, {});
  } catch (error) {
    if (error instanceof Refused && error.code === 'not_signed_in') return null;
    throw error;
  }
}

export const signOut = async (): Promise<void> => {
  await call(SessionService.method.signOut, {});
};

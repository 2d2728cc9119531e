// A call that is answered by a stream of messages: Connect in binary form over fetch (connectrpc.com/docs/protocol). Each
// message is in an envelope of flags, length and bytes; the last one is JSON and says how it ended.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { unreachable } from './refusal.ts';
import { refusalIn, refusalOf, type ErrorBody, type Method } from './session.ts';

const headBytes = 5;
const lastFlag = 2;
const mostBytes = 4 * 1024 * 1024; // of one message

/** The messages as they come; throws Refused, also when the stream is torn. */
export async function* stream<I extends DescMessage, O extends DescMessage>(
  method: Method<I, O>,
  input: MessageInitShape<I>,
  signal: AbortSignal,
): AsyncGenerator<MessageShape<O>> {
  const response = await fetch(`/${method.parent.typeName}/${method.name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/connect+proto', 'connect-protocol-version': '1' },
    body: envelope(toBinary(method.input, create(method.input, input))),
    signal,
  });
  if (!response.ok || !response.body) throw await refusalOf(response);
  for await (const { flags, bytes } of envelopes(response.body)) {
    if (!(flags & lastFlag)) {
      yield fromBinary(method.output, bytes);
      continue;
    }
    const end = JSON.parse(new TextDecoder().decode(bytes)) as { error?: ErrorBody };
    if (end.error) throw refusalIn(end.error);
    return;
  }
  throw unreachable();
}

function envelope(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(headBytes + bytes.length);
  new DataView(out.buffer).setUint32(1, bytes.length);
  out.set(bytes, headBytes);
  return out;
}

/** As they are, however the bytes were cut on their way. */
export async function* envelopes(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ flags: number; bytes: Uint8Array }> {
  const reader = body.getReader();
  let held = new Uint8Array();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      held = joined(held, value);
      while (held.length >= headBytes) {
        const length = new DataView(held.buffer, held.byteOffset).getUint32(1);
        if (length > mostBytes) throw unreachable();
        const end = headBytes + length;
        if (held.length < end) break;
        yield { flags: held[0] ?? 0, bytes: held.subarray(headBytes, end) };
        held = held.subarray(end);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

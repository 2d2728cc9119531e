// What is small to send and would be large, deep or long to read. Each is within the limit of a body.
import { zstdCompressSync } from 'node:zlib';
import { follow, record, type RecordInit } from './exchange.ts';

const BODY_MAX = 4 << 20;
const PAYLOAD_MAX = 1 << 20;
const CONTEXT_MAX = 4096;
const RECORDS_MAX = 500;
const DEEP = 100_000;

/** So many bytes of the same few, over and over. */
function over(again: number[], bytes: number): Buffer {
  return Buffer.alloc(bytes - (bytes % again.length), Buffer.from(again));
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/** A field in itself in itself, so many times. */
function nested(tag: number[], times: number): Buffer {
  const heads: number[][] = [];
  let length = 0;
  for (let i = 0; i < times; i++) {
    const head = [...tag, ...varint(length)];
    heads.push(head);
    length += head.length;
  }
  return Buffer.from(heads.reverse().flat());
}

const HEADER = [0x4a];
const RECORDS = [0x22];
const REJECTIONS = [0x32];
const UNKNOWN = [0xf2, 0x3f]; // field 1022, some bytes
const GROUP = [0x0b];

export interface Bomb {
  name: string;
  method: string;
  body: Buffer;
  /** Sent in zstd; then body is what it opens to. */
  packed?: Buffer;
  code: string;
}

/** Refused as a whole. */
export function bombs(): Bomb[] {
  const malformed = (name: string, method: string, body: Buffer): Bomb => ({
    ...{ name, method, body },
    code: 'malformed',
  });
  const records = over([...RECORDS, 0], BODY_MAX);
  return [
    malformed('records by the million, all empty', 'Push', records),
    {
      ...malformed(
        'rejections by the million, all empty',
        'Ack',
        over([...REJECTIONS, 0], BODY_MAX),
      ),
      code: 'receipt_unknown',
    },
    malformed('fields by the million that nobody knows', 'Open', over([...UNKNOWN, 0], BODY_MAX)),
    malformed('headers in headers', 'Push', nested(HEADER, DEEP)),
    malformed('groups in groups', 'Push', over(GROUP, BODY_MAX)),
    { ...malformed('empty records, in zstd', 'Push', records), packed: zstdCompressSync(records) },
    {
      ...{ name: 'zeros that do not end, in zstd', method: 'Push', body: Buffer.alloc(BODY_MAX) },
      packed: zstdCompressSync(Buffer.alloc(BODY_MAX * 64)),
      code: 'too_large',
    },
  ];
}

export interface Mine {
  name: string;
  records: RecordInit[];
  /** Of each record; undefined: it is taken in. */
  reason: string | undefined;
}

function mine(name: string, reason: string | undefined, parts: RecordInit[]): Mine {
  const keyed = parts.map((one, i) =>
    follow({ ...record(1n), caseKey: `${name.replaceAll(' ', '-')}-${i}`, ...one }),
  );
  return { name, records: keyed, reason };
}

const PARTY = [0x1a];
const CODE_LISTS = [0x32];

/** Records of a batch that is good, whose contents are meant to cost. */
export function mines(): Mine[] {
  const party = (payload: Buffer): RecordInit => ({ recordType: 'party', payload });
  const most = over(PARTY.concat(0), PAYLOAD_MAX);
  const whole = Buffer.concat([Buffer.from([0x18, 5]), over([...UNKNOWN, 4, 1, 2, 3, 4], 7_900)]);
  return [
    mine('parties by the million', 'unreadable', [party(most), party(most), party(most)]),
    mine('party in party', 'entity', [party(nested(PARTY, DEEP))]),
    mine(
      'code lists',
      undefined,
      Array.from({ length: RECORDS_MAX }, () => ({
        context: over([...CODE_LISTS, 0], CONTEXT_MAX),
      })),
    ),
    mine('as large as a batch may be', undefined, Array(RECORDS_MAX).fill({ payload: whole })),
  ];
}

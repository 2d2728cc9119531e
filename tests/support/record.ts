// The record of a hearing as its files, its verification and its lamp show it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RecordFault } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { type HearingView, RecordLamp } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import type { Participant } from './participant.ts';
import { run } from './processes.ts';
import { binary, type Server } from './server.ts';

export interface Verified {
  verified: boolean;
  events: number;
  groups: number;
  files: number;
  packets: number;
  record_bytes: number;
  heads: number;
  heads_found: number;
  identities: number;
  identities_found: number;
  torn: number;
  bad: number;
  findings: { path: string; offset: number; verdict: string; why: string }[];
}

/** What `assize verify` says, and how it ended. */
export async function verify(
  server: Server,
  hearing: string,
): Promise<{ code: number; said: Verified }> {
  const { code, output, errors } = await run(binary('assize'), [
    ...['verify', hearing, '--json', '--state', server.state],
  ]);
  if (output.trim() === '') {
    throw new Error(`assize verify ended with ${code}\n${errors}`);
  }
  return { code, said: JSON.parse(output) as Verified };
}

/** The hearing as this participant was last told. */
export function lastTold(participant: Participant): HearingView | undefined {
  for (const { response } of participant.messages.toReversed()) {
    if (response.case === 'snapshot' || response.case === 'events') {
      return response.value.hearing;
    }
  }
  return undefined;
}

export function lamp(participant: Participant): RecordLamp {
  return lastTold(participant)?.record ?? RecordLamp.UNSPECIFIED;
}

/** Why the record has failed. */
export function recordFault(participant: Participant): RecordFault {
  return lastTold(participant)?.recordFault ?? RecordFault.UNSPECIFIED;
}

export function groupFolder(server: Server, hearing: string, group: string): string {
  return join(server.state, 'record', hearing, group);
}

/**
 * Calls visit for each packet of a pcapng file with its track, its length without the block around it, and its time
 * in Unix milliseconds.
 */
function eachPacket(
  path: string,
  visit: (track: number, length: number, at: number) => void,
): void {
  const bytes = readFileSync(path);
  for (let at = 0; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    if (length < 12 || at + length > bytes.length) {
      return;
    }
    if (bytes.readUInt32LE(at) === 6) {
      const tags = tagBytes(bytes.subarray(at + 28, at + length));
      const nanoseconds =
        (BigInt(bytes.readUInt32LE(at + 12)) << 32n) | BigInt(bytes.readUInt32LE(at + 16));
      visit(
        bytes.readUInt32LE(at + 8),
        bytes.readUInt32LE(at + 20) - tags,
        Number(nanoseconds / 1_000_000n),
      );
    }
    at += length;
  }
}

/** The tags of Wireshark's upper PDU in front of a packet: big-endian tag and length, until tag 0. */
function tagBytes(data: Buffer): number {
  let at = 0;
  while (data.readUInt16BE(at) !== 0) {
    at += 4 + data.readUInt16BE(at + 2);
  }
  return at + 4;
}

/** RTP and RTCP packets of a group's files by track, read straight from the pcapng blocks. */
export function packetsByTrack(
  server: Server,
  hearing: string,
  group: string,
): { audio: number; video: number } {
  const folder = groupFolder(server, hearing, group);
  const counts = [0, 0];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.pcapng'))) {
    eachPacket(join(folder, name), (track) => (counts[track] = (counts[track] ?? 0) + 1));
  }
  return { audio: counts[0] ?? 0, video: counts[1] ?? 0 };
}

/** When the first and the last packet of any group of a hearing came in, in Unix milliseconds. */
export function spanOnRecord(server: Server, hearing: string): { from: number; to: number } {
  const span = { from: Infinity, to: 0 };
  const folder = join(server.state, 'record', hearing);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.name.endsWith('.pcapng')) {
      eachPacket(join(entry.parentPath, entry.name), (_track, _length, at) => {
        span.from = Math.min(span.from, at);
        span.to = Math.max(span.to, at);
      });
    }
  }
  return span;
}

/** Bytes of all files of a hearing's record, sidecars included, and of the packets in them. */
export function bytesOnRecord(folder: string): { files: number; packets: number } {
  const sum = { files: 0, packets: 0 };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile()) {
      continue;
    }
    sum.files += statSync(path).size;
    if (entry.name.endsWith('.pcapng')) {
      eachPacket(path, (_, length) => (sum.packets += length));
    }
  }
  return sum;
}

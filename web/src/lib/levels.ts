// Who speaks and whose picture stands still, read from what the receivers last got (RFC 6464 audio levels come in the RTP itself).
import type { Leg } from './leg.ts';

const loud = 0.01; // about -40 dBov
const speechHangMs = 700; // the pause between words is still speech
const stillMs = 3000; // no new frame for so long: there is no picture

interface Seen {
  timestamp: number;
  atMs: number;
}

export class Levels {
  private spokeAtMs = new Map<number, number>();
  private seen = new Map<string, Seen>();

  read(leg: Leg, nowMs = performance.now()): { speaking: Set<number>; still: Set<number> } {
    for (const { mid, receiver } of leg.receivers('a')) {
      const endpoint = leg.slots.get(mid);
      const level = Math.max(
        0,
        ...receiver.getSynchronizationSources().map((source) => source.audioLevel ?? 0),
      );
      if (endpoint && level > loud) this.spokeAtMs.set(endpoint, nowMs);
    }
    const still = new Set<number>();
    for (const { mid, receiver } of leg.receivers('v')) {
      const endpoint = leg.slots.get(mid);
      if (endpoint && this.stands(`${leg.id}/${mid}/${endpoint}`, receiver, nowMs))
        still.add(endpoint);
    }
    const speaking = [...this.spokeAtMs].filter(([, atMs]) => nowMs - atMs < speechHangMs);
    return { speaking: new Set(speaking.map(([endpoint]) => endpoint)), still };
  }

  private stands(key: string, receiver: RTCRtpReceiver, nowMs: number): boolean {
    const timestamp = Math.max(
      0,
      ...receiver.getSynchronizationSources().map((source) => source.timestamp),
    );
    const before = this.seen.get(key);
    if (before?.timestamp === timestamp) return nowMs - before.atMs > stillMs;
    this.seen.set(key, { timestamp, atMs: nowMs });
    return false;
  }
}

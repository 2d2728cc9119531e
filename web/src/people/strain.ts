// Whether this machine keeps up with the pictures it gets: frames that came whole and were thrown away unseen.
const fewFrames = 50; // fewer than this says nothing
const muchDropped = 0.2;

export class Strain {
  private readonly before = new Map<string, { decoded: number; dropped: number }>();

  /** True when since the last look a fifth of all frames was dropped. */
  async look(connection: RTCPeerConnection | null): Promise<boolean> {
    if (!connection || document.hidden) return false;
    let frames = 0;
    let lost = 0;
    for (const report of (await connection.getStats()).values()) {
      const stats = report as RTCInboundRtpStreamStats;
      if (stats.type !== 'inbound-rtp' || stats.kind !== 'video') continue;
      const decoded = stats.framesDecoded ?? 0;
      const dropped = stats.framesDropped ?? 0;
      const was = this.before.get(stats.id) ?? { decoded, dropped };
      this.before.set(stats.id, { decoded, dropped });
      frames += decoded - was.decoded;
      lost += dropped - was.dropped;
    }
    return frames + lost > fewFrames && lost > (frames + lost) * muchDropped;
  }
}

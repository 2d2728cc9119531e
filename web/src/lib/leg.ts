// One leg: a PeerConnection that answers one offer of the relay. Mids "a" and "v" send this device's sound and picture, "s" what
// it shows; "a0".., "v0".. are slots whose occupants the server tells (MediaSlots). The offer never changes afterwards.
const configuration: RTCConfiguration = {
  bundlePolicy: 'max-bundle',
  rtcpMuxPolicy: 'require',
  iceCandidatePoolSize: 1, // addresses are looked for ahead, too
};

// Made ahead of the click that joins, so that the answer to the offer does not wait for a key.
let certificate: Promise<RTCCertificate> | undefined;
let spare: Promise<RTCPeerConnection> | undefined;

async function connection(): Promise<RTCPeerConnection> {
  certificate ??= RTCPeerConnection.generateCertificate({
    name: 'ECDSA',
    namedCurve: 'P-256',
  } as EcKeyGenParams);
  return new RTCPeerConnection({ ...configuration, certificates: [await certificate] });
}

export function prepareLeg(): void {
  spare ??= connection();
}

function takeConnection(): Promise<RTCPeerConnection> {
  const taken = spare ?? connection();
  spare = undefined;
  return taken;
}

export interface LegHost {
  answer(leg: bigint, sdp: string): void;
  legChanged(leg: Leg): void;
}

export interface LocalTracks {
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  share: MediaStreamTrack | null;
}

const sent = ['a', 'v', 's'];

export class Leg {
  readonly id: bigint;
  pc: RTCPeerConnection | null = null;
  slots: ReadonlyMap<string, number> = new Map();
  private readonly host: LegHost;
  private readonly streams = new Map<string, MediaStream>();
  private closed = false;
  private tracks: LocalTracks = { audio: null, video: null, share: null };

  constructor(id: bigint, host: LegHost) {
    this.id = id;
    this.host = host;
  }

  async open(sdp: string, tracks: LocalTracks): Promise<void> {
    this.tracks = tracks;
    const pc = await takeConnection();
    if (this.closed) return pc.close();
    this.pc = pc;
    pc.onconnectionstatechange = () => this.host.legChanged(this);
    await pc.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of pc.getTransceivers()) {
      if (sent.includes(transceiver.mid ?? '')) transceiver.direction = 'sendonly';
    }
    this.use(this.tracks); // a camera that came up meanwhile is in them
    const answer = await pc.createAnswer();
    const applied = pc.setLocalDescription(answer);
    this.host.answer(this.id, answer.sdp ?? '');
    await applied;
    this.host.legChanged(this);
  }

  /** Sends these tracks from now on; null sends nothing. */
  use(tracks: LocalTracks): void {
    this.tracks = tracks;
    void this.sender('a')?.replaceTrack(tracks.audio);
    void this.sender('v')?.replaceTrack(tracks.video);
    void this.sender('s')?.replaceTrack(tracks.share);
  }

  get connected(): boolean {
    return this.pc?.connectionState === 'connected';
  }

  get failed(): boolean {
    return (
      this.closed || this.pc?.connectionState === 'failed' || this.pc?.connectionState === 'closed'
    );
  }

  receivers(medium: 'a' | 'v'): { mid: string; receiver: RTCRtpReceiver }[] {
    return (this.pc?.getTransceivers() ?? [])
      .filter(({ mid }) => mid?.startsWith(medium) && mid.length > 1)
      .map(({ mid, receiver }) => ({ mid: mid as string, receiver }));
  }

  /** The slot's track as a stream, the same one each time. */
  stream(mid: string, receiver: RTCRtpReceiver): MediaStream {
    const known = this.streams.get(mid) ?? new MediaStream([receiver.track]);
    this.streams.set(mid, known);
    return known;
  }

  /** True once anything has arrived. */
  receives(): boolean {
    return [...this.receivers('v'), ...this.receivers('a')].some(
      ({ receiver }) => receiver.getSynchronizationSources().length > 0,
    );
  }

  close(): void {
    this.closed = true;
    if (this.pc) this.pc.onconnectionstatechange = null;
    this.pc?.close();
  }

  private sender(mid: string): RTCRtpSender | undefined {
    return this.pc?.getTransceivers().find((transceiver) => transceiver.mid === mid)?.sender;
  }
}

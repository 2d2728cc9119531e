// What this device shows to everybody: its screen, or a second camera over a document. Asked for, taken away, ended, mended. The
// only place that calls getDisplayMedia.
import { ShareKind } from '../gen/assize/hearing/v1/hearing_pb.js';

export type ShareState =
  | 'off'
  | 'asking' // the browser, then the court
  | 'on';

export type ShareProblem =
  | 'denied' // nothing was chosen, or the browser does not let it
  | 'missing' // there is no such camera
  | 'busy' // another program has it
  | 'ended' // by the browser's own bar
  | 'lost' // unplugged
  | 'stopped'; // by the court, the phase or the connection

export type Source = { kind: 'screen' } | { kind: 'camera'; deviceId: string };

export interface ShareHost {
  showTrack(track: MediaStreamTrack | null): void;
  startShare(kind: ShareKind): Promise<boolean>;
  stopShare(): Promise<boolean>;
}

/** Larger pictures are only more to send: the programme and the record take no more. */
const screenWish: DisplayMediaStreamOptions = {
  video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 10, max: 15 } },
  audio: false,
};
const cameraWish: MediaTrackConstraints = {
  width: { ideal: 1920 },
  height: { ideal: 1080 },
  frameRate: { ideal: 10, max: 15 },
};

export const canShowScreen = (): boolean => 'getDisplayMedia' in (navigator.mediaDevices ?? {});

export class Share {
  state = $state<ShareState>('off');
  problem = $state<ShareProblem | null>(null);
  choosing = $state(false); // the question what to show is open
  kind = $state(ShareKind.SCREEN); // of the last one
  /** What is shown, for the one who shows it. */
  picture = $state.raw<MediaStream | null>(null);

  private readonly host: ShareHost;
  private track: MediaStreamTrack | null = null;
  private confirmed = false; // the court has said that it is this device that shares
  private ending = false; // it was asked to say otherwise

  constructor(host: ShareHost) {
    this.host = host;
  }

  choose(): void {
    this.problem = null;
    this.choosing = true;
  }

  /** To be called from a click: browsers let a screen be chosen only then. Nothing is sent before the court has agreed. */
  async start(source: Source): Promise<void> {
    if (this.state !== 'off') return;
    this.state = 'asking';
    this.choosing = false;
    this.problem = null;
    this.confirmed = false;
    this.kind = source.kind === 'screen' ? ShareKind.SCREEN : ShareKind.DOCUMENT_CAMERA;
    const track = await this.open(source);
    if (!track) {
      this.state = 'off';
      return;
    }
    this.take(track);
    const agreed = await this.host.startShare(this.kind);
    if (this.track !== track) return; // ended meanwhile
    if (!agreed) return this.release();
    this.state = 'on';
    this.host.showTrack(track);
  }

  /** By the person at this device. */
  async stop(): Promise<void> {
    this.release();
    this.ending = true;
    await this.host.stopShare();
  }

  /** As the court has it: which endpoint shares, and which one this device is. */
  follow(sharer: number, own: number): void {
    const mine = own !== 0 && sharer === own;
    this.ending &&= mine;
    if (mine && this.state === 'off') {
      if (!this.ending) void this.stop(); // of a page that was loaded anew: there is nothing to show any more
    } else if (mine) {
      this.confirmed = true;
    } else if (this.confirmed && this.state === 'on') {
      this.release();
      this.problem = 'stopped';
    }
  }

  /** The device leaves: silently. */
  release(): void {
    this.put(null);
    this.state = 'off';
    this.confirmed = false;
  }

  private async open(source: Source): Promise<MediaStreamTrack | undefined> {
    try {
      const stream =
        source.kind === 'screen'
          ? await navigator.mediaDevices.getDisplayMedia(screenWish)
          : await navigator.mediaDevices.getUserMedia({ video: wishFor(source.deviceId) });
      return stream.getVideoTracks()[0];
    } catch (error) {
      this.problem = problemOf(error);
      return undefined;
    }
  }

  private take(track: MediaStreamTrack): void {
    track.contentHint = 'detail'; // letters must be read; they need not move smoothly
    track.onended = () => this.ended(track);
    this.put(track);
  }

  private ended(track: MediaStreamTrack): void {
    if (this.track !== track) return;
    const problem = this.kind === ShareKind.SCREEN ? 'ended' : 'lost';
    void this.stop();
    this.problem = problem;
  }

  private put(track: MediaStreamTrack | null): void {
    const before = this.track;
    this.track = track;
    this.picture = track ? new MediaStream([track]) : null;
    if (!before) return;
    before.onended = null;
    before.stop();
    this.host.showTrack(null);
  }
}

const wishFor = (deviceId: string): MediaTrackConstraints =>
  deviceId ? { ...cameraWish, deviceId: { exact: deviceId } } : cameraWish;

function problemOf(error: unknown): ShareProblem {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'denied';
}

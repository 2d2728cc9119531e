// This device's camera and microphone: asked for, lost, taken away, mended. The only place that calls getUserMedia.
import { kept } from './kept.ts';
import type { LocalTracks } from './leg.ts';

export type DeviceState =
  | 'off' // not asked for, or switched off by the person
  | 'asking'
  | 'on'
  | 'denied' // the browser or the person says no
  | 'missing' // there is none
  | 'busy' // another program has it
  | 'lost'; // it was on and has gone: unplugged

type Kind = 'camera' | 'microphone';
type OwnTracks = Pick<LocalTracks, 'audio' | 'video'>;

const wishes: Record<Kind, MediaTrackConstraints> = {
  camera: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25, max: 30 } },
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

export class Devices {
  camera = $state<DeviceState>('off');
  microphone = $state<DeviceState>('off');
  /** What the camera shows, for the self-view. */
  picture = $state.raw<MediaStream | null>(null);
  /** 0..1, of one's own microphone. */
  level = $state(0);
  choices = $state.raw<MediaDeviceInfo[]>([]);

  private readonly changed: (tracks: OwnTracks) => void;
  private readonly tracks: Record<Kind, MediaStreamTrack | null> = {
    camera: null,
    microphone: null,
  };
  private silent = false;
  private audio: AudioContext | null = null;
  private meter: ReturnType<typeof setInterval> | undefined;

  constructor(changed: (tracks: OwnTracks) => void) {
    this.changed = changed;
  }

  /** Asks for both at once (one question to the person), then for each alone if that fails. */
  async start(): Promise<void> {
    navigator.mediaDevices?.addEventListener('devicechange', this.listed);
    this.camera = this.microphone = 'asking';
    try {
      const both = { video: this.wish('camera'), audio: this.wish('microphone') };
      const stream = await navigator.mediaDevices.getUserMedia(both);
      this.take('camera', stream.getVideoTracks()[0]);
      this.take('microphone', stream.getAudioTracks()[0]);
    } catch {
      await Promise.all([this.open('camera'), this.open('microphone')]);
    }
    await this.listed();
  }

  /** (Again) on. The one button that mends a device. */
  async open(kind: Kind): Promise<void> {
    this[kind] = 'asking';
    const name = kind === 'camera' ? 'video' : 'audio';
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ [name]: this.wish(kind) });
      this.take(kind, stream.getTracks()[0]);
    } catch (error) {
      this[kind] = stateOf(error);
    }
    await this.listed();
  }

  /** Off: the camera's lamp goes out. */
  close(kind: Kind): void {
    this.put(kind, null);
    this[kind] = 'off';
  }

  async choose(kind: Kind, deviceId: string): Promise<void> {
    kept.device.set(kind, deviceId);
    this.put(kind, null);
    await this.open(kind);
  }

  /** A muted microphone stays open and sends silence, so that unmuting takes no time. */
  silence(silent: boolean): void {
    this.silent = silent;
    if (this.tracks.microphone) this.tracks.microphone.enabled = !silent;
  }

  chosen(kind: Kind): string {
    return this.tracks[kind]?.getSettings().deviceId ?? '';
  }

  stop(): void {
    navigator.mediaDevices?.removeEventListener('devicechange', this.listed);
    this.close('camera');
    this.close('microphone');
  }

  /** Two soft notes, a fifth apart. Resolves when they have been played. */
  async playTone(): Promise<void> {
    const audio = this.context();
    for (const [index, frequency] of [440, 660].entries()) {
      const start = audio.currentTime + index * 0.45;
      const note = new OscillatorNode(audio, { frequency });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.25, start + 0.04);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.9);
      note.connect(volume).connect(audio.destination);
      note.start(start);
      note.stop(start + 0.95);
    }
    await new Promise((resolve) => setTimeout(resolve, 1400));
  }

  /** After a reload the browser lets sound be measured only once the person has touched the page. */
  wake(): void {
    if (this.audio?.state === 'suspended') this.audio.resume().catch(() => undefined);
  }

  /** Which devices there are now. */
  async look(): Promise<void> {
    await this.listed();
  }

  private readonly listed = async (): Promise<void> => {
    this.choices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  };

  private wish(kind: Kind): MediaTrackConstraints {
    const deviceId = kept.device.get(kind);
    return deviceId ? { ...wishes[kind], deviceId: { ideal: deviceId } } : wishes[kind];
  }

  private take(kind: Kind, track: MediaStreamTrack | undefined): void {
    if (!track) {
      this[kind] = 'missing';
      return;
    }
    track.onended = () => void this.ended(kind, track);
    this.put(kind, track);
    this[kind] = 'on';
  }

  private async ended(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (this.tracks[kind] !== track) return;
    this.put(kind, null);
    this[kind] = (await permissionOf(kind)) === 'denied' ? 'denied' : 'lost';
  }

  private put(kind: Kind, track: MediaStreamTrack | null): void {
    const before = this.tracks[kind];
    if (before) {
      before.onended = null;
      before.stop();
    }
    this.tracks[kind] = track;
    if (kind === 'camera') this.picture = track ? new MediaStream([track]) : null;
    else this.measure(track);
    if (track && kind === 'microphone') track.enabled = !this.silent;
    this.changed({ audio: this.tracks.microphone, video: this.tracks.camera });
  }

  private measure(track: MediaStreamTrack | null): void {
    clearInterval(this.meter);
    this.level = 0;
    if (!track) return;
    const audio = this.context();
    const source = audio.createMediaStreamSource(new MediaStream([track]));
    const analyser = new AnalyserNode(audio, { fftSize: 1024 });
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.meter = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      this.level = loudness(power);
    }, 80);
  }

  private context(): AudioContext {
    this.audio ??= new AudioContext();
    this.wake();
    return this.audio;
  }
}

/** -60 dBFS to -10 dBFS as 0..1: quiet speech is then about a half. */
const loudness = (power: number): number =>
  Math.max(0, Math.min(1, (10 * Math.log10(power + 1e-9) + 60) / 50));

async function permissionOf(kind: Kind): Promise<PermissionState> {
  const name = kind as PermissionName;
  const status = await navigator.permissions?.query({ name }).catch(() => null);
  return status?.state ?? 'prompt';
}

function stateOf(error: unknown): DeviceState {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'missing';
}

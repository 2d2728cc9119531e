// Short sounds for what must not be missed, made here and nowhere stored. Can be turned off.
import { kept } from './kept.ts';

export type Chime =
  | 'call' // you are wanted
  | 'turn' // a phase begins, the hearing goes on
  | 'stop'; // the hearing stands still

const notes: Record<Chime, number[]> = {
  call: [523.25, 659.25, 783.99],
  turn: [659.25],
  stop: [587.33, 440],
};
const stepS = 0.18;
const lengthS = 0.7;
const loudness = 0.16;

class Chimes {
  on = $state(kept.device.get('chimes') !== 'off');
  private audio: AudioContext | undefined;

  use(on: boolean): void {
    this.on = on;
    kept.device.set('chimes', on ? null : 'off');
    if (on) this.play('turn');
  }

  play(chime: Chime): void {
    if (!this.on) return;
    this.audio ??= new AudioContext();
    const { audio } = this;
    if (audio.state === 'suspended') audio.resume().catch(() => undefined);
    for (const [index, frequency] of notes[chime].entries()) {
      const from = audio.currentTime + index * stepS;
      const note = new OscillatorNode(audio, { frequency });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(loudness, from + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, from + lengthS);
      note.connect(volume).connect(audio.destination);
      note.start(from);
      note.stop(from + lengthS);
    }
  }
}

export const chimes = new Chimes();

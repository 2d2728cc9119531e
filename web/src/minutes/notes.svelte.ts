// The clerk's notes: what is being written, what is not saved yet, and the lines of the minutes so far. A note that could not
// be saved stays on this machine (localStorage, since the machine may die) and is sent again under the same id.
import { create } from '@bufbuild/protobuf';
import {
  LineKind,
  LineSchema,
  MinutesService,
  type Line,
} from '../gen/assize/minutes/v1/minutes_pb.js';
import { announcer } from '../lib/announce.svelte.ts';
import { kept } from '../lib/kept.ts';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { call } from '../lib/session.ts';
import { app } from '../lib/state.svelte.ts';
import { time } from '../lib/time.svelte.ts';
import { m } from './i18n/index.ts';
import { isPassing, keep, nothingWritten, restore, type Unsaved, type Writing } from './outbox.ts';
import type { Phrase } from './phrases.ts';

const againMs = 4000; // between tries to save what could not be saved
const lookMs = 2000; // between looks at the minutes
const patienceMs = 10_000; // for a look; after that its connection is taken for dead

export type Sending = { note: Unsaved } & (
  { kind: 'sending' } | { kind: 'kept' } | { kind: 'refused'; why: Refused }
);

class Notes {
  lines = $state.raw<Line[]>([]);
  stale = $state(false); // the last look at the minutes failed
  writing = $state<Writing>({ ...nothingWritten });
  aboutSeq = $state(0n); // the event that is chosen for the note, or 0
  sending = $state.raw<Sending[]>([]);
  restored = $state(false);
  private key = '';
  private seenSeq = -1n;
  private lookingSince = 0; // 0: not looking
  private again: ReturnType<typeof setInterval> | undefined;

  /** Whom the note is about: who was chosen, or who has the floor. */
  participant = $derived(this.writing.participant ?? app.known.hearing?.floorHolder ?? 0);
  corrected = $derived(this.lines.find(({ seq }) => String(seq) === this.writing.corrects));

  /** While the panel is shown. What is not saved is tried again also when it is not. */
  open(): () => void {
    const key = `notes.${app.session?.hearing}.${app.session?.participant}`;
    if (key !== this.key) {
      this.key = key;
      this.lines = [];
      this.seenSeq = -1n;
      this.takeBack();
    }
    void this.look();
    this.again ??= setInterval(() => this.sendKept(), againMs);
    const looks = setInterval(() => void this.look(), lookMs);
    return () => clearInterval(looks);
  }

  private takeBack(): void {
    const before = restore(kept.device, this.key, Date.now());
    this.writing = before?.writing ?? { ...nothingWritten };
    this.sending = (before?.unsaved ?? []).map((note) => ({ note, kind: 'kept' }));
    this.restored = before !== null;
    this.sendKept();
  }

  private remember(): void {
    keep(kept.device, this.key, {
      atMs: Date.now(),
      writing: $state.snapshot(this.writing),
      unsaved: this.sending.map(({ note }) => note),
    });
  }

  /** The minutes so far; asked for again whenever something has happened. */
  async look(): Promise<void> {
    const { seq } = app.known;
    if (seq === this.seenSeq || Date.now() - this.lookingSince < patienceMs) return;
    const since = (this.lookingSince = Date.now());
    try {
      const document = await call(MinutesService.method.draft, {
        hearing: app.session?.hearing ?? '',
      });
      if (this.lookingSince !== since) return;
      this.lines = [
        ...document.sections.flatMap(({ lines }) => lines),
        ...document.corrections.map(({ seq: of, atMs, text, words }) =>
          create(LineSchema, { seq: of, atMs, text, words, kind: LineKind.NOTE }),
        ),
      ];
      this.seenSeq = document.seq;
      this.stale = false;
    } catch {
      this.stale = true;
    } finally {
      if (this.lookingSince === since) this.lookingSince = 0;
    }
  }

  /** The field has changed. The moment of a note is when its first letter was typed. */
  write(words: string): void {
    const { writing } = this;
    this.restored = false;
    if (words === '' && writing.words !== '') {
      this.clear();
      return;
    }
    if (writing.beganMs === 0 && words !== '') {
      writing.beganMs = Math.round(time.ofDevice(Date.now()));
      writing.participant ??= app.known.hearing?.floorHolder ?? 0;
    }
    writing.words = words;
    this.remember();
  }

  choosePerson(id: number): void {
    this.writing.participant = id;
    this.remember();
  }

  /** Puts the phrase where the cursor is; says where the cursor is then. */
  insert({ id, text }: Phrase, from: number, to: number): number {
    const { words } = this.writing;
    this.write(words.slice(0, from) + text + words.slice(to));
    this.writing.phrase ||= id;
    this.remember();
    return from + text.length;
  }

  correct(line: Line): void {
    this.writing.corrects = String(line.seq);
    this.writing.participant = line.participant;
    this.remember();
  }

  /** Leaves the correction, and what was written for it. */
  clear(): void {
    this.writing = { ...nothingWritten };
    this.aboutSeq = 0n;
    this.remember();
  }

  save(): void {
    const words = this.writing.words.trim().normalize('NFC');
    if (words === '') return;
    const { beganMs, corrects, phrase } = this.writing;
    const note: Unsaved = {
      commandId: crypto.randomUUID(),
      words,
      mediaMs: beganMs,
      participant: this.participant,
      aboutSeq: String(this.aboutSeq),
      corrects,
      phrase,
    };
    this.sending = [...this.sending, { note, kind: 'sending' }];
    this.clear();
    void this.send(note);
  }

  private async send(note: Unsaved): Promise<void> {
    const { words, commandId } = note;
    try {
      await app.issue(
        {
          case: 'takeNote',
          value: {
            participant: note.participant,
            aboutSeq: BigInt(note.aboutSeq),
            mediaMs: BigInt(note.mediaMs),
            corrects: BigInt(note.corrects),
            phrase: note.phrase,
          },
        },
        { words, commandId },
      );
      this.forget(commandId);
      announcer.say(m().notes.saved);
      await this.look();
    } catch (error) {
      const why = asRefusal(error);
      this.mark(
        commandId,
        isPassing(why.code) ? { note, kind: 'kept' } : { note, kind: 'refused', why },
      );
    }
  }

  private mark(commandId: string, now: Sending): void {
    this.sending = this.sending.map((one) => (one.note.commandId === commandId ? now : one));
    this.remember();
  }

  private forget(commandId: string): void {
    this.sending = this.sending.filter(({ note }) => note.commandId !== commandId);
    this.remember();
  }

  private sendKept(): void {
    for (const { kind, note } of this.sending) {
      if (kind !== 'kept') continue;
      this.mark(note.commandId, { note, kind: 'sending' });
      void this.send(note);
    }
  }

  /** A note that was refused goes back into the field; what stands there is kept as it is. */
  editAgain(note: Unsaved): void {
    if (this.writing.words !== '') return;
    const { words, mediaMs, participant, corrects, phrase } = note;
    this.forget(note.commandId);
    this.writing = { words, beganMs: mediaMs, participant, corrects, phrase };
    this.aboutSeq = BigInt(note.aboutSeq);
    this.remember();
  }

  discard(note: Unsaved): void {
    this.forget(note.commandId);
  }
}

export const notes = new Notes();

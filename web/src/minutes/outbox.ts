// The notes that are not saved yet, and the text being written, as the browser keeps them until the server has them: pure but
// for the storage it is given. What is older than a day belongs to nobody any more and is dropped.
export interface Unsaved {
  commandId: string; // the same for every try, so that a note is never taken twice
  words: string;
  mediaMs: number; // by the server's clock
  participant: number; // or 0
  aboutSeq: string; // or "0"; a string because storage keeps no bigint
  corrects: string; // seq of the note it corrects, or "0"
  phrase: string;
}

export interface Writing {
  words: string;
  beganMs: number; // by the server's clock; 0: nothing is being written
  participant: number | null; // chosen; null: who had the floor
  corrects: string;
  phrase: string;
}

export interface Kept {
  atMs: number;
  writing: Writing;
  unsaved: Unsaved[];
}

export interface Store {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
}

export const keptForMs = 24 * 3600_000;

export const nothingWritten: Writing = {
  words: '',
  beganMs: 0,
  participant: null,
  corrects: '0',
  phrase: '',
};

/** What was kept under the key, unless it is too old or nothing of ours. */
export function restore(store: Store, key: string, nowMs: number): Kept | null {
  try {
    const kept = JSON.parse(store.get(key) ?? 'null') as Kept | null;
    if (!kept || nowMs - kept.atMs > keptForMs || !Array.isArray(kept.unsaved)) {
      store.set(key, null);
      return null;
    }
    return { ...kept, writing: { ...nothingWritten, ...kept.writing } };
  } catch {
    store.set(key, null);
    return null;
  }
}

/** Keeps it, or forgets the key when there is nothing to keep. */
export function keep(store: Store, key: string, kept: Kept): void {
  const empty = kept.unsaved.length === 0 && kept.writing.words === '';
  store.set(key, empty ? null : JSON.stringify(kept));
}

/** Refusals that another try may not meet; any other is for the clerk to read. */
const passing = new Set([
  'not_saved',
  'applied_not_saved',
  'outcome_unknown',
  'unanswered',
  'unreachable',
  'database_away',
  'busy',
  'draining',
  'rate_limited',
  'stale_seq',
  'too_slow',
]);

export const isPassing = (code: string): boolean => passing.has(code);

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

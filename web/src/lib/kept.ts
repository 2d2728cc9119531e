// Small things that the browser remembers. Storage may be forbidden (private windows): then nothing is remembered.
class Kept {
  private readonly open: () => Storage;

  constructor(open: () => Storage) {
    this.open = open;
  }

  get(key: string): string | null {
    try {
      return this.open().getItem(`assize.${key}`);
    } catch {
      return null;
    }
  }

  set(key: string, value: string | null): void {
    try {
      if (value === null) this.open().removeItem(`assize.${key}`);
      else this.open().setItem(`assize.${key}`, value);
    } catch {
      // not remembered
    }
  }
}

export const kept = {
  /** For as long as the browser keeps it. */
  device: new Kept(() => localStorage),
  /** For this tab: survives a reload. */
  tab: new Kept(() => sessionStorage),
};

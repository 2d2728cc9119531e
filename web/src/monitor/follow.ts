// A stream of the server that is opened again, as often as it ends, until whoever follows it has had enough.
import { backOff } from '../lib/backoff.ts';

export interface Follower<T> {
  told(message: T): void;
  /** It has ended, and is opened again in so many milliseconds; false: it is not. */
  lost(error: unknown, retryMs: number): boolean;
}

export interface Following {
  /** Does not wait any longer. */
  retryNow(): void;
}

/** One that says nothing for quietMs is given up, whatever the line says of it. */
export function follow<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  follower: Follower<T>,
  quietMs: number,
): Following {
  let attempt = 0;
  let hurry = () => {};

  async function read(): Promise<unknown> {
    const abort = new AbortController();
    const giveUp = () => abort.abort();
    let timer = setTimeout(giveUp, quietMs);
    try {
      for await (const message of open(abort.signal)) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, quietMs);
        attempt = 0;
        follower.told(message);
      }
      return undefined;
    } catch (error) {
      return error;
    } finally {
      clearTimeout(timer);
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      const error = await read();
      const waitMs = backOff(attempt++);
      if (!follower.lost(error, waitMs)) return;
      await new Promise<void>((resolve) => {
        hurry = resolve;
        setTimeout(resolve, waitMs);
      });
    }
  }

  void run();
  return { retryNow: () => hurry() };
}

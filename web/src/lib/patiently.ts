// Parts of a page that are loaded when they are wanted, however bad the line: a failed try is made again.
import { backOff } from './backoff.ts';

export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, backOff(attempt)));
    }
  }
}

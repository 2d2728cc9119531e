// Tests of a hearing in session with media flowing.
import type { Live } from './courtroom.ts';
import { test as base } from './fixtures.ts';

export { Courtroom, expect, must } from './fixtures.ts';

export const test = base.extend<{ live: Live }>({
  live: async ({ courtroom }, use) => {
    const live = await courtroom.goLive();
    await use(live);
    await Promise.all([live.detention.stop(), live.victim.stop()]);
  },
});

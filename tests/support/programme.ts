// A server whose hearings have a programme feed, and people who follow it.
import type { Live } from './courtroom.ts';
import { test as base } from './live.ts';
import { Peer } from './peer.ts';
import { eventually } from './processes.ts';
import { Server, type Person } from './server.ts';

export { expect, must } from './live.ts';

/** A busy machine takes its time to start a studio and to encode. */
export const PROGRAMME_MS = 30_000;

interface ProgrammeFixtures {
  /** Someone inside on a thin line who gets the feed. */
  follower: Peer;
}

export const test = base.extend<ProgrammeFixtures, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
    async ({}, use) => {
      const server = await Server.start({ 'record.programme': '1' });
      await use(server);
      await server.dispose();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  follower: async ({ server, live }, use) => {
    const follower = await bringIn(server, live, 'procurator', '--programme');
    await eventually(
      'the feed is in the first slot',
      PROGRAMME_MS,
      () => follower.slots['v0'] === 'programme',
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${follower.program.tail()}`);
    });
    await follower.receives(PROGRAMME_MS, 20, 'v');
    await use(follower);
    await follower.stop();
  },
});

/** A C peer that is let in with a wish. */
export async function bringIn(
  server: Server,
  { courtroom, judge }: Live,
  person: Person,
  wish: '--programme' | '--listen',
): Promise<Peer> {
  const peer = new Peer(server, courtroom.hearing.links[person], undefined, [wish]);
  if (person !== 'clerk') {
    await courtroom.admitWhenWaiting(judge, person);
  }
  return peer;
}

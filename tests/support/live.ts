// A hearing in session with media flowing between the detention site and the victim, both C peers.
import { Courtroom, expect, must, test as base } from './fixtures.ts';
import type { Participant } from './participant.ts';
import { Peer } from './peer.ts';
import { eventually } from './processes.ts';
import { PEOPLE } from './server.ts';

export { expect, must };

export interface Live {
  courtroom: Courtroom;
  judge: Participant;
  detention: Peer;
  victim: Peer;
}

export const test = base.extend<{ live: Live }>({
  live: async ({ server, courtroom }, use) => {
    const { links } = courtroom.hearing;
    const judge = await courtroom.arrive('judge');
    const detention = new Peer(server, links.detention, 'detention');
    const victim = new Peer(server, links.victim, 'victim');
    for (const person of ['detention', 'victim'] as const) {
      await eventually(`${person} waits`, 15_000, async () => {
        const outcome = await judge.command({
          case: 'admit',
          value: { participant: PEOPLE[person] },
        });
        return outcome.refusal === undefined;
      });
    }
    must(await judge.command({ case: 'start', value: {} }));
    await victim.receives(15_000);
    await detention.receives(15_000);
    await use({ courtroom, judge, detention, victim });
    await Promise.all([detention.stop(), victim.stop()]);
  },
});

// One server for each worker, one hearing and one calling address for each test.
import { test as base } from '@playwright/test';
import { callFromNewAddress } from './http.ts';
import { Participant, type ConnectOptions } from './participant.ts';
import { PEOPLE, Server, type Hearing, type Person } from './server.ts';

export { expect } from '@playwright/test';

interface TestFixtures {
  address: string;
  hearing: Hearing;
  courtroom: Courtroom;
}

export const test = base.extend<TestFixtures, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  address: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
    async ({}, use) => use(callFromNewAddress()),
    { auto: true },
  ],
  hearing: async ({ server }, use) => use(await server.seed()),
  courtroom: async ({ server, hearing }, use) => {
    const courtroom = new Courtroom(server, hearing);
    await use(courtroom);
    courtroom.leave();
  },
});

/** A hearing with clients that come and go. */
export class Courtroom {
  readonly server: Server;
  readonly hearing: Hearing;
  private readonly present: Participant[] = [];

  constructor(server: Server, hearing: Hearing) {
    this.server = server;
    this.hearing = hearing;
  }

  /** Signs in and connects, and does nothing more. */
  async connect(person: Person, options: ConnectOptions = {}): Promise<Participant> {
    const participant = await Participant.join(
      this.server.url,
      this.hearing.links[person],
      options,
    );
    this.present.push(participant);
    return participant;
  }

  /** Connects and checks in: the court itself is then inside, everybody else waits. */
  async arrive(person: Person, options: ConnectOptions = {}): Promise<Participant> {
    const participant = await this.connect(person, options);
    must(await participant.command({ case: 'checkIn', value: {} }));
    return participant;
  }

  /** Arrives and is let in by the judge. */
  async enter(person: Person, judge: Participant): Promise<Participant> {
    const participant = await this.arrive(person);
    await this.admit(judge, person);
    return participant;
  }

  async admit(judge: Participant, person: Person): Promise<bigint> {
    return must(await judge.command({ case: 'admit', value: { participant: PEOPLE[person] } }));
  }

  keep(participant: Participant): Participant {
    this.present.push(participant);
    return participant;
  }

  leave(): void {
    for (const participant of this.present) {
      participant.close();
    }
  }
}

/** The seq of a command that must not be refused. */
export function must(outcome: { refusal: string | undefined; seq: bigint }): bigint {
  if (outcome.refusal !== undefined) {
    throw new Error(`refused: ${outcome.refusal}`);
  }
  return outcome.seq;
}

// A hearing with clients of the signalling protocol that come and go, and C peers that send media.
import { Participant, type ConnectOptions } from './participant.ts';
import { Peer } from './peer.ts';
import { eventually } from './processes.ts';
import { PEOPLE, type Hearing, type Person, type Server } from './server.ts';

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
    must(await participant.checkIn());
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

  /** Admits someone as soon as they wait. */
  async admitWhenWaiting(judge: Participant, person: Person): Promise<void> {
    await eventually(`${person} waits`, 15_000, async () => {
      const outcome = await judge.command({
        case: 'admit',
        value: { participant: PEOPLE[person] },
      });
      return outcome.refusal === undefined;
    });
  }

  /** In session, with media flowing between the detention site and the victim, both C peers. */
  async goLive(): Promise<Live> {
    const judge = await this.arrive('judge');
    const detention = new Peer(this.server, this.hearing.links.detention, 'detention');
    const victim = new Peer(this.server, this.hearing.links.victim, 'victim');
    await this.admitWhenWaiting(judge, 'detention');
    await this.admitWhenWaiting(judge, 'victim');
    must(await judge.command({ case: 'start', value: {} }));
    await victim.receives(15_000);
    await detention.receives(15_000);
    return { courtroom: this, judge, detention, victim };
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

export interface Live {
  courtroom: Courtroom;
  judge: Participant;
  detention: Peer;
  victim: Peer;
}

/** The seq of a command that must not be refused. */
export function must(outcome: { refusal: string | undefined; seq: bigint }): bigint {
  if (outcome.refusal !== undefined) {
    throw new Error(`refused: ${outcome.refusal}`);
  }
  return outcome.seq;
}

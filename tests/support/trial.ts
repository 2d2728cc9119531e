// A criminal trial as its clerk schedules it: the three sites, each with its officer, and everybody's link.
import { randomUUID } from 'node:crypto';
import { Role } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { Clerk, HOUR_MS, method } from './desk.ts';
import { accounts } from './identity.ts';
import { signIn } from './recordings.ts';
import { PEOPLE, type Hearing, type Person, type Server } from './server.ts';
import type { Account } from './staff.ts';

/** The court's official at the component point, whom the demonstration does not have. */
export const OFFICIAL = { participant: 9, name: 'Trịnh Hải Nam' };

export interface Trial {
  hearing: Hearing;
  official: string; // link
  clerk: Account;
  officer: Account;
  desk: Clerk;
}

function known(all: Record<string, Account>, role: string): Account {
  const account = all[role];
  if (!account) {
    throw new Error(`the demonstration has no ${role}`);
  }
  return account;
}

/** The next hearing of the demonstration's case, with one more officer. */
export async function scheduleTrial(server: Server): Promise<Trial> {
  const all = await accounts(server); // before the people of the case are
  await server.seed('criminal_first_instance');
  const clerk = known(all, 'clerk');
  const { cookie } = await signIn(server, clerk.login, clerk.password);
  const desk = new Clerk(server.url, cookie);
  const { id: courtCase } = await desk.demoCase();
  const { sites, people } = await desk.ask(method.plan, { courtCase });
  const { hearing } = await desk.ask(method.schedule, {
    requestId: randomUUID(),
    courtCase,
    scheduledMs: BigInt(Date.now() + HOUR_MS / 4),
    procedure: 'criminal_first_instance',
    sites,
    people: [...people, { name: OFFICIAL.name, role: Role.SITE_OFFICIAL, site: 3 }],
  });
  const link = async (participant: number) => {
    const wish = {
      requestId: randomUUID(),
      hearing,
      participant,
      multi: true,
      uses: 20,
      hours: 12,
    };
    return (await desk.ask(method.issueLink, wish)).url;
  };
  const links = {} as Record<Person, string>;
  for (const person of Object.keys(PEOPLE) as Person[]) {
    links[person] = await link(PEOPLE[person]);
  }
  return {
    hearing: { id: hearing, links, gallery: '' },
    official: await link(OFFICIAL.participant),
    clerk,
    officer: known(all, 'officer'),
    desk,
  };
}

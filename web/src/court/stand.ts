// Who may be called to testify, and what comes next for whoever is on the stand. Pure.
import { Role, Stand, Standing } from '../gen/assize/hearing/v1/hearing_pb.js';
import type { ParticipantView } from '../gen/assize/signal/v1/signal_pb.js';
import type { Knowledge } from '../lib/merge.ts';
import type { CommandBody } from '../lib/signal.ts';
import { undertakingOf } from '../lib/view.ts';
import { phaseNow } from './law.ts';

const testify = [Role.WITNESS, Role.EXPERT, Role.VALUER];

export interface Callable {
  person: ParticipantView;
  again: boolean; // has been heard already
}

/** Everyone who testifies by their role and is not on the stand: those who wait to be called first. */
export function callable(knowledge: Knowledge): Callable[] {
  const roles = new Set([...testify, ...(phaseNow(knowledge)?.call ?? [])]);
  const present = new Set([Standing.SEQUESTERED, Standing.WAITING, Standing.IN_HEARING]);
  return knowledge.participants
    .filter((person) => roles.has(person.role) && present.has(person.standing))
    .filter((person) => person.id !== knowledge.hearing?.witness)
    .map((person) => ({ person, again: person.stand === Stand.HEARD }))
    .sort((a, b) => Number(a.again) - Number(b.again));
}

export interface StandStep {
  name: 'ask' | 'give' | 'release';
  body: CommandBody;
}

export function nextOfStand({ id, stand }: ParticipantView): StandStep | null {
  const value = { participant: id };
  switch (stand) {
    case Stand.CALLED:
      return { name: 'ask', body: { case: 'askUndertaking', value } };
    case Stand.UNDERTAKING:
      return { name: 'give', body: { case: 'giveUndertaking', value } };
    case Stand.TESTIFYING:
      return { name: 'release', body: { case: 'releaseWitness', value } };
    case Stand.UNSPECIFIED:
    case Stand.HEARD:
      return null;
  }
}

/** The same for whoever undertakes where they sit, being called in no phase: interpreters. */
export function nextInPlace(knowledge: Knowledge, person: ParticipantView): StandStep | null {
  const { role, sworn, stand } = person;
  const called = knowledge.procedure?.phases.some((phase) => phase.call.includes(role));
  if (called || sworn || !undertakingOf(knowledge, role)) return null;
  return nextOfStand(stand === Stand.UNSPECIFIED ? { ...person, stand: Stand.CALLED } : person);
}

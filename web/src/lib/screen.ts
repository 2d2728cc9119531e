// Which screen a person is to see: one pure function of what is known. The server's word (standing) goes before what this
// browser remembers of the steps taken.
import { Standing } from '../gen/assize/hearing/v1/hearing_pb.js';

/** The way of everybody but the court, from the link to the waiting room. */
export const steps = ['introduction', 'check', 'rules', 'declaration'] as const;
export type Step = (typeof steps)[number];

export type Screen =
  | 'opening' // asking who this browser is
  | 'welcome' // nobody: a join link is needed
  | 'join' // a link in hand, nothing used up yet
  | Step // which hearing and as whom; the equipment; the court's rules; the declaration
  | 'waiting' // also apart from the others, as a witness is until called
  | 'courtroom'
  | 'left'
  | 'stopped'; // taken over by another device, or no longer signed in

export interface Standpoint {
  asking: boolean;
  token: boolean;
  signedIn: boolean;
  stopped: boolean;
  patient: boolean; // the first word of the server may still come
  standing: Standing;
  isCourt: boolean;
  step: Step;
  returning: boolean; // out, and on the way in again
}

export function screenFor(at: Standpoint): Screen {
  if (at.asking) return 'opening';
  if (!at.signedIn) return at.token ? 'join' : 'welcome';
  if (at.stopped) return 'stopped';
  switch (at.standing) {
    case Standing.IN_HEARING:
      return 'courtroom';
    case Standing.WAITING:
    case Standing.SEQUESTERED:
      return 'waiting';
    case Standing.LEFT:
      if (!at.returning) return 'left';
      break;
    case Standing.UNSPECIFIED:
      if (at.patient) return 'opening';
      break;
    case Standing.NOT_SIGNED_IN:
      break;
  }
  return at.isCourt ? 'check' : at.step;
}

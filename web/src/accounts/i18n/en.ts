import type { AccountWords } from './vi.ts';

export const en: AccountWords = {
  opening: 'Looking whether you are signed in',
  signIn: {
    title: 'Sign in',
    lead: 'For judges, clerks and officers of the court. Participants in a hearing open the link the court sent them and do not sign in.',
    login: 'Login name',
    password: 'Password',
    show: 'Show password',
    hide: 'Hide password',
    button: 'Sign in',
    waiting: 'Signing in',
    forgot: 'Forgotten your password? Ask the court’s administrator for a new one.',
    incomplete: 'Please enter your login name and your password.',
  },
  wait: {
    title: 'Please wait before you try again',
    why: 'There were several wrong tries with this name or from this network.',
    left: (seconds) =>
      seconds >= 60
        ? `${Math.floor(seconds / 60)} min ${seconds % 60} s left.`
        : `${seconds} s left.`,
    over: 'You can try again now.',
  },
  change: {
    heading: 'Change password',
    givenTitle: 'Change the password you were given',
    givenLead:
      'Someone else gave you the present password. Please choose one of your own before you go on.',
    old: 'Present password',
    next: 'New password',
    rules:
      'At least 12 characters; spaces and Vietnamese letters are fine. A short sentence you remember is better than one hard word. Do not use it anywhere else.',
    ends: 'Everywhere else this account is signed in will have to sign in again.',
    button: 'Change password',
    waiting: 'Changing the password',
    incomplete: 'Please enter both passwords.',
    done: 'The password was changed. Everywhere else was signed out.',
  },
  account: {
    title: 'Your account',
    roles: {
      UNSPECIFIED: 'Staff',
      CLERK: 'Clerk',
      JUDGE: 'Judge',
      OFFICER: 'Court officer',
      ADMINISTRATOR: 'Administrator',
    },
    signOut: 'Sign out',
    desk: 'Back to your desk',
    sessions: 'Where you are signed in',
    sessionsLead:
      'If there is a place you do not recognise, end that sign-in, then change your password.',
    sessionsOf: (login) => `Where the account ${login} is signed in`,
    none: 'Nowhere at present.',
    here: 'This device',
    unknown: 'Unknown device',
    address: (address) => `Address ${address}`,
    since: (at) => `Signed in ${at}`,
    seen: (at) => `Last used ${at}`,
    end: 'End sign-in',
    endOf: (device) => `End the sign-in on ${device}`,
    ended: (device) => `The sign-in on ${device} was ended.`,
    others: 'See where another account is signed in',
    othersLogin: 'Login name of that account',
    look: 'Look',
  },
};

import type { GalleryWords } from './vi.ts';

export const en: GalleryWords = {
  title: 'Attend the hearing',
  welcome:
    'To attend, please open the gallery link that the court has published or given to you. It is for watching and listening only.',
  lead: 'You are about to watch and hear the hearing online. Viewers do not appear in it: no camera, no microphone.',
  rulesHeading: 'Rules of the gallery',
  rules: [
    'The presiding judge may close the gallery at any time. In private session it has no picture and no sound.',
    'Picture and sound may come later than in the courtroom, as the presiding judge decides.',
    'Please behave with the respect due in a courtroom.',
  ],
  declarationHeading: 'Declaration',
  declarationLaw: 'Article 141 of the Law on Organisation of People’s Courts 2024.',
  age: 'I am 16 years of age or older.',
  silence:
    'I will not record, film, take pictures of the screen, replay or relay the hearing in any way.',
  tickFirst: 'Please tick both boxes to enter the gallery.',
  enter: 'Enter the gallery',
  entering: 'Opening the gallery',
  scene: {
    opening: { title: 'Connecting to the gallery', text: '' },
    before: {
      title: 'The hearing has not begun',
      text: 'This screen changes by itself when the gallery opens. You need not do anything.',
    },
    shut: {
      title: 'The gallery is closed',
      text: 'The presiding judge has not opened the gallery, or has closed it. This screen changes by itself when it opens.',
    },
    private: {
      title: 'The hearing is in private session',
      text: 'This part of the hearing is not public. This screen changes by itself when the gallery opens again.',
    },
    recess: {
      title: 'The hearing is in recess',
      text: 'This screen changes by itself when the hearing goes on.',
    },
    suspended: {
      title: 'The hearing is suspended',
      text: 'Please watch for the court’s notice of when it goes on.',
    },
    preparing: {
      title: 'Picture and sound are being prepared',
      text: 'The hearing appears in a moment.',
    },
    ended: { title: 'The hearing has ended', text: 'You may close this page.' },
  },
  scheduled: (at) => `Scheduled for ${at}.`,
  comesLater: (seconds) => `Picture and sound come ${seconds} seconds later.`,
  delay: (seconds) => `${seconds} s later`,
  picture: (caseNumber) => `The picture of the hearing, case ${caseNumber}`,
  controls: 'Controls',
  soundOn: 'Turn sound on',
  soundOff: 'Turn sound off',
  full: 'Full screen',
  small: 'Leave full screen',
  leave: 'Leave the gallery',
  reminder: 'No recording, filming, pictures or relaying.',
  soundBlocked: 'The browser holds the sound back. Press the button to hear the hearing.',
  lost: (at) => `The connection to the court was lost at ${at}. The system is reconnecting.`,
  lostPicture: (at) => `Picture and sound were lost at ${at}. The system is reconnecting.`,
  stopped: 'You cannot go on watching',
  again: 'Try again',
  left: 'You have left the gallery. To watch again, please open the gallery link again.',
  said: {
    opened: 'The gallery is open.',
    shut: 'The gallery was closed. Picture and sound have stopped.',
    private: 'The hearing went into private session. Picture and sound have stopped.',
    public: 'The hearing is public again.',
    delay: (seconds) =>
      seconds > 0
        ? `Picture and sound come ${seconds} seconds later.`
        : 'Picture and sound come without delay.',
  },
};

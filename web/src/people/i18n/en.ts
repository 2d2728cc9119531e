// English of people/i18n/vi.ts.
import type { PeopleWords } from './vi.ts';

export const en: PeopleWords = {
  steps: {
    name: 'Steps to the hearing',
    introduction: 'Introduction',
    check: 'Equipment check',
    rules: 'Court rules',
    declaration: 'Declaration',
    waiting: 'Waiting room',
  },
  introduction: {
    title: 'Your hearing',
    lead: (role, name) => `Welcome, ${role} ${name}.`,
    case: 'Case',
    court: 'Court',
    time: 'Scheduled time',
    role: 'You take part as',
    site: 'Site',
    summons: 'Summons number',
    procedure: 'Procedure',
    compare:
      'Please compare this with your summons. If something is not right, ask for help before you go on.',
    nextHeading: 'Before you enter the courtroom',
    next: [
      'Check camera, microphone, speaker and connection, about one minute.',
      'Read the rules of the court.',
      'Declare that you will not record.',
      'Wait in the waiting room until you are invited in.',
    ],
    go: 'Continue',
  },
  try: {
    name: 'Hear and see yourself',
    text: 'Press Record, say a few sentences, then watch. The recording stays in this browser and is gone when you leave this page.',
    start: 'Record',
    stop: 'Stop and watch',
    again: 'Record again',
    left: (seconds) => `Recording. ${seconds} seconds left.`,
    watch: 'What was just recorded',
    cannot: 'This browser cannot record. Please use the test sound below.',
    nothing: 'A camera or a microphone is needed for this.',
    questions: {
      picture: 'Do you see yourself clearly?',
      sound: 'Do you hear your voice clearly?',
      smooth: 'Are picture and sound steady, without gaps?',
    },
    yes: 'Yes',
    no: 'No',
    helps: {
      picture: 'Sit facing the light, wipe the lens, or choose another camera.',
      sound:
        'Turn up the volume, come closer to the microphone, or choose another microphone or headset.',
      smooth: 'Close other programs. If you can, use a network cable instead of Wi-Fi.',
    },
    helpGoOn: 'If it still does not work, you may ask for help and go on all the same.',
    answerFirst:
      'Please record yourself and answer the three questions first. If you cannot, press Continue again.',
  },
  line: {
    testing: 'Measuring the connection.',
    result: (ms, jitter) => `Answers in ${ms} milliseconds, varying by ${jitter} milliseconds.`,
    again: 'Measure again',
    advice: {
      good: '',
      fair: 'The connection is slow. Pictures may be less sharp; sound will be heard.',
      bad: 'The connection is weak. Move closer to the Wi-Fi or use a network cable. In the hearing you may choose to see one combined picture only.',
      none: '',
    },
  },
  rules: {
    title: 'Rules of the online hearing',
    version: (version) => `Version ${version}`,
    intro: 'Please read all of them. In the next step you declare to keep them.',
    heading: 'During the hearing',
    list: [
      'Keep camera and microphone working. To turn the camera off, ask the presiding judge first.',
      'Speak only when the presiding judge allows it. To ask for it, raise your hand.',
      'Address others, dress and behave as you would in the courtroom.',
      'Let nobody who has no part in the case be in the room or hear the hearing.',
      'Do not record sound or picture, photograph or relay the hearing.',
      'Witnesses wait in a room of their own and do not talk about the case before they testify.',
      'If the connection is lost, stay where you are. The system reconnects by itself and keeps your place.',
    ],
    rightsHeading: 'Your rights',
    rights: [
      'To be told at once when a site loses its connection.',
      'To say so when you do not hear or see well.',
      'To use the language and script of your own people; an interpreter is then present.',
    ],
    newer: (version) =>
      `The court has issued version ${version} of its rules. Please load this page again to read it.`,
    reload: 'Load the page again',
    back: 'Check the equipment again',
    go: 'I have read the rules',
  },
  declaration: {
    title: 'Declaration',
    intro: 'The last step before the waiting room.',
    heading: 'I declare',
    points: [
      'That I will not record sound or picture, photograph or relay the hearing with any device.',
      'That I will keep the rules of the online hearing, which I have read.',
    ],
    record: 'The declaration and the version of the rules go into the file of the hearing.',
    tick: 'I have read this and declare it.',
    room: 'Everybody before this device has had this read out to them and declares it.',
    tickFirst: 'Please tick the declaration to go on.',
    back: 'Read the rules again',
    enter: 'To the waiting room',
  },
  waiting: {
    title: 'Waiting room',
    calm: 'You are here. The presiding judge will invite you into the courtroom.',
    witness:
      'You are here. The presiding judge will call you when it is your turn to testify. From now on, please do not talk about the case with others.',
    stay: 'You need do nothing more. This screen changes by itself when it is your turn.',
    over: 'You may leave.',
    present: 'present',
    away: 'not present yet',
    more: (count) => (count > 1 ? ` × ${count}` : ''),
    ahead: (before) =>
      before === 0
        ? 'You are the first.'
        : before === 1
          ? 'There is one person before you.'
          : `There are ${before} people before you.`,
  },
  apart: {
    title: 'Witness room',
    lead: 'You are in the witness room, apart from the others. Here you neither hear nor see the courtroom, so that your testimony is only what you know yourself.',
    nextHeading: 'What will happen',
    next: [
      'When it is your turn, the presiding judge calls you. This screen changes by itself.',
      'You are asked your name and how you are related to the people in the case.',
      'You undertake to tell the truth, and then answer the questions.',
      'Afterwards you stay in the courtroom until the hearing is over.',
    ],
    please:
      'While you wait, please do not talk about the case with anybody and stay near the screen.',
  },
  stand: {
    CALLED: {
      title: 'The presiding judge has called you',
      text: 'You are in the courtroom. The presiding judge will ask your name and how you are related to the people in the case.',
    },
    UNDERTAKING: {
      title: 'Undertaking',
      text: 'Please read it aloud. Then press the button, or let the clerk note it for you.',
    },
    TESTIFYING: {
      title: 'You are testifying',
      text: 'Answer the question that is asked. If you do not remember or do not know, say so.',
    },
    HEARD: {
      title: 'You have been heard',
      text: 'Thank you. Please stay in the courtroom until the hearing is over; you may be asked again.',
    },
    give: 'I so undertake',
    asks: (who) => `Asking: ${who}.`,
    on: (who) => `Testifying: ${who}.`,
  },
  cut: {
    title: 'Set apart from the hearing for a while',
    lead: (who) =>
      `The presiding judge has set ${who} apart from the hearing while a witness testifies.`,
    you: 'you',
    list: [
      'Meanwhile the hearing is neither seen nor heard here.',
      'The court still sees the picture from here; the sound from here reaches nobody.',
      'When the witness has been heard, the presiding judge brings you back and tells you what was said.',
    ],
    stay: 'Please stay where you are. This screen changes by itself.',
    due: 'The presiding judge will tell you what was said while you were set apart.',
    dueFor: (who) => `The presiding judge will tell ${who} what was said.`,
    told: 'What was said meanwhile',
    toldAt: (at) => `Told by the presiding judge at ${at}`,
    read: 'I have read it',
  },
  now: {
    name: 'What is going on',
    phase: 'Phase',
    speaking: (who) => `Speaking: ${who}`,
    you: 'You have the floor.',
    nobody: 'The presiding judge conducts.',
    left: 'Left',
    over: 'Over time',
    spent: 'Spoken for',
    free: 'No time limit.',
    only: (roles) => `Only these speak: ${roles}.`,
    private: 'Closed doors',
    phases: {
      'BLTTHS 300':
        'The clerk checks who is present and reads the rules. The trial has not been opened yet.',
      'BLTTHS 301-305':
        'The presiding judge opens the trial, checks who everybody is, and explains rights and duties.',
      'BLTTHS 306': 'The procurator reads the indictment: what the defendant is charged with.',
      'BLTTHS 307-318':
        'The panel and the parties question each person about the case. Whoever is asked answers.',
      'BLTTHS 320-323':
        'The procurator sums up. The defendant, counsel and the parties state their views and reply.',
      'BLTTHS 324': 'The defendant has the last word. Nobody asks questions meanwhile.',
      'BLTTHS 326': 'The panel deliberates alone. Nobody else sees or hears it.',
      'BLTTHS 327': 'The panel reads the judgment.',
      'TTLT 05/2021, 3': 'A rehearsal to try connections and devices; not a trial.',
    },
  },
  finish: {
    button: 'Finished speaking',
    title: 'End the last words?',
    sentences: (who) => [
      `The last words of ${who} have no time limit, and nobody may interrupt them.`,
      'End them only when everything has been said. To say more, the presiding judge has to give the floor again.',
    ],
    confirm: 'Everything is said',
  },
  hand: {
    of: (who) => `Raise hand: ${who}`,
    lowerOf: (who) => `Lower hand: ${who}`,
    place: (place) =>
      place === 1 ? 'You are next.' : `You are number ${place} of those who ask to speak.`,
    notIn: (phase, article) =>
      `During “${phase}”${article ? ` (${article})` : ''} your hand is not taken. The presiding judge will invite you when it is your turn.`,
    notNow: 'Hands are not taken now. The presiding judge will invite you when it is your turn.',
    notWhile: 'You have the floor and need not raise your hand.',
    notPaused: 'The hearing is not in session, so hands are not taken yet.',
  },
  camera: {
    ask: 'Ask: camera off',
    title: 'Ask to turn the camera off',
    text: 'The camera stays on during the hearing so that the court sees you. To turn it off, please ask the presiding judge aloud.',
    hand: 'Raise hand to ask',
    allowed: 'The presiding judge has allowed me to turn the camera off.',
    off: 'Turn the camera off',
    keep: 'Leave it on',
  },
  help: {
    button: 'Ask for help',
    title: 'Ask for help',
    text: 'The court’s officer who looks after the hearings of the day receives this call.',
    what: 'What do you need help with? (optional)',
    quick: [
      'I do not hear well.',
      'I do not see well.',
      'My device has a problem.',
      'I do not feel well.',
    ],
    send: 'Call the officer',
    cancel: 'Do not call',
    told: (at) => `The court’s officer was told at ${at}. Please wait where you are.`,
    failed:
      'The court’s officer could not be told through the system. Please call the number in your summons, or raise your hand if you are in the courtroom.',
    about: {
      introduction: 'Details of the hearing are not right',
      picture: 'Equipment check: picture not clear',
      sound: 'Equipment check: sound not clear',
      smooth: 'Equipment check: picture and sound with gaps',
      devices: 'Equipment check: camera or microphone does not work yet',
    },
  },
  pause: {
    lost: (site, at) =>
      `The connection with ${site} was lost at ${at}. The hearing has paused. The system is reconnecting.`,
    back: (site) =>
      `${site} is connected again. Please wait until the presiding judge lets the hearing go on.`,
    left: (site) =>
      `Somebody whom the hearing needs at ${site} has left. The hearing has paused. Please wait until the presiding judge lets it go on.`,
    sentBack: (site) =>
      `Somebody whom the hearing needs at ${site} was sent back to the waiting room. The hearing has paused. Please wait until the presiding judge lets it go on.`,
    paused: 'The hearing has paused',
    until: 'Suspended',
    untilText: (date) => `until the end of ${date}`,
    lapsed: 'The time of the suspension has passed. The court will tell you what follows.',
    decision: 'Decision',
    silent: 'Picture and sound have stopped. Nobody sees or hears you through the system.',
    near: 'Please stay near the screen. It changes by itself when the hearing goes on.',
    RECESS: { title: 'The hearing is in recess', text: 'The presiding judge will let it go on.' },
    SUSPENDED: {
      title: 'The hearing is suspended',
      text: 'It will go on. The court will tell you when.',
    },
    ADJOURNED: {
      title: 'The hearing is adjourned',
      text: 'This session is over. The court will send a summons for the next one.',
    },
    DELIBERATING: {
      title: 'The panel is deliberating',
      text: 'The panel confers alone. Then the presiding judge returns to pronounce the judgment.',
    },
    CLOSED: { title: 'The hearing is over', text: 'You may close this page.' },
  },
  room: {
    side: 'Hearing and people',
    sideShort: 'Details',
    people: 'In the courtroom',
    settings: 'This device',
    lockedNote: (phase) =>
      `Your microphone is locked during “${phase}”. The presiding judge will unlock it when it is your turn.`,
    lockedNow:
      'Your microphone is locked at present. The presiding judge will unlock it when it is your turn.',
    slow: 'This device cannot keep up with all the pictures. One combined picture is easier for it.',
  },
  kiosk: {
    here: 'Before this camera',
    heard: 'The courtroom hears this room.',
    notHeard: 'The courtroom does not hear this room.',
  },
  keys: {
    use: 'Use these keys',
    useText: 'Turn them off if they get in the way of a screen reader or of voice control.',
    title: 'Keys',
    text: 'They work while you are not typing.',
    mute: 'Microphone on or off',
    hand: 'Raise or lower hand',
    help: 'Ask for help',
    side: 'Open or close the details',
    sheet: 'This list of keys',
  },
};

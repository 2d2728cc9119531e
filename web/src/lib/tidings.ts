// What an event means in words for the person at this device, and whether it invites them to speak.
import { Standing, type Event } from '../gen/assize/hearing/v1/hearing_pb.js';
import { RecordLamp, Right } from '../gen/assize/signal/v1/signal_pb.js';
import { articleInFull } from './article.ts';
import type { Lang } from './i18n/index.svelte.ts';
import type { Dictionary } from './i18n/vi.ts';
import type { Chime } from './chimes.svelte.ts';
import { clock, hourMinute, longDate } from './format.ts';
import type { Knowledge } from './merge.ts';
import { called, seatName, siteName } from './names.ts';
import { endpointOf, personOf, seatsOf, stopCause } from './view.ts';

export interface Tiding {
  text: string;
  urgent: boolean;
  chime?: Chime;
}

const calm = (text: string, chime?: Chime): Tiding[] => [withChime({ text, urgent: false }, chime)];
const urgent = (text: string, chime?: Chime): Tiding[] => [
  withChime({ text, urgent: true }, chime),
];
const withChime = (tiding: Tiding, chime?: Chime): Tiding =>
  chime ? { ...tiding, chime } : tiding;

export function sentencesFor(
  { body, atMs }: Event,
  before: Knowledge,
  now: Knowledge,
  words: Dictionary,
  lang: Lang,
): Tiding[] {
  const at = clock(Number(atMs));
  const who = (id: number) => called(personOf(now, id) ?? personOf(before, id), words);
  const calmOfOthers = (id: number, sentence: (who: string) => string) =>
    id === now.you ? [] : calm(sentence(who(id)));
  const mine = (endpoint: number) => endpoint === now.yourEndpoint;
  const here = (id: number) => personOf(now, id)?.endpoint === now.yourEndpoint;
  const course = courseOf(body, now, words, lang);
  if (course) return course;
  switch (body.case) {
    case 'witnessCalled':
    case 'undertakingAsked':
      return here(body.value.participant)
        ? urgent(words.tidings.stand[body.case].you, 'call')
        : calm(words.tidings.stand[body.case].other(who(body.value.participant)));
    case 'undertakingGiven':
    case 'witnessReleased':
      return here(body.value.participant)
        ? urgent(words.tidings.stand[body.case].you)
        : calm(words.tidings.stand[body.case].other(who(body.value.participant)));
    case 'cutOff':
      return here(body.value.participant)
        ? urgent(words.tidings.apart.cutOff.you, 'stop')
        : calm(words.tidings.apart.cutOff.other(who(body.value.participant)));
    case 'broughtBack':
    case 'summaryTold':
      return here(body.value.participant)
        ? urgent(words.tidings.apart[body.case].you, 'turn')
        : calm(words.tidings.apart[body.case].other(who(body.value.participant)));
    case 'sequestered':
      return calmOfOthers(body.value.participant, words.tidings.sequestered);
    case 'shareStarted':
      return body.value.endpoint === now.yourEndpoint
        ? []
        : calm(words.tidings.shareStarted(who(body.value.participant)));
    case 'shareStopped':
      return calm(words.tidings.shareStopped);
    case 'admitted':
      return calmOfOthers(body.value.participant, words.tidings.admitted);
    case 'sentBack':
      return calmOfOthers(body.value.participant, words.tidings.sentBack);
    case 'checkedIn':
      return now.rights.has(Right.ADMIT)
        ? calm(words.tidings.checkedIn(who(body.value.participant)))
        : [];
    case 'handRaised':
      return calm(words.tidings.handRaised(who(body.value.participant)));
    case 'floorGranted':
      return body.value.participant === now.you
        ? urgent(words.tidings.yourFloor, 'call')
        : calm(words.tidings.floorGranted(who(body.value.participant)));
    case 'floorTakenBack':
      return calm(words.tidings.floorTakenBack);
    case 'muted':
      return mine(body.value.endpoint)
        ? urgent(body.value.locked ? words.tidings.youLocked : words.tidings.youMuted)
        : [];
    case 'unmuted':
      return mine(body.value.endpoint) ? calm(words.tidings.youUnmuted) : [];
    case 'muteUnlocked':
      return mine(body.value.endpoint) ? urgent(words.tidings.youInvited) : [];
    case 'endpointLinkLost':
      return calm(words.tidings.linkLost(placeOf(now, body.value.endpoint, words, lang), at));
    case 'endpointLinkRestored':
      return calm(words.tidings.linkRestored(placeOf(now, body.value.endpoint, words, lang), at));
    case 'galleryOpened':
    case 'galleryClosed':
    case 'wentPrivate':
    case 'wentPublic':
      return urgent(words.tidings[body.case]);
    case 'galleryDelaySet':
      return now.rights.has(Right.CLOSE_GALLERY)
        ? calm(words.tidings.galleryDelaySet(body.value.delayS))
        : [];
    case 'left':
      return calm(words.tidings.left(who(body.value.participant)));
    default:
      return [];
  }
}

/** What the hearing as a whole does; undefined for every other event. */
function courseOf(
  body: Event['body'],
  now: Knowledge,
  words: Dictionary,
  lang: Lang,
): Tiding[] | undefined {
  switch (body.case) {
    case 'started':
    case 'resumed':
      return urgent(words.tidings[body.case], 'turn');
    case 'recessed':
    case 'suspended':
    case 'adjourned':
    case 'deliberationBegun':
    case 'closed':
      return urgent(words.tidings[body.case], 'stop');
    case 'paused': {
      const site = siteName(now, endpointOf(now, body.value.endpoint)?.site ?? 0);
      return urgent(words.tidings.paused[stopCause(body.value.cause)](site), 'stop');
    }
    case 'phaseEntered': {
      const title = now.procedure?.phases[body.value.phase - 1]?.title?.[lang];
      return title ? calm(words.tidings.phaseEntered(title), 'turn') : [];
    }
    case 'ruleOverridden':
      return calm(words.tidings.ruleOverridden(articleInFull(body.value.article, words)));
    case 'reminded': {
      const untilMs = Number(body.value.untilMs);
      return calm(words.tidings.reminded(`${hourMinute(untilMs)}, ${longDate(untilMs, lang)}`));
    }
    case 'lapsed':
      return urgent(words.tidings.lapsed);
    default:
      return undefined;
  }
}

/** One's own coming in and going out: read from one's standing, since it comes with a snapshot as well as with an event. */
export function ownTiding(before: Standing, now: Standing, words: Dictionary): Tiding[] {
  if (before === now || before === Standing.UNSPECIFIED) return [];
  if (now === Standing.IN_HEARING) return urgent(words.tidings.youAdmitted, 'call');
  if (now === Standing.SEQUESTERED) return urgent(words.tidings.youSequestered, 'turn');
  return now === Standing.WAITING && before === Standing.IN_HEARING
    ? urgent(words.tidings.youSentBack)
    : [];
}

/** How the record's lamp changed; who conducts the hearing is told what to do when it fails. */
export function lampTiding(before: Knowledge, now: Knowledge, words: Dictionary): Tiding[] {
  const lamp = now.hearing?.record ?? RecordLamp.UNSPECIFIED;
  const was = before.hearing?.record ?? RecordLamp.UNSPECIFIED;
  if (lamp === was) return [];
  switch (lamp) {
    case RecordLamp.ON:
      return calm(words.record.said.ON);
    case RecordLamp.FAILED:
      return urgent(now.rights.has(Right.CONDUCT) ? words.record.advice : words.record.said.FAILED);
    case RecordLamp.OFF:
      return was === RecordLamp.UNSPECIFIED ? [] : calm(words.record.said.OFF);
    default:
      return [];
  }
}

/** Whether the person at this device is now asked to switch the microphone on. */
export function invites({ body }: Event, now: Knowledge, invited: boolean): boolean {
  const you = endpointOf(now, now.yourEndpoint);
  switch (body.case) {
    case 'muteUnlocked':
      return body.value.endpoint === now.yourEndpoint || invited;
    case 'floorGranted':
      return personOf(now, body.value.participant)?.endpoint === you?.id || invited;
    case 'floorTakenBack':
      return false;
    case 'muted':
      return body.value.endpoint === now.yourEndpoint ? false : invited;
    default:
      return invited;
  }
}

function placeOf(now: Knowledge, endpoint: number, words: Dictionary, lang: Lang): string {
  const seat = seatsOf(now).find((candidate) => candidate.endpoint.id === endpoint);
  const site = siteName(now, endpointOf(now, endpoint)?.site ?? 0);
  return seat ? `${seatName(seat, words, lang)}${site ? `, ${site}` : ''}` : site;
}

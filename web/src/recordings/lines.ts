// What happened in the hearing, one line each, with its place in the recording.
import { RecordFault, Status, type Event } from '../gen/assize/hearing/v1/hearing_pb.js';
import type { RecordedFile, Recording } from '../gen/assize/record/v1/recording_pb.js';
import type { Lang } from '../lib/i18n/index.svelte.ts';
import type { Dictionary } from '../lib/i18n/vi.ts';
import { roleName } from '../lib/names.ts';
import { stopCause } from '../lib/view.ts';
import type { RecordingWords } from './i18n/vi.ts';

export type LineKind = 'phase' | 'floor' | 'incident' | 'people';

export interface Line {
  seq: string;
  atMs: number;
  placeMs: number;
  kind: LineKind;
  text: string;
}

export interface Words {
  of: RecordingWords;
  hearing: Dictionary;
  lang: Lang;
}

/** The recording with the people who had their seats at this event. */
export function asOf(recording: Recording, seq: bigint): Recording {
  const people = recording.people.map((person) => {
    const former = person.formers.find(({ untilSeq }) => seq < untilSeq);
    return former ? { ...person, name: former.name, formers: [] } : { ...person, formers: [] };
  });
  return { ...recording, people };
}

/** Whoever had the seat, one after the other. */
const called = (recording: Recording, id: number, { hearing }: Words): string => {
  const person = recording.people.find(({ participant }) => participant === id);
  if (!person) return hearing.somebody;
  const names = [...person.formers.map(({ name }) => name), person.name].join(' → ');
  return `${roleName(person.role, hearing)} ${names}`;
};

/** The people at an endpoint with their roles; the programme is of nobody. */
export function endpointName(recording: Recording, endpoint: number, words: Words): string {
  if (endpoint === 0) return words.of.player.programme;
  const people = recording.people.filter((person) => person.endpoint === endpoint);
  if (people.length === 0) return words.of.player.endpoint(endpoint);
  return new Intl.ListFormat(words.lang, { type: 'conjunction' }).format(
    people.map(({ participant }) => called(recording, participant, words)),
  );
}

/** What a file shows: the people of its device, or what they showed. */
export function fileName(
  recording: Recording,
  { endpoint, share }: RecordedFile,
  words: Words,
): string {
  const name = endpointName(recording, endpoint, words);
  return share ? words.of.player.document(name) : name;
}

/** A phase of the procedure by its name; phases are numbered from 1. */
export function phaseName({ phases }: Recording, phase: number, lang: Lang): string {
  return phases[phase - 1]?.[lang] ?? '';
}

export function siteOf(recording: Recording, endpoint: number): string {
  const site = recording.people.find((person) => person.endpoint === endpoint)?.site;
  return recording.sites.find(({ id }) => id === site)?.name ?? '';
}

const phases = [
  'started',
  'recessed',
  'resumed',
  'suspended',
  'closed',
  'adjourned',
  'deliberationBegun',
] as const;
const plain = {
  floorTakenBack: 'floor',
  shareStopped: 'floor',
  recordOn: 'phase',
  recordOff: 'phase',
  wentPrivate: 'phase',
  wentPublic: 'phase',
  galleryOpened: 'phase',
  galleryClosed: 'phase',
} as const;

function sentence(
  recording: Recording,
  { body }: Event,
  words: Words,
): [LineKind, string] | undefined {
  const said = words.of.events;
  const where = (endpoint: number) =>
    endpoint === 0 ? said.programme : endpointName(recording, endpoint, words);
  switch (body.case) {
    case 'admitted':
    case 'sentBack':
    case 'left':
      return ['people', said[body.case](called(recording, body.value.participant, words))];
    case 'floorGranted':
    case 'witnessCalled':
    case 'undertakingGiven':
    case 'witnessReleased':
    case 'shareStarted':
      return ['floor', said[body.case](called(recording, body.value.participant, words))];
    case 'phaseEntered': {
      const { phase } = body.value;
      const name = phaseName(recording, phase, words.lang) || said.phase(phase);
      return ['phase', said.phaseEntered(name, recording.phases[phase - 1]?.article ?? '')];
    }
    case 'ruleOverridden':
      return ['phase', said.ruleOverridden(body.value.article)];
    case 'paused':
      return ['incident', said.paused[stopCause(body.value.cause)](where(body.value.endpoint))];
    case 'endpointLinkLost':
      return ['incident', said.linkLost(where(body.value.endpoint))];
    case 'endpointLinkRestored':
      return ['incident', said.linkRestored(where(body.value.endpoint))];
    case 'clockJumped':
      return ['incident', said.clockJumped((Number(body.value.deltaMs) / 1000).toFixed(1))];
    case 'recordGap': {
      const { endpoint, fromMs, toMs, why } = body.value;
      const length = `${(Number(toMs - fromMs) / 1000).toFixed(1)} s`;
      const fault = said.faults[RecordFault[why] as keyof typeof said.faults];
      return ['incident', said.recordGap(where(endpoint), length, fault)];
    }
    default: {
      const phase = phases.find((name) => name === body.case);
      if (phase) return ['phase', said[phase]];
      const name = body.case as keyof typeof plain;
      return name in plain ? [plain[name], said[name]] : undefined;
    }
  }
}

/** When an event was: of a gap, when it began. */
const momentOf = ({ body, atMs }: Event): number =>
  Number(body.case === 'recordGap' ? body.value.fromMs : atMs);

/** Devices that hang up when all is over are no incident. */
function beforeTheEnd(events: Event[]): Event[] {
  const end = events.findIndex(({ body }) => body.case === 'closed' || body.case === 'adjourned');
  const hangsUp = (event: Event) =>
    event.body.case === 'endpointLinkLost' || event.body.case === 'left';
  return end < 0 ? events : events.filter((event, at) => at <= end || !hangsUp(event));
}

export function linesOf(recording: Recording, words: Words): Line[] {
  const start = Number(recording.startMs);
  const duration = Number(recording.summary?.durationMs ?? 0n);
  return beforeTheEnd(recording.events)
    .flatMap((event) => {
      const told = sentence(asOf(recording, event.seq), event, words);
      if (!told) return [];
      const atMs = momentOf(event);
      const placeMs = Math.min(Math.max(0, atMs - start), duration);
      return [{ seq: String(event.seq), atMs, placeMs, kind: told[0], text: told[1] }];
    })
    .sort((left, right) => left.atMs - right.atMs);
}

/** The last event until a moment, and by it the status of the hearing, its phase, and who held the floor. */
export function momentAt(
  recording: Recording,
  atMs: number,
): { seq: bigint; status: keyof typeof Status; phase: number; speaker: number } {
  let seq = 0n;
  let status: keyof typeof Status = 'SCHEDULED';
  let phase = 0;
  let speaker = 0;
  for (const event of recording.events) {
    if (Number(event.atMs) > atMs) break;
    seq = event.seq;
    switch (event.body.case) {
      case 'started':
      case 'resumed':
        status = 'IN_SESSION';
        break;
      case 'recessed':
        status = 'RECESS';
        break;
      case 'suspended':
        status = 'SUSPENDED';
        break;
      case 'closed':
        status = 'CLOSED';
        break;
      case 'adjourned':
        status = 'ADJOURNED';
        break;
      case 'deliberationBegun':
        status = 'DELIBERATING';
        break;
      case 'phaseEntered':
        phase = event.body.value.phase;
        break;
      case 'floorGranted':
        speaker = event.body.value.participant;
        break;
      case 'floorTakenBack':
        speaker = 0;
        break;
      default:
        break;
    }
  }
  return { seq, status, phase, speaker: status === 'IN_SESSION' ? speaker : 0 };
}

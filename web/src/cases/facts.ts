// What a case record says, as fields that people read: by the descriptors of proto/assize/cases, so that none is left out.
import { fromBinary, type DescField, type DescMessage } from '@bufbuild/protobuf';
import type { KnownRecord } from '../gen/assize/cases/v1/case_service_pb.js';
import { CaseRecordSchema, type CaseRecord } from '../gen/assize/cases/v1/cases_pb.js';
import { moment, msOf } from '../desk/days.ts';
import { longDate } from '../lib/format.ts';
import type { Lang } from '../lib/i18n/index.svelte.ts';
import type { CasesWords } from './i18n/vi.ts';

export interface Fact {
  /** The message and the field: "person.full_name". */
  key: string;
  label: string;
  value: string;
}

export interface Said {
  /** Who or what it describes, in a word or two. */
  title: string;
  facts: Fact[];
}

interface Telling {
  words: CasesWords;
  lang: Lang;
  /** What other entities of the case are called. */
  names: Map<string, string>;
}

type Values = Record<string, unknown>;

const order = [
  ...['case_file', 'party', 'counsel', 'charge', 'claim', 'hearing', 'decision', 'appeal'],
  ...['enforcement', 'document', 'event'],
];
/** Of these fields, the first that is there is what the thing is called. */
const calls = [
  ...['case_file.title', 'case_file.number', 'person.full_name', 'organisation.name'],
  ...['counsel.full_name', 'charge.offence', 'charge.article', 'claim.matter', 'event.text'],
  ...['event.kind', 'document.title', 'hearing.scheduled_ms', 'decision.number', 'appeal.filed_on'],
  ...['enforcement.number', 'enforcement.begun_on'],
];
const references = new Set([
  ...[
    'counsel.party',
    'charge.party',
    'claim.party',
    'appeal.party',
    'organisation.representative',
  ],
  ...['appeal.decision', 'enforcement.decision', 'decision.document'],
]);

export const placeOf = (type: string): number => {
  const place = order.indexOf(type);
  return place < 0 ? order.length : place;
};

/** Of what its source wrote; nothing when it cannot be read. */
export function recordOf(packed: Uint8Array): CaseRecord | null {
  try {
    return fromBinary(CaseRecordSchema, packed);
  } catch {
    return null;
  }
}

export function sayingOf(record: CaseRecord | null, telling: Telling): Said {
  const facts = record ? factsIn(record, CaseRecordSchema, '', telling) : [];
  const named = calls.map((key) => facts.find((fact) => fact.key === key)).find(Boolean);
  return { title: named?.value ?? '', facts: facts.filter((fact) => fact !== named) };
}

/** What every entity is called, for those that refer to it. */
export function namesOf(
  records: KnownRecord[],
  words: CasesWords,
  lang: Lang,
): Map<string, string> {
  const names = new Map<string, string>();
  for (const one of records) {
    const { title } = sayingOf(recordOf(one.record), { words, lang, names: new Map() });
    if (title) names.set(one.entity, title);
  }
  return names;
}

function factsIn(message: object, type: DescMessage, name: string, telling: Telling): Fact[] {
  return type.fields
    .filter((field) => field.name !== 'entity' && isThere(message as Values, field))
    .flatMap((field) => {
      const value = valueOf(message as Values, field);
      if (field.fieldKind === 'message')
        return factsIn(value as object, field.message, field.name, telling);
      const key = `${name}.${field.name}`;
      const label = telling.words.labels[key] ?? field.name;
      return [{ key, label, value: textOf(key, field, value, telling) }];
    });
}

/** What was not sent has the value of the prototype. */
function isThere(message: Values, field: DescField): boolean {
  if (!field.oneof) return Object.hasOwn(message, field.localName);
  return (message[field.oneof.localName] as { case?: string }).case === field.localName;
}

function valueOf(message: Values, field: DescField): unknown {
  if (!field.oneof) return message[field.localName];
  return (message[field.oneof.localName] as { value: unknown }).value;
}

function textOf(key: string, field: DescField, value: unknown, telling: Telling): string {
  const { words, lang, names } = telling;
  if (field.fieldKind === 'enum') return wordOf(field.enum.name, value as number, field, words);
  if (typeof value === 'boolean') return value ? words.online.yes : words.online.no;
  if (value instanceof Uint8Array)
    return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (key.endsWith('_ms')) return moment(Number(value), lang);
  if (key === 'claim.amount_vnd') return words.dong(value as bigint);
  const text = String(value);
  if (references.has(key)) return names.get(text) ?? text;
  return dayIn(text, lang) ?? text;
}

function dayIn(text: string, lang: Lang): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const ms = msOf(text, '12:00');
  return Number.isNaN(ms) ? null : longDate(ms, lang);
}

function wordOf(name: string, value: number, field: DescField, words: CasesWords): string {
  const lists: Record<string, Record<string, string>> = {
    CaseKind: words.kinds,
    Instance: words.instances,
    PartyRole: words.roles,
    Sex: words.sexes,
    DecisionKind: words.decisions,
    CaseStatus: words.status,
  };
  const word = field.fieldKind === 'enum' ? (field.enum.value[value]?.localName ?? '') : '';
  return lists[name]?.[word] ?? word;
}

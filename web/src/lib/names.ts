// How people, rooms and sites are called: by role and name ("Người làm chứng Nguyễn Thị B.").
import { Role } from '../gen/assize/hearing/v1/hearing_pb.js';
import type { ParticipantView } from '../gen/assize/signal/v1/signal_pb.js';
import { capital } from './format.ts';
import type { Lang } from './i18n/index.svelte.ts';
import type { Dictionary } from './i18n/vi.ts';
import type { Knowledge } from './merge.ts';
import type { Seat } from './view.ts';

export const roleName = (role: Role, words: Dictionary): string =>
  capital(words.roles[Role[role] as RoleName]);

export type RoleName = keyof typeof Role;

export const called = (person: ParticipantView | undefined, words: Dictionary): string =>
  person ? `${roleName(person.role, words)} ${person.name}`.trim() : words.somebody;

export const seatName = (seat: Seat, words: Dictionary, lang: Lang): string =>
  new Intl.ListFormat(lang, { type: 'conjunction' }).format(
    seat.people.map((person) => called(person, words)),
  );

export const siteName = (knowledge: Knowledge, id: number): string =>
  knowledge.sites.find((site) => site.id === id)?.name ?? '';

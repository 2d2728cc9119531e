import { Role } from '../../gen/assize/staff/v1/staff_pb.js';
import { language, type Lang } from '../../lib/i18n/index.svelte.ts';
import { en } from './en.ts';
import { vi, type AccountWords } from './vi.ts';

const dictionaries: Record<Lang, AccountWords> = { vi, en };

/** The words of signing in, in the chosen language. */
export const a = (): AccountWords => dictionaries[language.code];

/** What a role of staff is called. */
export const roleName = (role: Role): string =>
  a().account.roles[Role[role] as keyof AccountWords['account']['roles']];

// Staff: who signs in with a password, for every page that is theirs. The session is an HttpOnly cookie that no script sees.
import {
  Role,
  StaffService,
  type Member,
  type StaffSession,
} from '../gen/assize/staff/v1/staff_pb.js';
import { Refused } from './refusal.ts';
import { call } from './session.ts';

export { Role, type Member, type StaffSession };

/** Who is signed in here, or null. */
export async function currentMember(): Promise<Member | null> {
  try {
    return await call(StaffService.method.current, {});
  } catch (error) {
    if (error instanceof Refused && error.code === 'staff_not_signed_in') return null;
    throw error;
  }
}

export const signInStaff = (login: string, password: string): Promise<Member> =>
  call(StaffService.method.signIn, { login, password });

export const signOutStaff = async (): Promise<void> => {
  await call(StaffService.method.signOut, {});
};

export const changePassword = (oldPassword: string, newPassword: string): Promise<Member> =>
  call(StaffService.method.changePassword, { oldPassword, newPassword });

/** Where an account is signed in; one's own without a login. */
export const staffSessions = async (login = ''): Promise<StaffSession[]> =>
  (await call(StaffService.method.sessions, login ? { login } : {})).sessions;

export const endStaffSession = async (id: string): Promise<void> => {
  await call(StaffService.method.endSession, { id });
};

/** The page to sign in at, which leads back to this one. */
export const signInPage = (): string =>
  `/signin?next=${encodeURIComponent(location.pathname + location.search)}`;

/** Where to go after signing in: a page of this site, whatever the address says. */
export function pageAfter(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  return /^\/[a-z]+(\?[\w=&./-]*)?$/.test(next) ? next : '/desk';
}

// The links of one hearing: whose they are, which still work, and how a new one is asked for.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { IssueLinkRequestSchema, Link, Person } from '../gen/assize/desk/v1/desk_pb.js';

export type LinkKind = 'single' | 'multi' | 'companion' | 'gallery';

export function kindOf(link: Link): LinkKind {
  if (link.participant === 0) return 'gallery';
  if (link.companion) return 'companion';
  return link.multi ? 'multi' : 'single';
}

/** They sign in to enter; in a room only their companion does, and the room is opened by a link all the same. */
export const needsNoLink = ({ byAccount, room }: Person): boolean => byAccount && !room;

export const works = (link: Link, nowMs: number): boolean =>
  link.revokedMs === 0n && Number(link.expiresMs) > nowMs && link.used < link.maxUses;

/** It opened a session that may go on: it can be withdrawn, though nobody else can use it. */
export const inUse = (link: Link, nowMs: number): boolean =>
  link.revokedMs === 0n && (works(link, nowMs) || link.used > 0);

export interface LinkWish {
  participant: number;
  kind: LinkKind;
  hours: number;
  uses: number;
}

export const issueRequest = (
  hearing: string,
  requestId: string,
  { participant, kind, hours, uses }: LinkWish,
): MessageInitShape<typeof IssueLinkRequestSchema> => ({
  requestId,
  hearing,
  participant,
  companion: kind === 'companion',
  multi: kind === 'multi' || kind === 'gallery',
  uses,
  hours,
});

// Why one looks at cases: chosen once for a visit, kept for this tab, shown on every page and sent with every call.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Purpose, type ReasonSchema } from '../gen/assize/access/v1/access_pb.js';
import { kept } from '../lib/kept.ts';

export interface Why {
  account: string;
  purpose: Purpose;
  legalBasis: string;
}

/** What people of a court do with its cases. */
export const purposes = [
  Purpose.ADJUDICATION,
  Purpose.INTAKE,
  Purpose.ENFORCEMENT,
  Purpose.INSPECTION,
  Purpose.STATISTICS,
  Purpose.DATA_SUBJECT,
] as const;

export const basisBytesMax = 500; // ACCESS_BASIS_MAX
const key = 'cases.why';

/** Of this account; another who signs in on this tab is asked anew. */
export function keptWhy(account: string): Why | null {
  try {
    const why = JSON.parse(kept.tab.get(key) ?? 'null') as Why | null;
    return why?.account === account ? why : null;
  } catch {
    return null;
  }
}

export const keepWhy = (why: Why | null): void =>
  kept.tab.set(key, why === null ? null : JSON.stringify(why));

export const reasonOf = ({ purpose, legalBasis }: Why): MessageInitShape<typeof ReasonSchema> => ({
  purpose,
  legalBasis,
});

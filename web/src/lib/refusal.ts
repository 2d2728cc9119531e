// A refusal is a plain "no" with a reason: a stable code and one sentence in each language. Most come from the server's
// table (base/errors.h); the few the browser makes itself are here.
import type { CheckView, Refusal } from '../gen/assize/signal/v1/signal_pb.js';
import type { Lang } from './i18n/index.svelte.ts';

/** Why, where a rule of the law stands against it. */
export interface LegalReason {
  rule: string;
  article: string;
  unmet: CheckView[]; // the conditions that fail
  people: number[]; // whom it is about
  overrides: string[]; // the rules this person may set aside, with a reason on the record
  field?: string; // of a request: the path of what is wrong
}

const noRule: LegalReason = { rule: '', article: '', unmet: [], people: [], overrides: [] };

export class Refused extends Error {
  readonly code: string;
  readonly waitS: number; // before the next try; 0: none was asked for
  readonly law: LegalReason;
  private readonly sentences: Record<Lang, string>;

  constructor(code: string, vi: string, en: string, waitS = 0, law = noRule) {
    super(`${code}: ${en}`);
    this.code = code;
    this.waitS = waitS;
    this.law = law;
    this.sentences = { vi, en };
  }

  sentence(lang: Lang): string {
    return this.sentences[lang];
  }
}

/** As the server says it. */
export const refusedBy = (refusal: Refusal, waitS = 0): Refused =>
  new Refused(refusal.code, refusal.vi, refusal.en, waitS, refusal);

export const unreachable = () =>
  new Refused(
    'unreachable',
    'Không kết nối được với máy chủ. Vui lòng kiểm tra đường truyền rồi thử lại.',
    'The server cannot be reached. Please check your connection and try again.',
  );

export const unanswered = () =>
  new Refused(
    'unanswered',
    'Máy chủ chưa trả lời yêu cầu này. Vui lòng xem lại trạng thái trên màn hình rồi thực hiện lại.',
    'The server has not answered this request. Please look at the screen again and repeat it.',
  );

/** Any error as a refusal: what is not one means that the server could not be reached. */
export function asRefusal(error: unknown): Refused {
  return error instanceof Refused ? error : unreachable();
}

// The addresses of links that were issued on this page: the server tells each only once, so they are kept here until one leaves.
import { DeskService } from '../gen/assize/desk/v1/desk_pb.js';
import { call } from '../lib/session.ts';
import { issueRequest, type LinkWish } from './links.ts';
import { desk } from './state.svelte.ts';

export class Issued {
  private readonly hearing: () => string;
  /** Of wishes that have no answer yet: asked for again, they are the same requests and make no second links. */
  private readonly requests = new Map<string, string>();
  /** By participant, 0 for the gallery. */
  urls = $state<Record<number, string>>({});

  constructor(hearing: () => string) {
    this.hearing = hearing;
  }

  async issue(wish: LinkWish): Promise<boolean> {
    const key = `${wish.participant} ${wish.kind} ${wish.uses}`;
    const requestId = this.requests.get(key) ?? crypto.randomUUID();
    this.requests.set(key, requestId);
    const answer = await desk.doing(() =>
      call(DeskService.method.issueLink, issueRequest(this.hearing(), requestId, wish)),
    );
    if (!answer) return false;
    this.requests.delete(key);
    this.urls[wish.participant] = answer.url;
    return true;
  }
}

/** False when the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// The one state of the gallery's page: the viewer's session, what the server tells of the hearing, and the two connections.
import { create } from '@bufbuild/protobuf';
import type { Session } from '../gen/assize/session/v1/session_pb.js';
import {
  MediaAnswerSchema,
  OpenMediaSchema,
  type GalleryView,
  type ServerMessage,
} from '../gen/assize/signal/v1/signal_pb.js';
import { announcer } from '../lib/announce.svelte.ts';
import { kept } from '../lib/kept.ts';
import { prepareLeg } from '../lib/leg.ts';
import { Media, programme, type MediaHost } from '../lib/media.svelte.ts';
import { asRefusal, type Refused } from '../lib/refusal.ts';
import { currentSession, openByLink, signOut } from '../lib/session.ts';
import { Signal, type LinkState, type SignalHost } from '../lib/signal.ts';
import { time } from '../lib/time.svelte.ts';
import { g } from './i18n/index.ts';
import { galleryTidings, sceneFor } from './scene.ts';

export type Screen = 'opening' | 'welcome' | 'declare' | 'watching' | 'stopped' | 'left';

class GalleryState implements SignalHost, MediaHost {
  private asking = $state(true);
  private gone = $state(false);
  private token = $state<string | null>(null);
  private declared = $state(false);
  private readonly signal = new Signal(this);

  session = $state.raw<Session | null>(null);
  view = $state.raw<GalleryView | null>(null);
  link = $state.raw<LinkState>({ kind: 'idle' });
  refusal = $state.raw<Refused | null>(null);
  busy = $state(false);
  silent = $state(false); // the viewer turned the sound off
  shown = $state(false); // the first frame of the picture is on screen

  readonly media = new Media(this);

  picture = $derived(this.media.pictures.get(programme) ?? null);
  scene = $derived(
    sceneFor(this.view, this.picture !== null && this.shown && !this.media.still.has(programme)),
  );
  screen = $derived.by((): Screen => {
    if (this.asking) return 'opening';
    if (this.gone) return 'left';
    if (this.link.kind === 'evicted') return 'stopped';
    if (this.token !== null) return 'declare';
    if (!this.session) return 'welcome';
    return this.declared ? 'watching' : 'declare';
  });

  /** With a link's token in the fragment, or the cookie of an earlier visit. */
  async begin(): Promise<void> {
    this.token = takeToken() ?? kept.tab.get('gallery.token');
    window.addEventListener('hashchange', () => {
      const token = takeToken();
      if (token) this.goOut(token);
    });
    prepareLeg();
    if (this.token === null) {
      const session = await currentSession().catch(() => null);
      if (session?.gallery) this.comeIn(session);
    }
    this.asking = false;
  }

  /** The one button of the declaration: only now is the link used. */
  async enter(): Promise<void> {
    this.busy = true;
    this.refusal = null;
    try {
      const session = this.token === null ? this.session : await openByLink(this.token);
      this.token = null;
      kept.tab.set('gallery.token', null);
      if (!session) return;
      if (!session.gallery) return location.replace('/');
      kept.tab.set(declaredKey(session), 'yes');
      this.comeIn(session);
    } catch (error) {
      this.refusal = asRefusal(error);
    } finally {
      this.busy = false;
    }
  }

  async leave(): Promise<void> {
    this.signal.stop();
    this.media.stop();
    await signOut().catch(() => undefined); // the session ends by itself as well
    this.session = null;
    this.gone = true;
  }

  retryNow(): void {
    this.signal.start();
  }

  private comeIn(session: Session): void {
    this.session = session;
    this.declared = kept.tab.get(declaredKey(session)) === 'yes';
    if (this.declared) this.signal.start();
  }

  /** Another link was opened in this tab. */
  private goOut(token: string): void {
    this.signal.stop();
    this.media.stop();
    this.token = token;
    this.session = null;
    this.view = null;
    this.refusal = null;
    this.gone = false;
  }

  // What the signalling connection asks and tells.

  query(): URLSearchParams {
    return new URLSearchParams({ media: '1' });
  }

  seenSeq(): bigint {
    return 0n;
  }

  linkChanged(state: LinkState): void {
    this.link = state;
    if (state.kind === 'evicted') this.media.stop();
  }

  pong(roundTripMs: number, serverMs: number): void {
    time.set(serverMs, roundTripMs);
  }

  receive({ response }: ServerMessage): void {
    switch (response.case) {
      case 'gallery':
        time.set(Number(response.value.serverMs));
        for (const { text, urgent } of galleryTidings(this.view, response.value, g()))
          announcer.say(text, urgent);
        this.view = response.value;
        break;
      case 'mediaOffer':
        this.media.offered(response.value);
        break;
      case 'mediaSlots':
        this.media.placed(response.value);
        break;
      case 'mediaState':
        this.media.told(response.value);
        break;
    }
  }

  answer(leg: bigint, sdp: string): void {
    this.signal.send({ case: 'mediaAnswer', value: create(MediaAnswerSchema, { leg, sdp }) });
  }

  askForLeg(): void {
    this.signal.send({ case: 'openMedia', value: create(OpenMediaSchema) });
  }
}

const declaredKey = (session: Session) => `gallery.declared.${session.hearing}`;

/** The token of /gallery#TOKEN, taken out of the address bar. Kept for a reload until the button is pressed. */
function takeToken(): string | null {
  if (location.hash.length < 2) return null;
  const token = location.hash.slice(1);
  history.replaceState(null, '', '/gallery');
  kept.tab.set('gallery.token', token);
  return token;
}

export const gallery = new GalleryState();

/** window.__assize on this page: a read-only look for tests and support. */
export function exposeGallery(): void {
  const look = {
    get screen() {
      return gallery.screen;
    },
    get scene() {
      return gallery.scene;
    },
    get mediaLink() {
      return gallery.media.link.kind;
    },
    get pc() {
      return gallery.media.pc;
    },
  };
  Object.defineProperty(window, '__assize', { value: Object.freeze(look) });
}

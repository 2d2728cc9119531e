// What a question over the page is made of; see Modal.svelte.
import type { Snippet } from 'svelte';

export interface ModalProps {
  open: boolean;
  title: string;
  /** What it is about, read out with the title. */
  text?: string;
  /** The text is no aside. */
  loud?: boolean;
  /** It waits for an answer: a click beside it does not close it. */
  must?: boolean;
  /** A class of its own, for its width. */
  kind?: string;
  /** The word that closes it. */
  cancel: string;
  /** Closing it is what is advised. */
  cancelLast?: boolean;
  /** Its content is a form. */
  onsubmit?: () => unknown;
  children?: Snippet;
  /** Beside the one that closes it. */
  buttons?: Snippet;
}

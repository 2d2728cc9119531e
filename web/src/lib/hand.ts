// Asking to speak, for oneself or for somebody at the same device. Pure but for the command.
import { app } from './state.svelte.ts';

export const raised = (person: number): boolean =>
  app.known.hearing?.floorQueue.includes(person) ?? false;

/** Up or down, one's own or that of somebody before the same camera. */
export const toggleHand = (participant = app.known.you): Promise<boolean> =>
  app.command(
    raised(participant)
      ? { case: 'lowerHand', value: { participant } }
      : { case: 'raiseHand', value: { participant } },
  );

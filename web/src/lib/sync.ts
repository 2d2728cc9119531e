// How far the outcome of the hearing is on its way to the centre, for the clerk and the panel.
import { SyncService, SyncState, type SyncStatus } from '../gen/assize/exchange/v1/exchange_pb.js';
import { call } from './session.ts';

const lookMs = 2000;
const lookAgainMs = 10_000; // after an answer that did not come

/** Tells now and then until the centre has answered. Returns what ends it. */
export function watchSync(tell: (status: SyncStatus) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const look = async () => {
    const status = await call(SyncService.method.status, {}).catch(() => null);
    if (ended) return;
    if (status) tell(status);
    if (!status) timer = setTimeout(() => void look(), lookAgainMs);
    else if (status.state === SyncState.WAITING) timer = setTimeout(() => void look(), lookMs);
  };
  void look();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

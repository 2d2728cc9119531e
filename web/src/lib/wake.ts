/** Keeps the screen from going dark while a person waits or takes part. Returns what ends it. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let ended = false;
  const take = async () => {
    if (document.hidden) return;
    const taken = await navigator.wakeLock?.request('screen').catch(() => null);
    if (ended) void taken?.release();
    else lock = taken ?? null;
  };
  const retake = () => void take();
  retake();
  document.addEventListener('visibilitychange', retake);
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', retake);
    void lock?.release();
  };
}

// Seconds left until a moment of this device's clock, never below zero.
export const secondsUntil = (momentMs: number, nowMs: number): number =>
  Math.max(0, Math.ceil((momentMs - nowMs) / 1000));

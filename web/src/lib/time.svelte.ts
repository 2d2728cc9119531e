// The server's clock, ticking on screen once a second.
class Time {
  nowMs = $state(Date.now());
  private offsetMs = 0;

  constructor() {
    const tick = () => {
      this.nowMs = Date.now() + this.offsetMs;
      setTimeout(tick, 1000 - (this.nowMs % 1000));
    };
    tick();
  }

  /** The server said serverMs, half a round trip ago. */
  set(serverMs: number, roundTripMs = 0): void {
    this.offsetMs = serverMs + roundTripMs / 2 - Date.now();
  }

  /** A moment of this device's clock, by the server's. */
  ofDevice(deviceMs: number): number {
    return deviceMs + this.offsetMs;
  }
}

export const time = new Time();

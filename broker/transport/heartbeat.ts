/**
 * Heartbeats of one connection (specification 4.2.7): one is sent when nothing else was for half the
 * interval, and a peer that sends nothing for two intervals is given up.
 */
export interface HeartbeatEnds {
  /** Whether anything was sent since the last time. */
  sent(): boolean;
  /** Whether anything was received since the last time, or reading is paused. */
  received(): boolean;
  send(): void;
  missed(): void;
}

/** Half intervals without a sign of the peer. */
const SILENT_HALVES_MAX = 4;

export class Heartbeat {
  private readonly timer: NodeJS.Timeout;
  private silent = 0;

  constructor(intervalSeconds: number, ends: HeartbeatEnds) {
    this.timer = setInterval(() => this.tick(ends), (intervalSeconds * 1000) / 2);
    this.timer.unref();
  }

  private tick(ends: HeartbeatEnds): void {
    if (!ends.sent()) ends.send();
    this.silent = ends.received() ? 0 : this.silent + 1;
    if (this.silent >= SILENT_HALVES_MAX) {
      this.stop();
      ends.missed();
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

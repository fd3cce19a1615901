/** A moment at which something is due: one timer, however far away the moment is. */
import { now } from './clock.js';

/** The longest delay a timer takes; beyond it the timer is set again. */
const TIMER_MS_MAX = 2_147_483_647;

export class Deadline {
  private at = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly onReached: () => void;

  constructor(onReached: () => void) {
    this.onReached = onReached;
  }

  /** Sets the moment, in milliseconds of the broker's clock; 0 for none. */
  set(at: number): void {
    if (at === this.at) return;
    this.clear();
    this.at = at;
    if (at !== 0) this.start();
  }

  clear(): void {
    clearTimeout(this.timer);
    this.at = 0;
  }

  private start(): void {
    const delay = Math.min(Math.max(this.at - now(), 0), TIMER_MS_MAX);
    this.timer = setTimeout(() => {
      if (now() < this.at) {
        this.start();
        return;
      }
      this.at = 0;
      this.onReached();
    }, delay);
    // A broker that is only waiting does not keep its process.
    this.timer.unref();
  }
}

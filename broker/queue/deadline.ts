/** A moment at which something is due: one timer, however far away the moment is. */
import { unattended } from '../store/unattended.js';
import type { Clock } from './clock.js';

/** The longest delay a timer takes; beyond it the timer is set again. */
const TIMER_MS_MAX = 2_147_483_647;

export class Deadline {
  private at = 0;
  private timer: object | undefined;
  private readonly clock: Clock;
  private readonly onReached: () => void;

  constructor(clock: Clock, onReached: () => void) {
    this.clock = clock;
    this.onReached = onReached;
  }

  /** Sets the moment, in milliseconds of the clock; 0 for none. */
  set(at: number): void {
    if (at === this.at) return;
    this.clear();
    this.at = at;
    if (at !== 0) this.start();
  }

  clear(): void {
    if (this.timer !== undefined) this.clock.stop(this.timer);
    this.timer = undefined;
    this.at = 0;
  }

  private start(): void {
    const delay = Math.min(Math.max(this.at - this.clock.now(), 0), TIMER_MS_MAX);
    this.timer = this.clock.start(delay, () => {
      this.timer = undefined;
      if (this.clock.now() < this.at) {
        this.start();
        return;
      }
      this.at = 0;
      unattended(this.onReached);
    });
  }
}

/** Does the work when all that has come in by now has been read. */
function afterThisTurn(work: () => void): void {
  setImmediate(unattended, work);
}

/** Work that is done when this turn is over, once however often it was asked for. */
export class NextTurn {
  private asked = false;
  private readonly work: () => void;

  constructor(work: () => void) {
    this.work = work;
  }

  ask(): void {
    if (this.asked) return;
    this.asked = true;
    afterThisTurn(() => {
      this.asked = false;
      this.work();
    });
  }
}

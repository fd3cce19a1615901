/**
 * The times at which the messages of a queue expire. Only the one that is next is looked at, with one
 * timer for it: what stands behind it is looked at when it gets there, as in RabbitMQ. Ten million
 * messages that expire need no more timers than ten.
 */
import type { Clock } from './clock.js';
import { Deadline } from './deadline.js';
import type { Entry } from './entry.js';
import type { ReadyEntries } from './ready-list.js';

export class HeadExpiry {
  /** Whether any ready message may have a time to expire at. */
  private expiring = false;
  private readonly clock: Clock;
  private readonly ready: ReadyEntries;
  private readonly onExpired: (entry: Entry) => void;
  private readonly deadline: Deadline;

  constructor(clock: Clock, ready: ReadyEntries, onExpired: (entry: Entry) => void) {
    this.clock = clock;
    this.ready = ready;
    this.onExpired = onExpired;
    this.deadline = new Deadline(clock, () => {
      this.drop();
      this.arm();
    });
  }

  /** A message is ready that expires at some time, or never (0). */
  note(expiresAt: number): void {
    if (expiresAt !== 0) this.expiring = true;
  }

  /** Takes out what has expired. */
  drop(): void {
    if (!this.expiring) return;
    const time = this.clock.now();
    for (const entry of this.ready.shiftWhile(({ expiresAt }) => expiresAt !== 0 && expiresAt <= time)) {
      this.onExpired(entry);
    }
  }

  /** Sets the timer for the message that is next now. */
  arm(): void {
    if (!this.expiring) return;
    if (this.ready.length === 0) this.expiring = false;
    this.deadline.set(this.expiring ? this.ready.nextExpiry() : 0);
  }

  clear(): void {
    this.deadline.clear();
  }
}

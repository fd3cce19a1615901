/** `x-expires`: a queue goes when it has had no consumer and no other use for so long. */
import type { Clock } from './clock.js';
import { Deadline } from './deadline.js';

export class IdleExpiry {
  private readonly clock: Clock;
  private expiresMs: number | undefined;
  private readonly deadline: Deadline;

  constructor(clock: Clock, expiresMs: number | undefined, onExpired: () => void) {
    this.clock = clock;
    this.expiresMs = expiresMs;
    this.deadline = new Deadline(clock, onExpired);
  }

  /** It is another time from now on; `used` begins to count it. */
  change(expiresMs: number | undefined): void {
    this.expiresMs = expiresMs;
    this.deadline.clear();
  }

  /** The queue was used: its time counts anew, or not at all while it has consumers. */
  used(consumers: number): void {
    if (this.expiresMs === undefined) return;
    this.deadline.set(consumers > 0 ? 0 : this.clock.now() + this.expiresMs);
  }

  clear(): void {
    this.deadline.clear();
  }
}

/**
 * The times at which the messages of a queue expire. Only the one that is next is looked at, with one
 * timer for it: what stands behind it is looked at when it gets there, as in RabbitMQ. Ten million
 * messages that expire need no more timers than ten, and are taken out some at a time, so that nobody
 * else waits for them.
 */
import { Deadline } from './deadline.js';
import { DISK_PAUSE_MS, isDiskBehind } from './disk-lag.js';
import type { Entry } from './entry.js';
import type { QueueHost } from './queue-host.js';
import type { ReadyEntries } from './ready-list.js';

/** Taken out in one go. */
const STEP_ENTRIES = 1000;

/** What becomes of the entries that are taken out. */
export interface Expired {
  expired(entry: Entry): void;
  /** Some were taken out by the timer: whoever waited for it goes on. */
  stepped(): void;
}

export class HeadExpiry {
  /** Whether any ready message may have a time to expire at. */
  private expiring = false;
  private readonly host: QueueHost;
  private readonly ready: ReadyEntries;
  private readonly outcome: Expired;
  private readonly deadline: Deadline;

  constructor(host: QueueHost, ready: ReadyEntries, outcome: Expired) {
    this.host = host;
    this.ready = ready;
    this.outcome = outcome;
    this.deadline = new Deadline(host.clock, () => this.step());
  }

  private step(): void {
    if (isDiskBehind(this.host.store)) {
      this.deadline.set(this.host.clock.now() + DISK_PAUSE_MS);
      return;
    }
    this.drop();
    this.arm();
    this.outcome.stepped();
  }

  /** A message is ready that expires at some time, or never (0). */
  note(expiresAt: number): void {
    if (expiresAt !== 0) this.expiring = true;
  }

  /** Takes out what has expired, so many at most; whether the message that is next has not expired. */
  drop(): boolean {
    if (!this.expiring) return true;
    const { ready } = this;
    const time = this.host.clock.now();
    for (let count = 0; count < STEP_ENTRIES; count++) {
      const first = ready.first();
      if (first === undefined || first.expiresAt === 0 || first.expiresAt > time) return true;
      ready.shift();
      this.outcome.expired(first);
    }
    const next = ready.first();
    return next === undefined || next.expiresAt === 0 || next.expiresAt > time;
  }

  /** Sets the timer for the message that is next now. */
  arm(): void {
    if (!this.expiring) return;
    const first = this.ready.first();
    if (first === undefined) this.expiring = false;
    this.deadline.set(first?.expiresAt ?? 0);
  }

  clear(): void {
    this.deadline.clear();
  }
}

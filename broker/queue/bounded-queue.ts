/** The ready messages of a queue, and the limits of their number and bytes: refused beyond them, or dropped. */
import type { Clock } from './clock.js';
import { CountedQueue } from './counted-queue.js';
import type { Entry } from './entry.js';
import { Excess } from './excess.js';
import { isAtLimit, isOverLimit } from './limits.js';
import type { DeathReason, QueueHost, QueueOptions } from './queue-host.js';
import type { ReadyEntries } from './ready-list.js';

export abstract class BoundedQueue extends CountedQueue {
  readonly clock: Clock;
  readonly ready: ReadyEntries;
  protected excess: Excess | undefined;

  constructor(host: QueueHost, options: QueueOptions) {
    super(host, options);
    this.clock = host.clock;
    this.ready = this.makeReady();
  }

  /** Called before the queue is complete. */
  protected abstract makeReady(): ReadyEntries;

  /** A message that is not ready any more is dead. */
  protected abstract bury(entry: Entry, reason: DeathReason): void;

  /** The message that is next may be another one. */
  protected abstract shortened(): void;

  get readyCount(): number {
    return this.ready.length;
  }

  /** Whether a publish would be refused. */
  get refusesPublish(): boolean {
    return this.rejects && isAtLimit(this.settings, this.ready.length, this.readyBytes);
  }

  protected get isOverLimit(): boolean {
    return isOverLimit(this.settings, this.ready.length, this.readyBytes);
  }

  protected take(): Entry | undefined {
    const entry = this.ready.shift();
    this.changed();
    if (entry !== undefined) this.left(entry.message);
    return entry;
  }

  /** Drops the oldest as long as there is more than a limit allows. */
  dropExcess(): void {
    if (!this.drops || !this.isOverLimit) return;
    // Of messages of one size that is all there is to it.
    this.bury(this.take() as Entry, 'maxlen');
    if (this.isOverLimit) this.shorten();
    else this.shortened();
  }

  protected shorten(): void {
    this.excess ??= new Excess(this.host, {
      isOver: () => this.isOverLimit,
      dropOldest: () => this.bury(this.take() as Entry, 'maxlen'),
      dropped: () => this.shortened(),
    });
    this.excess.drop();
  }
}

/**
 * Drops the oldest of a queue that is over its limits of length. What a publish is too much goes with it;
 * what is too much because a limit was lowered may be millions, and goes some at a time, so that nobody
 * else waits for it.
 */
import { Deadline, NextTurn } from './deadline.js';
import { DISK_PAUSE_MS, isDiskBehind } from './disk-lag.js';
import type { QueueHost } from './queue-host.js';

/** Dropped in one go. */
const STEP_ENTRIES = 1000;
/** Dropped with each publish while more are to go: the queue gets shorter however fast it is filled. */
const PUBLISH_ENTRIES = 2;

/** The queue, as far as it is too long. */
export interface Overfull {
  isOver(): boolean;
  dropOldest(): void;
  /** Some were dropped. */
  dropped(): void;
}

export class Excess {
  private readonly host: QueueHost;
  private readonly queue: Overfull;
  private readonly next = new NextTurn(() => this.step());
  private readonly pause: Deadline;
  private goesOn = false;
  private stopped = false;

  constructor(host: QueueHost, queue: Overfull) {
    this.host = host;
    this.queue = queue;
    this.pause = new Deadline(host.clock, () => this.step());
  }

  /** Drops what is too much, so many at most; the others follow. */
  drop(): void {
    this.dropUpTo(this.goesOn ? PUBLISH_ENTRIES : STEP_ENTRIES);
    if (this.goesOn || !this.queue.isOver()) return;
    this.goesOn = true;
    this.next.ask();
  }

  private dropUpTo(most: number): void {
    const { queue } = this;
    for (let count = 0; count < most && queue.isOver(); count++) queue.dropOldest();
    queue.dropped();
  }

  private step(): void {
    if (this.stopped) return;
    const behind = isDiskBehind(this.host.store);
    if (!behind) this.dropUpTo(STEP_ENTRIES);
    this.goesOn = this.queue.isOver();
    if (!this.goesOn) return;
    if (behind) this.pause.set(this.host.clock.now() + DISK_PAUSE_MS);
    else this.next.ask();
  }

  /** The broker stops, or the queue is gone. */
  stop(): void {
    this.stopped = true;
    this.pause.clear();
  }
}

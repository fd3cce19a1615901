/** A clock for tests: time passes when it is told to, and whatever is due in between happens in its order. */
import type { Clock } from '../../broker/queue/clock.js';

interface Timer {
  readonly at: number;
  readonly onElapsed: () => void;
}

export class ManualClock implements Clock {
  private time = 1_000;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  start(delayMs: number, onElapsed: () => void): object {
    const timer = { at: this.time + delayMs, onElapsed };
    this.timers.add(timer);
    return timer;
  }

  stop(timer: object): void {
    this.timers.delete(timer as Timer);
  }

  /** How many timers run. */
  get running(): number {
    return this.timers.size;
  }

  /** Lets time pass. */
  advance(ms: number): void {
    const until = this.time + ms;
    for (let next = this.first(until); next !== undefined; next = this.first(until)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.onElapsed();
    }
    this.time = until;
  }

  private first(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}

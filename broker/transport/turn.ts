/**
 * The end of a turn of the event loop: what connections have gathered to send is then sent, once, in
 * one write for each; or, by a connection's pace, a millisecond later.
 */
import type { FlushPace } from './flush-pace.js';

export interface Flushable {
  readonly pace: FlushPace;
  /** What there is to send. */
  readonly unsentBytes: number;
  flush(): void;
}

const GATHER_MS = 1;

export class Turn {
  private waiting: Flushable[] = [];
  private gathering: Flushable[] = [];
  private readonly run = (): void => {
    const { waiting } = this;
    this.waiting = [];
    const now = performance.now();
    for (const one of waiting) {
      if (one.pace.due(now, one.unsentBytes)) one.flush();
      else this.gather(one);
    }
  };
  private readonly runLate = (): void => {
    const { gathering } = this;
    this.gathering = [];
    const now = performance.now();
    for (const one of gathering) {
      one.pace.gathered(now, one.unsentBytes);
      one.flush();
    }
  };

  /** Has something flushed at the end of this turn; to be called once a turn for each. */
  add(one: Flushable): void {
    if (this.waiting.length === 0) setImmediate(this.run);
    this.waiting.push(one);
  }

  private gather(one: Flushable): void {
    if (this.gathering.length === 0) setTimeout(this.runLate, GATHER_MS);
    this.gathering.push(one);
  }
}

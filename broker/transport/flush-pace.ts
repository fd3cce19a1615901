/**
 * Whether a connection's output is sent at the end of this turn or gathers for a millisecond. A write to
 * a socket costs as much as a dozen deliveries, so a connection that has something to send in every
 * turn, thousands of times a second, is sent it together; any other at once.
 *
 *     quick turns:   w w w w w w w w   →   gather 1 ms   →   was it much?  yes: gather again
 *                                                             no: quick turns
 */

/** Turns that follow each other sooner than this are quick. */
const QUICK_MS = 0.3;
/** So many of them in a row, and output gathers. */
const QUICK_TURNS_MAX = 8;
/** Output that has grown so many times while it gathered was worth it. */
const WORTH_GROWTH = 3;

export class FlushPace {
  private flushedAt = 0;
  private quickTurns = 0;
  private gatheredFrom = 0;

  /** Whether to send now; if not, `gathered` is asked after a millisecond. */
  due(now: number, bytes: number): boolean {
    if (now - this.flushedAt >= QUICK_MS) this.quickTurns = 0;
    else this.quickTurns++;
    this.flushedAt = now;
    if (this.quickTurns < QUICK_TURNS_MAX) return true;
    this.gatheredFrom = bytes;
    return false;
  }

  /** Output has gathered, and is sent now. */
  gathered(now: number, bytes: number): void {
    const worth = bytes >= this.gatheredFrom * WORTH_GROWTH;
    this.quickTurns = worth ? QUICK_TURNS_MAX : 0;
    this.flushedAt = now;
  }
}

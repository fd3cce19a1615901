/** Exponential backoff with full jitter: agents that lost one broker do not come back in step. */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  #attempts = 0;

  /**
   * @param minMs upper end of the first delay
   * @param maxMs upper end of every later delay
   */
  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
  }

  /** The next delay: anything between 0 and the attempt's ceiling, which doubles each time. */
  nextMs(): number {
    const ceilingMs = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts += 1;
    return Math.random() * ceilingMs;
  }

  /** Starts over, after a success. */
  reset(): void {
    this.#attempts = 0;
  }
}

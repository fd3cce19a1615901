/**
 * How far into a file everything is confirmed. Records are confirmed in any order; the offset moves
 * only up to the first that is not. Where two streams share a file a record may begin before one that
 * was opened earlier.
 */

/** Tracks the records of one generation of one file. */
export class OffsetTracker {
  #confirmed: number;
  #pending: { offset: number; endOffset: number; isConfirmed: boolean }[] = [];
  #head = 0;

  /** @param offset up to here everything is confirmed already */
  constructor(offset: number) {
    this.#confirmed = offset;
  }

  /** Everything before this offset is confirmed. */
  get confirmed(): number {
    let confirmed = this.#confirmed;
    for (let index = this.#head; index < this.#pending.length; index += 1) {
      const entry = this.#pending[index];
      if (entry?.isConfirmed === false) confirmed = Math.min(confirmed, entry.offset);
    }
    return confirmed;
  }

  /** Records under way. */
  get pending(): number {
    return this.#pending.length - this.#head;
  }

  /**
   * Remembers a record; the function returned confirms it. Call in the order in which records end.
   *
   * @param offset where reading has to begin again for the record to come again as it is
   */
  open(offset: number, endOffset: number): () => void {
    const entry = { offset, endOffset, isConfirmed: false };
    this.#pending.push(entry);
    return () => {
      entry.isConfirmed = true;
      this.#advance();
    };
  }

  #advance(): void {
    let entry = this.#pending[this.#head];
    while (entry?.isConfirmed) {
      this.#confirmed = Math.max(this.#confirmed, entry.endOffset);
      this.#head += 1;
      entry = this.#pending[this.#head];
    }
    if (this.#head === this.#pending.length || this.#head >= 4096) {
      this.#pending = this.#pending.slice(this.#head);
      this.#head = 0;
    }
  }
}

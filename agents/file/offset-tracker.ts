/**
 * How far into a file everything is confirmed. Records are confirmed in any order; the offset moves
 * only up to the first that is not.
 */

/** Tracks the records of one generation of one file. */
export class OffsetTracker {
  #confirmed: number;
  #pending: { endOffset: number; isConfirmed: boolean }[] = [];
  #head = 0;

  /** @param offset up to here everything is confirmed already */
  constructor(offset: number) {
    this.#confirmed = offset;
  }

  /** Everything before this offset is confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** Records under way. */
  get pending(): number {
    return this.#pending.length - this.#head;
  }

  /** Remembers a record that ends at `endOffset`; the function returned confirms it. Call in file order. */
  open(endOffset: number): () => void {
    const entry = { endOffset, isConfirmed: false };
    this.#pending.push(entry);
    return () => {
      entry.isConfirmed = true;
      this.#advance();
    };
  }

  #advance(): void {
    let entry = this.#pending[this.#head];
    while (entry?.isConfirmed) {
      this.#confirmed = entry.endOffset;
      this.#head += 1;
      entry = this.#pending[this.#head];
    }
    if (this.#head === this.#pending.length || this.#head >= 4096) {
      this.#pending = this.#pending.slice(this.#head);
      this.#head = 0;
    }
  }
}

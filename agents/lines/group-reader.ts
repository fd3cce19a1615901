/** The bytes of one source to the events in them: pure, and the same however the bytes are split. */
import type { LineGroup, LineGrouper } from './line-group.js';
import type { Line, LineReader } from './line-reader.js';

/** Reads one source. */
export class GroupReader {
  readonly #lines: LineReader;
  readonly #grouper: LineGrouper;

  constructor(lines: LineReader, grouper: LineGrouper) {
    this.#lines = lines;
    this.#grouper = grouper;
  }

  /** Bytes read so far, counted from the start of the file. */
  get position(): number {
    return this.#lines.position;
  }

  /** Whether there are lines that wait for a continuation. */
  get isWaiting(): boolean {
    return this.#grouper.offset !== undefined;
  }

  /** Takes the next bytes and returns the events they complete. The chunk may be reused afterwards. */
  push(chunk: Buffer): LineGroup[] {
    return this.#take(this.#lines.push(chunk));
  }

  /** The event whose continuation did not come in time. */
  flush(): LineGroup[] {
    const group = this.#grouper.flush();
    return group === undefined ? [] : [group];
  }

  /** All that is left, a line without an end too: nothing more will come. */
  end(): LineGroup[] {
    const rest = this.#lines.end();
    return [...(rest === undefined ? [] : this.#take([rest])), ...this.flush()];
  }

  #take(lines: readonly Line[]): LineGroup[] {
    return this.#grouper.push(lines);
  }
}

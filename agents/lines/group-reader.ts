/** The bytes of one source to the events in them: pure, and the same however the bytes are split. */
import type { ContainerLines } from './container-lines.js';
import type { LineGroup, LineGrouper } from './line-group.js';
import type { Line, LineReader } from './line-reader.js';

/** Reads one source. */
export class GroupReader {
  readonly #lines: LineReader;
  readonly #container: ContainerLines | undefined;
  readonly #grouper: LineGrouper;

  /** @param container unwraps the lines, where a container's runtime wrote them */
  constructor(lines: LineReader, container: ContainerLines | undefined, grouper: LineGrouper) {
    this.#lines = lines;
    this.#container = container;
    this.#grouper = grouper;
  }

  /** Bytes read so far, counted from the start of the file. */
  get position(): number {
    return this.#lines.position;
  }

  /** Where reading has to begin again so that the events under way come whole; `undefined` where there are none. */
  get heldOffset(): number | undefined {
    const grouped = this.#grouper.offset;
    const joined = this.#container?.offset;
    return grouped === undefined || joined === undefined ? (grouped ?? joined) : Math.min(grouped, joined);
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
    return [
      ...(rest === undefined ? [] : this.#take([rest])),
      ...this.#grouper.push(this.#container?.end() ?? []),
      ...this.flush(),
    ];
  }

  #take(lines: readonly Line[]): LineGroup[] {
    return this.#grouper.push(this.#container?.push(lines) ?? lines);
  }
}

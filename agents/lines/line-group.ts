/**
 * Lines to log events: a stack trace is many lines and one event.
 *
 * Pure; the timeout after which a group counts as complete is the caller's.
 */
import type { Line } from './line-reader.js';

/** The lines of one event. */
export interface LineGroup {
  readonly lines: readonly Line[];
}

/** A group that reaches one of these is complete, so that a file of indented lines is not one event. */
const LINES_MAX = 500;
const TEXT_LENGTH_MAX = 256 * 1024;

/** What continues an event: indented lines, and the unindented lines inside Java's and Python's traces. */
const CONTINUATIONS: readonly RegExp[] = [
  /^[ \t]+\S/,
  /^Caused by: /,
  /^Suppressed: /,
  /^\.\.\. \d+ (more|common frames omitted)/,
  /^Traceback \(most recent call last\):/,
  /^(During handling of the above exception|The above exception was the direct cause)/,
  // A qualified class name, the first line of a Java stack trace: `java.lang.RuntimeException: late`.
  /^(?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:: |$)/,
];

/** Puts the lines of one source together into events. */
export class LineGrouper {
  #lines: Line[] = [];
  #length = 0;
  #inTraceback = false;

  /** Where the group that is not complete yet starts, or `undefined`. */
  get offset(): number | undefined {
    return this.#lines[0]?.offset;
  }

  /** Takes the next line; returns the group before it when the line starts a new one. Blank lines end a group. */
  push(line: Line): LineGroup | undefined {
    if (this.#lines.length > 0 && this.#continues(line)) {
      this.#add(line);
      return undefined;
    }
    const complete = this.flush();
    if (line.text.trim() !== '') this.#add(line);
    return complete;
  }

  /** The group so far, when nothing more is expected. */
  flush(): LineGroup | undefined {
    if (this.#lines.length === 0) return undefined;
    const group = { lines: this.#lines };
    this.#lines = [];
    this.#length = 0;
    this.#inTraceback = false;
    return group;
  }

  #continues(line: Line): boolean {
    const { text } = line;
    if (this.#lines.length >= LINES_MAX || this.#length + text.length > TEXT_LENGTH_MAX) return false;
    const first = this.#lines[0]?.text ?? '';
    if (first.startsWith('{') && first.endsWith('}')) return false;
    if (CONTINUATIONS.some((pattern) => pattern.test(text))) return true;
    // The line after the frames of a Python traceback is the exception itself.
    if (!this.#inTraceback || text.trim() === '') return false;
    this.#inTraceback = false;
    return true;
  }

  #add(line: Line): void {
    if (line.text.startsWith('Traceback ')) this.#inTraceback = true;
    this.#lines.push(line);
    this.#length += line.text.length;
  }
}

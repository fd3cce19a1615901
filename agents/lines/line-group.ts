/**
 * Lines to log events: a stack trace is many lines and one event.
 *
 * Pure; the timeout after which a group counts as complete is the caller's.
 */

import type { GuardedPattern } from './guarded-pattern.js';
import type { Line } from './line-reader.js';
import type { MultilineOptions } from './multiline.js';
import { LANGUAGES, Trace } from './trace.js';

/** The lines of one event. */
export interface LineGroup {
  readonly lines: readonly Line[];
  /** Whether it has reached a limit, so that the next group may be the rest of it. */
  readonly isSplit: boolean;
}

/** A group that reaches one of these is complete, so that a file of indented lines is not one event. */
const LINES_MAX = 500;
const BYTES_MAX = 256 * 1024;
/** Blank lines in a row that may stand within a trace. */
const BLANKS_MAX = 3;

/** Puts the lines of one source together into events. */
export class LineGrouper {
  readonly #linesMax: number;
  readonly #bytesMax: number;
  readonly #trace: Trace | undefined;
  readonly #pattern: GuardedPattern | undefined;
  readonly #negate: boolean;
  readonly #isBefore: boolean;
  #lines: Line[] = [];
  /** Blank lines after the last line, which belong to the group only if it goes on. */
  #blanks: Line[] = [];
  #bytes = 0;
  /** With `match: before`: whether the group waits for the line that it belongs to. */
  #isOpen = false;

  /** @param pattern the compiled pattern, where the options have one */
  constructor(options: MultilineOptions = {}, pattern?: GuardedPattern) {
    const { preset = 'auto' } = options;
    this.#linesMax = options.linesMax ?? LINES_MAX;
    this.#bytesMax = options.bytesMax ?? BYTES_MAX;
    this.#negate = options.negate ?? false;
    this.#isBefore = options.match === 'before';
    this.#pattern = pattern;
    if (pattern === undefined && preset !== 'none')
      this.#trace = new Trace(preset === 'auto' ? LANGUAGES : [preset]);
  }

  /** Where reading has to begin again while there is a group that is not complete yet; else `undefined`. */
  get offset(): number | undefined {
    const first = this.#lines[0];
    return first?.resumeOffset ?? first?.offset;
  }

  /** Takes the next lines; returns the groups that they complete. */
  push(lines: readonly Line[]): LineGroup[] {
    const complete: LineGroup[] = [];
    const found = this.#pattern?.matches(lines.map(({ text }) => text));
    lines.forEach((line, index) => {
      if (line.startsEvent === true) this.#complete(false, complete);
      if (found === undefined) this.#take(line, complete);
      else this.#takeMatched(line, (found[index] !== null) !== this.#negate, complete);
    });
    return complete;
  }

  /** The group so far, when nothing more is expected. */
  flush(): LineGroup | undefined {
    return this.#end(false);
  }

  /** A line where traces are known. Blank lines are no events, and end one unless its trace goes on after them. */
  #take(line: Line, complete: LineGroup[]): void {
    const isBlank = line.text.trim() === '';
    if (this.#lines.length > 0 && !this.#isJson()) {
      if (isBlank && this.#trace?.mayBeBlank === true && this.#blanks.length < BLANKS_MAX) {
        this.#blanks.push(line);
        return;
      }
      if (!isBlank && this.#trace?.continues(line.text, this.#blanks.length > 0) === true) {
        const blanks = this.#blanks;
        this.#blanks = [];
        for (const one of [...blanks, line]) this.#add(one, complete);
        return;
      }
    }
    this.#complete(false, complete);
    if (isBlank) return;
    this.#add(line, complete);
    this.#trace?.begin(line.text);
  }

  /** A line where the user's pattern says whether it belongs to another. */
  #takeMatched(line: Line, belongs: boolean, complete: LineGroup[]): void {
    const continues = this.#isBefore ? this.#isOpen : belongs;
    if (!continues) this.#complete(false, complete);
    this.#add(line, complete);
    if (!this.#isBefore) return;
    this.#isOpen = belongs;
    if (!belongs) this.#complete(false, complete);
  }

  #add(line: Line, complete: LineGroup[]): void {
    const bytes = Buffer.byteLength(line.text);
    const isFull = this.#lines.length >= this.#linesMax || this.#bytes + bytes > this.#bytesMax;
    if (this.#lines.length > 0 && isFull) this.#complete(true, complete);
    this.#lines.push(line);
    this.#bytes += bytes;
  }

  #complete(isSplit: boolean, complete: LineGroup[]): void {
    const group = this.#end(isSplit);
    if (group !== undefined) complete.push(group);
  }

  #end(isSplit: boolean): LineGroup | undefined {
    const lines = this.#lines;
    this.#lines = [];
    this.#blanks = [];
    this.#bytes = 0;
    this.#isOpen = false;
    return lines.some(({ text }) => text.trim() !== '') ? { lines, isSplit } : undefined;
  }

  /** A line of JSON is whole. */
  #isJson(): boolean {
    const first = this.#lines[0]?.text ?? '';
    return first.startsWith('{') && first.endsWith('}');
  }
}

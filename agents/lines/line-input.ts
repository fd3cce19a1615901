/**
 * How the lines of an agent become records: what its user says of them, checked and compiled once for
 * all of its sources.
 */
import type { Logger } from 'pino';
import { AgentOptionError } from '../errors.js';
import type { LogRecord } from '../record.js';
import { GroupReader } from './group-reader.js';
import { GuardedPattern, type SlowPattern } from './guarded-pattern.js';
import { type LineGroup, LineGrouper } from './line-group.js';
import { LineReader } from './line-reader.js';
import { type LinesOrigin, recordFromLines } from './line-record.js';
import { checkMultiline, type MultilineOptions } from './multiline.js';

/** What can be said of lines. */
export interface LineInputOptions {
  /** A longer line is cut and marked. Default 256 KiB. */
  readonly lineBytesMax?: number | undefined;
  /** How lines are put together into one event. Default: the stack traces of all known languages. */
  readonly multiline?: MultilineOptions | undefined;
}

const LINE_BYTES_MAX = 256 * 1024;

/** What all sources of one agent share. */
export class LineInput {
  readonly #options: LineInputOptions;
  readonly #origin: LinesOrigin;
  readonly #lineBytesMax: number;
  readonly #multilinePattern: GuardedPattern | undefined;

  /** @throws AgentOptionError for an option that cannot be used */
  constructor(options: LineInputOptions, origin: LinesOrigin, log?: Logger) {
    const { multiline = {}, lineBytesMax = LINE_BYTES_MAX } = options;
    checkMultiline(multiline);
    if (!Number.isInteger(lineBytesMax) || lineBytesMax < 1) {
      throw new AgentOptionError('lineBytesMax must be a whole number from 1.');
    }
    this.#options = options;
    this.#origin = origin;
    this.#lineBytesMax = lineBytesMax;
    const { pattern } = multiline;
    if (pattern !== undefined)
      this.#multilinePattern = new GuardedPattern(pattern, slowPattern(pattern, log));
  }

  /** Starts to read a source. @param offset where in it the first byte is; the start of a line */
  open(offset = 0): GroupReader {
    const grouper = new LineGrouper(this.#options.multiline, this.#multilinePattern);
    return new GroupReader(new LineReader(this.#lineBytesMax, offset), grouper);
  }

  /** The records of events, in their order. @param id makes the `event.id` of each */
  records(groups: readonly LineGroup[], id: (group: LineGroup) => string): LogRecord[] {
    return groups.map((group) => recordFromLines(group, this.#origin, id(group)));
  }
}

/** Says once that a pattern is too slow for a line, and once that it is given up. */
function slowPattern(pattern: string, log: Logger | undefined): SlowPattern {
  return {
    slow: (text) =>
      log?.warn(
        { pattern, line: text.slice(0, 200) },
        'A pattern is too slow for a line, which counts as no match',
      ),
    givenUp: () =>
      log?.error({ pattern }, 'A pattern is too slow for too many lines; from now on it matches none'),
  };
}

/**
 * How the lines of an agent become records: what its user says of them, checked and compiled once for
 * all of its sources.
 */
import type { Logger } from 'pino';
import { AgentOptionError } from '../errors.js';
import { mergeInto } from '../fields/nesting.js';
import { levelOfNumber, levelOfWord } from '../level.js';
import type { LogRecord } from '../record.js';
import { TimeZone } from '../time-zone.js';
import { isBinary } from './binary.js';
import { type ContainerFormat, ContainerLines } from './container-lines.js';
import { type ContainerFields, containerOfPath } from './container-path.js';
import type { EncodingName } from './encoding.js';
import { FieldTemplate, type TemplateSource } from './field-template.js';
import { GroupReader } from './group-reader.js';
import { GuardedPattern, type SlowPattern } from './guarded-pattern.js';
import { LineFormat, type LineFormatName } from './line-format.js';
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
  /** What the first line of an event is. Default `auto`: JSON where it is an object, else text. */
  readonly format?: LineFormatName | undefined;
  /** The regular expression of the format `regex`; its named groups are fields. */
  readonly pattern?: string | undefined;
  /** What the bytes are. Default `utf-8`; a mark of byte order at the start counts more. */
  readonly encoding?: EncodingName | undefined;
  /** How a container's runtime wraps lines. Default `path`: any way it does, in files where runtimes keep theirs. */
  readonly container?: ContainerFormat | 'path' | 'none' | undefined;
  /** `service.name` by a template of fields, such as `{{ path.3 }}`; that of the agent where a field is not there. */
  readonly serviceFrom?: string | undefined;
  /** The level by a template of fields; the one that was found where it gives none. */
  readonly levelFrom?: string | undefined;
  /** The zone of times that name none, such as `Europe/Berlin` or `+01:00`. Default that of this machine. */
  readonly timeZone?: string | undefined;
}

const LINE_BYTES_MAX = 256 * 1024;

/** What all sources of one agent share. */
export class LineInput {
  readonly #options: LineInputOptions;
  readonly #origin: LinesOrigin;
  readonly #lineBytesMax: number;
  readonly #multilinePattern: GuardedPattern | undefined;
  readonly #format: LineFormat;
  readonly #service: FieldTemplate | undefined;
  readonly #level: FieldTemplate | undefined;

  /** @throws AgentOptionError for an option that cannot be used */
  constructor(options: LineInputOptions, origin: LinesOrigin, log?: Logger) {
    const { multiline = {}, lineBytesMax = LINE_BYTES_MAX, format = 'auto', pattern, timeZone } = options;
    checkMultiline(multiline);
    if (!Number.isInteger(lineBytesMax) || lineBytesMax < 1) {
      throw new AgentOptionError('lineBytesMax must be a whole number from 1.');
    }
    if ((format === 'regex') !== (pattern !== undefined)) {
      throw new AgentOptionError('The format regex and a pattern go together: give both or neither.');
    }
    this.#options = options;
    this.#origin = timeZone === undefined ? origin : { ...origin, zone: zoneOf(timeZone) };
    this.#lineBytesMax = lineBytesMax;
    this.#multilinePattern = guarded(multiline.pattern, log);
    this.#format = new LineFormat(format, guarded(pattern, log));
    const { serviceFrom, levelFrom } = options;
    if (serviceFrom !== undefined) this.#service = new FieldTemplate(serviceFrom);
    if (levelFrom !== undefined) this.#level = new FieldTemplate(levelFrom);
  }

  /**
   * Starts to read a source.
   *
   * @param offset where in it the first byte is; the start of a line
   * @param path of the source, where it is a file
   * @param start the first bytes of it, where the offset is further on
   */
  open(offset = 0, path?: string, start?: Buffer): GroupReader {
    const lines = new LineReader(this.#lineBytesMax, offset, this.#options.encoding, start);
    const grouper = new LineGrouper(this.#options.multiline, this.#multilinePattern);
    return new GroupReader(lines, this.#container(path), grouper);
  }

  /**
   * The records of events, in their order.
   *
   * @param id makes the `event.id` of each
   * @param path of the source, where it is a file
   */
  records(groups: readonly LineGroup[], id: (group: LineGroup) => string, path?: string): LogRecord[] {
    const fields = this.#format.fields(groups.map(({ lines }) => lines[0]?.text ?? ''));
    const container = path === undefined ? undefined : containerOfPath(path);
    return groups.map((group, index) => {
      // A line of JSON is whole, so one with lines after it is something else that begins with one.
      const isText = this.#format.name === 'auto' && group.lines.length > 1;
      const own = isText ? undefined : fields[index];
      const record = recordFromLines(group, own, this.#origin, id(group));
      if (own === undefined && this.#format.isStrict) {
        record.log.flags = [...(record.log.flags ?? []), 'unparsed'];
      }
      if (container !== undefined) addContainer(record, container);
      this.#name(record, { fields: [own, record], path });
      return record;
    });
  }

  /** Gives a record the service and the level that its user takes from fields. */
  #name(record: LogRecord, source: TemplateSource): void {
    const service = this.#service?.fill(source);
    if (service !== undefined) record.service.name = service;
    const word = this.#level?.fill(source);
    if (word === undefined) return;
    const level = /^\d+$/.test(word) ? levelOfNumber(Number(word)) : levelOfWord(word);
    if (level !== undefined) record.log.level = level;
  }

  /** Whether what begins with these bytes is no text. */
  isBinary(start: Buffer): boolean {
    return isBinary(start, this.#options.encoding);
  }

  #container(path: string | undefined): ContainerLines | undefined {
    const { container = 'path' } = this.#options;
    if (container === 'none') return undefined;
    if (container !== 'path') return new ContainerLines(container, this.#lineBytesMax);
    const isContainer = path !== undefined && containerOfPath(path) !== undefined;
    return isContainer ? new ContainerLines('auto', this.#lineBytesMax) : undefined;
  }
}

/** What the path tells of the container; what the application logged under these names stays beside it. */
function addContainer(record: LogRecord, fields: ContainerFields): void {
  for (const [name, value] of Object.entries(fields)) mergeInto(record, name, value);
}

function zoneOf(name: string): TimeZone {
  try {
    return new TimeZone(name);
  } catch (error) {
    throw new AgentOptionError(`There is no time zone ${name}.`, { cause: error });
  }
}

function guarded(pattern: string | undefined, log: Logger | undefined): GuardedPattern | undefined {
  return pattern === undefined ? undefined : new GuardedPattern(pattern, slowPattern(pattern, log));
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

/**
 * The lines that container runtimes wrap: Docker's json-file (`{"log":…,"stream":…,"time":…}`) and the
 * CRI's (`<time> <stream> <P|F> <text>`), taken out of their wrapping, with what the runtime has cut
 * into parts joined again.
 *
 * Pure. A line that is not of the format stays as it is.
 */
import { isObject } from '../fields/nesting.js';
import { timestampOf } from '../timestamp.js';
import type { Line } from './line-reader.js';

/** How a container's lines are wrapped; `auto` looks at each. */
export type ContainerFormat = 'auto' | 'docker' | 'cri';

/** What a runtime wrote of one line. */
interface Wrapped {
  readonly text: string;
  readonly time: string;
  readonly stream: string;
  readonly isPartial: boolean;
}

/** Parts of one line that is not whole yet. */
interface Parts {
  readonly first: Line;
  readonly time: string;
  text: string;
  endOffset: number;
  isCut: boolean;
  isReplaced: boolean;
}

/** `2026-01-31T10:20:30.123456789Z stdout F text`; tags other than the first are for the future. */
const CRI = /^(\d{4}-\d\d-\d\dT\S+) (stdout|stderr) ([PF])(?::\S*)? ?/;

/** Unwraps the lines of one container. */
export class ContainerLines {
  readonly #format: ContainerFormat;
  readonly #lineLengthMax: number;
  /** By stream, in the order of their beginnings. */
  readonly #parts = new Map<string, Parts>();
  /** Where the first of them began since there were none: all that overlaps is read again together. */
  #resumeOffset: number | undefined;
  #stream: string | undefined;
  #isOtherStream = false;

  /** @param lineLengthMax a longer line, its parts joined, is cut and marked */
  constructor(format: ContainerFormat, lineLengthMax: number) {
    this.#format = format;
    this.#lineLengthMax = lineLengthMax;
  }

  /** Where reading has to begin again while there are lines that are not whole yet. */
  get offset(): number | undefined {
    return this.#resumeOffset;
  }

  /** Takes the next lines; returns those they complete. */
  push(lines: readonly Line[]): Line[] {
    const complete: Line[] = [];
    for (const line of lines) {
      const wrapped = this.#unwrap(line);
      const stream = wrapped?.stream;
      // Where streams alternate no event may span the other's, so that each begins where one may resume.
      if (stream !== this.#stream) this.#isOtherStream = true;
      this.#stream = stream;
      if (wrapped === undefined) complete.push(this.#placed(line));
      else this.#join(line, wrapped, complete);
      if (this.#parts.size === 0) this.#resumeOffset = undefined;
    }
    return complete;
  }

  /** What is not whole, since nothing more will come. */
  end(): Line[] {
    const rest = [...this.#parts].map(([stream, parts]) => this.#whole(stream, parts));
    this.#parts.clear();
    this.#resumeOffset = undefined;
    return rest;
  }

  #join(line: Line, { text, time, stream, isPartial }: Wrapped, complete: Line[]): void {
    const parts = this.#parts.get(stream) ?? {
      first: line,
      time,
      text: '',
      endOffset: 0,
      isCut: false,
      isReplaced: false,
    };
    const room = this.#lineLengthMax - parts.text.length;
    parts.text += text.slice(0, room);
    parts.isCut ||= line.isCut || text.length > room;
    parts.isReplaced ||= line.isReplaced === true;
    parts.endOffset = line.endOffset;
    if (isPartial) {
      this.#parts.set(stream, parts);
      this.#resumeOffset ??= parts.first.offset;
      return;
    }
    this.#parts.delete(stream);
    complete.push(this.#whole(stream, parts));
  }

  #whole(stream: string, { first, text, time, endOffset, isCut, isReplaced }: Parts): Line {
    return this.#placed({ text, offset: first.offset, endOffset, isCut, isReplaced, time, stream });
  }

  #placed(line: Line): Line {
    const startsEvent = this.#isOtherStream;
    this.#isOtherStream = false;
    return { ...line, startsEvent, resumeOffset: this.#resumeOffset ?? line.offset };
  }

  #unwrap({ text, isCut }: Line): Wrapped | undefined {
    if (this.#format !== 'cri' && text.startsWith('{') && !isCut) return fromDocker(text);
    return this.#format === 'docker' ? undefined : fromCri(text);
  }
}

function fromCri(text: string): Wrapped | undefined {
  const match = CRI.exec(text);
  if (match === null) return undefined;
  const [start, time, stream, tag] = match as unknown as [string, string, string, string];
  const timestamp = timestampOf(time);
  if (timestamp === undefined) return undefined;
  return { text: text.slice(start.length), time: timestamp, stream, isPartial: tag === 'P' };
}

function fromDocker(line: string): Wrapped | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { log, stream, time } = value;
  const timestamp = timestampOf(time);
  if (typeof log !== 'string' || typeof stream !== 'string' || timestamp === undefined) return undefined;
  // Docker cuts a line after 16 KiB; only the last part has the line's end.
  const text = log.replace(/\r?\n$/, '');
  return { text, time: timestamp, stream, isPartial: text.length === log.length };
}

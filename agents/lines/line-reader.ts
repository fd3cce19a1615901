/**
 * Bytes to lines: pure, and the same lines however the bytes are split.
 *
 * A line ends with LF or CRLF. A line longer than the limit is cut there, marked, and the rest of it
 * skipped. Zero bytes at the start of a line are skipped: a file that was truncated under a writer
 * which does not append has them where the old content was. A mark of byte order at the start of the file
 * tells its encoding and is no text.
 */

import { Encoding, type EncodingName, isMarkBegun, markBytes } from './encoding.js';

const NOTHING = Buffer.alloc(0);

/** A line of a file or stream. */
export interface Line {
  /** Without its line end; bytes that are no text in the encoding are U+FFFD. */
  readonly text: string;
  /** Bytes from the start of the file to the line's first byte. */
  readonly offset: number;
  /** Bytes from the start of the file to just after the line's end. */
  readonly endOffset: number;
  /** Whether it was longer than the limit. */
  readonly isCut: boolean;
  /** Whether it had bytes that are no text. */
  readonly isReplaced?: boolean;
  /** When a container's runtime took it, RFC 3339. */
  readonly time?: string;
  /** `stdout` or `stderr`, where a container's runtime says so. */
  readonly stream?: string;
  /** Where reading may begin again as if it had not stopped, if that is before the line's first byte. */
  readonly resumeOffset?: number;
  /** Whether it continues no line before it, whatever it says. */
  readonly startsEvent?: boolean;
}

/** Splits a stream of bytes into lines. Keeps at most one line's limit in memory. */
export class LineReader {
  readonly #name: EncodingName;
  #lineBytesMax: number;
  #encoding: Encoding | undefined;
  #position: number;
  #lineOffset: number;
  /** Bytes whose meaning the next ones tell: half a unit, or the beginning of a mark of byte order. */
  #begun: Buffer = NOTHING;
  #parts: Buffer[] = [];
  #partsBytes = 0;

  /**
   * @param lineBytesMax longest line, its line end not counted
   * @param offset where in the file the first byte pushed is; the start of a line
   * @param start the first bytes of the file, where those are not the first that are pushed
   */
  constructor(lineBytesMax: number, offset = 0, name: EncodingName = 'utf-8', start?: Buffer) {
    this.#lineBytesMax = lineBytesMax;
    this.#position = offset;
    this.#lineOffset = offset;
    this.#name = name;
    if (offset > 0) this.#decide(start ?? NOTHING);
  }

  /** Bytes read so far, counted from the start of the file. */
  get position(): number {
    return this.#position;
  }

  /** Where the line that is not complete yet starts. */
  get lineOffset(): number {
    return this.#lineOffset;
  }

  /** Takes the next bytes and returns the lines they complete. The chunk may be reused afterwards. */
  push(chunk: Buffer): Line[] {
    let bytes = this.#begun.length === 0 ? chunk : Buffer.concat([this.#begun, chunk]);
    let base = this.#position - this.#begun.length;
    this.#position += chunk.length;
    this.#begun = NOTHING;
    if (this.#encoding === undefined) {
      if (bytes.length === 0 || isMarkBegun(bytes)) {
        this.#begun = Buffer.from(bytes);
        return [];
      }
      this.#decide(bytes);
      const mark = markBytes(bytes);
      bytes = bytes.subarray(mark);
      base += mark;
    }
    return this.#split(bytes, base, this.#encoding ?? this.#decide(NOTHING));
  }

  /** The rest, which has no line end, as a line: nothing more will come. */
  end(): Line | undefined {
    const encoding = this.#encoding ?? this.#decide(this.#begun);
    this.#keep(this.#begun, true, encoding);
    this.#begun = NOTHING;
    return this.#partsBytes === 0 ? undefined : this.#line(this.#position, encoding);
  }

  #decide(start: Buffer): Encoding {
    const encoding = new Encoding(this.#name, start);
    this.#encoding = encoding;
    this.#lineBytesMax = Math.max(
      encoding.unitBytes,
      this.#lineBytesMax - (this.#lineBytesMax % encoding.unitBytes),
    );
    return encoding;
  }

  #split(bytes: Buffer, base: number, encoding: Encoding): Line[] {
    const lines: Line[] = [];
    const { unitBytes } = encoding;
    const length = bytes.length - (bytes.length % unitBytes);
    const whole = bytes.subarray(0, length);
    this.#begun = length === bytes.length ? NOTHING : Buffer.from(bytes.subarray(length));
    let start = 0;
    for (;;) {
      const end = encoding.lineFeed(whole, start);
      if (end < 0) break;
      this.#keep(whole.subarray(start, end), false, encoding);
      start = end + unitBytes;
      lines.push(this.#line(base + start, encoding));
    }
    this.#keep(whole.subarray(start), true, encoding);
    return lines;
  }

  #keep(part: Buffer, mustCopy: boolean, { unitBytes }: Encoding): void {
    let bytes = part;
    if (this.#partsBytes === 0) {
      let zeros = 0;
      while (zeros < bytes.length && bytes[zeros] === 0) zeros += 1;
      bytes = bytes.subarray(zeros - (zeros % unitBytes));
    }
    // One unit more than the limit, since it may be the carriage return of the line end.
    bytes = bytes.subarray(0, this.#lineBytesMax + 2 * unitBytes - this.#partsBytes);
    if (bytes.length === 0) return;
    this.#parts.push(mustCopy ? Buffer.from(bytes) : bytes);
    this.#partsBytes += bytes.length;
  }

  #line(endOffset: number, encoding: Encoding): Line {
    const [first] = this.#parts;
    const whole = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    const { unitBytes } = encoding;
    // A line that is longer than was kept has lost its end, so its last byte means nothing.
    const hasReturn = whole.length <= this.#lineBytesMax + unitBytes && encoding.hasReturn(whole);
    const content = hasReturn ? whole.subarray(0, -unitBytes) : whole;
    const isCut = content.length > this.#lineBytesMax;
    const kept = isCut ? content.subarray(0, encoding.cutLength(content, this.#lineBytesMax)) : content;
    const text = encoding.decode(kept);
    const line: Line = { text, offset: this.#lineOffset, endOffset, isCut };
    this.#parts = [];
    this.#partsBytes = 0;
    this.#lineOffset = endOffset;
    return encoding.isWhole(text, kept) ? line : { ...line, isReplaced: true };
  }
}

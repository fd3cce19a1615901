/**
 * Bytes to lines: pure, and the same lines however the bytes are split.
 *
 * A line ends with LF or CRLF. A line longer than the limit is cut there, marked, and the rest of it
 * skipped. Zero bytes at the start of a line are skipped: a file that was truncated under a writer
 * which does not append has them where the old content was.
 */

/** A line of a file or stream. */
export interface Line {
  /** Without its line end; bytes that are not UTF-8 are U+FFFD. */
  readonly text: string;
  /** Bytes from the start of the file to the line's first byte. */
  readonly offset: number;
  /** Bytes from the start of the file to just after the line's end. */
  readonly endOffset: number;
  /** Whether it was longer than the limit. */
  readonly isCut: boolean;
  /** When a container's runtime took it, RFC 3339. */
  readonly time?: string;
  /** `stdout` or `stderr`, where a container's runtime says so. */
  readonly stream?: string;
  /** Where reading may begin again as if it had not stopped, if that is before the line's first byte. */
  readonly resumeOffset?: number;
  /** Whether it continues no line before it, whatever it says. */
  readonly startsEvent?: boolean;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Splits a stream of bytes into lines. Keeps at most one line's limit in memory. */
export class LineReader {
  readonly #lineBytesMax: number;
  #position: number;
  #lineOffset: number;
  #parts: Buffer[] = [];
  #partsBytes = 0;

  /**
   * @param lineBytesMax longest line, its line end not counted
   * @param offset where in the file the first byte pushed is; the start of a line
   */
  constructor(lineBytesMax: number, offset = 0) {
    this.#lineBytesMax = lineBytesMax;
    this.#position = offset;
    this.#lineOffset = offset;
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
    const lines: Line[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end < 0) break;
      this.#keep(chunk.subarray(start, end), false);
      lines.push(this.#line(this.#position + end + 1));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start), true);
    this.#position += chunk.length;
    return lines;
  }

  /** The rest, which has no line end, as a line: nothing more will come. */
  end(): Line | undefined {
    return this.#partsBytes === 0 ? undefined : this.#line(this.#position);
  }

  #keep(part: Buffer, mustCopy: boolean): void {
    let bytes = part;
    if (this.#partsBytes === 0) {
      let zeros = 0;
      while (zeros < bytes.length && bytes[zeros] === 0) zeros += 1;
      bytes = bytes.subarray(zeros);
    }
    // One byte more than the limit, since it may be the carriage return of the line end.
    bytes = bytes.subarray(0, this.#lineBytesMax + 2 - this.#partsBytes);
    if (bytes.length === 0) return;
    this.#parts.push(mustCopy ? Buffer.from(bytes) : bytes);
    this.#partsBytes += bytes.length;
  }

  #line(endOffset: number): Line {
    const [first] = this.#parts;
    const whole = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    // A line that is longer than was kept has lost its end, so its last byte means nothing.
    const hasReturn = whole.length <= this.#lineBytesMax + 1 && whole[whole.length - 1] === CARRIAGE_RETURN;
    const content = hasReturn ? whole.subarray(0, -1) : whole;
    const isCut = content.length > this.#lineBytesMax;
    const text = isCut ? cutText(content, this.#lineBytesMax) : content.toString('utf8');
    const line: Line = { text, offset: this.#lineOffset, endOffset, isCut };
    this.#parts = [];
    this.#partsBytes = 0;
    this.#lineOffset = endOffset;
    return line;
  }
}

/** The first bytes as text, not cut in the middle of a character. */
function cutText(bytes: Buffer, bytesMax: number): string {
  let end = bytesMax;
  // UTF-8 continuation bytes are 10xxxxxx (RFC 3629, 3); a character has at most three of them.
  while (end > bytesMax - 4 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

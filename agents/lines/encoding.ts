/** The encodings of text that lines are read in. */

/** The encodings that a user may name; `utf-16` is big-endian where no mark of byte order says otherwise. */
export const ENCODINGS = ['utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'latin1'] as const;
/** One of {@link ENCODINGS}. */
export type EncodingName = (typeof ENCODINGS)[number];

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Marks of byte order are dealt with here; anywhere else the character is text. */
const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true });

/** The most bytes of a byte order mark. */
export const MARK_BYTES_MAX = 3;

/** How lines and characters stand in bytes. */
export class Encoding {
  readonly name: Exclude<EncodingName, 'utf-16'>;
  /** Bytes that belong together: lines are looked for at multiples of it from the file's start. */
  readonly unitBytes: 1 | 2;

  /** @param start the first bytes of the file, whose mark of byte order counts more than the name */
  constructor(name: EncodingName, start: Buffer = Buffer.alloc(0)) {
    const marked = markedEncoding(start);
    // RFC 2781, 4.3: without a mark UTF-16 should be taken for big-endian.
    this.name = name === 'latin1' ? name : (marked ?? (name === 'utf-16' ? 'utf-16be' : name));
    this.unitBytes = this.name.startsWith('utf-16') ? 2 : 1;
  }

  /** Where the next line feed begins, or -1. */
  lineFeed(bytes: Buffer, from: number): number {
    if (this.unitBytes === 1) return bytes.indexOf(LINE_FEED, from);
    // The byte that says which is at the end of the unit in big-endian.
    const low = this.name === 'utf-16be' ? 1 : 0;
    let at = bytes.indexOf(LINE_FEED, from);
    while (at >= 0 && !(at % 2 === low && bytes[low === 1 ? at - 1 : at + 1] === 0)) {
      at = bytes.indexOf(LINE_FEED, at + 1);
    }
    return at < 0 ? at : at - low;
  }

  /** Whether a line ends with a carriage return. */
  hasReturn(bytes: Buffer): boolean {
    if (this.unitBytes === 1) return bytes[bytes.length - 1] === CARRIAGE_RETURN;
    const [first, second] = [bytes[bytes.length - 2], bytes[bytes.length - 1]];
    return this.name === 'utf-16be'
      ? first === 0 && second === CARRIAGE_RETURN
      : first === CARRIAGE_RETURN && second === 0;
  }

  /** The bytes as text; what is none is U+FFFD. */
  decode(bytes: Buffer): string {
    switch (this.name) {
      case 'latin1':
        return bytes.toString('latin1');
      case 'utf-8':
        return bytes.toString('utf8');
      case 'utf-16be':
        return utf16.decode(swapped(bytes));
      default:
        return utf16.decode(bytes);
    }
  }

  /** Whether a text says all that its bytes say: nothing in it stands for what could not be read. */
  isWhole(text: string, bytes: Buffer): boolean {
    if (this.name === 'latin1' || !text.includes('\ufffd')) return true;
    if (this.name === 'utf-8') return Buffer.from(text).equals(bytes);
    return Buffer.from(text, 'utf16le').equals(this.name === 'utf-16be' ? swapped(bytes) : bytes);
  }

  /** How many of the first `bytesMax` bytes can be kept without cutting a character. */
  cutLength(bytes: Buffer, bytesMax: number): number {
    if (this.name === 'latin1') return bytesMax;
    let end = bytesMax - (bytesMax % this.unitBytes);
    if (this.unitBytes === 2) {
      // The last unit must not be the first of a surrogate pair, D800 to DBFF (RFC 2781, 2.1).
      const high = bytes[this.name === 'utf-16be' ? end - 2 : end - 1] ?? 0;
      return end >= 2 && (high & 0xfc) === 0xd8 ? end - 2 : end;
    }
    // UTF-8 continuation bytes are 10xxxxxx (RFC 3629, 3); a character has at most three of them.
    while (end > bytesMax - 4 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    return end;
  }
}

/** Whether these first bytes may be the beginning of a mark that is not whole yet. */
export function isMarkBegun(start: Buffer): boolean {
  if (start.length === 1) return start[0] === 0xff || start[0] === 0xfe || start[0] === 0xef;
  return start.length === 2 && start[0] === 0xef && start[1] === 0xbb;
}

/** The bytes of the mark that a file begins with. */
export function markBytes(start: Buffer): number {
  const marked = markedEncoding(start);
  if (marked === undefined) return 0;
  return marked === 'utf-8' ? 3 : 2;
}

/** Whole units with their bytes the other way round; a last odd byte stays. */
function swapped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.subarray(0, copy.length - (copy.length % 2)).swap16();
  return copy;
}

function markedEncoding(start: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 'utf-8' : undefined;
}

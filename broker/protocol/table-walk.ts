/**
 * Walks over a field table without decoding it, as what is published has to be sound: whoever reads it
 * later, a consumer or the broker itself, could do nothing about it.
 */
import { TABLE_DEPTH_MAX } from './constants.js';

/** What a walk says of a table. */
export const PLAIN = 0;
/** It has a key CC or BCC. */
export const NAMES_COPIES = 1;
/** It is none: cut short, of a type that nobody knows, or too deep. Decoding tells which. */
export const UNSOUND = 2;

const SAYS_ITS_LENGTH = -1;
const UNKNOWN = -2;
/** How many octets follow the letter of a type. */
const SIZES = sizesByLetter();
const TABLE = 0x46;
const ARRAY = 0x41;
const LETTER_B = 0x42;
const LETTER_C = 0x43;

/** Looks at the fields of a table between `start` and `end`, after its length. */
export function walkTable(buffer: Buffer, start: number, end: number, depth = 0): number {
  let said = PLAIN;
  let at = start;
  while (at < end) {
    const length = buffer[at] as number;
    const name = at + 1;
    at = name + length;
    if (at >= end) return UNSOUND;
    if (depth === 0 && isCopies(buffer, name, length)) said = NAMES_COPIES;
    at = walkValue(buffer, at, end, depth);
    if (at < 0) return UNSOUND;
  }
  return at === end ? said : UNSOUND;
}

function isCopies(buffer: Buffer, name: number, length: number): boolean {
  if (length === 2) return buffer[name] === LETTER_C && buffer[name + 1] === LETTER_C;
  if (length !== 3 || buffer[name] !== LETTER_B) return false;
  return buffer[name + 1] === LETTER_C && buffer[name + 2] === LETTER_C;
}

/** Where the value ends that starts at `at` with its type; -1 if it is none. */
function walkValue(buffer: Buffer, at: number, end: number, depth: number): number {
  const letter = buffer[at] as number;
  const size = SIZES[letter] as number;
  const from = at + 1;
  if (size >= 0) return from + size > end ? -1 : from + size;
  if (size === UNKNOWN || from + 4 > end) return -1;
  const start = from + 4;
  const valueEnd = start + buffer.readUInt32BE(from);
  if (valueEnd > end) return -1;
  if (letter !== TABLE && letter !== ARRAY) return valueEnd;
  if (depth >= TABLE_DEPTH_MAX) return -1;
  if (letter === TABLE) return walkTable(buffer, start, valueEnd, depth + 1) === UNSOUND ? -1 : valueEnd;
  let position = start;
  while (position >= 0 && position < valueEnd) position = walkValue(buffer, position, valueEnd, depth + 1);
  return position === valueEnd ? valueEnd : -1;
}

function sizesByLetter(): Int8Array {
  const sizes = new Int8Array(256).fill(UNKNOWN);
  const set = (letters: string, size: number): void => {
    for (const letter of letters) sizes[letter.charCodeAt(0)] = size;
  };
  set('V', 0);
  set('tbB', 1);
  set('su', 2);
  set('Iif', 4);
  set('D', 5);
  set('lLTd', 8);
  set('SxFA', SAYS_ITS_LENGTH);
  return sizes;
}

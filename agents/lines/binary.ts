/** Whether a file is text at all. */
import { Encoding, type EncodingName } from './encoding.js';

/** Bytes at the start of a file that are looked at. */
export const BINARY_START_BYTES = 4096;
/** The part of control characters from which on it is no text; compressed data has a tenth. */
const CONTROL_PART_MIN = 0.05;

/**
 * Whether what begins with these bytes is no text: it has many control characters. Zero bytes at the
 * start of a line do not count, since a truncation or a power cut leaves them in logs.
 */
export function isBinary(start: Buffer, name: EncodingName = 'utf-8'): boolean {
  if (new Encoding(name, start).unitBytes === 2) return false;
  let controls = 0;
  let bytes = 0;
  let isLineStart = true;
  for (const byte of start) {
    if (byte === 0 && isLineStart) continue;
    isLineStart = byte === 0x0a;
    bytes += 1;
    // All below the space but backspace to carriage return, and escape, which colours begin with.
    if (byte < 0x08 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) controls += 1;
  }
  return controls > bytes * CONTROL_PART_MIN;
}

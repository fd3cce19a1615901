/**
 * The identity of a record: made once, when the record is made, so that a record which is sent twice
 * is one document.
 */
import { hash } from 'node:crypto';
import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562, 5.7). */
export function newEventId(): string {
  return v7();
}

/**
 * The id of the line that starts at `offset` in a generation of a file: the same line always gets the
 * same id, also after a crash. A UUIDv8 (RFC 9562, 5.8): 48 bits of the time the file was first seen,
 * which keeps neighbours together in the index, then a hash of file, generation, offset
 * and text. The text is in it for safety's sake: should ever two lines meet in all else, both are kept.
 *
 * @param file the file's identity in the registry, hexadecimal
 * @param firstSeenMs milliseconds since the epoch
 * @param generation how often the file has been truncated
 * @param offset bytes from the file's start
 */
export function lineEventId(
  file: string,
  firstSeenMs: number,
  generation: number,
  offset: number,
  text: string,
): string {
  const time = firstSeenMs.toString(16).padStart(12, '0');
  const digest = hash('sha1', `${file}:${generation}:${offset}:${text}`);
  // The variant's two bits `10` make the fourth group start with 8, 9, a or b.
  const variant = ((Number.parseInt(digest.charAt(3), 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-8${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}

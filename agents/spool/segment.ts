/**
 * One segment file of a spool: what is in it, how far it was read, and which of its records are settled.
 *
 * Responsible for reading a file and for the account of its records. Not responsible for writing
 * (segment-writer.ts) or for the order of segments (spool.ts).
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { OutgoingRecord } from '../record-queue.js';
import { decodeFrame, frameEnd, HEADER_BYTES, isSegmentHeader } from './frame.js';
import type { SpoolDirectory } from './spool-directory.js';

/** Where a record is on the disk. */
export interface SpoolPosition {
  readonly segment: Segment;
  readonly index: number;
}

/** Bytes read at once, unless a record is larger. */
const READ_BYTES = 256 * 1024;

/** A segment file. */
export class Segment {
  readonly directory: SpoolDirectory;
  readonly path: string;
  /** Number of its first record in the directory; part of its name. */
  readonly first: number;
  /** Bytes written, header included. */
  bytes = 0;
  /** Records in it; of a file that was found an estimate until it is read to its end. */
  records = 0;
  /** Whether nothing will be written to it any more. */
  isSealed = false;
  /** Records read so far, or passed over since they are in memory. */
  read = 0;
  /** Bytes found damaged. */
  damagedBytes = 0;
  #offset = HEADER_BYTES;
  #settledCount = 0;
  #prefix = 0;
  #settled = new Uint8Array(64);
  /** Records that are not to be read: they are in memory, though earlier ones are not. */
  readonly #inMemory = new Set<number>();
  /** Whether the file was deleted. */
  isGone = false;

  constructor(directory: SpoolDirectory, first: number) {
    this.directory = directory;
    this.first = first;
    this.path = directory.segmentPath(first);
  }

  /** A file that another process left. @throws the system's error when it cannot be read */
  static found(directory: SpoolDirectory, first: number): Segment {
    const segment = new Segment(directory, first);
    segment.bytes = statSync(segment.path).size;
    segment.isSealed = true;
    return segment;
  }

  /** Whether there is something that is not in memory. */
  get hasUnread(): boolean {
    return this.#offset < this.bytes;
  }

  /** Whether all of it is settled, so that the file can go. */
  get isFinished(): boolean {
    return this.isSealed && !this.hasUnread && this.#settledCount >= this.records;
  }

  /** Records that are not settled. */
  get left(): number {
    return Math.max(0, this.records - this.#settledCount);
  }

  /** Records from the start on that are settled without a gap. */
  get settledPrefix(): number {
    return this.#prefix;
  }

  /** Says that the header was written. */
  begin(headerBytes: number): void {
    this.bytes = headerBytes;
  }

  /** Passes over everything: it is in memory. */
  skipAll(): void {
    this.#offset = this.bytes;
    this.read = this.records;
  }

  /** Passes over one record when its turn comes: it is in memory. */
  skip(index: number): void {
    this.#inMemory.add(index);
  }

  /** Forgets the last records, which could not be written; `bytes` were. */
  takeBack(records: number, bytes: number): void {
    const left = this.records - records;
    for (let index = left; index < this.records; index += 1) {
      this.#inMemory.delete(index);
      if (!this.isSettled(index)) continue;
      this.#settled[index >> 3]! &= ~(1 << (index & 7));
      this.#settledCount -= 1;
    }
    this.#prefix = Math.min(this.#prefix, left);
    this.records = left;
    this.bytes = bytes;
    if (this.#offset > bytes) {
      this.#offset = bytes;
      this.read = this.records;
    }
  }

  settle(index: number): void {
    if (this.isSettled(index)) return;
    if (index >> 3 >= this.#settled.length) {
      const larger = new Uint8Array(Math.max(this.#settled.length * 2, (index >> 3) + 1));
      larger.set(this.#settled);
      this.#settled = larger;
    }
    this.#settled[index >> 3]! |= 1 << (index & 7);
    this.#settledCount += 1;
    while (this.isSettled(this.#prefix)) this.#prefix += 1;
  }

  isSettled(index: number): boolean {
    return ((this.#settled[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  /**
   * The next records that are not settled. Ends for good at the first that is damaged; never throws, a
   * file that cannot be read counts as damaged.
   */
  readNext(): OutgoingRecord[] {
    const records: OutgoingRecord[] = [];
    let chunk: Buffer;
    try {
      chunk = this.#chunk();
    } catch {
      chunk = Buffer.alloc(0);
    }
    let at = 0;
    for (;;) {
      const decoded = decodeFrame(chunk, at);
      if (decoded === undefined) break;
      if (!this.#inMemory.delete(this.read) && !this.isSettled(this.read)) {
        decoded.record.position = { segment: this, index: this.read };
        records.push(decoded.record);
      }
      this.read += 1;
      at = decoded.end;
    }
    this.#offset += at;
    if (at === 0) {
      this.damagedBytes = this.bytes - this.#offset;
      this.#offset = this.bytes;
    }
    if (this.isSealed && !this.hasUnread) this.records = this.read;
    return records;
  }

  #chunk(): Buffer {
    const file = openSync(this.path, 'r');
    try {
      if (this.read === 0 && !isSegmentHeader(readAt(file, 0, HEADER_BYTES))) return Buffer.alloc(0);
      const left = this.bytes - this.#offset;
      const chunk = readAt(file, this.#offset, Math.min(READ_BYTES, left));
      const end = frameEnd(chunk, 0);
      // A length beyond the end of the file is damage, not a reason to allocate.
      if (end === undefined || end <= chunk.length || end > left) return chunk;
      return readAt(file, this.#offset, end);
    } finally {
      closeSync(file);
    }
  }
}

/** Whether a file starts as a segment that can be read. @throws the system's error */
export function hasSegmentHeader(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    return isSegmentHeader(readAt(file, 0, HEADER_BYTES));
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}

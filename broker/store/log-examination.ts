/**
 * Reads a write-ahead log as it stands on disk (https://sqlite.org/fileformat2.html#walformat) to tell
 * two things apart that SQLite does not: a tail that was torn by a power cut, which nobody was promised,
 * and damage in the middle, behind which committed transactions stand that SQLite would pass over.
 *
 * Each transaction is on disk before the next one begins. So a valid frame of a later transaction
 * proves that the bad one before it was whole once.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The lowest bit tells how the checksums read their words. */
const MAGIC = 0x377f0682;

export interface LogExamination {
  /** Whether its header is whole; without one there is nothing to read. */
  readable: boolean;
  /** How many transactions SQLite finds in it. */
  transactions: number;
  /** How many pages the database has after the last of these; 0 where there is none. */
  pageCount: number;
  /** The pages that these hold. */
  pages: Set<number>;
  /** Whether later transactions stand behind the first bad frame. */
  broken: boolean;
}

interface Sum {
  first: number;
  second: number;
}

/** Reads a log to its end. @throws the system's error where it cannot be read */
export function examineLog(path: string): LogExamination {
  const found = { readable: false, transactions: 0, pageCount: 0, pages: new Set<number>(), broken: false };
  const descriptor = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(descriptor, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return found;
    const magic = header.readUInt32BE(0);
    if ((magic & ~1) >>> 0 !== MAGIC) return found;
    const swapped = ((magic & 1) === 1) !== (endianness() === 'BE');
    const sum = { first: 0, second: 0 };
    add(sum, header.subarray(0, 24), swapped);
    if (!isAt(sum, header, 24)) return found;
    found.readable = true;
    readFrames(descriptor, header, sum, swapped, found);
    return found;
  } finally {
    closeSync(descriptor);
  }
}

function readFrames(
  descriptor: number,
  header: Buffer,
  sum: Sum,
  swapped: boolean,
  found: LogExamination,
): void {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + header.readUInt32BE(8));
  const end = fstatSync(descriptor).size;
  let uncommitted: number[] = [];
  let state: 'whole' | 'bad' | 'ended' = 'whole';
  for (let at = HEADER_BYTES; at + frame.length <= end; at += frame.length) {
    readSync(descriptor, frame, 0, frame.length, at);
    const ours = frame.compare(header, 16, 24, 8, 16) === 0;
    const valid = ours && isValid(frame, sum, swapped);
    // The next frame is checked against what this one says, right or wrong.
    sum.first = frame.readUInt32BE(16);
    sum.second = frame.readUInt32BE(20);
    const commits = ours && frame.readUInt32BE(4) > 0;
    if (state === 'ended' && valid) {
      found.broken = true;
      return;
    }
    if (state === 'whole' && !valid) state = 'bad';
    if (state === 'bad' && commits) state = 'ended';
    if (state !== 'whole') continue;
    uncommitted.push(frame.readUInt32BE(0));
    if (!commits) continue;
    found.transactions++;
    found.pageCount = frame.readUInt32BE(4);
    for (const page of uncommitted) found.pages.add(page);
    uncommitted = [];
  }
}

function isValid(frame: Buffer, before: Sum, swapped: boolean): boolean {
  const sum = { ...before };
  add(sum, frame.subarray(0, 8), swapped);
  add(sum, frame.subarray(FRAME_HEADER_BYTES), swapped);
  return isAt(sum, frame, 16);
}

function isAt(sum: Sum, buffer: Buffer, at: number): boolean {
  return sum.first === buffer.readUInt32BE(at) && sum.second === buffer.readUInt32BE(at + 4);
}

function add(sum: Sum, bytes: Buffer, swapped: boolean): void {
  let { first, second } = sum;
  // A copy, since words have to be aligned.
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  if (swapped) copy.swap32();
  const words = new Uint32Array(copy.buffer, 0, copy.length / 4);
  for (let index = 0; index < words.length; index += 2) {
    first = (first + (words[index] as number) + second) >>> 0;
    second = (second + (words[index + 1] as number) + first) >>> 0;
  }
  sum.first = first;
  sum.second = second;
}

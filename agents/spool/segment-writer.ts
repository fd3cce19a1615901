/**
 * Writes records to the segments of one directory, a batch at a time, and brings them onto the disk.
 *
 * A write goes to the system's cache at once, in this thread: it takes microseconds, and memory stays
 * flat however fast records come. The waiting for the disk, fsync, is done elsewhere.
 */
import { closeSync, fsync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { OutgoingRecord } from '../record-queue.js';
import { encodeFrame, segmentHeader } from './frame.js';
import { Segment } from './segment.js';
import { SpoolDirectory } from './spool-directory.js';

interface OpenFile {
  readonly file: number;
  isDirty: boolean;
  isSyncing: boolean;
  /** To be closed when the sync that is under way has ended. */
  isOver: boolean;
}

/** Bytes gathered before they are written. */
const WRITE_BYTES = 64 * 1024;
const sync = promisify(fsync);

/** The writing end of a spool. */
export class SegmentWriter {
  readonly #root: string;
  readonly #segmentBytesMax: number;
  readonly #files = new Map<Segment, OpenFile>();
  #directory: SpoolDirectory | undefined;
  #directoryIsDirty = false;
  #tail: Segment | undefined;
  #written = 0;
  #next = 0;
  #pending: Buffer[] = [];
  #pendingRecords: OutgoingRecord[] = [];
  #pendingBytes = 0;
  #syncing: Promise<void> = Promise.resolve();

  constructor(root: string, segmentBytesMax: number) {
    this.#root = root;
    this.#segmentBytesMax = segmentBytesMax;
  }

  get directory(): SpoolDirectory | undefined {
    return this.#directory;
  }

  /** The segment being written. */
  get tail(): Segment | undefined {
    return this.#tail;
  }

  /**
   * The segment the next record goes to; a new one when the last is full.
   *
   * @throws the system's error
   */
  segment(): Segment {
    if (this.#tail !== undefined && this.#tail.bytes >= this.#segmentBytesMax) {
      this.write();
      this.seal();
    }
    this.#tail ??= this.#begin();
    return this.#tail;
  }

  /** Appends a record to the tail, which `segment` has made. The position says where it will be. */
  append(record: OutgoingRecord, segment: Segment): number {
    const frame = encodeFrame(record);
    this.#pending.push(frame);
    this.#pendingRecords.push(record);
    this.#pendingBytes += frame.length;
    record.position = { segment, index: segment.records };
    segment.records += 1;
    segment.bytes += frame.length;
    return frame.length;
  }

  /** Whether enough is gathered for a write. */
  get isDue(): boolean {
    return this.#pendingBytes >= WRITE_BYTES;
  }

  /**
   * Writes what was gathered; returns whether there was anything.
   *
   * @throws the system's error; `takeBack` then returns the records
   */
  write(): boolean {
    const open = this.#tail === undefined ? undefined : this.#files.get(this.#tail);
    if (open === undefined || this.#pending.length === 0) return false;
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    open.isDirty = true;
    writeWhole(open.file, bytes, this.#written);
    this.#written += bytes.length;
    this.#clearPending();
    return true;
  }

  /** Gives back the records that cannot be written, and makes the file end before them. */
  takeBack(): OutgoingRecord[] {
    const tail = this.#tail;
    const pending = this.#pendingRecords;
    this.#clearPending();
    if (tail === undefined || pending.length === 0) return [];
    const records = pending.filter(
      ({ position }) => position !== undefined && !tail.isSettled(position.index),
    );
    tail.takeBack(pending.length, this.#written);
    try {
      ftruncateSync((this.#files.get(tail) as OpenFile).file, this.#written);
    } catch {
      // What is behind the last good record is overwritten by the next write, or cut off by the next reader.
    }
    for (const record of records) record.position = undefined;
    return records;
  }

  /** Ends the tail: the next record begins a new file. */
  seal(): void {
    if (this.#tail === undefined) return;
    this.#tail.isSealed = true;
    this.#next = this.#tail.first + this.#tail.records;
    // An empty one keeps its name to itself all the same.
    if (this.#tail.records === 0) this.#next += 1;
    this.#tail = undefined;
  }

  /** Closes the file of a segment that is deleted. */
  forget(segment: Segment): void {
    if (segment === this.#tail) {
      this.#clearPending();
      this.seal();
    }
    this.#close(segment);
  }

  /** Resolves once everything appended so far is on the disk. @throws the system's error */
  sync(): Promise<void> {
    const run = (): Promise<void> => this.#sync();
    this.#syncing = this.#syncing.then(run, run);
    return this.#syncing;
  }

  /** Closes all files. */
  close(): void {
    for (const segment of [...this.#files.keys()]) this.#close(segment);
    this.seal();
  }

  async #sync(): Promise<void> {
    this.write();
    for (const [segment, open] of [...this.#files]) {
      if (open.isOver) continue;
      if (open.isDirty) await syncFile(open);
      if (segment.isSealed) this.#close(segment);
    }
    if (!this.#directoryIsDirty || this.#directory === undefined) return;
    this.#directoryIsDirty = false;
    for (const path of [this.#directory.path, this.#root]) {
      const directory = openSync(path, 'r');
      await sync(directory).finally(() => closeSync(directory));
    }
  }

  #begin(): Segment {
    this.#directory ??= SpoolDirectory.make(this.#root);
    const segment = new Segment(this.#directory, this.#next);
    const file = openSync(segment.path, 'w', 0o600);
    const header = segmentHeader();
    try {
      writeWhole(file, header, 0);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    this.#files.set(segment, { file, isDirty: true, isSyncing: false, isOver: false });
    this.#directoryIsDirty = true;
    segment.begin(header.length);
    this.#written = header.length;
    return segment;
  }

  #close(segment: Segment): void {
    const open = this.#files.get(segment);
    this.#files.delete(segment);
    if (open === undefined) return;
    open.isOver = true;
    if (!open.isSyncing) closeSync(open.file);
  }

  #clearPending(): void {
    this.#pending = [];
    this.#pendingRecords = [];
    this.#pendingBytes = 0;
  }
}

async function syncFile(open: OpenFile): Promise<void> {
  open.isDirty = false;
  open.isSyncing = true;
  try {
    await sync(open.file);
  } catch (error) {
    open.isDirty = true;
    throw error;
  } finally {
    open.isSyncing = false;
    if (open.isOver) closeSync(open.file);
  }
}

function writeWhole(file: number, bytes: Buffer, position: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}

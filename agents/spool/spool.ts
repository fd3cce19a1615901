/**
 * A queue of records on the disk, in segment files: appended at one end, read in order at the other,
 * and deleted when all records of a file are settled.
 *
 *     oldest segment ──── readNext ──►  memory ──settle──► the file goes when its last record does
 *     …
 *     tail           ◄─── append
 *
 * Responsible for order, for the bound and for what earlier processes left. Not responsible for when
 * to use it (spooling-outbox.ts).
 */
import type { Logger } from 'pino';
import type { OutgoingRecord } from '../record-queue.js';
import { leftSegments } from './left-segments.js';
import type { Segment, SpoolPosition } from './segment.js';
import { SegmentWriter } from './segment-writer.js';
import { SpoolDirectory } from './spool-directory.js';
import type { SpoolSettings, SpoolStatus } from './spool-options.js';

/** Told what the spool cannot keep. */
export interface SpoolListener {
  /** It had to go because of the bound. */
  dropped(record: OutgoingRecord): void;
  /** They could not be written after all: the owner has to keep them. */
  takenBack(records: readonly OutgoingRecord[]): void;
}

/** What became of a record: it is in the spool, there is no room and the newest goes, or the disk fails. */
type AppendOutcome = 'kept' | 'full' | 'failed';

/** How long after a failure the disk is tried again. */
const RETRY_MS = 1_000;
/** How long after a change the checkpoint is saved. */
const SAVE_MS = 200;

/** The spool of one publisher. */
export class Spool {
  readonly #settings: SpoolSettings;
  readonly #listener: SpoolListener;
  readonly #log: Logger | undefined;
  readonly #writer: SegmentWriter;
  readonly #adopted = new Set<SpoolDirectory>();
  readonly #changed = new Set<SpoolDirectory>();
  #segments: Segment[] = [];
  #bytes = 0;
  #damagedBytes = 0;
  #damageLogged = false;
  #lastError: Error | undefined;
  #retryAtMs = 0;
  #writeScheduled = false;
  #saveTimer: NodeJS.Timeout | undefined;

  constructor(settings: SpoolSettings, listener: SpoolListener, log: Logger | undefined) {
    this.#settings = settings;
    this.#listener = listener;
    this.#log = log;
    this.#writer = new SegmentWriter(settings.directory, settings.segmentBytesMax);
    this.#try(() => {
      for (const directory of SpoolDirectory.claimAll(settings.directory)) {
        this.#try(() => this.#adopt(directory));
      }
    });
  }

  /** Whether everything that was ever appended is settled. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Whether there are records on the disk that are not in memory. */
  get hasUnread(): boolean {
    return this.#segments.some((segment) => segment.hasUnread);
  }

  /** Whether more than half of the bound is used, or nothing can be written. */
  get isHalfFull(): boolean {
    return this.#bytes * 2 > this.#settings.bytesMax || this.#lastError !== undefined;
  }

  get status(): SpoolStatus {
    return {
      records: this.#segments.reduce((sum, segment) => sum + segment.left, 0),
      bytes: this.#bytes,
      damagedBytes: this.#damagedBytes,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError.message }),
    };
  }

  /**
   * Takes a record and sets its position.
   *
   * @param isInMemory whether the owner keeps it as well, so that it need not be read again
   */
  append(record: OutgoingRecord, isInMemory: boolean): AppendOutcome {
    if (this.#lastError !== undefined && Date.now() < this.#retryAtMs) return 'failed';
    if (!this.#makeRoom(record.body.length)) return 'full';
    try {
      const segment = this.#writer.segment();
      if (this.#segments.at(-1) !== segment) {
        this.#segments.push(segment);
        this.#bytes += segment.bytes;
      }
      const isLast = !this.hasUnread;
      this.#bytes += this.#writer.append(record, segment);
      if (isInMemory && isLast) segment.skipAll();
      else if (isInMemory) segment.skip(segment.records - 1);
      if (this.#writer.isDue) this.#write();
    } catch (error) {
      this.#takeBack(error as Error, record);
      return 'failed';
    }
    this.#schedule();
    return 'kept';
  }

  /** The next records that are only on the disk; none when all are in memory. */
  readNext(): OutgoingRecord[] {
    for (;;) {
      const segment = this.#segments.find((one) => one.hasUnread);
      if (segment === undefined) return [];
      if (segment === this.#writer.tail) {
        try {
          this.#write();
        } catch (error) {
          this.#takeBack(error as Error);
          continue;
        }
      }
      const records = segment.readNext();
      if (segment.damagedBytes > 0) this.#damaged(segment.path, segment.damagedBytes);
      segment.damagedBytes = 0;
      if (records.length > 0) return records;
      this.#removeIfFinished(segment);
    }
  }

  /** Lets go of a record: it is confirmed, or given up. */
  settle({ segment, index }: SpoolPosition): void {
    if (segment.isGone) return;
    segment.settle(index);
    this.#changed.add(segment.directory);
    this.#removeIfFinished(segment);
    this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_MS).unref();
  }

  /** Resolves to true once all that was appended so far is on the disk, to false when it cannot be. */
  async sync(): Promise<boolean> {
    try {
      await this.#writer.sync();
      return true;
    } catch (error) {
      this.#takeBack(error as Error);
      return false;
    }
  }

  /** Brings everything onto the disk and leaves it to whoever starts next. */
  async close(): Promise<void> {
    await this.sync();
    clearTimeout(this.#saveTimer);
    this.#save();
    this.#writer.close();
    const own = this.#writer.directory;
    for (const directory of [...this.#adopted, ...(own === undefined ? [] : [own])]) {
      try {
        if (this.#segments.some((segment) => segment.directory === directory)) directory.giveUp();
        else directory.removeIfEmpty();
      } catch (error) {
        this.#failed(error as Error);
      }
    }
  }

  #adopt(directory: SpoolDirectory): void {
    const segments = leftSegments(directory, (path, bytes) => this.#damaged(path, bytes));
    this.#segments.push(...segments);
    this.#adopted.add(directory);
    this.#bytes += segments.reduce((sum, segment) => sum + segment.bytes, 0);
    for (const segment of segments) {
      if (segment.left === 0 || !segment.hasUnread) this.#remove(segment);
    }
    if (segments.length === 0) this.#leave(directory);
  }

  #makeRoom(bodyBytes: number): boolean {
    while (this.#bytes + bodyBytes > this.#settings.bytesMax) {
      const oldest = this.#segments[0];
      if (oldest === undefined || this.#settings.overflow === 'drop-newest') return false;
      try {
        if (oldest === this.#writer.tail) this.#write();
      } catch (error) {
        this.#takeBack(error as Error);
        return false;
      }
      // What was read already is in memory and is sent all the same.
      while (oldest.hasUnread) for (const record of oldest.readNext()) this.#listener.dropped(record);
      this.#remove(oldest);
    }
    return true;
  }

  #removeIfFinished(segment: Segment): void {
    const isWhole = segment === this.#writer.tail && !segment.hasUnread && segment.left === 0;
    if (segment.isFinished || isWhole) this.#remove(segment);
  }

  #remove(segment: Segment): void {
    const at = this.#segments.indexOf(segment);
    if (at < 0) return;
    this.#segments.splice(at, 1);
    segment.isGone = true;
    this.#bytes -= segment.bytes;
    this.#writer.forget(segment);
    try {
      segment.directory.deleteSegment(segment);
      const isAdopted = this.#adopted.has(segment.directory);
      const hasMore = this.#segments.some((other) => other.directory === segment.directory);
      if (isAdopted && !hasMore) this.#leave(segment.directory);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #leave(directory: SpoolDirectory): void {
    this.#adopted.delete(directory);
    this.#changed.delete(directory);
    directory.removeIfEmpty();
  }

  #write(): void {
    if (!this.#writer.write() || this.#lastError === undefined) return;
    this.#lastError = undefined;
    this.#log?.info({ directory: this.#settings.directory }, 'The spool can be written again');
  }

  #takeBack(error: Error, except?: OutgoingRecord): void {
    const before = this.#writer.tail?.bytes ?? 0;
    const records = this.#writer.takeBack().filter((record) => record !== except);
    this.#bytes -= before - (this.#writer.tail?.bytes ?? 0);
    this.#failed(error);
    if (records.length > 0) this.#listener.takenBack(records);
  }

  #failed(error: Error): void {
    this.#retryAtMs = Date.now() + RETRY_MS;
    if (this.#lastError === undefined) {
      this.#log?.warn({ err: error, directory: this.#settings.directory }, 'The spool cannot be used');
    }
    this.#lastError = error;
  }

  #damaged(path: string, bytes: number): void {
    this.#damagedBytes += bytes;
    if (this.#damageLogged) return;
    this.#damageLogged = true;
    this.#log?.warn({ path, bytes }, 'A spool file is damaged and was cut off after its last good record');
  }

  /** What was taken in one turn of the event loop is written at its end. */
  #schedule(): void {
    if (this.#writeScheduled) return;
    this.#writeScheduled = true;
    setImmediate(() => {
      this.#writeScheduled = false;
      try {
        this.#write();
      } catch (error) {
        this.#takeBack(error as Error);
      }
    });
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #save(): void {
    this.#saveTimer = undefined;
    for (const directory of this.#changed) {
      this.#try(() =>
        directory.saveConfirmed(this.#segments.filter((segment) => segment.directory === directory)),
      );
    }
    this.#changed.clear();
  }
}

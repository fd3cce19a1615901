/**
 * Follows one open file: reads what is new, makes records of it, and knows how far they are confirmed.
 *
 * It reads through its descriptor, so a rename or a deletion of the file does not disturb it. Not
 * responsible for which files there are, for rotation or for the registry.
 */
import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { lineEventId } from '../event-id.js';
import { MARK_BYTES_MAX } from '../lines/encoding.js';
import type { GroupReader } from '../lines/group-reader.js';
import type { LineGroup } from '../lines/line-group.js';
import type { LineInput } from '../lines/line-input.js';
import type { LogRecord } from '../record.js';
import {
  type Fingerprint,
  fingerprintOf,
  hasTail,
  readAt,
  TAIL_BYTES_MAX,
  tailFingerprint,
} from './fingerprint.js';
import { OffsetTracker } from './offset-tracker.js';
import type { Checkpoint } from './registry.js';

/** What one look at the file brought. */
export type ReadOutcome = 'read' | 'idle' | 'truncated';

/** What all followers of an agent share. */
export interface FollowerOptions {
  readonly input: LineInput;
  /** How long a line without a successor may still get continuation lines. */
  readonly groupTimeoutMs: number;
  /** Publishes a record; `confirmed` is to be called once it is safe. */
  readonly publish: (record: LogRecord, confirmed: () => void) => void;
}

/** Bytes read at a time: so few that the records of one read always fit the publisher's free half. */
const READ_BYTES = 64 * 1024;

/** How soon a file that had nothing new is looked at again, at first and at last. */
const POLL_MIN_MS = 50;
const POLL_MAX_MS = 800;

/** One buffer for all reads: they are synchronous, and whatever is kept is copied. */
const readBuffer = Buffer.allocUnsafe(TAIL_BYTES_MAX + READ_BYTES);

/** A file that is being followed. */
export class Follower {
  /** What the registry keeps of the file; brought up to date by `updateCheckpoint`. */
  readonly checkpoint: Checkpoint;
  /** When the file was last found to be out of reach of the globs; undefined while it is in reach. */
  rotatedAtMs: number | undefined;
  readonly #options: FollowerOptions;
  readonly #reader: GroupReader;
  readonly #tracker: OffsetTracker;
  #descriptor: number;
  /** The bytes just before the reader's position: if they change, the file is another. */
  #tail: Buffer;
  #changedAtMs = Date.now();
  #mtimeMs = -1;
  #pollMs = POLL_MIN_MS;
  #dueAtMs = 0;

  /** Opens the file at its checkpoint. @throws the system's error when it cannot be opened */
  constructor(checkpoint: Checkpoint, options: FollowerOptions) {
    this.checkpoint = checkpoint;
    this.#options = options;
    this.#descriptor = openSync(checkpoint.path, 'r');
    const start = readAt(this.#descriptor, 0, MARK_BYTES_MAX);
    this.#reader = options.input.open(checkpoint.offset, checkpoint.path, start);
    this.#tracker = new OffsetTracker(checkpoint.offset);
    const length = Math.min(checkpoint.offset, TAIL_BYTES_MAX);
    const read = readSync(this.#descriptor, readBuffer, 0, length, checkpoint.offset - length);
    this.#tail = Buffer.from(readBuffer.subarray(0, read));
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#reader.position;
  }

  /** The bytes just before the position. */
  get tail(): Fingerprint {
    return fingerprintOf(this.#tail);
  }

  /** Records published and not confirmed. */
  get pending(): number {
    return this.#tracker.pending;
  }

  /** Since when nothing new was read, in milliseconds since the epoch. */
  get idleSinceMs(): number {
    return this.#changedAtMs;
  }

  /** The open file's present state. */
  stats(): Stats {
    return fstatSync(this.#descriptor);
  }

  /** Whether the file should be looked at: one with nothing new is looked at less and less often. */
  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueAtMs;
  }

  /** Whether what was read is no longer there. Reads from the disk only if the file has changed. */
  isTruncated(): boolean {
    const { size, mtimeMs } = this.stats();
    const { position } = this.#reader;
    if (size < position) return true;
    if (size === position && mtimeMs === this.#mtimeMs) return false;
    return !hasTail(this.#descriptor, position, this.tail);
  }

  /** Looks for new bytes, at most one read's worth, and publishes the records they complete. */
  read(): ReadOutcome {
    const { size, mtimeMs } = this.stats();
    const { position } = this.#reader;
    if (size < position) return 'truncated';
    if (size === position && mtimeMs === this.#mtimeMs) return this.#idle();
    const { length: tailLength } = this.#tail;
    // Reading the bytes before the position again costs nothing and tells whether they are the same.
    const read = readSync(this.#descriptor, readBuffer, 0, tailLength + READ_BYTES, position - tailLength);
    if (!readBuffer.subarray(0, Math.min(read, tailLength)).equals(this.#tail)) return 'truncated';
    this.#mtimeMs = mtimeMs;
    if (read === tailLength) return this.#idle();
    this.#changedAtMs = Date.now();
    this.#pollMs = POLL_MIN_MS;
    this.#dueAtMs = 0;
    this.#publish(this.#reader.push(readBuffer.subarray(tailLength, read)));
    this.#tail = Buffer.from(readBuffer.subarray(Math.max(0, read - TAIL_BYTES_MAX), read));
    return 'read';
  }

  /** Goes on reading in another file that has the same content up to the position: the copy of a rotation. */
  moveTo(path: string, stats: Stats): void {
    const descriptor = openSync(path, 'r');
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#mtimeMs = -1;
    Object.assign(this.checkpoint, { path, device: stats.dev, inode: stats.ino });
  }

  /** Publishes what is left: nothing more will come. */
  finish(): void {
    this.#publish(this.#reader.end());
  }

  /** Writes into the checkpoint how far the file is confirmed. */
  updateCheckpoint(): void {
    // What is held may begin before events that are confirmed, where two streams share a file.
    const confirmed = Math.min(this.#tracker.confirmed, this.#reader.heldOffset ?? Number.POSITIVE_INFINITY);
    if (confirmed === this.checkpoint.offset) return;
    this.checkpoint.offset = confirmed;
    this.checkpoint.tail = tailFingerprint(this.#descriptor, confirmed);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #idle(): 'idle' {
    const nowMs = Date.now();
    if (!this.#reader.isWaiting) {
      this.#pollMs = Math.min(POLL_MAX_MS, this.#pollMs * 2);
    } else if (nowMs - this.#changedAtMs >= this.#options.groupTimeoutMs) {
      this.#publish(this.#reader.flush());
    }
    this.#dueAtMs = nowMs + this.#pollMs;
    return 'idle';
  }

  #publish(groups: readonly LineGroup[]): void {
    if (groups.length === 0) return;
    const { path } = this.checkpoint;
    const records = this.#options.input.records(groups, (group) => this.#id(group), path);
    for (const [index, record] of records.entries()) {
      const { lines } = groups[index] as LineGroup;
      const offset = lines[0]?.offset ?? 0;
      record.log.file = { path };
      record.log.offset = offset;
      this.#options.publish(
        record,
        this.#tracker.open(lines[0]?.resumeOffset ?? offset, lines.at(-1)?.endOffset ?? 0),
      );
    }
  }

  #id({ lines: [first] }: LineGroup): string {
    const { id: file, firstSeenMs, generation } = this.checkpoint;
    return lineEventId(file, firstSeenMs, generation, first?.offset ?? 0, first?.text ?? '');
  }
}

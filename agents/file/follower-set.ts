/**
 * The files an agent follows: takes up new ones, goes on with known ones, sees rotation and truncation,
 * and lets go of files that are over.
 *
 * Responsible for which file is which. Not responsible for when to look (file-agent.ts).
 */
import { type Stats, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { BINARY_START_BYTES } from '../lines/binary.js';
import { type FoundFile, fileKey } from './discovery.js';
import { fileIdentity, fingerprintOf, readAt } from './fingerprint.js';
import { Follower, type FollowerOptions, type ReadOutcome } from './follower.js';
import type { Checkpoint, Registry } from './registry.js';
import { holdsTail, isRotationOf, isStartOf, rotationsOf } from './rotation.js';

/** How a set of followers works. */
export interface FollowerSetOptions {
  readonly follower: FollowerOptions;
  /** Files followed at most; further ones wait until others are over. */
  readonly filesMax: number;
  /** How long a rotated file must be idle until it is over. */
  readonly rotatedIdleMs: number;
}

/** How long after a copy was made its original may be truncated. */
const COPY_GRACE_MS = 10_000;
const NOTHING = fingerprintOf(Buffer.alloc(0));

/** All followers of one agent, by device and inode. */
export class FollowerSet {
  readonly #registry: Registry;
  readonly #options: FollowerSetOptions;
  readonly #log: Logger | undefined;
  #followers = new Map<string, Follower>();
  /** Paths that could not be opened, so that each is said once. */
  readonly #unreadable = new Set<string>();
  /** New files that look like copies of followed ones, with their sizes. */
  readonly #copies = new Map<string, { size: number; sinceMs: number }>();
  /** New files that are no text, so that each is looked into and said once; by device and inode. */
  readonly #binaries = new Set<string>();
  #saveFails = false;

  constructor(registry: Registry, options: FollowerSetOptions, log: Logger | undefined) {
    this.#registry = registry;
    this.#options = options;
    this.#log = log;
  }

  get followers(): Follower[] {
    return [...this.#followers.values()];
  }

  /** Takes the files that match the globs now. Identities of new files are on disk when it returns. */
  update(found: readonly FoundFile[]): void {
    for (const follower of this.followers) if (follower.isTruncated()) this.#truncated(follower);
    const matched = new Set(found.map((file) => fileKey(file.stats)));
    for (const file of found) {
      const follower = this.#followers.get(fileKey(file.stats));
      if (follower === undefined) this.#takeUp(file);
      else follower.checkpoint.path = file.path;
    }
    for (const key of this.#binaries) if (!matched.has(key)) this.#binaries.delete(key);
    this.#findRotated();
    for (const [key, follower] of this.#followers) {
      if (matched.has(key)) follower.rotatedAtMs = undefined;
      else follower.rotatedAtMs ??= Date.now();
    }
    this.#saveRegistry();
  }

  /** Reads what is new in a file. One that can no longer be read is let go, and looked for again. */
  read(follower: Follower): ReadOutcome {
    try {
      const outcome = follower.read();
      if (outcome === 'truncated') this.#truncated(follower);
      return outcome;
    } catch (error) {
      const { path, device, inode } = follower.checkpoint;
      this.#warnOnce(path, error);
      this.#followers.delete(`${device}:${inode}`);
      follower.close();
      return 'idle';
    }
  }

  /** Takes note that a file was truncated: its old content may be in a copy, the new one is read from the start. */
  #truncated(follower: Follower): void {
    const { checkpoint } = follower;
    const { path, id, firstSeenMs, generation } = checkpoint;
    const stats = follower.stats();
    const copy = this.#copyOf(path, stats, follower.position, () => follower.tail);
    this.#followers.delete(fileKey(stats));
    if (copy === undefined) {
      follower.finish();
      this.#registry.remove(checkpoint);
      follower.close();
    } else {
      follower.moveTo(copy.path, copy.stats);
      this.#followers.set(fileKey(copy.stats), follower);
    }
    this.#log?.info({ path, copy: copy?.path }, 'A file was truncated');
    this.#follow({ ...newCheckpoint(path, stats, id, firstSeenMs), generation: generation + 1 });
    // Before a line of the new generation is published, so that no two lines ever share an id.
    this.#saveRegistry();
  }

  /** Lets go of rotated and deleted files that are read to their end and confirmed. */
  release(nowMs: number): void {
    for (const [key, follower] of this.#followers) {
      if (follower.rotatedAtMs === undefined) continue;
      const idleMs = nowMs - Math.max(follower.rotatedAtMs, follower.idleSinceMs);
      if (idleMs < this.#options.rotatedIdleMs) continue;
      follower.finish();
      if (follower.pending > 0) continue;
      follower.updateCheckpoint();
      if (follower.stats().nlink === 0) this.#registry.remove(follower.checkpoint);
      this.#followers.delete(key);
      follower.close();
    }
  }

  /** Saves how far everything is confirmed. */
  save(): void {
    for (const follower of this.#followers.values()) follower.updateCheckpoint();
    this.#saveRegistry();
  }

  close(): void {
    this.save();
    for (const follower of this.#followers.values()) follower.close();
    this.#followers.clear();
  }

  #takeUp(file: FoundFile): void {
    const known = this.#registry.find(file.stats.dev, file.stats.ino);
    if (known !== undefined) {
      known.path = file.path;
      this.#resume(known, file.stats);
    } else if (file.stats.size > 0 && !this.#binaries.has(fileKey(file.stats)) && !this.#isCopy(file)) {
      // An empty file has nothing to read, and may be a copy that has just been begun.
      this.#follow(newCheckpoint(file.path, file.stats, '', Date.now()));
    }
  }

  /** Goes on with a file from an earlier run, unless it was truncated in between. */
  #resume(known: Checkpoint, stats: Stats): void {
    const { path, offset, tail, id, firstSeenMs, generation } = known;
    if (stats.size >= offset && (offset === 0 || holdsTail(path, offset, tail))) {
      this.#follow(known);
      return;
    }
    const copy = this.#copyOf(path, stats, offset, () => tail);
    if (copy === undefined) {
      this.#registry.remove(known);
    } else {
      Object.assign(known, { path: copy.path, device: copy.stats.dev, inode: copy.stats.ino });
      this.#follow(known);
    }
    this.#log?.info({ path, copy: copy?.path }, 'A file was truncated');
    this.#follow({ ...newCheckpoint(path, stats, id, firstSeenMs), generation: generation + 1 });
  }

  /** Looks for files of earlier runs under the names they may have been rotated to. */
  #findRotated(): void {
    for (const known of this.#registry.checkpoints) {
      if (this.#followers.has(`${known.device}:${known.inode}`)) continue;
      const here = statSync(known.path, { throwIfNoEntry: false });
      const rotated =
        here?.ino === known.inode && here.dev === known.device
          ? { path: known.path, stats: here }
          : rotationsOf(known.path).find(
              ({ stats }) => stats.ino === known.inode && stats.dev === known.device,
            );
      if (rotated === undefined) {
        this.#registry.remove(known);
      } else if (rotated.stats.size > known.offset) {
        known.path = rotated.path;
        this.#resume(known, rotated.stats);
      }
    }
  }

  #follow(checkpoint: Checkpoint): void {
    const key = `${checkpoint.device}:${checkpoint.inode}`;
    if (this.#followers.has(key) || this.#followers.size >= this.#options.filesMax) return;
    const { path } = checkpoint;
    try {
      const follower = new Follower(checkpoint, this.#options.follower);
      if (fileKey(follower.stats()) !== key) {
        // The name went to another file in the meantime; the next look finds both.
        follower.close();
        return;
      }
      if (checkpoint.id === '' && this.#isBinary(follower, key)) {
        follower.close();
        return;
      }
      if (checkpoint.id === '') checkpoint.id = fileIdentity(follower.descriptor, follower.stats());
      this.#followers.set(key, follower);
      this.#registry.add(checkpoint);
      this.#unreadable.delete(path);
    } catch (error) {
      this.#warnOnce(path, error);
    }
  }

  /** Whether a new file is no text; then it is let alone as long as it is there. */
  #isBinary({ descriptor, checkpoint: { path } }: Follower, key: string): boolean {
    if (!this.#options.follower.input.isBinary(readAt(descriptor, 0, BINARY_START_BYTES))) return false;
    this.#log?.warn({ path }, 'A file is not text and is not read');
    this.#binaries.add(key);
    return true;
  }

  /** Saves the registry; a full disk is said once and tried again, since a resend does no harm. */
  #saveRegistry(): void {
    try {
      this.#registry.save();
      this.#saveFails = false;
    } catch (error) {
      if (!this.#saveFails) {
        this.#log?.error(
          { err: error },
          'The registry of the file agent cannot be saved; trying again until it can',
        );
      }
      this.#saveFails = true;
    }
  }

  #warnOnce(path: string, error: unknown): void {
    if (!this.#unreadable.has(path)) this.#log?.warn({ path, err: error }, 'A file cannot be read');
    this.#unreadable.add(path);
  }

  /** The sibling that holds what `path` held before it was truncated. */
  #copyOf(path: string, stats: Stats, offset: number, tail: () => Checkpoint['tail']): FoundFile | undefined {
    if (offset === 0) return undefined;
    return rotationsOf(path).find(
      (sibling) =>
        sibling.stats.ino !== stats.ino &&
        sibling.stats.size >= offset &&
        this.#registry.find(sibling.stats.dev, sibling.stats.ino) === undefined &&
        holdsTail(sibling.path, offset, tail()),
    );
  }

  /**
   * Whether a file that is new is but the copy of one that is followed, made in order to truncate that.
   * Only for a while: if nothing is truncated, it is a file of its own that happens to say the same.
   */
  #isCopy(file: FoundFile): boolean {
    const { path, stats } = file;
    const nowMs = Date.now();
    const seen = this.#copies.get(path);
    if (seen?.size === stats.size && nowMs - seen.sinceMs > COPY_GRACE_MS) return false;
    const isCopy = this.followers.some(
      (follower) =>
        isRotationOf(path, follower.checkpoint.path) &&
        stats.size <= follower.stats().size &&
        isStartOf(path, stats.size, follower.descriptor),
    );
    if (!isCopy) this.#copies.delete(path);
    else if (seen?.size !== stats.size) this.#copies.set(path, { size: stats.size, sinceMs: nowMs });
    return isCopy;
  }
}

function newCheckpoint(path: string, stats: Stats, id: string, firstSeenMs: number): Checkpoint {
  return {
    id,
    path,
    device: stats.dev,
    inode: stats.ino,
    firstSeenMs: Math.floor(firstSeenMs),
    generation: 0,
    offset: 0,
    tail: NOTHING,
  };
}

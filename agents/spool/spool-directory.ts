/**
 * The directories of a spool: one for each publisher, so that no two write to one file, and the claim
 * to those that dead processes left.
 *
 *     <spool>/<made at, ms>-<random>-<process number>.<process start>/
 *         0000000000000000.spool   segments, named after the number of their first record
 *         confirmed.json           how far each segment is confirmed
 *
 * The owner is part of the name, so a claim is a rename, and of two that claim at once one wins.
 */
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Segment } from './segment.js';

const NAME = /^(\d{13}-[0-9a-f]{8})-(\d+)\.(\d+)$/;
const SEGMENT_NAME = /^(\d{16})\.spool$/;
const CHECKPOINT_NAME = 'confirmed.json';
/** The owner of a directory that its publisher gave up when it was closed. */
const NOBODY = '0.0';

const checkpoint = z.object({ version: z.literal(1), confirmed: z.record(z.string(), z.int().min(0)) });

/** A directory that this process owns. */
export class SpoolDirectory {
  readonly #root: string;
  #name: string;

  /** Makes a new one. @throws the system's error when it cannot be made */
  static make(root: string): SpoolDirectory {
    const name = `${String(Date.now()).padStart(13, '0')}-${randomBytes(4).toString('hex')}-${thisProcess()}`;
    mkdirSync(join(root, name), { recursive: true, mode: 0o700 });
    return new SpoolDirectory(root, name);
  }

  /** Claims every directory whose owner is dead, oldest first. @throws the system's error */
  static claimAll(root: string): SpoolDirectory[] {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const claimed: SpoolDirectory[] = [];
    for (const name of readdirSync(root).sort()) {
      const [, stem, pid, start] = NAME.exec(name) ?? [];
      if (stem === undefined || isAlive(Number(pid), start as string)) continue;
      const own = `${stem}-${thisProcess()}`;
      try {
        renameSync(join(root, name), join(root, own));
        claimed.push(new SpoolDirectory(root, own));
      } catch (error) {
        // Another process has claimed it first.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    return claimed;
  }

  private constructor(root: string, name: string) {
    this.#root = root;
    this.#name = name;
  }

  get path(): string {
    return join(this.#root, this.#name);
  }

  segmentPath(first: number): string {
    return join(this.path, `${String(first).padStart(16, '0')}.spool`);
  }

  /** The numbers of the first records of its segments, in order. */
  segments(): number[] {
    const names = readdirSync(this.path).sort();
    return names.flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []).map(Number);
  }

  /** How many records of each segment are confirmed, by the number of its first record. */
  confirmed(): Map<number, number> {
    try {
      const text = readFileSync(join(this.path, CHECKPOINT_NAME), 'utf8');
      const { confirmed } = checkpoint.parse(JSON.parse(text));
      return new Map(Object.entries(confirmed).map(([first, records]) => [Number(first), records]));
    } catch {
      // Missing or torn: some records are sent again, under the ids they have.
      return new Map();
    }
  }

  /** Saves how far the segments are confirmed. Not synced: what a power cut takes is sent again. */
  saveConfirmed(segments: readonly Segment[]): void {
    const partly = segments.filter((segment) => segment.settledPrefix > 0);
    const confirmed = Object.fromEntries(partly.map((segment) => [segment.first, segment.settledPrefix]));
    const temporary = join(this.path, `${CHECKPOINT_NAME}.new`);
    writeFileSync(temporary, JSON.stringify({ version: 1, confirmed }), { mode: 0o600 });
    renameSync(temporary, join(this.path, CHECKPOINT_NAME));
  }

  deleteSegment(segment: Segment): void {
    unlinkSync(segment.path);
  }

  /** Removes the directory when no segment is left in it. */
  removeIfEmpty(): void {
    if (this.segments().length > 0) return;
    rmSync(join(this.path, CHECKPOINT_NAME), { force: true });
    rmSync(join(this.path, `${CHECKPOINT_NAME}.new`), { force: true });
    // What was set aside as unreadable stays.
    if (readdirSync(this.path).length === 0) rmdirSync(this.path);
  }

  /** Leaves it to whoever starts next, this process or another. */
  giveUp(): void {
    const [, stem] = NAME.exec(this.#name) as unknown as [string, string];
    const name = `${stem}-${NOBODY}`;
    renameSync(this.path, join(this.#root, name));
    this.#name = name;
  }
}

function thisProcess(): string {
  return `${process.pid}.${startOf(process.pid) ?? 0}`;
}

/** When a process was started, in clock ticks since the start of the system; known on Linux only. */
function startOf(pid: number): string | undefined {
  try {
    // The second field is the program's name in brackets, which may hold anything; the 22nd is the start.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number, start: string): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // In a container every process number comes again: the start tells the one from the other.
  const startNow = startOf(pid);
  return startNow === undefined || start === '0' || startNow === start;
}

/**
 * Where the content of a file went when it was rotated: renamed, or copied and truncated.
 *
 * A file that was rotated is looked for among its siblings, by their names:
 *
 *     app.log  ──►  app.log.1   app.log-20260131   app-20260131.log   app.1.log
 */
import { closeSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { isCompressed } from './discovery.js';
import { type Fingerprint, hasTail, TAIL_BYTES_MAX } from './fingerprint.js';

/** A file beside another. */
export interface Sibling {
  readonly path: string;
  readonly stats: Stats;
}

/** Whether `path` is a name that the file `original` could have been rotated to. */
export function isRotationOf(path: string, original: string): boolean {
  if (path === original || dirname(path) !== dirname(original)) return false;
  const name = basename(path);
  const originalName = basename(original);
  if (name.startsWith(originalName)) return /^[._-]./.test(name.slice(originalName.length));
  const extension = extname(originalName);
  const stem = originalName.slice(0, originalName.length - extension.length);
  if (extension === '' || !name.startsWith(stem) || !name.endsWith(extension)) return false;
  return /^[._-]\d[\w.-]*$/.test(name.slice(stem.length, name.length - extension.length));
}

/** The files that `original` could have been rotated to, the last changed first. */
export function rotationsOf(original: string): Sibling[] {
  let names: string[];
  try {
    names = readdirSync(dirname(original));
  } catch {
    // The directory is gone, and all that was in it.
    return [];
  }
  return names
    .map((name) => join(dirname(original), name))
    .filter((path) => isRotationOf(path, original) && !isCompressed(path))
    .map((path) => ({ path, stats: statSync(path, { throwIfNoEntry: false }) }))
    .filter((sibling): sibling is Sibling => sibling.stats?.isFile() === true)
    .sort((one, other) => other.stats.ctimeMs - one.stats.ctimeMs);
}

/** Whether a file holds, just before `offset`, the bytes expected: it is, or is a copy of, the file they were read from. */
export function holdsTail(path: string, offset: number, tail: Fingerprint): boolean {
  if (offset === 0) return false;
  return withFile(path, (descriptor) => hasTail(descriptor, offset, tail)) ?? false;
}

/** Whether the whole of `copy`, `size` bytes, is at the start of `original` as well. */
export function isStartOf(copy: string, size: number, original: number): boolean {
  const same = (descriptor: number, position: number, length: number): boolean =>
    bytesAt(descriptor, position, length).equals(bytesAt(original, position, length));
  const length = Math.min(size, TAIL_BYTES_MAX);
  return (
    withFile(copy, (descriptor) => same(descriptor, 0, length) && same(descriptor, size - length, length)) ??
    false
  );
}

function withFile<T>(path: string, use: (descriptor: number) => T): T | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    // Gone or not readable: then it is not the file looked for.
    return undefined;
  }
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function bytesAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

/**
 * What a file is known by when its name is not enough: its first bytes, and the bytes just before an
 * offset. Hashes, so that the registry holds no content of logs.
 */
import { hash } from 'node:crypto';
import { readSync, type Stats } from 'node:fs';

/** The hash of some bytes of a file. */
export interface Fingerprint {
  readonly length: number;
  readonly hash: string;
}

/** Bytes before an offset that are compared. */
export const TAIL_BYTES_MAX = 256;
/** Bytes at the start that go into a file's identity. */
const HEAD_BYTES_MAX = 1024;

/** The fingerprint of the bytes just before `offset`: who finds the same there has the same file. */
export function tailFingerprint(descriptor: number, offset: number): Fingerprint {
  const length = Math.min(offset, TAIL_BYTES_MAX);
  return fingerprintOf(readAt(descriptor, offset - length, length));
}

/** The fingerprint of these bytes. */
export function fingerprintOf(bytes: Buffer): Fingerprint {
  return { length: bytes.length, hash: hash('sha1', bytes) };
}

/** Whether the bytes just before `offset` are the ones expected. An empty expectation is always met. */
export function hasTail(descriptor: number, offset: number, expected: Fingerprint): boolean {
  const bytes = readAt(descriptor, offset - expected.length, expected.length);
  return bytes.length === expected.length && hash('sha1', bytes) === expected.hash;
}

/**
 * The identity of a file seen for the first time. The same file gives the same identity as long as its
 * first kilobyte is the same, so that even a lost registry rarely makes a line a second document.
 */
export function fileIdentity(descriptor: number, stats: Stats): string {
  const head = readAt(descriptor, 0, HEAD_BYTES_MAX);
  return hash('sha1', `${stats.dev}:${stats.ino}:${stats.birthtimeMs}:${head.toString('base64')}`);
}

/** The bytes at a position of an open file, as many as there are. */
export function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

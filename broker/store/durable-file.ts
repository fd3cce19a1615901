/** Makes what was done to files and their names outlast a power cut. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Waits until a file's content, or a directory's names, are on disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until the name of a file or directory is on disk. */
export function syncName(path: string): void {
  // Windows has no fsync for directories.
  if (process.platform !== 'win32') syncPath(dirname(path));
}

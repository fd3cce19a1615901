/** The copy of a database that is made before its format changes, and kept. */
import { renameSync, rmSync, statfsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { codeOf, DataDirectoryError, isDamage } from './data-directory-error.js';
import type { DatabaseFiles } from './database-files.js';
import { syncName, syncPath } from './durable-file.js';

/**
 * Copies a database beside itself; an older backup stays.
 *
 * @returns the path of the backup
 * @throws DataDirectoryError when there is no room for it; SQLite's error when the database is damaged
 */
export function backUp(database: Database, files: DatabaseFiles, format: number): string {
  const path = files.backup(format);
  const unfinished = `${path}.unfinished`;
  requireRoom(database, files);
  try {
    rmSync(unfinished, { force: true });
    database.prepare('VACUUM INTO ?').run(unfinished);
    syncPath(unfinished);
    renameSync(unfinished, path);
    syncName(path);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    if (isDamage(cause)) throw cause;
    throw new DataDirectoryError(
      'ERR_WARREN_DATA_DIRECTORY',
      `cannot back up ${files.database} before its migration (${codeOf(cause)}); make room in ${files.directory} and start again`,
      cause,
    );
  }
  return path;
}

function requireRoom(database: Database, files: DatabaseFiles): void {
  const pages = (name: string): number => database.pragma(name, { simple: true }) as number;
  const needed = (pages('page_count') - pages('freelist_count')) * pages('page_size');
  const { bavail, bsize } = statfsSync(files.directory);
  if (bavail * bsize >= needed) return;
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new DataDirectoryError(
    'ERR_WARREN_DATA_DIRECTORY',
    `cannot back up ${files.database} before its migration: it takes ${mebibytes(needed)}, and ${files.directory} has ${mebibytes(bavail * bsize)} left; make room and start again`,
  );
}

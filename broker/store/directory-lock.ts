/** Keeps a second broker, or a repair, from a data directory that is in use. */
import { truncateSync } from 'node:fs';
import Database from 'better-sqlite3';
import { codeOf, DataDirectoryError, isDamage, remedyOf } from './data-directory-error.js';
import type { DatabaseFiles } from './database-files.js';

/** A lock that the operating system takes back when the process ends, however it ends. */
export class DirectoryLock {
  private readonly database: Database.Database;

  private constructor(database: Database.Database) {
    this.database = database;
  }

  /** @throws DataDirectoryError when somebody has it, or it cannot be had */
  static take(files: DatabaseFiles): DirectoryLock {
    try {
      return new DirectoryLock(lock(files.lock));
    } catch (cause) {
      if (!isDamage(cause)) throw refused(files, cause);
    }
    // Whoever holds it is noticed before its content is: nobody does, and nothing is ever in it.
    try {
      truncateSync(files.lock);
      return new DirectoryLock(lock(files.lock));
    } catch (cause) {
      throw refused(files, cause);
    }
  }

  release(): void {
    this.database.close();
  }
}

function lock(path: string): Database.Database {
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function refused({ directory }: DatabaseFiles, cause: unknown): DataDirectoryError {
  const busy = codeOf(cause).startsWith('SQLITE_BUSY');
  return new DataDirectoryError(
    busy ? 'ERR_WARREN_DATA_DIRECTORY_IN_USE' : 'ERR_WARREN_DATA_DIRECTORY',
    busy
      ? `another broker is using the data directory ${directory}; stop it or choose another directory`
      : `cannot lock the broker's data directory ${directory} (${codeOf(cause)}): ${remedyOf(cause)}`,
    cause,
  );
}

/**
 * The broker's directory on disk: made when missing, held by one broker at a time, its database
 * brought to the schema this program knows.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrate, SCHEMA_VERSION } from './schema.js';

type DataDirectoryErrorCode =
  | 'ERR_WARREN_DATA_DIRECTORY'
  | 'ERR_WARREN_DATA_DIRECTORY_IN_USE'
  | 'ERR_WARREN_DATABASE_NEWER'
  | 'ERR_WARREN_DATABASE_DAMAGED';

class DataDirectoryError extends Error {
  readonly code: DataDirectoryErrorCode;

  constructor(code: DataDirectoryErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DataDirectoryError';
    this.code = code;
  }
}

const DATABASE_FILE = 'broker.sqlite';
const LOCK_FILE = 'broker.lock';

export class DataDirectory {
  readonly databasePath: string;
  /** Reads; everything is written by the writer thread. */
  readonly database: Database.Database;
  private readonly lock: Database.Database;

  private constructor(databasePath: string, database: Database.Database, lock: Database.Database) {
    this.databasePath = databasePath;
    this.database = database;
    this.lock = lock;
  }

  /**
   * Opens or makes the directory.
   *
   * @throws DataDirectoryError when it cannot be used, is in use, is newer than this program, or damaged
   */
  static open(directory: string): DataDirectory {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DataDirectoryError(
        'ERR_WARREN_DATA_DIRECTORY',
        `cannot use the broker's data directory ${directory} (${reason}); choose another or mend its permissions`,
        cause,
      );
    }
    const lock = takeLock(directory);
    try {
      const databasePath = join(directory, DATABASE_FILE);
      return new DataDirectory(databasePath, openDatabase(databasePath), lock);
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  close(): void {
    this.database.close();
    this.lock.close();
  }
}

/** A lock that the operating system takes back when the process ends, however it ends. */
function takeLock(directory: string): Database.Database {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(join(directory, LOCK_FILE), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    const busy = codeOf(cause).startsWith('SQLITE_BUSY');
    throw new DataDirectoryError(
      busy ? 'ERR_WARREN_DATA_DIRECTORY_IN_USE' : 'ERR_WARREN_DATA_DIRECTORY',
      busy
        ? `another broker is using the data directory ${directory}; stop it or choose another directory`
        : `cannot lock the broker's data directory ${directory} (${codeOf(cause)})`,
      cause,
    );
  }
}

function openDatabase(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version > SCHEMA_VERSION) {
      throw new DataDirectoryError(
        'ERR_WARREN_DATABASE_NEWER',
        `${path} was written by a newer version of Warren (format ${version}, this one knows ${SCHEMA_VERSION}); use that version`,
      );
    }
    migrate(database, version);
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof DataDirectoryError) throw cause;
    const damaged = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'].some((code) => codeOf(cause).startsWith(code));
    throw new DataDirectoryError(
      damaged ? 'ERR_WARREN_DATABASE_DAMAGED' : 'ERR_WARREN_DATA_DIRECTORY',
      damaged
        ? `${path} is damaged or not a Warren database; put it aside or restore a backup`
        : `cannot open ${path} (${codeOf(cause)})`,
      cause,
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

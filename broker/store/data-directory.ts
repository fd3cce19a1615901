/**
 * The broker's directory on disk: made when missing, held by one broker at a time, its database
 * brought to the schema this program knows.
 */
import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { beginRun, endRun } from './run.js';
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
      makeDirectory(directory);
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

  /** Everything has been written: the next broker need not take this one for killed. */
  endRun(): void {
    try {
      endRun(this.database);
    } catch {
      // Then everything is redelivered, which is never wrong.
    }
  }

  close(): void {
    this.database.close();
    this.lock.close();
  }
}

/** Makes a directory and those it is in, so that a power cut does not take them away again. */
function makeDirectory(directory: string): void {
  const path = resolve(directory);
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  // Windows has no fsync for directories.
  if (first === undefined || process.platform === 'win32') return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    const parent = openSync(dirname(made), 'r');
    fsyncSync(parent);
    closeSync(parent);
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
        : `cannot lock the broker's data directory ${directory} (${codeOf(cause)}): ${remedyOf(cause)}`,
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
    beginRun(database);
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof DataDirectoryError) throw cause;
    const damaged = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'].some((code) => codeOf(cause).startsWith(code));
    throw new DataDirectoryError(
      damaged ? 'ERR_WARREN_DATABASE_DAMAGED' : 'ERR_WARREN_DATA_DIRECTORY',
      damaged
        ? `${path} is damaged or not a Warren database; put it aside or restore a backup`
        : `cannot open ${path} (${codeOf(cause)}): ${remedyOf(cause)}`,
      cause,
    );
  }
}

/** What is the matter, and what to do, where SQLite's code tells. */
function remedyOf(error: unknown): string {
  const code = codeOf(error);
  if (code.startsWith('SQLITE_FULL')) return 'its disk is full; make room';
  if (code.startsWith('SQLITE_READONLY')) return 'it is read-only; mend its permissions or choose another';
  if (code.startsWith('SQLITE_CANTOPEN')) return 'mend its permissions or choose another';
  return 'its disk fails';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

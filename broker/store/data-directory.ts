/**
 * The broker's directory on disk: made when missing, held by one broker at a time, its files looked
 * at, its database brought to the schema this program knows.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { Logger } from 'pino';
import { ProtocolError } from '../protocol/protocol-error.js';
import { backUp } from './backup.js';
import { codeOf, DataDirectoryError, damageOf, isDamage, remedyOf } from './data-directory-error.js';
import { DatabaseFiles } from './database-files.js';
import { DatabaseWatch } from './database-watch.js';
import { DirectoryLock } from './directory-lock.js';
import { syncName, syncPath } from './durable-file.js';
import { faultOf } from './file-examination.js';
import { beginRun, endRun } from './run.js';
import { migrate, SCHEMA_VERSION } from './schema.js';

export class DataDirectory {
  readonly files: DatabaseFiles;
  /** Reads; everything is written by the writer thread. */
  readonly database: Database.Database;
  private readonly lock: DirectoryLock;
  private watch: DatabaseWatch | undefined;

  private constructor(files: DatabaseFiles, database: Database.Database, lock: DirectoryLock) {
    this.files = files;
    this.database = database;
    this.lock = lock;
  }

  get databasePath(): string {
    return this.files.database;
  }

  /**
   * Opens or makes the directory. Where a migration is due, a backup is made first.
   *
   * @throws DataDirectoryError when it cannot be used, is in use, is newer than this program, or damaged
   */
  static open(directory: string, log?: Logger): DataDirectory {
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
    const files = new DatabaseFiles(directory);
    const lock = DirectoryLock.take(files);
    try {
      return new DataDirectory(files, openDatabase(files, log), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Looks now and then whether the files are still the ones that were opened. */
  watchFiles(onFault: (error: Error) => void): void {
    this.watch = new DatabaseWatch(this.files, onFault);
  }

  /** The error for what was met while the database was read: damage, where it makes no sense. */
  explain(cause: unknown): unknown {
    return isSenseless(cause) ? damageOf(this.databasePath, cause.message, cause) : cause;
  }

  /** Everything has been written: the next broker need not take this one for killed. */
  endRun(): void {
    try {
      endRun(this.database);
    } catch {
      // Then everything is redelivered, which is never wrong.
    }
  }

  /** To be called when the writer has closed its database. */
  close(): void {
    this.watch?.stop();
    const { files, database } = this;
    // With all of the log in the database file, the log may be missing at the next start.
    if (isCheckpointed(database)) removeMark(files);
    database.close();
    if (existsSync(files.running) && !existsSync(files.log)) removeMark(files);
    this.lock.release();
  }
}

/** Makes a directory and those it is in, so that a power cut does not take them away again. */
function makeDirectory(directory: string): void {
  const path = resolve(directory);
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncName(made);
}

function openDatabase(files: DatabaseFiles, log: Logger | undefined): Database.Database {
  const path = files.database;
  const fault = faultOf(files);
  if (fault !== undefined) throw damageOf(fault.path, fault.what);
  let database: Database.Database | undefined;
  try {
    if (!existsSync(path)) createDatabase(files);
    database = new Database(path);
    prepareDatabase(database);
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version > SCHEMA_VERSION) {
      throw new DataDirectoryError(
        'ERR_WARREN_DATABASE_NEWER',
        `${path} was written by a newer version of Warren (format ${version}, this one knows ${SCHEMA_VERSION}); use that version`,
      );
    }
    if (version < SCHEMA_VERSION) {
      const backup = backUp(database, files, version);
      migrateFrom(version, database, files, backup);
      log?.warn(
        { from: version, to: SCHEMA_VERSION, backup },
        'The broker migrated its database after a backup',
      );
    }
    beginRun(database);
    markRunning(database, files);
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof DataDirectoryError) throw cause;
    if (isSenseless(cause)) throw damageOf(path, cause.message, cause);
    throw new DataDirectoryError(
      'ERR_WARREN_DATA_DIRECTORY',
      `cannot open ${path} (${codeOf(cause)}): ${remedyOf(cause)}`,
      cause,
    );
  }
}

function migrateFrom(
  version: number,
  database: Database.Database,
  files: DatabaseFiles,
  backup: string,
): void {
  try {
    // Several steps or none.
    database.transaction(() => migrate(database, version))();
  } catch (cause) {
    // It is not needed, and would be made again at every start.
    rmSync(backup);
    if (isDamage(cause)) throw cause;
    throw new DataDirectoryError(
      'ERR_WARREN_DATA_DIRECTORY',
      `cannot migrate ${files.database} from format ${version} (${(cause as Error).message}); it is as it was`,
      cause,
    );
  }
}

/** What every connection that is to write is told. */
export function prepareDatabase(database: Database.Database): void {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('cell_size_check = ON');
}

/** Makes a database under another name first, so that one with its name is always whole. */
function createDatabase(files: DatabaseFiles): void {
  const path = files.unfinished;
  for (const leftover of [path, `${path}-wal`, `${path}-shm`]) rmSync(leftover, { force: true });
  makeDatabase(path).close();
  syncPath(path);
  // An index of a log that is gone would be taken for the new one's.
  rmSync(files.index, { force: true });
  renameSync(path, files.database);
  syncName(files.database);
}

/** A database of the newest format, with nothing in it. */
export function makeDatabase(path: string): Database.Database {
  const database = new Database(path);
  // Can only be chosen before the first table: it lets pages be given back a few at a time.
  database.pragma('auto_vacuum = INCREMENTAL');
  prepareDatabase(database);
  migrate(database, 0);
  return database;
}

/** From now on a missing or an empty log means that something is lost; so there has to be something in it first. */
function markRunning(database: Database.Database, files: DatabaseFiles): void {
  if (statSync(files.log).size === 0) database.pragma(`user_version = ${SCHEMA_VERSION}`);
  if (existsSync(files.running)) return;
  closeSync(openSync(files.running, 'w', 0o600));
  syncName(files.running);
}

/** Whether what was read cannot be what the broker wrote. */
function isSenseless(error: unknown): error is Error {
  return isDamage(error) || error instanceof ProtocolError || error instanceof RangeError;
}

function isCheckpointed(database: Database.Database): boolean {
  try {
    const [row] = database.pragma('wal_checkpoint(PASSIVE)') as {
      busy: number;
      log: number;
      checkpointed: number;
    }[];
    return row !== undefined && row.busy === 0 && row.log === row.checkpointed;
  } catch {
    // A full disk, say: the log stays, and is read at the next start.
    return false;
  }
}

function removeMark(files: DatabaseFiles): void {
  rmSync(files.running, { force: true });
  syncName(files.running);
}

/**
 * A copy of a damaged database, made readable as far as that goes: what is whole of its write-ahead
 * log is moved into it, and a first page that makes no sense is replaced by the one a new database has.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import Database from 'better-sqlite3';
import { codeOf } from './data-directory-error.js';
import type { DatabaseFiles } from './database-files.js';
import { pageBytesOf } from './file-examination.js';
import { migrate } from './schema.js';

const PAGE_BYTES = 4096;
const HEADER_BYTES = 100;
/** Of a page that maps pages to their parents, which a database that can be shortened has second: a root. */
const POINTER_TO_ROOT = 1;

export class SalvageSource {
  readonly path: string;
  readonly pageBytes: number;
  /** What had to be put right. */
  readonly remarks: string[] = [];
  database: Database.Database;

  /** Copies the files of a database beside them and opens the copy. */
  constructor(files: DatabaseFiles) {
    this.path = `${files.database}.salvage`;
    this.remove();
    copyFileSync(files.database, this.path, constants.COPYFILE_FICLONE);
    if (existsSync(files.log)) copyFileSync(files.log, `${this.path}-wal`, constants.COPYFILE_FICLONE);
    this.pageBytes = this.readPageBytes();
    if (!this.hasHeader()) this.replaceFirstPage();
    this.database = this.open();
    if (!this.hasTables()) {
      this.database.close();
      this.replaceFirstPage();
      this.database = this.open();
    }
  }

  /** Closes and removes the copy. */
  close(): void {
    this.database.close();
    this.remove();
  }

  private remove(): void {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${this.path}${suffix}`, { force: true });
  }

  private open(): Database.Database {
    const database = new Database(this.path);
    try {
      database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // What of the log cannot be moved is read where it is.
    }
    return database;
  }

  private hasTables(): boolean {
    try {
      for (const table of ['queue', 'message', 'entry'])
        this.database.prepare(`SELECT 1 FROM ${table} LIMIT 0`).all();
      return true;
    } catch {
      return false;
    }
  }

  private readHeader(): Buffer {
    const header = Buffer.alloc(HEADER_BYTES);
    const descriptor = openSync(this.path, 'r');
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
    closeSync(descriptor);
    return header;
  }

  private readPageBytes(): number {
    return (this.hasHeader() && pageBytesOf(this.readHeader())) || PAGE_BYTES;
  }

  private hasHeader(): boolean {
    return this.readHeader().toString('latin1', 0, 15) === 'SQLite format 3';
  }

  /** The tables of a new database stand on the same pages as those of any other. */
  private replaceFirstPage(): void {
    this.remarks.push('the first page was made anew');
    const template = `${this.path}-template`;
    rmSync(template, { force: true });
    const fresh = new Database(template);
    if (this.isShortenable()) fresh.pragma('auto_vacuum = INCREMENTAL');
    migrate(fresh, 0);
    fresh.close();
    const page = Buffer.alloc(PAGE_BYTES);
    const from = openSync(template, 'r');
    readSync(from, page, 0, PAGE_BYTES, 0);
    closeSync(from);
    rmSync(template);
    page.writeUInt32BE(Math.floor(statSync(this.path).size / PAGE_BYTES), 28);
    // Written by a log, and no page free: what is free is not read.
    page.fill(2, 18, 20);
    page.writeUInt32BE(0, 32);
    page.writeUInt32BE(0, 36);
    const to = openSync(this.path, 'r+');
    writeSync(to, page, 0, PAGE_BYTES, 0);
    closeSync(to);
  }

  private isShortenable(): boolean {
    const second = Buffer.alloc(1);
    const descriptor = openSync(this.path, 'r');
    readSync(descriptor, second, 0, 1, this.pageBytes);
    closeSync(descriptor);
    return second[0] === POINTER_TO_ROOT;
  }
}

/** Whether an error is one of reading, which salvage works around; any other is ours. */
export function isUnreadable(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_');
}

/**
 * Gives the pages that a backlog leaves behind back to the file system, a few at a time, so that a
 * batch never waits for more than one step. A part of the free pages stays: the next backlog needs it.
 */
import type { Database } from 'better-sqlite3';

/** Not worth it for less, in bytes. */
const FREE_BYTES_MIN = 4 * 1024 * 1024;
/** Not worth it while most of the file is in use. */
const FREE_SHARE_MIN = 0.25;
/** How long a step should take. */
const STEP_MS = 5;
const STEP_PAGES_MIN = 16;
const STEP_PAGES_MAX = 4096;
/** The log is cut to this afterwards. */
const LOG_BYTES_MAX = 1024 * 1024;

export class PageReclaimer {
  private readonly database: Database;
  private readonly pageBytes: number;
  private readonly enabled: boolean;
  private stepPages = 64;
  private under = false;

  constructor(database: Database) {
    this.database = database;
    this.pageBytes = this.number('page_size');
    this.enabled = this.number('auto_vacuum') === 2;
  }

  /** Gives some pages back where there are enough; returns whether there is more to do. */
  step(): boolean {
    if (!this.enabled) return false;
    const free = this.number('freelist_count');
    const bytes = free * this.pageBytes;
    if (!this.under && (bytes < FREE_BYTES_MIN || free < this.number('page_count') * FREE_SHARE_MIN))
      return false;
    this.under = bytes > FREE_BYTES_MIN / 4;
    if (!this.under) {
      this.cutLog();
      return false;
    }
    const start = performance.now();
    this.database.pragma(`incremental_vacuum(${this.stepPages})`);
    const took = performance.now() - start;
    const wanted = Math.round((this.stepPages * STEP_MS) / Math.max(took, 0.1));
    // By halves, since a checkpoint now and then makes one step long.
    const next = Math.min(this.stepPages * 2, Math.max(this.stepPages / 2, wanted));
    this.stepPages = Math.round(Math.min(STEP_PAGES_MAX, Math.max(STEP_PAGES_MIN, next)));
    return true;
  }

  /** Moves the log into the file, which ends earlier only then, and shortens the log with the next write. */
  private cutLog(): void {
    this.database.pragma('wal_checkpoint(PASSIVE)');
    this.database.pragma(`journal_size_limit = ${LOG_BYTES_MAX}`);
    this.database.pragma(`user_version = ${this.number('user_version')}`);
    this.database.pragma('journal_size_limit = -1');
  }

  private number(pragma: string): number {
    return this.database.pragma(pragma, { simple: true }) as number;
  }
}

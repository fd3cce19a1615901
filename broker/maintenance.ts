/**
 * What an operator does with a broker's data directory while no broker uses it: check it, repair it.
 * The directory is held meanwhile, so that none begins to.
 */
import { existsSync } from 'node:fs';
import { DataDirectoryError } from './store/data-directory-error.js';
import { type CheckReport, checkDatabase } from './store/database-check.js';
import { DatabaseFiles } from './store/database-files.js';
import { DirectoryLock } from './store/directory-lock.js';
import { type RepairReport, repairDatabase } from './store/repair.js';

export type { CheckReport } from './store/database-check.js';
export type { RepairReport } from './store/repair.js';

export class Maintenance {
  private readonly files: DatabaseFiles;
  private readonly lock: DirectoryLock;

  private constructor(files: DatabaseFiles, lock: DirectoryLock) {
    this.files = files;
    this.lock = lock;
  }

  /** @throws DataDirectoryError when there is no such directory, or a broker uses it */
  static begin(directory: string): Maintenance {
    if (!existsSync(directory)) {
      throw new DataDirectoryError('ERR_WARREN_DATA_DIRECTORY', `there is no data directory ${directory}`);
    }
    const files = new DatabaseFiles(directory);
    return new Maintenance(files, DirectoryLock.take(files));
  }

  /** Looks for damage and changes nothing. @throws DataDirectoryError when there is no database, or a newer one */
  check(): CheckReport {
    return checkDatabase(this.files);
  }

  /**
   * Puts what can be read of the database in its place, and the damaged one aside; a rehearsal only tells
   * what that would save.
   *
   * @throws DataDirectoryError when nothing can be saved, or there is no room
   */
  repair(options: { rehearse: boolean }): RepairReport {
    return repairDatabase(this.files, options.rehearse);
  }

  end(): void {
    this.lock.release();
  }
}

/**
 * Repairs a database: what can be read goes into a new file, which takes the place of the damaged one
 * once it has been checked; the damaged one is set aside and never written to.
 */
import { copyFileSync, existsSync, linkSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { makeDatabase } from './data-directory.js';
import { codeOf, DataDirectoryError } from './data-directory-error.js';
import { checkDatabase } from './database-check.js';
import { DatabaseFiles } from './database-files.js';
import { syncName, syncPath } from './durable-file.js';
import { type SalvageReport, salvage } from './salvage.js';
import { SalvageSource } from './salvage-source.js';

export interface RepairReport extends SalvageReport {
  /** Where the damaged database is now; undefined after a rehearsal. */
  aside: string | undefined;
}

/**
 * Repairs the database of a directory, or only tells what that would save.
 *
 * @throws DataDirectoryError when there is nothing to repair, no room to do so, or the result is not whole
 */
export function repairDatabase(files: DatabaseFiles, rehearse: boolean): RepairReport {
  if (!existsSync(files.database)) {
    throw new DataDirectoryError(
      'ERR_WARREN_DATABASE_DAMAGED',
      `${files.database} is missing, and nothing can be saved without it; restore a backup`,
    );
  }
  requireRoom(files);
  const repaired = `${files.database}.repaired`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${repaired}${suffix}`, { force: true });
  try {
    const report = salvageInto(files, repaired);
    const { problems } = checkDatabase(new RepairedFiles(files.directory, repaired));
    if (problems.length > 0) {
      throw new DataDirectoryError(
        'ERR_WARREN_DATABASE_DAMAGED',
        `the repaired database would not be whole (${problems[0]}); ${files.database} was left as it is, restore a backup`,
      );
    }
    return { ...report, aside: rehearse ? undefined : replace(files, repaired) };
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${repaired}${suffix}`, { force: true });
  }
}

/** The files of a database that is not in use and has another name. */
class RepairedFiles extends DatabaseFiles {
  override readonly database: string;
  override readonly log: string;
  override readonly running: string;

  constructor(directory: string, database: string) {
    super(directory);
    this.database = database;
    this.log = `${database}-wal`;
    this.running = `${database}-running`;
  }
}

function salvageInto(files: DatabaseFiles, repaired: string): SalvageReport {
  const source = new SalvageSource(files);
  try {
    const target = makeDatabase(repaired);
    try {
      return salvage(source, target);
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}

/** At every moment the database's name leads to the damaged file or to the repaired one. */
function replace(files: DatabaseFiles, repaired: string): string {
  const aside = files.aside(new Date());
  syncPath(repaired);
  try {
    linkSync(files.database, aside);
  } catch (error) {
    // A file system without links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error))) throw error;
    copyFileSync(files.database, aside);
    syncPath(aside);
  }
  if (existsSync(files.log)) renameSync(files.log, `${aside}-wal`);
  rmSync(files.index, { force: true });
  syncName(aside);
  renameSync(repaired, files.database);
  rmSync(files.running, { force: true });
  syncName(files.database);
  return aside;
}

/** For a copy to read from, and for what is saved, with a log as long as it. */
function requireRoom(files: DatabaseFiles): void {
  const bytes = [files.database, files.log].reduce(
    (sum, path) => sum + (existsSync(path) ? statSync(path).size : 0),
    0,
  );
  const { bavail, bsize } = statfsSync(files.directory);
  if (bavail * bsize >= 3 * bytes) return;
  const mebibytes = (amount: number): string => `${Math.ceil(amount / 2 ** 20)} MiB`;
  throw new DataDirectoryError(
    'ERR_WARREN_DATA_DIRECTORY',
    `a repair of ${files.database} takes up to ${mebibytes(3 * bytes)}, and ${files.directory} has ${mebibytes(bavail * bsize)} left; make room and try again`,
  );
}

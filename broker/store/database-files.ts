/** The files of a data directory, by name. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export class DatabaseFiles {
  readonly directory: string;
  /** Held by the broker that uses the directory. */
  readonly lock: string;
  readonly database: string;
  /** The write-ahead log: what is committed and not in the database file yet. */
  readonly log: string;
  /** SQLite's index of the log, made anew whenever it is missing. */
  readonly index: string;
  /**
   * There from the first write of a broker until all of it is in the database file: as long as it is
   * there the log has to be there too.
   */
  readonly running: string;

  constructor(directory: string) {
    this.directory = directory;
    this.lock = join(directory, 'broker.lock');
    this.database = join(directory, 'broker.sqlite');
    this.log = `${this.database}-wal`;
    this.index = `${this.database}-shm`;
    this.running = join(directory, 'broker.running');
  }

  /** Where a new database is made before it gets its name. */
  get unfinished(): string {
    return `${this.database}.new`;
  }

  /** Where the backup before a migration is kept: a name that nothing has yet. */
  backup(format: number): string {
    return unused(`${this.database}.backup-format-${format}`);
  }

  /** Where a damaged database is set aside: a name that nothing has yet. */
  aside(time: Date): string {
    const stamp = time.toISOString().replace(/[-:]|\.\d+/g, '');
    return unused(`${this.database}.damaged-${stamp}`);
  }
}

/** The name, with a number behind it where it is taken. */
function unused(path: string): string {
  if (!existsSync(path)) return path;
  const taken = new Set(readdirSync(dirname(path)));
  for (let number = 2; ; number++) {
    const name = `${path}.${number}`;
    if (!taken.has(basename(name))) return name;
  }
}

/**
 * Notices when a database's files are taken away or cut while they are in use: SQLite goes on writing
 * to a file without a name, and what it confirms is gone with the process.
 *
 * Looks at names and sizes only. Opening and closing a file here would take SQLite's locks off it.
 */
import { type Stats, statSync } from 'node:fs';
import { codeOf, damageOf } from './data-directory-error.js';
import type { DatabaseFiles } from './database-files.js';

const LOOK_MS = 1000;

export class DatabaseWatch {
  private readonly timer: NodeJS.Timeout;

  constructor(files: DatabaseFiles, onFault: (error: Error) => void) {
    const opened = [files.database, files.log].map((path) => ({ path, before: statSync(path) }));
    this.timer = setInterval(() => {
      for (const { path, before } of opened) {
        const what = faultOf(path, before);
        if (what === undefined) continue;
        this.stop();
        onFault(damageOf(path, what));
        return;
      }
    }, LOOK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function faultOf(path: string, before: Stats): string | undefined {
  let now: Stats;
  try {
    now = statSync(path);
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'the file was taken away while the broker used it' : undefined;
  }
  if (now.ino !== before.ino) return 'the file was replaced while the broker used it';
  return now.size === 0 && before.size > 0 ? 'the file was emptied while the broker used it' : undefined;
}

/**
 * Looks at a database's files before SQLite opens them, for what SQLite would take for an empty or a
 * shorter database. Cheap: a header, two sizes, and the write-ahead log where a broker was killed.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { DatabaseFiles } from './database-files.js';
import { examineLog, type LogExamination } from './log-examination.js';

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** A file that is damaged. */
export interface FileFault {
  path: string;
  what: string;
}

/** What is wrong with the files, if anything; that there is no database at all is nothing wrong. */
export function faultOf(files: DatabaseFiles): FileFault | undefined {
  const wasRunning = existsSync(files.running);
  const hasLog = existsSync(files.log);
  if (!existsSync(files.database)) {
    if (!wasRunning && !hasLog) return undefined;
    return {
      path: files.database,
      what: 'the file is missing, although its write-ahead log or its mark is there',
    };
  }
  const log = hasLog ? examineLog(files.log) : undefined;
  const what = faultOfLog(log, wasRunning);
  if (what !== undefined) return { path: files.log, what };
  const fault = faultOfDatabase(files.database, log);
  return fault === undefined ? undefined : { path: files.database, what: fault };
}

function faultOfLog(log: LogExamination | undefined, wasRunning: boolean): string | undefined {
  if (log?.broken === true) return 'committed transactions stand behind a part that cannot be read';
  if (!wasRunning) return undefined;
  if (log === undefined) return 'the file is missing, and the broker was not stopped in order';
  return log.readable ? undefined : 'its header cannot be read';
}

function faultOfDatabase(path: string, log: LogExamination | undefined): string | undefined {
  const bytes = statSync(path).size;
  const header = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  const pageBytes = pageBytesOf(header);
  if (bytes === 0) return 'the file is empty';
  if (header.toString('latin1', 0, 16) !== MAGIC || pageBytes === undefined)
    return 'its header cannot be read';
  const committed = log !== undefined && log.transactions > 0;
  const pageCount = committed ? log.pageCount : header.readUInt32BE(28);
  const there = Math.floor(bytes / pageBytes);
  let lost = pageCount - there;
  for (const page of log?.pages ?? []) if (page > there && page <= pageCount) lost--;
  return lost <= 0 ? undefined : `the file ends too early: ${lost} of ${pageCount} pages are missing`;
}

/** The size of a page, from the header of a database file; undefined where that makes no sense. */
export function pageBytesOf(header: Buffer): number | undefined {
  const field = header.readUInt16BE(16);
  const bytes = field === 1 ? 65_536 : field;
  return bytes >= 512 && (bytes & (bytes - 1)) === 0 ? bytes : undefined;
}

/**
 * The writer: a thread that plays batches into the database, one transaction each, and says when each
 * is on disk. A batch that cannot be written for want of room, say, is tried again until it can: what
 * depends on it waits, and nothing is lost or confirmed meanwhile. One that cannot be written because
 * the database makes no sense is the end.
 */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { playBatch } from './batch.js';
import { BatchStatements } from './batch-statements.js';
import { prepareDatabase } from './data-directory.js';
import { codeOf, isDamage } from './data-directory-error.js';
import { PageReclaimer } from './page-reclaimer.js';
import { pass } from './writer-fault.js';

/** What the writer answers with. */
export type WriterReply =
  /** `sweptTo`: where the sweep goes on, if there was one and it is not done. */
  { said: 'written'; sweptTo: number | undefined } | { said: 'failed' | 'damaged'; reason: string };

const RETRY_MS = 1000;
/** Pages in the write-ahead log before they are moved into the database. */
const CHECKPOINT_PAGES = 4000;
/** How long after a batch free pages are looked for, and between two steps of giving them back. */
const RECLAIM_AFTER_MS = 100;
const RECLAIM_PAUSE_MS = 5;

/** What passes: no room, a disk that fails for a while, somebody else's lock. */
const PASSING = ['FULL', 'IOERR', 'BUSY', 'LOCKED', 'CANTOPEN', 'READONLY', 'NOMEM', 'PERM'];

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread');

const database = new Database((workerData as { path: string }).path, { fileMustExist: true });
prepareDatabase(database);
database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
database.pragma('cache_size = -16000');
const statements = new BatchStatements(database);
const write = database.transaction((batch: Uint8Array) => {
  playBatch(batch, statements);
  pass('before-commit');
});
const reclaimer = new PageReclaimer(database);
let reclaiming: NodeJS.Timeout | undefined;

function reply(message: WriterReply): void {
  port?.postMessage(message);
}

function isPassing(error: unknown): boolean {
  return !isDamage(error) && PASSING.some((code) => codeOf(error).startsWith(`SQLITE_${code}`));
}

/** Says why a batch is not written; returns whether that may pass. */
function failed(error: unknown): boolean {
  const code = codeOf(error);
  const passes = isPassing(error);
  const reason = error instanceof Error ? error.message : String(error);
  reply({ said: passes ? 'failed' : 'damaged', reason: passes ? reason : `${code}: ${reason}` });
  return passes;
}

function attempt(batch: Uint8Array): void {
  pass('before-write');
  pass('before-write');
  statements.sweptTo = undefined;
  try {
    write.immediate(batch);
  } catch (error) {
    if (failed(error)) setTimeout(attempt, RETRY_MS, batch);
    return;
  }
  pass('after-commit');
  pass('after-commit');
  reply({ said: 'written', sweptTo: statements.sweptTo });
  // The main thread takes far longer to hear of it than the signal does.
  pass('after-reply');
  // Not put off by the batches that come: a broker that is never idle gives back as well.
  reclaiming ??= setTimeout(reclaim, RECLAIM_AFTER_MS);
}

function reclaim(): void {
  reclaiming = undefined;
  try {
    if (reclaimer.step()) reclaiming = setTimeout(reclaim, RECLAIM_PAUSE_MS);
  } catch (error) {
    // What passes shows with the next batch, if it has not passed by then.
    if (!isPassing(error)) failed(error);
  }
}

port.on('message', (message: Uint8Array | 'close') => {
  if (message === 'close') {
    clearTimeout(reclaiming);
    database.close();
    port.close();
  } else {
    attempt(message);
  }
});

/**
 * The writer: a thread that plays batches into the database, one transaction each, and says when each
 * is on disk. A batch that cannot be written (a full disk, say) is tried again until it can: what
 * depends on it waits, and nothing is lost or confirmed meanwhile.
 */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { playBatch } from './batch.js';
import { BatchStatements } from './batch-statements.js';
import { pass } from './writer-fault.js';

/** What the writer answers with. */
export type WriterReply =
  /** `sweptTo`: where the sweep goes on, if there was one and it is not done. */
  { said: 'written'; sweptTo: number | undefined } | { said: 'failed'; reason: string };

const RETRY_MS = 1000;
/** Pages in the write-ahead log before they are moved into the database. */
const CHECKPOINT_PAGES = 4000;

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread');

const database = new Database((workerData as { path: string }).path);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
database.pragma('cache_size = -16000');
const statements = new BatchStatements(database);
const write = database.transaction((batch: Uint8Array) => {
  playBatch(batch, statements);
  pass('before-commit');
});

function reply(message: WriterReply): void {
  port?.postMessage(message);
}

function attempt(batch: Uint8Array): void {
  pass('before-write');
  statements.sweptTo = undefined;
  try {
    write.immediate(batch);
  } catch (error) {
    reply({ said: 'failed', reason: error instanceof Error ? error.message : String(error) });
    setTimeout(attempt, RETRY_MS, batch);
    return;
  }
  pass('after-commit');
  reply({ said: 'written', sweptTo: statements.sweptTo });
  // The main thread takes far longer to hear of it than the signal does.
  pass('after-reply');
}

port.on('message', (message: Uint8Array | 'close') => {
  if (message === 'close') {
    database.close();
    port.close();
  } else {
    attempt(message);
  }
});

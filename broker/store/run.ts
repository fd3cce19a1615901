/**
 * Whether the broker that had a database before this one was stopped or killed. What a killed one had
 * handed out last may not have been written, so that everything in its queues may have been seen before:
 * it is marked as redelivered, as RabbitMQ does. A quorum queue counts, and is left to its counts.
 */
import type { Database } from 'better-sqlite3';
import { readTable, textOf } from '../protocol/field-table.js';
import { WireReader } from '../protocol/wire-reader.js';

/** A broker begins to use the database. */
export function beginRun(database: Database): void {
  database.transaction(() => {
    if (database.prepare('SELECT running FROM run').pluck().get() === 1) markAll(database);
    database.exec('UPDATE run SET running = 1');
  })();
}

/** It has written everything that it was asked to. */
export function endRun(database: Database): void {
  database.exec('UPDATE run SET running = 0');
}

function markAll(database: Database): void {
  const mark = database.prepare(
    'UPDATE queue SET delivered_up_to = max(delivered_up_to, (SELECT coalesce(max(id), 0) FROM message)) WHERE id = ?',
  );
  const queues = database.prepare<[], { id: number; args: string }>(
    'SELECT id, arguments AS args FROM queue',
  );
  for (const { id, args } of queues.all()) if (!isQuorum(args)) mark.run(id);
}

function isQuorum(args: string): boolean {
  const type = readTable(new WireReader(Buffer.from(args, 'base64'))).get('x-queue-type');
  return type !== undefined && textOf(type) === 'quorum';
}

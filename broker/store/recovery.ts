/** Reads back what a broker had on disk: topology, users, and entries without their contents. */
import type { Database } from 'better-sqlite3';
import type { BindingRow, UserRow } from './store.js';

interface ExchangeRow {
  name: string;
  type: string;
  autoDelete: number;
  internal: number;
  args: string;
}

interface QueueRow {
  id: number;
  name: string;
  autoDelete: number;
  args: string;
  deliveredUpTo: number;
}

export interface EntryRow {
  message: number;
  expiresAt: number;
  priority: number;
  bodyBytes: number;
  deliveries: number;
  death: number;
}

export interface Recovered {
  exchanges: ExchangeRow[];
  queues: QueueRow[];
  bindings: BindingRow[];
  users: UserRow[];
  /** Larger than any message's that was. */
  nextMessageId: number;
  nextQueueId: number;
  /** The entries of a queue in order. */
  entries(queue: number): IterableIterator<EntryRow>;
}

/** Reads everything but the entries, which are iterated queue by queue. */
export function recover(database: Database): Recovered {
  removeOrphans(database);
  const entries = database.prepare<[number], EntryRow>(
    `SELECT message, expires_at AS expiresAt, priority, body_bytes AS bodyBytes, deliveries, death
     FROM entry WHERE queue = ? ORDER BY message`,
  );
  const highest = (sql: string): number => (database.prepare(sql).pluck().get() as number | null) ?? 0;
  return {
    exchanges: database
      .prepare<[], ExchangeRow>(
        'SELECT name, type, auto_delete AS autoDelete, internal, arguments AS args FROM exchange',
      )
      .all(),
    queues: database
      .prepare<[], QueueRow>(
        `SELECT id, name, auto_delete AS autoDelete, arguments AS args, delivered_up_to AS deliveredUpTo
         FROM queue ORDER BY id`,
      )
      .all(),
    bindings: database
      .prepare<[], BindingRow>(
        'SELECT source, kind, destination, routing_key AS routingKey, arguments AS args FROM binding',
      )
      .all(),
    users: database.prepare<[], UserRow>('SELECT name, password_hash AS passwordHash, tags FROM user').all(),
    nextMessageId:
      Math.max(highest('SELECT max(id) FROM message'), highest('SELECT max(delivered_up_to) FROM queue')) + 1,
    nextQueueId: highest('SELECT max(id) FROM queue') + 1,
    entries: (queue) => entries.iterate(queue),
  };
}

/** What was unacked in a queue that was deleted, when a crash came before it was settled. */
function removeOrphans(database: Database): void {
  database.transaction(() => {
    const { changes } = database.prepare('DELETE FROM entry WHERE queue NOT IN (SELECT id FROM queue)').run();
    if (changes > 0) database.exec('DELETE FROM message WHERE id NOT IN (SELECT message FROM entry)');
  })();
}

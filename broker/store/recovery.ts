/** Reads back what a broker had on disk: topology, users, and what is in each queue, without contents. */
import type { Database } from 'better-sqlite3';
import { Message, UNREAD_ADDRESS } from './message.js';
import type { StoredEntry } from './page-reader.js';
import type { BindingRow, DefinitionRow, UserRow } from './store.js';
import { ANY_PRIORITY, type Pages, type Sweep, Sweeper } from './sweep.js';

interface ExchangeRow {
  virtualHost: string;
  name: string;
  type: string;
  autoDelete: number;
  internal: number;
  args: string;
}

interface QueueRow {
  id: number;
  virtualHost: string;
  name: string;
  autoDelete: number;
  args: string;
  deliveredUpTo: number;
}

interface EntryRow {
  id: number;
  expiresAt: number;
  priority: number;
  bodyBytes: number;
  deliveries: number;
  death: number;
  shared: number;
}

interface SummaryRow {
  count: number;
  first: number | null;
  last: number | null;
  bytes: number;
  expires: number;
}

/** What a queue had on disk, as counts and bounds or entry by entry; contents stay there. */
export interface StoredQueueState {
  readonly deliveredUpTo: number;
  /** The entries of a lower priority than `below` that are no dead letters, as one. */
  summary(below: number): { pages: Pages; bytes: number; expiresAtLast: number };
  /** The entries of at least this priority, in order, that are no dead letters. */
  entries(from: number): StoredEntry[];
  /** Dead letters that wait to be handed over, in order. */
  dead(): StoredEntry[];
  /** Makes dead letters, for the reason of this number, of entries that were handed out too often. */
  bury(deliveryLimit: number, death: number): void;
}

export interface Recovered {
  exchanges: ExchangeRow[];
  queues: QueueRow[];
  bindings: BindingRow[];
  users: UserRow[];
  definitions: DefinitionRow[];
  /** Larger than any message's that was. */
  nextMessageId: number;
  nextQueueId: number;
  /** Entries of no queue that there is: of deleted queues, or written only to make room. */
  leftovers: Sweep[];
  entriesOf(queue: QueueRow): StoredQueueState;
}

/** Reads everything but the entries, which are asked for queue by queue. */
export function recover(database: Database): Recovered {
  finishPurges(database);
  const highest = (sql: string): number => (database.prepare(sql).pluck().get() as number | null) ?? 0;
  const queues = database
    .prepare<[], QueueRow>(
      `SELECT id, virtual_host AS virtualHost, name, auto_delete AS autoDelete, arguments AS args, delivered_up_to AS deliveredUpTo
       FROM queue ORDER BY id`,
    )
    .all();
  return {
    exchanges: database
      .prepare<[], ExchangeRow>(
        `SELECT virtual_host AS virtualHost, name, type, auto_delete AS autoDelete, internal, arguments AS args
         FROM exchange`,
      )
      .all(),
    queues,
    bindings: database
      .prepare<[], BindingRow>(
        `SELECT virtual_host AS virtualHost, source, kind, destination, routing_key AS routingKey, arguments AS args
         FROM binding ORDER BY id`,
      )
      .all(),
    users: database.prepare<[], UserRow>('SELECT name, password_hash AS passwordHash, tags FROM user').all(),
    definitions: database.prepare<[], DefinitionRow>('SELECT kind, key, value FROM definition').all(),
    nextMessageId:
      Math.max(highest('SELECT max(id) FROM message'), highest('SELECT max(delivered_up_to) FROM queue')) + 1,
    // Larger than any that left entries behind, too: these are swept by its number.
    nextQueueId:
      Math.max(
        highest('SELECT max(id) FROM queue'),
        highest('SELECT max(queue) FROM entry'),
        -highest('SELECT min(queue) FROM entry'),
      ) + 1,
    leftovers: findLeftovers(database, new Set(queues.map(({ id }) => id))),
    entriesOf: entriesOf(database),
  };
}

/** What was purged when the last run ended must not come back. */
function finishPurges(database: Database): void {
  const purges = database.prepare<[], Omit<Sweep, 'dead'>>('SELECT * FROM purge').all();
  if (purges.length === 0) return;
  const sweeper = new Sweeper(database);
  for (const purge of purges) {
    let first: number | undefined = purge.first;
    while (first !== undefined) first = sweeper.step({ ...purge, dead: false, first });
  }
  database.exec('DELETE FROM purge');
}

/** The numbers in the index of entries, each found by one step down the tree, and no queue's. */
function findLeftovers(database: Database, queues: ReadonlySet<number>): Sweep[] {
  const next = database
    .prepare<[number], number | null>('SELECT min(queue) FROM entry WHERE queue > ?')
    .pluck();
  const leftovers: Sweep[] = [];
  const all = { first: 0, last: Number.MAX_SAFE_INTEGER, below: ANY_PRIORITY, dead: true };
  let queue = next.get(Number.MIN_SAFE_INTEGER) ?? undefined;
  while (queue !== undefined) {
    if (!queues.has(queue)) leftovers.push({ queue, ...all });
    queue = next.get(queue) ?? undefined;
  }
  return leftovers;
}

function entriesOf(database: Database): (queue: QueueRow) => StoredQueueState {
  const columns = `message AS id, expires_at AS expiresAt, priority, body_bytes AS bodyBytes, deliveries,
    death, shared`;
  const summary = database.prepare<[number, number], SummaryRow>(
    `SELECT count(*) AS count, min(message) AS first, max(message) AS last, total(body_bytes) AS bytes,
       ifnull(max(expires_at), 0) AS expires
     FROM entry WHERE queue = ? AND priority < ? AND death = 0`,
  );
  const from = database.prepare<[number, number], EntryRow>(
    `SELECT ${columns} FROM entry WHERE queue = ? AND priority >= ? AND death = 0 ORDER BY message`,
  );
  const dead = database.prepare<[number], EntryRow>(
    `SELECT ${columns} FROM entry WHERE queue = ? AND death > 0 ORDER BY message`,
  );
  const bury = database.prepare<[number, number, number, number]>(
    `UPDATE entry SET death = ? WHERE queue = ? AND death = 0
     AND max(deliveries, message <= ?) > ?`,
  );
  return ({ id, deliveredUpTo }) => ({
    deliveredUpTo,
    summary: (below) => {
      const { count, first, last, bytes, expires } = summary.get(id, below) as SummaryRow;
      return { pages: { count, first: first ?? 0, last: last ?? 0 }, bytes, expiresAtLast: expires };
    },
    entries: (priority) => from.all(id, priority).map(unreadEntry),
    dead: () => dead.all(id).map(unreadEntry),
    bury: (deliveryLimit, death) => {
      bury.run(death, id, deliveredUpTo, deliveryLimit);
    },
  });
}

function unreadEntry(row: EntryRow): StoredEntry {
  const { id, priority, bodyBytes, expiresAt, deliveries, death, shared } = row;
  const message = new Message(id, UNREAD_ADDRESS, undefined, 0, 0, bodyBytes);
  message.persistent = true;
  message.priority = priority;
  message.shared = shared !== 0;
  return { message, expiresAt, deliveries, death, spilled: false };
}

/** The broker's tables, as migrations: forwards only, each in one transaction, `user_version` the count. */
import type { Database } from 'better-sqlite3';
import type { DefinitionRow } from './store.js';

/**
 * Format 1. A message is stored once; an entry is its place in one queue. The order in a queue is the
 * order of message ids. `delivered_up_to` is the newest message of a queue that was ever handed out:
 * what is still there up to it is redelivered after a crash.
 */
const FIRST = `
  CREATE TABLE exchange (
    name TEXT PRIMARY KEY, type TEXT NOT NULL, auto_delete INTEGER NOT NULL, internal INTEGER NOT NULL,
    arguments TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, auto_delete INTEGER NOT NULL, arguments TEXT NOT NULL,
    delivered_up_to INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE binding (
    source TEXT NOT NULL, kind TEXT NOT NULL, destination TEXT NOT NULL, routing_key TEXT NOT NULL,
    arguments TEXT NOT NULL, PRIMARY KEY (source, kind, destination, routing_key, arguments)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE user (
    name TEXT PRIMARY KEY, password_hash TEXT NOT NULL, tags TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, address BLOB NOT NULL, header_bytes INTEGER NOT NULL, content BLOB NOT NULL
  ) STRICT;
  CREATE TABLE entry (
    queue INTEGER NOT NULL, message INTEGER NOT NULL, expires_at INTEGER NOT NULL, priority INTEGER NOT NULL,
    body_bytes INTEGER NOT NULL, PRIMARY KEY (queue, message)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Format 2. `deliveries` is how often a quorum queue handed a message out, from the second time on (the
 * first is told by `delivered_up_to`); `death` is the number of the reason of which a message died that
 * its queue keeps until its dead letter has been taken in. The address of a message may be followed by
 * its trail: whether the broker dead-lettered it, and the routing keys of its BCC.
 */
const SECOND = `
  ALTER TABLE entry ADD COLUMN deliveries INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE entry ADD COLUMN death INTEGER NOT NULL DEFAULT 0;
`;

/**
 * Format 3. A message that several queues share counts its entries, so that queues need not know of each
 * other's; `purge` has ranges of entries that are gone but not taken out yet. Negative queue numbers are
 * of entries that were written only to make room: they are taken out at the next start.
 */
const THIRD = `
  ALTER TABLE entry ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE message_copy (message INTEGER PRIMARY KEY, copies INTEGER NOT NULL) STRICT;
  INSERT INTO message_copy SELECT message, count(*) FROM entry GROUP BY message HAVING count(*) > 1;
  UPDATE entry SET shared = 1 WHERE message IN (SELECT message FROM message_copy);
  CREATE INDEX dead_entry ON entry (queue, message) WHERE death > 0;
  CREATE TABLE purge (
    queue INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, below INTEGER NOT NULL
  ) STRICT;
`;

/**
 * Format 4. Bindings in the order they were made, which decides where a consistent-hash exchange places a key.
 */
const FOURTH = `
  ALTER TABLE binding RENAME TO unordered_binding;
  CREATE TABLE binding (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, destination TEXT NOT NULL,
    routing_key TEXT NOT NULL, arguments TEXT NOT NULL,
    UNIQUE (source, kind, destination, routing_key, arguments)
  ) STRICT;
  INSERT INTO binding (source, kind, destination, routing_key, arguments)
    SELECT source, kind, destination, routing_key, arguments FROM unordered_binding;
  DROP TABLE unordered_binding;
`;

/** Format 5. `running` is 1 while a broker has the database, and stays so when it is killed. */
const FIFTH = `
  CREATE TABLE run (id INTEGER PRIMARY KEY CHECK (id = 1), running INTEGER NOT NULL) STRICT;
  INSERT INTO run (id, running) SELECT 1, EXISTS (SELECT 1 FROM entry);
`;

/**
 * Format 6. `checksum` is the CRC-32 of a message's address and content, so that flipped bits are not
 * handed to a consumer; NULL for messages of older formats.
 */
const SIXTH = `
  ALTER TABLE message ADD COLUMN checksum INTEGER;
`;

/** What is defined at first. */
export const FIRST_DEFINITIONS: readonly DefinitionRow[] = [
  { kind: 'vhost', key: '["/"]', value: '{"description":"Default virtual host","tags":[]}' },
];

/**
 * Format 7. Topology by virtual host, and what an operator defines: virtual hosts, permissions, policies,
 * parameters, limits; `key` is a JSON array of names, `value` JSON. Whoever could log in before could do
 * everything, and still can.
 */
const SEVENTH = `
  ALTER TABLE exchange RENAME TO exchange_of_one_host;
  CREATE TABLE exchange (
    virtual_host TEXT NOT NULL DEFAULT '/', name TEXT NOT NULL, type TEXT NOT NULL,
    auto_delete INTEGER NOT NULL, internal INTEGER NOT NULL, arguments TEXT NOT NULL,
    PRIMARY KEY (virtual_host, name)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO exchange (name, type, auto_delete, internal, arguments)
    SELECT name, type, auto_delete, internal, arguments FROM exchange_of_one_host;
  DROP TABLE exchange_of_one_host;
  ALTER TABLE queue RENAME TO queue_of_one_host;
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, auto_delete INTEGER NOT NULL, arguments TEXT NOT NULL,
    delivered_up_to INTEGER NOT NULL DEFAULT 0, virtual_host TEXT NOT NULL DEFAULT '/',
    UNIQUE (virtual_host, name)
  ) STRICT;
  INSERT INTO queue (id, name, auto_delete, arguments, delivered_up_to)
    SELECT id, name, auto_delete, arguments, delivered_up_to FROM queue_of_one_host;
  DROP TABLE queue_of_one_host;
  ALTER TABLE binding RENAME TO binding_of_one_host;
  CREATE TABLE binding (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, destination TEXT NOT NULL,
    routing_key TEXT NOT NULL, arguments TEXT NOT NULL, virtual_host TEXT NOT NULL DEFAULT '/',
    UNIQUE (virtual_host, source, kind, destination, routing_key, arguments)
  ) STRICT;
  INSERT INTO binding (id, source, kind, destination, routing_key, arguments)
    SELECT id, source, kind, destination, routing_key, arguments FROM binding_of_one_host;
  DROP TABLE binding_of_one_host;
  CREATE TABLE definition (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO definition (kind, key, value)
    VALUES ${FIRST_DEFINITIONS.map(({ kind, key, value }) => `('${kind}', '${key}', '${value}')`).join(', ')};
  INSERT INTO definition
    SELECT 'permission', json_array(name, '/'), '{"configure":".*","write":".*","read":".*"}' FROM user;
`;

const MIGRATIONS: readonly string[] = [FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH];

/** The format since which messages have a checksum. */
export const CHECKSUM_FORMAT = 6;
/** The format since which there are virtual hosts. */
export const VIRTUAL_HOSTS_FORMAT = 7;
/** The format since which purges are written down, and messages count their copies. */
export const COPIES_FORMAT = 3;

/** The newest format this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings a database from its format to a later one, the newest unless told otherwise. */
export function migrate(database: Database, from: number, to = SCHEMA_VERSION): void {
  for (let version = from; version < to; version++) {
    database.transaction(() => {
      database.exec(MIGRATIONS[version] as string);
      database.pragma(`user_version = ${version + 1}`);
    })();
  }
}

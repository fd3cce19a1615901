/** A database as the first version of Warren's broker wrote it, with something of everything in it. */
import Database from 'better-sqlite3';

const TABLES = `
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

const NO_ARGUMENTS = Buffer.alloc(4).toString('base64');

/**
 * Makes one with the exchange `old.logs`, bound to the queues `old.all` and `old.errors`, and so many
 * messages `0`, `1`, … in both, of which `old.all` had handed out the first three.
 */
export function makeFirstFormat(path: string, messages: number): void {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.exec(TABLES);
  database.pragma('user_version = 1');
  database.prepare('INSERT INTO exchange VALUES (?, ?, 0, 0, ?)').run('old.logs', 'topic', NO_ARGUMENTS);
  database.prepare('INSERT INTO user VALUES (?, ?, ?)').run('guest', 'none', '');
  for (const [id, name, deliveredUpTo] of [
    [1, 'old.all', 3],
    [2, 'old.errors', 0],
  ] as const) {
    database.prepare('INSERT INTO queue VALUES (?, ?, 0, ?, ?)').run(id, name, NO_ARGUMENTS, deliveredUpTo);
    database
      .prepare('INSERT INTO binding VALUES (?, ?, ?, ?, ?)')
      .run('old.logs', 'queue', name, 'app.#', NO_ARGUMENTS);
  }
  database.transaction(() => {
    for (let index = 0; index < messages; index++) {
      const body = Buffer.from(String(index));
      database
        .prepare('INSERT INTO message VALUES (?, ?, 15, ?)')
        .run(index + 1, Buffer.from('\x08old.logs\x07app.x.y'), contentOf(body));
      for (const queue of [1, 2]) {
        database.prepare('INSERT INTO entry VALUES (?, ?, 0, 0, ?)').run(queue, index + 1, body.length);
      }
    }
  })();
  database.close();
}

/** A content header with the delivery mode alone, the octets left free, and a body. */
function contentOf(body: Buffer): Buffer {
  const header = Buffer.alloc(15);
  header.writeUInt16BE(60, 0);
  header.writeUInt32BE(body.length, 8);
  header.writeUInt16BE(0x1000, 12);
  header[14] = 2;
  return Buffer.concat([header, Buffer.alloc(8), body]);
}

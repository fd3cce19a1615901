/** Every SQL statement that writes, prepared once; used by the writer thread alone. */
import type { Database, Statement } from 'better-sqlite3';
import type { BatchTarget, EntryImage } from './batch.js';
import { checksumOf } from './checksum.js';
import type { BindingRow, Change } from './store.js';
import { Sweeper } from './sweep.js';

export class BatchStatements implements BatchTarget {
  private readonly database: Database;
  private readonly insertMessage: Statement;
  private readonly insertShared: Statement;
  private readonly addCopies: Statement;
  private readonly takeCopies: Statement;
  private readonly forgetCopies: Statement;
  private readonly sweeper: Sweeper;
  /** Where the sweep of the last batch that had one goes on; undefined when it is done. */
  sweptTo: number | undefined;
  private readonly insertEntry: Statement;
  private readonly updateEntry: Statement;
  private readonly deleteEntries: Statement;
  private readonly deleteMessages: Statement;
  private readonly raiseWatermark: Statement;
  private readonly changes = new Map<string, Statement>();

  constructor(database: Database) {
    this.database = database;
    this.insertMessage = database.prepare(
      'INSERT INTO message (id, address, header_bytes, content, checksum) VALUES (?, ?, ?, ?, ?)',
    );
    this.insertShared = database.prepare(
      'INSERT OR IGNORE INTO message (id, address, header_bytes, content, checksum) VALUES (?, ?, ?, ?, ?)',
    );
    this.addCopies = database.prepare(
      `INSERT INTO message_copy (message, copies) VALUES (?, ?)
       ON CONFLICT (message) DO UPDATE SET copies = copies + excluded.copies`,
    );
    this.takeCopies = database
      .prepare('UPDATE message_copy SET copies = copies - ? WHERE message = ? RETURNING copies')
      .pluck();
    this.forgetCopies = database.prepare('DELETE FROM message_copy WHERE message = ?');
    this.sweeper = new Sweeper(database);
    this.insertEntry = database.prepare(
      `INSERT INTO entry (queue, message, expires_at, priority, body_bytes, deliveries, death, shared)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.updateEntry = database.prepare(
      'UPDATE entry SET deliveries = ?, death = ? WHERE queue = ? AND message = ?',
    );
    this.deleteEntries = database.prepare('DELETE FROM entry WHERE queue = ? AND message BETWEEN ? AND ?');
    this.deleteMessages = database.prepare('DELETE FROM message WHERE id BETWEEN ? AND ?');
    // What is handed out again after others is no step back.
    this.raiseWatermark = database.prepare(
      'UPDATE queue SET delivered_up_to = max(delivered_up_to, ?) WHERE id = ?',
    );
  }

  message(id: number, address: Buffer, headerBytes: number, content: Buffer, shared: boolean): void {
    (shared ? this.insertShared : this.insertMessage).run(
      id,
      address,
      headerBytes,
      content,
      checksumOf(address, content),
    );
  }

  share(message: number, count: number): void {
    this.addCopies.run(message, count);
  }

  release(message: number, count: number): void {
    const left = this.takeCopies.get(count, message) as number | undefined;
    if (left === undefined || left > 0) return;
    this.forgetCopies.run(message);
    this.deleteMessages.run(message, message);
  }

  entry(row: EntryImage): void {
    const { queue, message, expiresAt, priority, bodyBytes, deliveries, death, shared } = row;
    this.insertEntry.run(queue, message, expiresAt, priority, bodyBytes, deliveries, death, shared);
  }

  update(queue: number, message: number, deliveries: number, death: number): void {
    this.updateEntry.run(deliveries, death, queue, message);
  }

  settle(queue: number, from: number, to: number): void {
    this.deleteEntries.run(queue, from, to);
  }

  orphan(from: number, to: number): void {
    this.deleteMessages.run(from, to);
  }

  watermark(queue: number, message: number): void {
    this.raiseWatermark.run(message, queue);
  }

  change(change: Change): void {
    switch (change.do) {
      case 'put-exchange':
        this.run(
          `INSERT OR REPLACE INTO exchange (virtual_host, name, type, auto_delete, internal, arguments)
           VALUES (?, ?, ?, ?, ?, ?)`,
          [
            change.virtualHost,
            change.name,
            change.type,
            Number(change.autoDelete),
            Number(change.internal),
            change.args,
          ],
        );
        return;
      case 'drop-exchange':
        this.run('DELETE FROM exchange WHERE virtual_host = ? AND name = ?', [
          change.virtualHost,
          change.name,
        ]);
        return;
      case 'put-queue':
        this.run(
          'INSERT OR REPLACE INTO queue (virtual_host, id, name, auto_delete, arguments) VALUES (?, ?, ?, ?, ?)',
          [change.virtualHost, change.id, change.name, Number(change.autoDelete), change.args],
        );
        return;
      case 'drop-queue':
        // Its entries follow as they are settled; those a crash leaves are taken out at the next start.
        this.run('DELETE FROM queue WHERE id = ?', [change.id]);
        return;
      case 'put-binding':
        this.run(
          `INSERT OR IGNORE INTO binding (virtual_host, source, kind, destination, routing_key, arguments)
           VALUES (?, ?, ?, ?, ?, ?)`,
          bindingKey(change),
        );
        return;
      case 'drop-binding':
        this.run(
          `DELETE FROM binding WHERE virtual_host = ? AND source = ? AND kind = ? AND destination = ?
           AND routing_key = ? AND arguments = ?`,
          bindingKey(change),
        );
        return;
      default:
        this.changeOther(change);
    }
  }

  private changeOther(change: Change): void {
    switch (change.do) {
      case 'sweep':
        this.sweptTo = this.sweeper.step(change);
        return;
      case 'put-purge':
        this.run('INSERT OR IGNORE INTO purge (queue, first, last, below) VALUES (?, ?, ?, ?)', [
          change.queue,
          change.first,
          change.last,
          change.below,
        ]);
        return;
      case 'drop-purge':
        this.run('DELETE FROM purge WHERE queue = ? AND last = ?', [change.queue, change.last]);
        return;
      case 'put-user':
        this.run('INSERT OR REPLACE INTO user (name, password_hash, tags) VALUES (?, ?, ?)', [
          change.name,
          change.passwordHash,
          change.tags,
        ]);
        return;
      case 'drop-user':
        this.run('DELETE FROM user WHERE name = ?', [change.name]);
        return;
      case 'put-definition':
        this.run('INSERT OR REPLACE INTO definition (kind, key, value) VALUES (?, ?, ?)', [
          change.kind,
          change.key,
          change.value,
        ]);
        return;
      case 'drop-definition':
        this.run('DELETE FROM definition WHERE kind = ? AND key = ?', [change.kind, change.key]);
        return;
    }
  }

  private run(sql: string, values: readonly (string | number)[]): void {
    let statement = this.changes.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.changes.set(sql, statement);
    }
    statement.run(...values);
  }
}

function bindingKey(row: BindingRow): string[] {
  return [row.virtualHost, row.source, row.kind, row.destination, row.routingKey, row.args];
}

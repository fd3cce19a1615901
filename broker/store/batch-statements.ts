/** Every SQL statement that writes, prepared once; used by the writer thread alone. */
import type { Database, Statement } from 'better-sqlite3';
import type { BatchTarget, EntryImage } from './batch.js';
import type { Change } from './store.js';

export class BatchStatements implements BatchTarget {
  private readonly database: Database;
  private readonly insertMessage: Statement;
  private readonly insertEntry: Statement;
  private readonly updateEntry: Statement;
  private readonly deleteEntries: Statement;
  private readonly deleteMessages: Statement;
  private readonly raiseWatermark: Statement;
  private readonly changes = new Map<string, Statement>();

  constructor(database: Database) {
    this.database = database;
    this.insertMessage = database.prepare(
      'INSERT INTO message (id, address, header_bytes, content) VALUES (?, ?, ?, ?)',
    );
    this.insertEntry = database.prepare(
      `INSERT INTO entry (queue, message, expires_at, priority, body_bytes, deliveries, death)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.updateEntry = database.prepare(
      'UPDATE entry SET deliveries = ?, death = ? WHERE queue = ? AND message = ?',
    );
    this.deleteEntries = database.prepare('DELETE FROM entry WHERE queue = ? AND message BETWEEN ? AND ?');
    this.deleteMessages = database.prepare('DELETE FROM message WHERE id BETWEEN ? AND ?');
    this.raiseWatermark = database.prepare('UPDATE queue SET delivered_up_to = ? WHERE id = ?');
  }

  message(id: number, address: Buffer, headerBytes: number, content: Buffer): void {
    this.insertMessage.run(id, address, headerBytes, content);
  }

  entry(row: EntryImage): void {
    const { queue, message, expiresAt, priority, bodyBytes, deliveries, death } = row;
    this.insertEntry.run(queue, message, expiresAt, priority, bodyBytes, deliveries, death);
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
          'INSERT OR REPLACE INTO exchange (name, type, auto_delete, internal, arguments) VALUES (?, ?, ?, ?, ?)',
          [change.name, change.type, Number(change.autoDelete), Number(change.internal), change.args],
        );
        return;
      case 'drop-exchange':
        this.run('DELETE FROM exchange WHERE name = ?', [change.name]);
        return;
      case 'put-queue':
        this.run('INSERT OR REPLACE INTO queue (id, name, auto_delete, arguments) VALUES (?, ?, ?, ?)', [
          change.id,
          change.name,
          Number(change.autoDelete),
          change.args,
        ]);
        return;
      case 'drop-queue':
        // Its entries follow as they are settled; those a crash leaves are taken out at the next start.
        this.run('DELETE FROM queue WHERE id = ?', [change.id]);
        return;
      case 'put-binding':
        this.run(
          'INSERT OR IGNORE INTO binding (source, kind, destination, routing_key, arguments) VALUES (?, ?, ?, ?, ?)',
          [change.source, change.kind, change.destination, change.routingKey, change.args],
        );
        return;
      case 'drop-binding':
        this.run(
          'DELETE FROM binding WHERE source = ? AND kind = ? AND destination = ? AND routing_key = ? AND arguments = ?',
          [change.source, change.kind, change.destination, change.routingKey, change.args],
        );
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

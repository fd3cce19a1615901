/**
 * Reads everything that can be read of a damaged database into a new one, row by row. A range of rows
 * that cannot be read is halved until what is bad in it has been passed by. Messages are looked for on
 * the pages themselves where no tree leads to them any more.
 *
 * A message whose place is lost goes to a queue of its own; a place whose message is lost is counted.
 */
import type { Database, Statement } from 'better-sqlite3';
import { looseBinding, queueLabel } from './database-check.js';
import { scanMessages } from './leaf-page-scan.js';
import { walk } from './range-walk.js';
import { isUnreadable, type SalvageSource } from './salvage-source.js';
import { faultOfMessage, type StoredMessage } from './stored-message.js';
import { EMPTY_ARGUMENTS, type Row, TableCopy, write } from './table-copy.js';

/** The queue for messages of which nobody knows where they were. */
const SALVAGED_QUEUE = 'warren.salvaged';
/** Reads that may fail before the rest is given up; messages are then looked for page by page. */
const ENTRY_FAILURES_MAX = 100_000;
const MESSAGE_FAILURES_MAX = 10_000;

/** What of a queue was saved and lost. */
interface SalvagedQueue {
  queue: string;
  saved: number;
  lost: number;
}

export interface SalvageReport {
  queues: SalvagedQueue[];
  /** Messages that were saved, each once. */
  messages: number;
  /** What was lost or put right besides. */
  remarks: string[];
}

/** Fills a new database from a damaged one. */
export function salvage(source: SalvageSource, target: Database): SalvageReport {
  const report: SalvageReport = { queues: [], messages: 0, remarks: [...source.remarks] };
  const work = new Salvage(source, target, report);
  target.transaction(() => work.run())();
  return report;
}

class Salvage {
  private readonly source: SalvageSource;
  private readonly target: Database;
  private readonly report: SalvageReport;
  private readonly insertMessage: Statement;
  private readonly tables: TableCopy;

  constructor(source: SalvageSource, target: Database, report: SalvageReport) {
    this.source = source;
    this.target = target;
    this.report = report;
    this.tables = new TableCopy(source, target, report.remarks);
    this.insertMessage = target.prepare(
      'INSERT OR IGNORE INTO message (id, address, header_bytes, content, checksum) VALUES (?, ?, ?, ?, ?)',
    );
  }

  run(): void {
    this.tables.copyAll();
    this.copyEntries();
    this.dropPurged();
    this.nameLostQueues();
    this.copyMessages();
    this.findMessages();
    this.placeMessages();
    this.countAndDrop();
  }

  private copyEntries(): void {
    const columns = this.tables.columns('entry');
    const insert = this.tables.inserter('entry', columns);
    const read = this.source.database.prepare<[number, number, number], Row>(
      `SELECT ${columns.join(', ')} FROM entry WHERE queue = ? AND message BETWEEN ? AND ? ORDER BY message`,
    );
    const to = this.lastId();
    const ranges = this.queueIds().map((queue) => ({ queue, from: 0, to }));
    walk(ranges, ENTRY_FAILURES_MAX, (range, passed) => {
      for (const row of read.iterate(range.queue, range.from, range.to)) {
        this.tables.put('entry', insert, row);
        passed(row['message'] as number);
      }
    });
  }

  /** Of the queues that are known, and of those that only their entries tell of. */
  private queueIds(): number[] {
    const known = this.target.prepare<[], number>('SELECT id FROM queue').pluck().all();
    const highest = Math.max(0, ...known);
    const ids = new Set(known);
    const next = this.source.database
      .prepare<[number], number>('SELECT queue FROM entry WHERE queue > ? ORDER BY queue LIMIT 1')
      .pluck();
    for (let at = Number.MIN_SAFE_INTEGER; ; ) {
      try {
        const id = next.get(at);
        if (id === undefined) break;
        ids.add(id);
        at = id;
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        at = Math.max(at + 1, -highest);
        if (at > highest) break;
      }
    }
    return [...ids];
  }

  private lastId(): number {
    const highest = (database: Database, sql: string): number => {
      try {
        return (database.prepare(sql).pluck().get() as number | null) ?? 0;
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        return 0;
      }
    };
    const { database } = this.source;
    const known = Math.max(
      highest(database, 'SELECT max(id) FROM message'),
      highest(this.target, 'SELECT max(message) FROM entry'),
      highest(this.target, 'SELECT max(delivered_up_to) FROM queue'),
    );
    // Beyond what is known for sure there may be more where the end of the table cannot be read.
    return Math.max(2 * known, 1_000_000);
  }

  private dropPurged(): void {
    this.target.exec(`
      DELETE FROM entry WHERE EXISTS (SELECT 1 FROM purge WHERE purge.queue = entry.queue
        AND entry.message BETWEEN first AND last AND priority < below AND death = 0);
      DELETE FROM purge;
    `);
  }

  /** Where the queues could be read, entries of others are those of deleted ones. */
  private nameLostQueues(): void {
    if (!this.tables.broken.has('queue')) return;
    const lost = this.target
      .prepare<[], number>(
        'SELECT DISTINCT queue FROM entry WHERE queue > 0 AND queue NOT IN (SELECT id FROM queue)',
      )
      .pluck()
      .all();
    for (const id of lost) this.addQueue(id, `${SALVAGED_QUEUE}.${id}`);
  }

  private addQueue(id: number, name: string): void {
    this.target
      .prepare('INSERT INTO queue (id, name, auto_delete, arguments) VALUES (?, ?, 0, ?)')
      .run(id, name, EMPTY_ARGUMENTS);
    this.report.remarks.push(`the queue ${name} holds messages of which it is not known where they were`);
  }

  private copyMessages(): void {
    const columns = this.tables.columns('message');
    const read = this.source.database.prepare<[number, number], StoredMessage>(
      `SELECT id, address, header_bytes AS headerBytes, content, ${columns.includes('checksum') ? 'checksum' : 'NULL AS checksum'}
       FROM message WHERE id BETWEEN ? AND ? ORDER BY id`,
    );
    walk([{ from: 0, to: this.lastId() }], MESSAGE_FAILURES_MAX, ({ from, to }, passed) => {
      for (const row of read.iterate(from, to)) {
        this.keep(row);
        passed(row.id);
      }
    });
  }

  private keep(row: StoredMessage): void {
    if (faultOfMessage(row) !== undefined) return;
    const { id, address, headerBytes, content, checksum } = row;
    write(() => this.insertMessage.run(id, address, headerBytes, content, checksum));
  }

  private findMessages(): void {
    const missing = new Set(
      this.target
        .prepare<[], number>(
          'SELECT DISTINCT message FROM entry WHERE message NOT IN (SELECT id FROM message)',
        )
        .pluck()
        .all(),
    );
    if (missing.size === 0) return;
    const { path, pageBytes } = this.source;
    for (const row of scanMessages(path, pageBytes, (id) => missing.has(id))) this.keep(row);
  }

  private placeMessages(): void {
    const lost = 'FROM message WHERE id NOT IN (SELECT message FROM entry)';
    const count = this.target.prepare(`SELECT count(*) ${lost}`).pluck().get() as number;
    if (count === 0) return;
    const highest = this.target.prepare('SELECT max(id) FROM queue').pluck().get() as number | null;
    const id = (highest ?? 0) + 1;
    this.addQueue(id, SALVAGED_QUEUE);
    this.target
      .prepare(
        `INSERT INTO entry (queue, message, expires_at, priority, body_bytes)
         SELECT ?, id, 0, 0, max(0, length(content) - header_bytes - 8) ${lost}`,
      )
      .run(id);
  }

  private countAndDrop(): void {
    const { target, report } = this;
    report.queues = target
      .prepare<[], SalvagedQueue>(
        `SELECT ${queueLabel(true)} AS queue, count(message.id) AS saved, count(entry.message) - count(message.id) AS lost
         FROM queue LEFT JOIN entry ON entry.queue = queue.id LEFT JOIN message ON message.id = entry.message
         GROUP BY queue.id ORDER BY queue.name`,
      )
      .all();
    target.exec(`
      DELETE FROM entry WHERE message NOT IN (SELECT id FROM message) OR queue NOT IN (SELECT id FROM queue);
      DELETE FROM message WHERE id NOT IN (SELECT message FROM entry);
      UPDATE entry SET body_bytes =
        (SELECT max(0, length(content) - header_bytes - 8) FROM message WHERE id = entry.message);
      INSERT INTO message_copy SELECT message, count(*) FROM entry GROUP BY message HAVING count(*) > 1;
      UPDATE entry SET shared = message IN (SELECT message FROM message_copy);
      -- As after a kill: nobody knows what was handed out.
      UPDATE run SET running = 1;
    `);
    this.dropLooseBindings();
    report.messages = target.prepare('SELECT count(*) FROM message').pluck().get() as number;
  }

  private dropLooseBindings(): void {
    const { changes } = this.target.prepare(`DELETE FROM binding WHERE ${looseBinding(true)}`).run();
    if (changes > 0) this.report.remarks.push(`${changes} bindings were dropped with an exchange or a queue`);
  }
}

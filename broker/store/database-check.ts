/**
 * Checks a database that no broker uses, without changing it: SQLite's own check of its structure, then
 * what the broker relies on beyond that.
 */
import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { readTable } from '../protocol/field-table.js';
import { WireReader } from '../protocol/wire-reader.js';
import { codeOf, DataDirectoryError, isDamage } from './data-directory-error.js';
import type { DatabaseFiles } from './database-files.js';
import { faultOf } from './file-examination.js';
import { CHECKSUM_FORMAT, COPIES_FORMAT, SCHEMA_VERSION, VIRTUAL_HOSTS_FORMAT } from './schema.js';
import { faultOfMessage, type StoredMessage } from './stored-message.js';

/** What a queue holds. */
interface QueueReport {
  queue: string;
  messages: number;
  bytes: number;
}

export interface CheckReport {
  /** The file that was looked at. */
  path: string;
  /** Its format; 0 where it cannot be told. */
  format: number;
  queues: QueueReport[];
  /** Messages that are stored, each once however many queues it is in, and their bodies in bytes. */
  messages: number;
  bytes: number;
  problems: string[];
  /** What the next start clears away. */
  notes: string[];
}

/** Whether an entry is purged, and only not taken out yet. */
const PURGED = `SELECT 1 FROM purge WHERE purge.queue = entry.queue AND message BETWEEN first AND last
  AND priority < below AND death = 0`;
/** How many messages are shared by another number of entries than is written down. */
const MISCOUNTED = `SELECT count(*) FROM
  (SELECT message, count(*) AS entries, min(shared) AS shared FROM entry GROUP BY message) AS placed
  LEFT JOIN message_copy ON message_copy.message = placed.message
  WHERE coalesce(copies, 1) <> entries OR (entries > 1 AND shared = 0)`;
/** Problems of one kind that are told one by one. */
const EXAMPLES_MAX = 10;
const PROBLEMS_OF_SQLITE_MAX = 50;

/** @throws DataDirectoryError when there is no database, or a newer one */
export function checkDatabase(files: DatabaseFiles): CheckReport {
  const report: CheckReport = {
    path: files.database,
    format: 0,
    queues: [],
    messages: 0,
    bytes: 0,
    problems: [],
    notes: [],
  };
  const fault = faultOf(files);
  if (fault !== undefined) report.problems.push(`${fault.path}: ${fault.what}`);
  if (!existsSync(files.database)) {
    if (fault !== undefined) return report;
    throw new DataDirectoryError('ERR_WARREN_DATA_DIRECTORY', `there is no database in ${files.directory}`);
  }
  const before = [files.log, files.index].filter((path) => existsSync(path));
  const database = new Database(files.database, { readonly: true, fileMustExist: true });
  try {
    new Check(database, report).run();
  } finally {
    database.close();
    // What SQLite needs to read, and leaves behind empty.
    for (const path of [files.log, files.index]) if (!before.includes(path)) rmSync(path, { force: true });
  }
  return report;
}

class Check {
  private readonly database: Database.Database;
  private readonly report: CheckReport;

  constructor(database: Database.Database, report: CheckReport) {
    this.database = database;
    this.report = report;
  }

  run(): void {
    this.look('the header', () => {
      this.report.format = this.database.pragma('user_version', { simple: true }) as number;
    });
    const { format, path } = this.report;
    if (format > SCHEMA_VERSION) {
      throw new DataDirectoryError(
        'ERR_WARREN_DATABASE_NEWER',
        `${path} was written by a newer version of Warren (format ${format}, this one knows ${SCHEMA_VERSION}); use that version`,
      );
    }
    this.look('the structure', () => this.checkStructure());
    this.look('the queues', () => this.countQueues());
    this.look('the arguments', () => this.checkArguments());
    this.look('the bindings', () => this.checkBindings());
    this.look('the entries', () => this.checkEntries());
    this.look('the messages', () => this.checkMessages());
  }

  private look(what: string, check: () => void): void {
    try {
      check();
    } catch (error) {
      const known = isDamage(error) || codeOf(error).startsWith('SQLITE_');
      if (!known) throw error;
      this.report.problems.push(`${what} cannot be read (${codeOf(error)}: ${(error as Error).message})`);
    }
  }

  private checkStructure(): void {
    const rows = this.database.prepare(`PRAGMA integrity_check(${PROBLEMS_OF_SQLITE_MAX})`).pluck().iterate();
    for (const row of rows as Iterable<string>) {
      if (row !== 'ok') this.report.problems.push(...row.split('\n').filter((line) => line !== ''));
    }
  }

  private countQueues(): void {
    const purged = this.report.format < COPIES_FORMAT ? '' : `AND NOT EXISTS (${PURGED})`;
    this.report.queues = this.database
      .prepare<[], QueueReport>(
        `SELECT ${queueLabel(this.report.format >= VIRTUAL_HOSTS_FORMAT)} AS queue, count(entry.message) AS messages, coalesce(sum(entry.body_bytes), 0) AS bytes
         FROM queue LEFT JOIN entry ON entry.queue = queue.id ${purged} GROUP BY queue.id ORDER BY queue.name`,
      )
      .all();
  }

  private checkArguments(): void {
    for (const table of ['exchange', 'queue', 'binding']) {
      const name = table === 'binding' ? `source || ' to ' || destination` : 'name';
      const rows = this.database.prepare<[], { name: string; args: string }>(
        `SELECT ${name} AS name, arguments AS args FROM ${table}`,
      );
      for (const { name: of, args } of rows.iterate()) {
        if (!decodes(args)) this.report.problems.push(`the arguments of ${table} '${of}' cannot be read`);
      }
    }
  }

  private checkBindings(): void {
    const rows = this.database.prepare<[], { source: string; kind: string; destination: string }>(
      `SELECT source, kind, destination FROM binding
       WHERE ${looseBinding(this.report.format >= VIRTUAL_HOSTS_FORMAT)} OR kind NOT IN ('queue', 'exchange')`,
    );
    for (const { source, kind, destination } of rows.iterate()) {
      this.report.problems.push(
        `a binding from exchange '${source}' to ${kind} '${destination}' lacks one of the two`,
      );
    }
  }

  private checkEntries(): void {
    const leftovers = this.count('SELECT count(*) FROM entry WHERE queue NOT IN (SELECT id FROM queue)');
    if (leftovers > 0) {
      this.report.notes.push(
        `${leftovers} entries are left over from queues that are gone; the next start takes them out`,
      );
    }
    if (this.report.format >= COPIES_FORMAT)
      this.problem(this.count(MISCOUNTED), 'messages are in more or fewer queues than they count');
    this.problem(
      this.count('SELECT count(*) FROM entry WHERE message NOT IN (SELECT id FROM message)'),
      'entries lack their message',
    );
    this.problem(
      this.count('SELECT count(*) FROM message WHERE id NOT IN (SELECT message FROM entry)'),
      'messages are in no queue',
    );
    this.problem(
      this.count(
        `SELECT count(*) FROM entry JOIN message ON message.id = entry.message
         WHERE entry.body_bytes <> max(0, length(content) - header_bytes - 8)`,
      ),
      'entries differ from their message in the size of the body',
    );
  }

  private checkMessages(): void {
    const checksum = this.report.format >= CHECKSUM_FORMAT ? 'checksum' : 'NULL AS checksum';
    const rows = this.database.prepare<[], StoredMessage>(
      `SELECT id, address, header_bytes AS headerBytes, content, ${checksum} FROM message`,
    );
    let wrong = 0;
    for (const row of rows.iterate()) {
      this.report.messages++;
      this.report.bytes += Math.max(0, row.content.length - row.headerBytes - 8);
      const fault = faultOfMessage(row);
      if (fault === undefined) continue;
      wrong++;
      if (wrong <= EXAMPLES_MAX) this.report.problems.push(`message ${row.id} ${fault}`);
    }
    this.problem(wrong - EXAMPLES_MAX, 'more messages are wrong');
  }

  private problem(count: number, what: string): void {
    if (count > 0) this.report.problems.push(`${count} ${what}`);
  }

  private count(sql: string): number {
    return this.database.prepare(sql).pluck().get() as number;
  }
}

/** The condition, in SQL, of a binding that lacks one of its ends; the broker's own exchanges are not stored. */
export function looseBinding(hasVirtualHosts: boolean): string {
  const there = (table: string, name: string): string => {
    const host = hasVirtualHosts ? `${table}.virtual_host = binding.virtual_host AND ` : '';
    return `EXISTS (SELECT 1 FROM ${table} WHERE ${host}${table}.name = binding.${name})`;
  };
  return `(source <> '' AND source NOT LIKE 'amq.%' AND NOT ${there('exchange', 'source')}
    OR kind = 'queue' AND NOT ${there('queue', 'destination')}
    OR kind = 'exchange' AND destination NOT LIKE 'amq.%' AND NOT ${there('exchange', 'destination')})`;
}

/** How reports name a queue, in SQL. */
export function queueLabel(hasVirtualHosts: boolean): string {
  if (!hasVirtualHosts) return 'queue.name';
  return "queue.name || iif(queue.virtual_host = '/', '', ' in vhost ' || queue.virtual_host)";
}

/** Whether arguments in base64 can be read. */
export function decodes(args: string): boolean {
  try {
    readTable(new WireReader(Buffer.from(args, 'base64')));
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads entries back with their contents, many in one go: the pages of long queues. Entries that were
 * written only to make room stand under another number than those that have to survive a restart, so a
 * page is merged from the two.
 */
import type { Database, Statement } from 'better-sqlite3';
import { FRAME_OVERHEAD_BYTES } from '../protocol/constants.js';
import type { AddressBook } from './address-book.js';
import { Message, spillNumber } from './message.js';
import { requireWhole } from './stored-message.js';

const PAGE_ROWS = 256;
const PAGE_BYTES = 1024 * 1024;
/** Ids are small: so many are read in a millisecond. */
const ID_ROWS = 2000;

/** An entry as it was read; its queue makes it one of its own. */
export interface StoredEntry {
  readonly message: Message;
  readonly expiresAt: number;
  readonly deliveries: number;
  readonly death: number;
  readonly spilled: boolean;
}

interface PageRow {
  id: number;
  expiresAt: number;
  priority: number;
  deliveries: number;
  death: number;
  shared: number;
  address: Buffer;
  headerBytes: number;
  content: Buffer;
  checksum: number | null;
}

export class PageReader {
  private readonly select: Statement<[number, number, number, number], PageRow>;
  private readonly selectIds: Statement<[number, number, number, number], number>;
  private readonly addresses: AddressBook;

  constructor(database: Database, addresses: AddressBook) {
    this.addresses = addresses;
    // The left join keeps SQLite to the order of the entries, and shows a message that is missing.
    this.select = database.prepare<[number, number, number, number], PageRow>(
      `SELECT entry.message AS id, expires_at AS expiresAt, entry.priority, deliveries, death, shared,
         address, header_bytes AS headerBytes, content, checksum
       FROM entry LEFT JOIN message ON message.id = entry.message
       WHERE entry.queue = ? AND entry.message BETWEEN ? AND ? AND entry.priority < ? AND death = 0
       ORDER BY entry.message LIMIT ${PAGE_ROWS}`,
    );
    this.selectIds = database
      .prepare<[number, number, number, number], number>(
        `SELECT message FROM entry
         WHERE queue = ? AND message BETWEEN ? AND ? AND priority < ? AND death = 0
         ORDER BY message LIMIT ${ID_ROWS}`,
      )
      .pluck();
  }

  /** The entries of a queue from the first to the last message, of a lower priority than `below`. */
  read(queue: number, first: number, last: number, below: number): StoredEntry[] {
    const kept = this.rows(queue, first, last, below);
    const spilled = this.rows(spillNumber(queue), first, kept.upTo, below);
    const entries = [
      ...kept.rows.map((row) => this.entry(row, false)),
      ...spilled.rows.map((row) => this.entry(row, true)),
    ];
    if (kept.rows.length > 0 && spilled.rows.length > 0) {
      entries.sort((left, right) => left.message.id - right.message.id);
    }
    return entries.filter(({ message }) => message.id <= spilled.upTo);
  }

  /** Only which messages they are of, the first thousands of them. */
  ids(queue: number, first: number, last: number, below: number): number[] {
    const kept = this.selectIds.all(queue, first, last, below);
    const spilled = this.selectIds.all(spillNumber(queue), first, last, below);
    if (spilled.length === 0) return kept;
    // Beyond the end of a part that is not complete the other's are not the next.
    return [...kept, ...spilled].sort((left, right) => left - right).slice(0, ID_ROWS);
  }

  /** Some rows, and up to which message they are complete. */
  private rows(queue: number, first: number, last: number, below: number): { rows: PageRow[]; upTo: number } {
    const rows: PageRow[] = [];
    let bytes = 0;
    for (const row of this.select.iterate(queue, first, last, below)) {
      requireWhole(row);
      rows.push(row);
      bytes += row.content.length;
      if (rows.length === PAGE_ROWS || bytes >= PAGE_BYTES) return { rows, upTo: row.id };
    }
    return { rows, upTo: last };
  }

  private entry(row: PageRow, spilled: boolean): StoredEntry {
    const { id, headerBytes, content, expiresAt, deliveries, death } = row;
    const bodyBytes = Math.max(0, content.length - headerBytes - FRAME_OVERHEAD_BYTES);
    const address = this.addresses.find(row.address);
    const message = new Message(id, address, content, 0, headerBytes, bodyBytes);
    message.persistent = !spilled;
    message.priority = row.priority;
    message.shared = row.shared !== 0;
    message.pinned = spilled;
    return { message, expiresAt, deliveries, death, spilled };
  }
}

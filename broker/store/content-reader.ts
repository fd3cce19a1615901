/**
 * Reads contents back from disk, many at a time and by queue: a queue asks for one after the other in
 * the order of messages, so that what comes next is mostly in memory already, whatever other queues
 * ask for meanwhile.
 */
import type { Database, Statement } from 'better-sqlite3';
import { FRAME_OVERHEAD_BYTES } from '../protocol/constants.js';
import type { AddressBook } from './address-book.js';
import { type Message, type StoredQueue, UNREAD_ADDRESS } from './message.js';
import { requireWhole, type StoredMessage } from './stored-message.js';

const READ_AHEAD_BYTES = 1024 * 1024;
const READ_AHEAD_ROWS = 256;
/** Contents read ahead and not asked for yet, those of all queues; beyond this the oldest go. */
const AHEAD_BYTES_MAX = 16 * 1024 * 1024;

export class ContentReader {
  private readonly selectOfQueue: Statement<[number, number], StoredMessage>;
  private readonly selectOne: Statement<[number], StoredMessage>;
  private readonly ahead = new Map<number, StoredMessage>();
  private aheadBytes = 0;
  private readonly addresses: AddressBook;

  constructor(database: Database, addresses: AddressBook) {
    this.addresses = addresses;
    const columns = 'id, address, header_bytes AS headerBytes, content, checksum';
    // The cross join keeps SQLite to the order of the entries.
    this.selectOfQueue = database.prepare<[number, number], StoredMessage>(
      `SELECT ${columns} FROM entry CROSS JOIN message ON message.id = entry.message
       WHERE entry.queue = ? AND entry.message >= ? ORDER BY entry.message LIMIT ${READ_AHEAD_ROWS}`,
    );
    this.selectOne = database.prepare<[number], StoredMessage>(`SELECT ${columns} FROM message WHERE id = ?`);
  }

  /** Brings the content of a message that is on disk into memory, for the queue that asks for it. */
  load(message: Message, queue: StoredQueue): void {
    if (!this.ahead.has(message.id)) this.readAhead(queue.id, message.id);
    // An entry may be settled on disk already while its message is still wanted, for a dead letter.
    const row = this.take(message.id) ?? this.selectOne.get(message.id);
    if (row === undefined) throw new Error(`message ${message.id} is missing from the database`);
    requireWhole(row);
    message.buffer = row.content;
    message.offset = 0;
    message.headerBytes = row.headerBytes;
    message.bodyBytes = Math.max(0, row.content.length - row.headerBytes - FRAME_OVERHEAD_BYTES);
    if (message.address === UNREAD_ADDRESS) message.address = this.addresses.find(row.address);
  }

  private readAhead(queue: number, from: number): void {
    let bytes = 0;
    for (const row of this.selectOfQueue.iterate(queue, from)) {
      bytes += row.content.length;
      if (!this.ahead.has(row.id)) {
        this.ahead.set(row.id, row);
        this.aheadBytes += row.content.length;
      }
      if (bytes >= READ_AHEAD_BYTES) break;
    }
    for (const oldest of this.ahead.keys()) {
      if (this.aheadBytes <= AHEAD_BYTES_MAX || oldest === from) break;
      this.take(oldest);
    }
  }

  private take(id: number): StoredMessage | undefined {
    const row = this.ahead.get(id);
    if (row === undefined) return undefined;
    this.ahead.delete(id);
    this.aheadBytes -= row.content.length;
    return row;
  }
}

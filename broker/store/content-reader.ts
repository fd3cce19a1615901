/**
 * Reads contents back from disk, many at a time: queues ask for one after the other in the order of
 * messages, so that what comes next is mostly in memory already.
 */
import type { Database, Statement } from 'better-sqlite3';
import { FRAME_OVERHEAD_BYTES } from '../protocol/constants.js';
import { WireReader } from '../protocol/wire-reader.js';
import { type Address, type Message, UNREAD_ADDRESS } from './message.js';

const READ_AHEAD_BYTES = 1024 * 1024;
const READ_AHEAD_ROWS = 256;
/** Addresses remembered, since most messages share a few. */
const ADDRESSES_MAX = 10_000;

interface ContentRow {
  id: number;
  address: Buffer;
  headerBytes: number;
  content: Buffer;
}

export class ContentReader {
  private readonly select: Statement<[number], ContentRow>;
  private readonly ahead = new Map<number, ContentRow>();
  private readonly addresses = new Map<string, Address>();

  constructor(database: Database) {
    this.select = database.prepare<[number], ContentRow>(
      `SELECT id, address, header_bytes AS headerBytes, content FROM message
       WHERE id >= ? ORDER BY id LIMIT ${READ_AHEAD_ROWS}`,
    );
  }

  /** Brings the content of a message that is on disk into memory. */
  load(message: Message): void {
    let row = this.ahead.get(message.id);
    if (row === undefined) {
      this.readAhead(message.id);
      row = this.ahead.get(message.id);
    }
    if (row === undefined) throw new Error(`message ${message.id} is missing from the database`);
    this.ahead.delete(message.id);
    message.buffer = row.content;
    message.offset = 0;
    message.headerBytes = row.headerBytes;
    message.bodyBytes = Math.max(0, row.content.length - row.headerBytes - FRAME_OVERHEAD_BYTES);
    if (message.address === UNREAD_ADDRESS) message.address = this.intern(row.address);
  }

  private readAhead(from: number): void {
    this.ahead.clear();
    let bytes = 0;
    for (const row of this.select.iterate(from)) {
      this.ahead.set(row.id, row);
      bytes += row.content.length;
      if (bytes >= READ_AHEAD_BYTES) break;
    }
  }

  private intern(encoded: Buffer): Address {
    const key = encoded.toString('latin1');
    let address = this.addresses.get(key);
    if (address === undefined) {
      const reader = new WireReader(encoded);
      address = { exchange: reader.shortString(), routingKey: reader.shortString(), encoded };
      if (this.addresses.size >= ADDRESSES_MAX) this.addresses.clear();
      this.addresses.set(key, address);
    }
    return address;
  }
}

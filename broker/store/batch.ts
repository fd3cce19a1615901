/**
 * One batch of writes as one block of bytes, so that it crosses to the writer thread by transfer, at
 * no cost a message. Sections, in this order: changes (JSON), messages, entries, updated entries, settled
 * entries, messages without entries, watermarks. Numbers are little-endian doubles and 32-bit integers.
 */
import { WireWriter } from '../protocol/wire-writer.js';
import type { Entry, Message } from './message.js';
import type { Change } from './store.js';
import { encodeTrail } from './trail.js';

/** Where the sections' counts stand at the start of a batch. */
const SECTIONS = 7;
const PREFIX_BYTES = SECTIONS * 4;

class Section extends WireWriter {
  count = 0;

  double64(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  /** Writes another number over the last one. */
  replaceLast(value: number): void {
    this.buffer.writeDoubleLE(value, this.length - 8);
  }

  integer(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeUInt32LE(value, this.length);
  }
}

/** Collects one batch. */
export class BatchEncoder {
  private readonly changes: Change[] = [];
  private readonly messages = new Section(64 * 1024);
  private readonly entries = new Section();
  private readonly updates = new Section();
  private readonly settled = new Section();
  private readonly orphans = new Section();
  private readonly watermarks = new Section();
  // Settled in order, messages make ranges: one statement deletes a whole one.
  private settledQueue = -1;
  private settledTo = -1;
  private orphanTo = -1;

  /** How much content is in it. */
  get contentBytes(): number {
    return this.messages.length;
  }

  change(change: Change): void {
    this.changes.push(change);
  }

  message(message: Message): void {
    const { messages } = this;
    const { encoded, trail } = message.address;
    const address = trail === undefined ? encoded : encodeTrail(encoded, trail);
    const image = message.bodyBytes === 0 ? message.headerBytes : message.headerBytes + 8 + message.bodyBytes;
    messages.count++;
    messages.double64(message.id);
    messages.integer(message.headerBytes);
    messages.integer(address.length);
    messages.integer(image);
    messages.bytes(address, 0, address.length);
    if (message.buffer === undefined) throw new Error('a message to be written is not in memory');
    messages.bytes(message.buffer, message.offset, message.offset + image);
  }

  entry(entry: Entry): void {
    const { entries } = this;
    entries.count++;
    entries.double64(entry.queue.id);
    entries.double64(entry.message.id);
    entries.double64(entry.expiresAt);
    entries.integer(entry.message.priority);
    entries.integer(entry.message.bodyBytes);
    entries.integer(entry.deliveries);
    entries.integer(entry.death);
  }

  update(entry: Entry): void {
    const { updates } = this;
    updates.count++;
    updates.double64(entry.queue.id);
    updates.double64(entry.message.id);
    updates.integer(entry.deliveries);
    updates.integer(entry.death);
  }

  settle(entry: Entry): void {
    const { id: queue } = entry.queue;
    const { id } = entry.message;
    if (queue === this.settledQueue && id === this.settledTo + 1) {
      this.settled.replaceLast(id);
    } else {
      this.settled.count++;
      this.settled.double64(queue);
      this.settled.double64(id);
      this.settled.double64(id);
    }
    this.settledQueue = queue;
    this.settledTo = id;
  }

  orphan(message: Message): void {
    const { id } = message;
    if (id === this.orphanTo + 1) {
      this.orphans.replaceLast(id);
    } else {
      this.orphans.count++;
      this.orphans.double64(id);
      this.orphans.double64(id);
    }
    this.orphanTo = id;
  }

  watermark(queueId: number, messageId: number): void {
    this.watermarks.count++;
    this.watermarks.double64(queueId);
    this.watermarks.double64(messageId);
  }

  /** The batch in a block of its own, ready for transfer. */
  finish(): Uint8Array<ArrayBuffer> {
    const changes = Buffer.from(JSON.stringify(this.changes));
    const parts = [this.messages, this.entries, this.updates, this.settled, this.orphans, this.watermarks];
    const bytes = parts.reduce((sum, part) => sum + part.length, PREFIX_BYTES + changes.length);
    const block = new Uint8Array(bytes);
    const view = new DataView(block.buffer);
    view.setUint32(0, changes.length, true);
    block.set(changes, PREFIX_BYTES);
    let at = PREFIX_BYTES + changes.length;
    for (const [index, part] of parts.entries()) {
      view.setUint32((index + 1) * 4, part.count, true);
      block.set(part.buffer.subarray(0, part.length), at);
      at += part.length;
    }
    return block;
  }
}

/** An entry as it is written. */
export interface EntryImage {
  readonly queue: number;
  readonly message: number;
  readonly expiresAt: number;
  readonly priority: number;
  readonly bodyBytes: number;
  readonly deliveries: number;
  readonly death: number;
}

/** What a batch is played to. */
export interface BatchTarget {
  change(change: Change): void;
  message(id: number, address: Buffer, headerBytes: number, content: Buffer): void;
  entry(row: EntryImage): void;
  update(queue: number, message: number, deliveries: number, death: number): void;
  /** Every message of the range left the queue. */
  settle(queue: number, from: number, to: number): void;
  /** No message of the range is in any queue. */
  orphan(from: number, to: number): void;
  watermark(queue: number, message: number): void;
}

/** Plays a batch in its order. */
export function playBatch(block: Uint8Array, target: BatchTarget): void {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const count = (section: number): number => bytes.readUInt32LE(section * 4);
  let at = PREFIX_BYTES + count(0);
  for (const change of JSON.parse(bytes.toString('utf8', PREFIX_BYTES, at)) as Change[])
    target.change(change);
  for (let left = count(1); left > 0; left--) {
    const addressEnd = at + 20 + bytes.readUInt32LE(at + 12);
    const end = addressEnd + bytes.readUInt32LE(at + 16);
    target.message(
      bytes.readDoubleLE(at),
      bytes.subarray(at + 20, addressEnd),
      bytes.readUInt32LE(at + 8),
      bytes.subarray(addressEnd, end),
    );
    at = end;
  }
  for (let left = count(2); left > 0; left--, at += ENTRY_BYTES) target.entry(readEntry(bytes, at));
  for (let left = count(3); left > 0; left--, at += 24) {
    target.update(
      bytes.readDoubleLE(at),
      bytes.readDoubleLE(at + 8),
      bytes.readUInt32LE(at + 16),
      bytes.readUInt32LE(at + 20),
    );
  }
  for (let left = count(4); left > 0; left--, at += 24) {
    target.settle(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8), bytes.readDoubleLE(at + 16));
  }
  for (let left = count(5); left > 0; left--, at += 16) {
    target.orphan(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8));
  }
  for (let left = count(6); left > 0; left--, at += 16) {
    target.watermark(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8));
  }
}

const ENTRY_BYTES = 40;

function readEntry(bytes: Buffer, at: number): EntryImage {
  return {
    queue: bytes.readDoubleLE(at),
    message: bytes.readDoubleLE(at + 8),
    expiresAt: bytes.readDoubleLE(at + 16),
    priority: bytes.readUInt32LE(at + 24),
    bodyBytes: bytes.readUInt32LE(at + 28),
    deliveries: bytes.readUInt32LE(at + 32),
    death: bytes.readUInt32LE(at + 36),
  };
}

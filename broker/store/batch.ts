/**
 * One batch of writes as one block of bytes, so that it crosses to the writer thread by transfer, at
 * no cost a message. Sections, in this order: changes (JSON), messages, entries, copies of messages that
 * several queues share, updated entries, settled entries, messages without entries, copies that are gone,
 * watermarks. Numbers are little-endian doubles and 32-bit integers.
 */
import { WireWriter } from '../protocol/wire-writer.js';
import type { Entry, Message } from './message.js';
import type { Change } from './store.js';
import { encodeTrail } from './trail.js';

/** Where the sections' counts stand at the start of a batch. */
const SECTIONS = 9;
const PREFIX_BYTES = SECTIONS * 4;
/** A bit that no length of a header has. */
const SHARED = 0x4000_0000;

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
  private readonly copies = new Section();
  private readonly updates = new Section();
  private readonly settled = new Section();
  private readonly orphans = new Section();
  private readonly released = new Map<number, number>();
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
    messages.integer(message.shared ? message.headerBytes | SHARED : message.headerBytes);
    messages.integer(address.length);
    messages.integer(image);
    messages.bytes(address, 0, address.length);
    if (message.buffer === undefined) throw new Error('a message to be written is not in memory');
    messages.bytes(message.buffer, message.offset, message.offset + image);
  }

  entry(entry: Entry): void {
    const { entries } = this;
    entries.count++;
    entries.double64(entry.storedQueue);
    entries.double64(entry.message.id);
    entries.double64(entry.expiresAt);
    entries.integer(entry.message.priority);
    entries.integer(entry.message.bodyBytes);
    entries.integer(entry.deliveries);
    entries.integer(entry.death);
    entries.integer(entry.message.shared ? 1 : 0);
  }

  /** So many entries of a message that several queues share are in this batch. */
  share(message: Message, count: number): void {
    this.copies.count++;
    this.copies.double64(message.id);
    this.copies.integer(count);
  }

  update(entry: Entry): void {
    const { updates } = this;
    updates.count++;
    updates.double64(entry.storedQueue);
    updates.double64(entry.message.id);
    updates.integer(entry.deliveries);
    updates.integer(entry.death);
  }

  settle(entry: Entry): void {
    const queue = entry.storedQueue;
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

  /** An entry of a message is gone: so is the message, unless other queues have it. */
  release(message: Message): void {
    const { id } = message;
    if (message.shared) {
      this.released.set(id, (this.released.get(id) ?? 0) + 1);
      return;
    }
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
    const { messages, entries, copies, updates, settled, orphans, watermarks } = this;
    const gone = new Section();
    for (const [id, count] of this.released) {
      gone.count++;
      gone.double64(id);
      gone.integer(count);
    }
    const parts = [messages, entries, copies, updates, settled, orphans, gone, watermarks];
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
  readonly shared: number;
}

/** What a batch is played to. */
export interface BatchTarget {
  change(change: Change): void;
  /** A message that is shared may be there already. */
  message(id: number, address: Buffer, headerBytes: number, content: Buffer, shared: boolean): void;
  entry(row: EntryImage): void;
  update(queue: number, message: number, deliveries: number, death: number): void;
  /** Every message of the range left the queue. */
  settle(queue: number, from: number, to: number): void;
  /** So many entries more of a shared message. */
  share(message: number, count: number): void;
  /** No message of the range is in any queue. */
  orphan(from: number, to: number): void;
  /** So many entries fewer of a shared message. */
  release(message: number, count: number): void;
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
    const headerBytes = bytes.readUInt32LE(at + 8);
    target.message(
      bytes.readDoubleLE(at),
      bytes.subarray(at + 20, addressEnd),
      headerBytes & ~SHARED,
      bytes.subarray(addressEnd, end),
      headerBytes >= SHARED,
    );
    at = end;
  }
  for (let left = count(2); left > 0; left--, at += ENTRY_BYTES) target.entry(readEntry(bytes, at));
  for (let left = count(3); left > 0; left--, at += 12) {
    target.share(bytes.readDoubleLE(at), bytes.readUInt32LE(at + 8));
  }
  for (let left = count(4); left > 0; left--, at += 24) {
    target.update(
      bytes.readDoubleLE(at),
      bytes.readDoubleLE(at + 8),
      bytes.readUInt32LE(at + 16),
      bytes.readUInt32LE(at + 20),
    );
  }
  for (let left = count(5); left > 0; left--, at += 24) {
    target.settle(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8), bytes.readDoubleLE(at + 16));
  }
  for (let left = count(6); left > 0; left--, at += 16) {
    target.orphan(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8));
  }
  for (let left = count(7); left > 0; left--, at += 12) {
    target.release(bytes.readDoubleLE(at), bytes.readUInt32LE(at + 8));
  }
  for (let left = count(8); left > 0; left--, at += 16) {
    target.watermark(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8));
  }
}

const ENTRY_BYTES = 44;

function readEntry(bytes: Buffer, at: number): EntryImage {
  return {
    queue: bytes.readDoubleLE(at),
    message: bytes.readDoubleLE(at + 8),
    expiresAt: bytes.readDoubleLE(at + 16),
    priority: bytes.readUInt32LE(at + 24),
    bodyBytes: bytes.readUInt32LE(at + 28),
    deliveries: bytes.readUInt32LE(at + 32),
    death: bytes.readUInt32LE(at + 36),
    shared: bytes.readUInt32LE(at + 40),
  };
}

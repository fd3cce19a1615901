/**
 * A message, and its entry in a queue. A message's content may be absent from memory (it has been
 * paged out, or not been read since a restart): whoever needs it has the store load it first.
 */
import { FRAME_OVERHEAD_BYTES } from '../protocol/constants.js';
import { buildImage } from '../protocol/content-assembler.js';
import type { ContentImage } from '../protocol/frame-writer.js';

/** Where a message was published to, shared by all that go the same way. */
export interface Address {
  readonly exchange: string;
  readonly routingKey: string;
  /** Both as short strings, as they go over the wire in basic.deliver, basic.return and basic.get-ok. */
  readonly encoded: Buffer;
}

/** Of a message that has not been read since a restart: loading it brings its address as well. */
export const UNREAD_ADDRESS: Address = { exchange: '', routingKey: '', encoded: Buffer.alloc(0) };

/** Told when a message is safe: on disk wherever it has to be, or settled. */
export interface Confirmer {
  confirm(publishTag: number): void;
}

export class Message implements ContentImage {
  /** Grows with every message published: its order in every queue. */
  readonly id: number;
  address: Address;
  buffer: Buffer | undefined;
  offset: number;
  headerBytes: number;
  bodyBytes: number;
  persistent = false;
  priority = 0;
  /** From the expiration property; -1 for none. */
  expirationMs = -1;
  /** Entries that have to reach the disk and have neither done so nor been settled. */
  unwritten = 0;
  /** Entries on disk. */
  rows = 0;
  confirmer: Confirmer | undefined = undefined;
  publishTag = 0;

  constructor(
    id: number,
    address: Address,
    buffer: Buffer | undefined,
    offset: number,
    headerBytes: number,
    bodyBytes: number,
  ) {
    this.id = id;
    this.address = address;
    this.buffer = buffer;
    this.offset = offset;
    this.headerBytes = headerBytes;
    this.bodyBytes = bodyBytes;
  }

  /** Puts another content header before the body. */
  replaceHeader(header: Buffer): void {
    const bodyStart = this.offset + this.headerBytes + FRAME_OVERHEAD_BYTES;
    const body = (this.buffer as Buffer).subarray(bodyStart, bodyStart + this.bodyBytes);
    this.buffer = buildImage(header, body);
    this.offset = 0;
    this.headerBytes = header.length;
  }

  /** One entry fewer stands between this message and its confirm. */
  written(): void {
    this.unwritten--;
    if (this.unwritten > 0 || this.confirmer === undefined) return;
    const confirmer = this.confirmer;
    this.confirmer = undefined;
    confirmer.confirm(this.publishTag);
  }
}

/** What the store knows of a queue. */
export interface StoredQueue {
  readonly id: number;
  /** Whether contents need not stay in memory once they are on disk. */
  readonly pagesOut: boolean;
}

export type EntryState = 'memory' | 'waiting' | 'writing' | 'stored' | 'settled';

/** A message's place in one queue. */
export class Entry<Queue extends StoredQueue = StoredQueue, Consumer = unknown> {
  readonly message: Message;
  readonly queue: Queue;
  /** The consumer it is out to, while it is unacked and was not fetched by basic.get. */
  consumer: Consumer | undefined = undefined;
  /** Milliseconds of the broker's clock; 0 for never. */
  expiresAt: number;
  redelivered = false;
  /** How often it was returned to the queue. */
  returns = 0;
  state: EntryState = 'memory';

  constructor(queue: Queue, message: Message, expiresAt: number) {
    this.queue = queue;
    this.message = message;
    this.expiresAt = expiresAt;
  }
}

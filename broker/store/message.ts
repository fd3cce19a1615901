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
  /** What is kept of a message beside that; most have none. */
  readonly trail?: Trail;
}

/** What the broker knows of a message that its properties do not tell. */
export interface Trail {
  /** Whether it is a dead letter of the broker's: a client may have written an x-death of its own. */
  readonly died: boolean;
  /** The routing keys of its BCC, which nobody may see. */
  readonly blindKeys: readonly string[];
}

export const NO_TRAIL: Trail = { died: false, blindKeys: [] };

/** Of a message that has not been read since a restart: loading it brings its address as well. */
export const UNREAD_ADDRESS: Address = { exchange: '', routingKey: '', encoded: Buffer.alloc(0) };

/** Told when a message is safe: on disk wherever it has to be, or settled. */
export interface Confirmer {
  confirm(publishTag: number): void;
}

/** Told how much content waits for the disk on behalf of whoever published it. */
export interface Credit {
  take(bytes: number): void;
  give(bytes: number): void;
}

export class Message implements ContentImage {
  /** Grows with every message that becomes valid: its order in every queue. */
  id: number;
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
  /** Whether it was routed to several queues: its row is then gone with the last of its entries'. */
  shared = false;
  /** Whether some queue has it in memory alone, so that its content has to stay there. */
  pinned = false;
  confirmer: Confirmer | undefined = undefined;
  credit: Credit | undefined = undefined;
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
    if (this.unwritten > 0) return;
    this.credit?.give(this.headerBytes + this.bodyBytes);
    if (this.confirmer === undefined) return;
    const confirmer = this.confirmer;
    this.confirmer = undefined;
    confirmer.confirm(this.publishTag);
  }
}

/** What the store knows of a queue. */
export interface StoredQueue {
  readonly id: number;
}

/** The number that entries stand under which are on disk only to make room: no queue of the next start has it. */
export function spillNumber(queue: number): number {
  return -queue;
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
  /** How often a quorum queue handed it out; other queues do not count. */
  deliveries = 0;
  /** The number of the reason it died of, while it waits to be handed over as a dead letter; else 0. */
  death = 0;
  state: EntryState = 'memory';
  /** On disk only to make room, not to survive a restart. */
  spilled = false;

  constructor(queue: Queue, message: Message, expiresAt: number) {
    this.queue = queue;
    this.message = message;
    this.expiresAt = expiresAt;
  }

  /** The number of the queue that it stands under on disk. */
  get storedQueue(): number {
    return this.spilled ? spillNumber(this.queue.id) : this.queue.id;
  }
}

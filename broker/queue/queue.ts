/**
 * A queue: ready messages in order, who consumes them, and the limits of time and length. Settling
 * is asked for by channels, which know what is unacked; where dead letters go is the virtual host's.
 */
import type { FieldTable } from '../protocol/field-table.js';
import { type Message, Entry as StoredEntry, type StoredQueue } from '../store/message.js';
import type { QueuePolicy } from './arguments.js';
import { now } from './clock.js';
import { type Consumer, ConsumerList } from './consumer.js';
import { Deadline } from './deadline.js';
import type { Entry } from './entry.js';
import type { DeathReason, QueueHost, QueueOptions } from './queue-host.js';
import { ReadyList } from './ready-list.js';

/** Beyond so many ready messages the contents of those on disk need not stay in memory. */
const RESIDENT_MESSAGES_MAX = 8192;

export class Queue implements StoredQueue {
  readonly id: number;
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly owner: object | undefined;
  readonly args: FieldTable;
  readonly policy: QueuePolicy;
  deleted = false;
  readyBytes = 0;
  unackedCount = 0;

  private readonly host: QueueHost;
  private readonly ready: ReadyList;
  private readonly consumers: ConsumerList;
  private readonly limited: boolean;
  /** Whether persistent messages go to disk: an exclusive queue does not outlive its connection. */
  private readonly persists: boolean;
  /** For the head of the queue: what stands behind it is looked at when it gets there. */
  private readonly expiry = new Deadline(() => {
    this.dropExpired();
    this.armExpiry();
  });
  private readonly idle = new Deadline(() => this.host.remove(this));
  private draining = false;
  /** Whether any ready message may have a time to expire at. */
  private expiring = false;

  constructor(host: QueueHost, options: QueueOptions) {
    this.host = host;
    this.id = options.id;
    this.name = options.name;
    this.durable = options.durable;
    this.autoDelete = options.autoDelete;
    this.owner = options.owner;
    this.args = options.args;
    this.policy = options.policy;
    this.persists = options.durable && options.owner === undefined;
    this.ready = new ReadyList(options.policy.priorityMax);
    this.consumers = new ConsumerList(options.policy.singleActiveConsumer);
    this.limited = options.policy.lengthMax !== undefined || options.policy.lengthBytesMax !== undefined;
    this.touch();
  }

  get readyCount(): number {
    return this.ready.length;
  }

  get consumerCount(): number {
    return this.consumers.length;
  }

  get hasExclusiveConsumer(): boolean {
    return this.consumers.hasExclusive;
  }

  get pagesOut(): boolean {
    return this.ready.length > RESIDENT_MESSAGES_MAX;
  }

  /** Whether a publish would be refused. */
  get refusesPublish(): boolean {
    return this.limited && this.policy.overflow !== 'drop-head' && this.isFull();
  }

  /** Takes a message in: to a consumer with credit if there is one, else to the end of the queue. */
  publish(message: Message): void {
    const expiresAt = this.expiryOf(message);
    const entry: Entry = new StoredEntry<Queue, Consumer>(this, message, expiresAt);
    if (this.ready.length === 0) {
      const consumer = this.consumers.next();
      if (consumer !== undefined) {
        // What is settled by being sent need never be written.
        if (!consumer.noAck && this.persists && message.persistent) this.host.store.insert(entry);
        this.hand(consumer, entry);
        return;
      }
    }
    if (this.persists && message.persistent) this.host.store.insert(entry);
    this.ready.push(entry);
    this.readyBytes += message.bodyBytes;
    if (this.limited) this.dropExcess();
    if (expiresAt !== 0) {
      this.expiring = true;
      this.armExpiry();
    }
  }

  /** Puts back what was on disk. */
  restore(message: Message, expiresAt: number, redelivered: boolean): void {
    const entry: Entry = new StoredEntry<Queue, Consumer>(this, message, expiresAt);
    entry.redelivered = redelivered;
    entry.state = 'stored';
    if (expiresAt !== 0) this.expiring = true;
    message.rows++;
    this.ready.push(entry);
    this.readyBytes += message.bodyBytes;
  }

  /** After all of it has been restored: limits of time begin to count again. */
  restored(): void {
    this.armExpiry();
  }

  /** Hands out ready messages as long as there is someone to take them. */
  drain(): void {
    if (this.draining || this.ready.length === 0 || this.deleted) return;
    this.draining = true;
    try {
      while (this.ready.length > 0) {
        if (this.expiring) this.dropExpired();
        const consumer = this.ready.length === 0 ? undefined : this.consumers.next();
        if (consumer === undefined) break;
        this.hand(consumer, this.take() as Entry);
      }
    } finally {
      this.draining = false;
    }
    if (this.expiring) this.armExpiry();
  }

  /** Takes the next message for basic.get; it is unacked afterwards unless `noAck`. */
  get(noAck: boolean): Entry | undefined {
    this.touch();
    if (this.expiring) this.dropExpired();
    const entry = this.take();
    if (entry === undefined) return undefined;
    if (noAck) this.host.store.settle(entry);
    else {
      this.unackedCount++;
      this.host.store.delivered(entry);
    }
    return entry;
  }

  private take(): Entry | undefined {
    const entry = this.ready.shift();
    if (entry !== undefined) this.readyBytes -= entry.message.bodyBytes;
    return entry;
  }

  private hand(consumer: Consumer, entry: Entry): void {
    if (consumer.noAck) {
      consumer.subscriber.deliver(consumer, entry);
      this.host.store.settle(entry);
      return;
    }
    this.unackedCount++;
    consumer.unacked++;
    entry.consumer = consumer;
    this.host.store.delivered(entry);
    consumer.subscriber.deliver(consumer, entry);
  }

  private release(entry: Entry): void {
    this.unackedCount--;
    if (entry.consumer === undefined) return;
    entry.consumer.unacked--;
    entry.consumer = undefined;
  }

  /** An unacked message is done with. */
  acknowledge(entry: Entry): void {
    this.release(entry);
    this.host.store.settle(entry);
  }

  /** An unacked message is refused for good: it is dead-lettered if the queue says so. */
  discard(entry: Entry): void {
    this.release(entry);
    this.bury(entry, 'rejected');
  }

  /** Unacked messages go back to where they were. */
  requeue(entries: readonly Entry[]): void {
    const back: Entry[] = [];
    for (const entry of entries) {
      this.release(entry);
      entry.redelivered = true;
      entry.returns++;
      const limit = this.policy.deliveryLimit;
      if (this.deleted) this.host.store.settle(entry);
      else if (limit !== undefined && entry.returns > limit) this.bury(entry, 'delivery_limit');
      else {
        back.push(entry);
        if (entry.expiresAt !== 0) this.expiring = true;
        this.readyBytes += entry.message.bodyBytes;
      }
    }
    if (back.length === 0) return;
    this.ready.restore(back);
    this.armExpiry();
    if (this.limited) this.dropExcess();
  }

  private bury(entry: Entry, reason: DeathReason): void {
    if (!this.deleted && this.policy.deadLetterExchange !== undefined) this.host.deadLetter(entry, reason);
    this.host.store.settle(entry);
  }

  addConsumer(consumer: Consumer): void {
    this.consumers.add(consumer);
    this.touch();
  }

  /** Takes a consumer off; its unacked messages stay with its channel. */
  removeConsumer(consumer: Consumer): void {
    this.consumers.remove(consumer);
    this.touch();
    if (this.autoDelete && this.consumers.length === 0 && !this.deleted) this.host.remove(this);
    else this.drain();
  }

  /** Removes the ready messages; returns how many there were. */
  purge(): number {
    const count = this.ready.length;
    for (let entry = this.take(); entry !== undefined; entry = this.take()) this.host.store.settle(entry);
    this.armExpiry();
    return count;
  }

  /** Ends the queue: its messages are gone, its consumers told. Returns how many were ready. */
  close(): number {
    this.deleted = true;
    this.idle.clear();
    const count = this.purge();
    this.expiry.clear();
    for (const consumer of this.consumers.clear()) consumer.subscriber.cancelled(consumer);
    return count;
  }

  /** Stops the clocks without ending the queue: the broker stops. */
  suspend(): void {
    this.idle.clear();
    this.expiry.clear();
  }

  /** The queue was used: x-expires counts anew. */
  touch(): void {
    const { expiresMs } = this.policy;
    if (expiresMs === undefined) return;
    if (this.consumers.length > 0) this.idle.clear();
    else this.idle.set(now() + expiresMs);
  }

  private isFull(): boolean {
    const { lengthMax, lengthBytesMax } = this.policy;
    return (
      (lengthMax !== undefined && this.ready.length >= lengthMax) ||
      (lengthBytesMax !== undefined && this.readyBytes >= lengthBytesMax)
    );
  }

  private dropExcess(): void {
    const lengthMax = this.policy.lengthMax ?? Number.POSITIVE_INFINITY;
    const lengthBytesMax = this.policy.lengthBytesMax ?? Number.POSITIVE_INFINITY;
    if (this.policy.overflow !== 'drop-head') return;
    while (this.ready.length > lengthMax || this.readyBytes > lengthBytesMax) {
      this.bury(this.take() as Entry, 'maxlen');
    }
  }

  private expiryOf(message: Message): number {
    const { messageTtlMs } = this.policy;
    if (messageTtlMs === undefined) {
      return message.expirationMs < 0 ? 0 : now() + message.expirationMs;
    }
    const own = message.expirationMs < 0 ? messageTtlMs : message.expirationMs;
    return now() + Math.min(messageTtlMs, own);
  }

  private dropExpired(): void {
    const time = now();
    const expired = this.ready.shiftWhile((entry) => entry.expiresAt !== 0 && entry.expiresAt <= time);
    for (const entry of expired) {
      this.readyBytes -= entry.message.bodyBytes;
      this.bury(entry, 'expired');
    }
  }

  private armExpiry(): void {
    if (this.ready.length === 0) this.expiring = false;
    this.expiry.set(this.expiring ? this.ready.nextExpiry() : 0);
  }
}

/**
 * A classic queue: ready messages in order, who consumes them, and the limits of time.
 * Settling is asked for by channels, which know what is unacked; where dead letters go is the virtual
 * host's. What a quorum queue does otherwise is in quorum-queue.ts.
 */
import { type Message, Entry as QueueEntry } from '../store/message.js';
import type { StoredEntry } from '../store/page-reader.js';
import type { StoredQueueState } from '../store/recovery.js';
import { ANY_PRIORITY } from '../store/sweep.js';
import { BoundedQueue } from './bounded-queue.js';
import { type Consumer, ConsumerList } from './consumer.js';
import { NextTurn } from './deadline.js';
import type { Entry } from './entry.js';
import { HeadExpiry } from './head-expiry.js';
import { IdleExpiry } from './idle-expiry.js';
import { expiryOf } from './limits.js';
import type { DeathReason, QueueHost, QueueOptions } from './queue-host.js';
import type { ReadyEntries } from './ready-list.js';
import type { QueueSettings } from './settings.js';
import { makeClassicReady, makeEntry, recoverReady } from './stored-ready.js';

/** Deliveries in one turn of the event loop: nobody has to wait for a long queue. */
const DRAIN_DELIVERIES = 512;

export class Queue extends BoundedQueue {
  deleted = false;
  /** What is still there of messages up to this one was handed out before the broker stopped. */
  protected deliveredUpTo = 0;

  readonly consumers: ConsumerList;
  private readonly expiry: HeadExpiry;
  private readonly idle: IdleExpiry;
  private draining = false;
  private drainsLater: NextTurn | undefined;

  constructor(host: QueueHost, options: QueueOptions) {
    super(host, options);
    this.idle = new IdleExpiry(host.clock, this.settings.expiresMs, () => host.remove(this));
    this.expiry = new HeadExpiry(host, this.ready, {
      expired: (entry) => {
        this.changed();
        this.left(entry.message);
        this.bury(entry, 'expired');
      },
      stepped: () => this.drain(),
    });
    this.consumers = new ConsumerList(this.settings.singleActiveConsumer, this.persistsAll);
    this.touch();
  }

  protected override makeReady(): ReadyEntries {
    return makeClassicReady(this.host, this);
  }

  /** Only entries of a lower priority are ever on disk alone. */
  get pagedBelow(): number {
    return ANY_PRIORITY;
  }

  get consumerCount(): number {
    return this.consumers.length;
  }

  get hasExclusiveConsumer(): boolean {
    return this.consumers.hasExclusive;
  }

  /** Takes a message in: to a consumer with credit, else to the end, which is too far until `dropExcess`. */
  publish(message: Message): void {
    this.changed();
    const expiresAt = expiryOf(this.settings, message, this.clock);
    const entry: Entry = new QueueEntry<Queue, Consumer>(this, message, expiresAt);
    const stored = this.persists && (message.persistent || this.persistsAll);
    if (!stored) message.pinned = true;
    if (this.ready.length === 0) {
      const consumer = this.consumers.next();
      if (consumer !== undefined) {
        // What is settled by being sent need never be written.
        if (stored && !consumer.noAck) this.host.store.insert(entry);
        this.hand(consumer, entry);
        return;
      }
    }
    if (stored) this.host.store.insert(entry);
    this.ready.push(entry);
    this.entered(message);
    if (expiresAt !== 0) {
      this.expiry.note(expiresAt);
      this.expiry.arm();
    }
  }

  /** Takes over what was on disk: as counts and bounds where its entries may stay there. */
  recover(stored: StoredQueueState): void {
    this.deliveredUpTo = stored.deliveredUpTo;
    const bytes = recoverReady(this, this.ready, stored, this.expiry);
    this.restoredFrom(this.ready.length, bytes);
  }

  /** Makes an entry of this queue of what was read. */
  entryOf(stored: StoredEntry): Entry {
    return makeEntry(this, stored, this.deliveredUpTo);
  }

  /** After all of the virtual host has been restored: limits of time begin to count again. */
  restored(): void {
    this.expiry.arm();
    this.dropExcess();
  }

  /** Hands out ready messages as long as there is someone to take them. */
  drain(): void {
    if (this.draining || this.ready.length === 0 || this.deleted) return;
    this.draining = true;
    let left = DRAIN_DELIVERIES;
    try {
      while (this.ready.length > 0) {
        if (left-- === 0) {
          this.drainsLater ??= new NextTurn(() => this.drain());
          this.drainsLater.ask();
          break;
        }
        // The rest follows by timer, and what waits for it then.
        if (!this.expiry.drop()) break;
        const consumer = this.ready.length === 0 ? undefined : this.consumers.next();
        if (consumer === undefined) break;
        this.hand(consumer, this.take() as Entry);
      }
    } finally {
      this.draining = false;
    }
    this.expiry.arm();
  }

  /** Takes the next message for basic.get; it is unacked afterwards unless `noAck`. */
  get(noAck: boolean): Entry | undefined {
    this.touch();
    while (!this.expiry.drop());
    const entry = this.take();
    if (entry === undefined) return undefined;
    // What stood behind it may have expired long ago.
    this.expiry.drop();
    this.expiry.arm();
    if (noAck) this.host.store.settle(entry);
    else {
      this.handedOut(entry.message);
      this.host.store.delivered(entry);
    }
    return entry;
  }

  protected hand(consumer: Consumer, entry: Entry): void {
    if (consumer.noAck) {
      consumer.subscriber.deliver(consumer, entry);
      this.host.store.settle(entry);
      return;
    }
    this.handedOut(entry.message);
    consumer.unacked++;
    entry.consumer = consumer;
    this.host.store.delivered(entry);
    consumer.subscriber.deliver(consumer, entry);
  }

  protected release(entry: Entry): void {
    this.changed();
    this.givenBack(entry.message);
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
      if (this.deleted) this.host.store.settle(entry);
      else if (this.isSpent(entry)) this.bury(entry, 'delivery_limit');
      else {
        back.push(entry);
        this.expiry.note(entry.expiresAt);
        this.entered(entry.message);
      }
    }
    if (back.length === 0) return;
    this.ready.restore(back);
    this.expiry.arm();
    this.dropExcess();
  }

  /** Whether it has been handed out too often. */
  protected isSpent(_entry: Entry): boolean {
    return false;
  }

  protected override bury(entry: Entry, reason: DeathReason): void {
    const mourned = !this.deleted && this.settings.deadLetterExchange !== undefined;
    const letter = mourned ? this.host.deadLetter(entry, reason) : undefined;
    if (!this.deleted) this.countLetter(reason, letter === undefined ? 'disabled' : 'at_most_once');
    if (letter === undefined) this.host.store.settle(entry);
    else this.host.store.settleAfter(entry, letter);
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
    const { store } = this.host;
    const count = this.ready.length;
    this.emptied();
    this.ready.clear(
      (entry) => store.settle(entry),
      ({ first, last }) => store.dropPages(this, first, last, this.pagedBelow, this.deleted),
    );
    this.expiry.arm();
    return count;
  }

  /** Ends the queue: its messages are gone, its consumers told. Returns how many were ready. */
  close(): number {
    this.deleted = true;
    const count = this.purge();
    this.suspend();
    for (const consumer of this.consumers.clear()) consumer.subscriber.cancelled(consumer);
    return count;
  }

  /** Stops the clocks without ending the queue: the broker stops. */
  suspend(): void {
    this.idle.clear();
    this.expiry.clear();
    this.excess?.stop();
  }

  /** The queue was used: x-expires counts anew. */
  touch(): void {
    this.idle.used(this.consumers.length);
  }

  protected override shortened(): void {
    this.expiry.arm();
  }

  protected override settingsChanged(before: QueueSettings): void {
    this.idle.change(this.settings.expiresMs);
    this.touch();
    // RabbitMQ's classic queues lower their length before they begin to refuse publishes.
    const dropped = this.settings.type === 'classic' && before.overflow === 'drop-head';
    if ((this.drops || dropped) && this.isOverLimit) this.shorten();
  }
}

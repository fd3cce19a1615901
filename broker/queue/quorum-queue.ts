/**
 * What a quorum queue does otherwise than a classic one, as far as a client can tell: it keeps every
 * message on disk and counts how often it hands one out, gives up on what comes back too often, and
 * may keep dead letters until they have been taken in. It does not replicate: this broker is one node.
 */
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Message } from '../store/message.js';
import type { StoredEntry } from '../store/page-reader.js';
import type { StoredQueueState } from '../store/recovery.js';
import type { Consumer } from './consumer.js';
import type { Entry } from './entry.js';
import { HandOver } from './hand-over.js';
import { isOverLimit } from './limits.js';
import { Queue } from './queue.js';
import { DEATH_REASONS, type DeathReason, type QueueHost, type QueueOptions } from './queue-host.js';
import { HIGH_PRIORITY, QuorumReadyList } from './quorum-ready-list.js';
import type { ReadyEntries } from './ready-list.js';
import type { QueueSettings } from './settings.js';
import { makeRing } from './stored-ready.js';

/** A queue that refused publishes takes them again once it is down to this part of its limits. */
const ACCEPTS_AGAIN_AT = 0.8;

export class QuorumQueue extends Queue {
  /** Unacked messages that basic.get fetched; RabbitMQ counts each as a consumer. */
  private fetched = 0;
  /** Consumers that were cancelled with messages unacked, which count until these are settled. */
  private readonly lingering = new Set<Consumer>();
  /** What is to be handed over, or was when settings were other ones. */
  private handOver: HandOver | undefined;
  /** Whether what dies now is handed over at least once. */
  private handsOver = false;
  /** Restored messages that were dead when the broker stopped, and are not to be handed over. */
  private spent: Entry[] = [];
  private refusing = false;

  constructor(host: QueueHost, options: QueueOptions) {
    super(host, options);
    this.chooseStrategy();
  }

  private chooseStrategy(): void {
    const { deadLetterExchange, deadLetterAtLeastOnce, overflow } = this.settings;
    // RabbitMQ falls back to at-most-once where drop-head would have to wait for a hand-over.
    this.handsOver =
      deadLetterExchange !== undefined && deadLetterAtLeastOnce && overflow === 'reject-publish';
    if (!this.handsOver) return;
    this.handOver ??= new HandOver(this.host, () => {
      this.typeLetters.at_least_once.confirmed++;
      this.weigh();
    });
  }

  protected override makeReady(): ReadyEntries {
    return new QuorumReadyList(this.settings.deliveryLimit !== undefined, makeRing(this.host, this));
  }

  override get pagedBelow(): number {
    return HIGH_PRIORITY;
  }

  override get consumerCount(): number {
    return this.consumers.length + this.lingering.size + this.fetched;
  }

  /** Dead letters that no queue has taken in yet. */
  get heldCount(): number {
    return this.handOver?.count ?? 0;
  }

  get heldBytes(): number {
    return this.handOver?.bytes ?? 0;
  }

  /** Like RabbitMQ's it lets one message too many in, and then none until it is well below the limit. */
  override get refusesPublish(): boolean {
    this.weigh();
    return this.refusing;
  }

  /** Whether it refuses depends on where its length comes from, so each change counts. */
  private weigh(): void {
    if (!this.rejects) return;
    this.refusing = this.refusing
      ? !this.isBelow(ACCEPTS_AGAIN_AT)
      : isOverLimit(this.settings, this.heldAndReady(), this.heldAndReadyBytes());
  }

  override publish(message: Message): void {
    super.publish(message);
    this.weigh();
  }

  override requeue(entries: readonly Entry[]): void {
    super.requeue(entries);
    this.weigh();
  }

  private isBelow(part: number): boolean {
    const { lengthMax, lengthBytesMax } = this.settings;
    const below = (max: number | undefined, current: number): boolean =>
      max === undefined || current <= Math.trunc(max * part);
    return below(lengthMax, this.heldAndReady()) && below(lengthBytesMax, this.heldAndReadyBytes());
  }

  private heldAndReady(): number {
    return this.readyCount + this.heldCount;
  }

  private heldAndReadyBytes(): number {
    return this.readyBytes + this.heldBytes;
  }

  override get(noAck: boolean): Entry | undefined {
    const entry = super.get(noAck);
    if (entry !== undefined && !noAck) this.fetched++;
    return entry;
  }

  protected override take(): Entry | undefined {
    const entry = super.take();
    if (entry !== undefined) entry.deliveries++;
    this.weigh();
    return entry;
  }

  protected override hand(consumer: Consumer, entry: Entry): void {
    // One that is published to a waiting consumer has never been taken.
    if (entry.deliveries === 0) entry.deliveries = 1;
    super.hand(consumer, entry);
  }

  protected override release(entry: Entry): void {
    const { consumer } = entry;
    super.release(entry);
    if (consumer === undefined) this.fetched--;
    else if (consumer.unacked === 0) this.lingering.delete(consumer);
  }

  override removeConsumer(consumer: Consumer): void {
    if (consumer.unacked > 0) this.lingering.add(consumer);
    super.removeConsumer(consumer);
  }

  protected override isSpent(entry: Entry): boolean {
    const { deliveryLimit } = this.settings;
    return deliveryLimit !== undefined && entry.deliveries > deliveryLimit;
  }

  protected override bury(entry: Entry, reason: DeathReason): void {
    if (!this.handsOver || this.deleted) super.bury(entry, reason);
    else {
      this.countLetter(reason, 'at_least_once');
      (this.handOver as HandOver).add(entry, reason);
    }
  }

  override recover(stored: StoredQueueState): void {
    const { deliveryLimit } = this.settings;
    if (deliveryLimit !== undefined) stored.bury(deliveryLimit, DEATH_REASONS.indexOf('delivery_limit') + 1);
    super.recover(stored);
    for (const one of stored.dead()) {
      const entry = this.entryOf(one);
      if (this.handsOver) this.handOver?.keep(entry);
      else this.spent.push(entry);
    }
  }

  override entryOf(stored: StoredEntry): Entry {
    const entry = super.entryOf(stored);
    // The first time is not written for each message but told by the newest that was handed out.
    entry.deliveries = stored.deliveries > 0 ? stored.deliveries : Number(entry.redelivered);
    entry.death = stored.death;
    return entry;
  }

  override restored(): void {
    const { spent } = this;
    this.spent = [];
    for (const entry of spent) this.bury(entry, DEATH_REASONS[entry.death - 1] as DeathReason);
    this.handOver?.pump();
    super.restored();
  }

  protected override settingsChanged(before: QueueSettings): void {
    (this.ready as QuorumReadyList).returnsToHead = this.settings.deliveryLimit !== undefined;
    this.chooseStrategy();
    // With no exchange left there is nowhere to go; with one, what is held is handed over all the same.
    if (this.settings.deadLetterExchange === undefined) this.handOver?.clear();
    else this.handOver?.pump(true);
    this.refusing &&= this.rejects;
    this.weigh();
    super.settingsChanged(before);
  }

  override purge(): number {
    const count = super.purge();
    this.weigh();
    return count;
  }

  override close(): number {
    const count = super.close();
    this.handOver?.clear();
    return count;
  }

  override suspend(): void {
    super.suspend();
    this.handOver?.suspend();
  }
}

/**
 * Refuses what a quorum queue cannot be; its arguments have been checked.
 *
 * @param what how the texts name it
 * @throws ProtocolError 406
 */
export function refuseForQuorum(
  what: string,
  declaration: Pick<QueueOptions, 'durable' | 'autoDelete'> & { exclusive: boolean; serverNamed: boolean },
): void {
  const { serverNamed, durable, exclusive, autoDelete } = declaration;
  if (serverNamed) {
    throw new ProtocolError(406, 'Cannot declare a server-named queue for type rabbit_quorum_queue');
  }
  const wrong: readonly (readonly [string, boolean])[] = [
    ['auto-delete', autoDelete],
    ['exclusive-owner', exclusive],
    ['non-durable', !durable],
  ];
  for (const [property, is] of wrong) {
    if (is) throw new ProtocolError(406, `invalid property '${property}' for ${what}`);
  }
}

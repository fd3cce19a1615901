/**
 * What a queue counts: its messages by what they are (ready or unacked, persistent or not) with their bytes,
 * and what was done with them since it was made. What it does with them is in queue.ts.
 */
import type { Message } from '../store/message.js';
import type { Changes } from './changes.js';
import { DeliveryCounters } from './counters.js';
import { DeclaredQueue } from './declared-queue.js';
import type { DeadLetterStrategy, HostCounters, QueueType } from './host-counters.js';
import type { DeathReason, QueueHost, QueueOptions } from './queue-host.js';

/** An exchange, as a queue counts what comes from it. */
export interface CountedExchange {
  readonly name: string;
  /** Whether it is gone: another of its name is another. */
  readonly deleted: boolean;
}

/** Messages that clients published to an exchange and that were routed to a queue. */
export class IncomingCounter {
  readonly exchange: CountedExchange;
  publish = 0;

  constructor(exchange: CountedExchange) {
    this.exchange = exchange;
  }
}

/** With so many exchanges remembered those that are gone are forgotten, and with twice as many as are left again. */
const EXCHANGES_KEPT = 16;

export abstract class CountedQueue extends DeclaredQueue {
  readyBytes = 0;
  unackedCount = 0;
  unackedBytes = 0;
  readonly deliveries = new DeliveryCounters();
  protected readonly typeLetters: HostCounters['letters'][QueueType];
  protected readonly host: QueueHost;
  private readyPersistentCount = 0;
  private readyPersistentBytes = 0;
  private unackedPersistentCount = 0;
  private unackedPersistentBytes = 0;
  private readonly changes: Changes;
  private changedIn = -1;
  /** What was routed here by exchanges that are forgotten. */
  private pastPublishes = 0;
  private byExchange: Map<CountedExchange, IncomingCounter> | undefined;
  private exchangesMax = EXCHANGES_KEPT;
  private lastIncoming: IncomingCounter | undefined;

  constructor(host: QueueHost, options: QueueOptions) {
    super(options);
    this.host = host;
    this.changes = host.changes;
    this.typeLetters = host.tally.letters[this.type];
  }

  get type(): QueueType {
    return this.persistsAll ? 'quorum' : 'classic';
  }

  abstract readonly readyCount: number;

  /** Messages that are on disk or on their way there, whatever they are in now. */
  get persistentCount(): number {
    return this.readyPersistentCount + this.unackedPersistentCount;
  }

  get persistentBytes(): number {
    return this.readyPersistentBytes + this.unackedPersistentBytes;
  }

  /** What came from which exchange. */
  get incoming(): IncomingCounter[] {
    return [...(this.byExchange?.values() ?? [])].filter(({ exchange }) => !exchange.deleted);
  }

  /** What clients published and was routed here; not what is dead-lettered to it. */
  get publishes(): number {
    let total = this.pastPublishes;
    for (const { publish } of this.byExchange?.values() ?? []) total += publish;
    return total;
  }

  /** A client's message was routed here. */
  routedFrom(exchange: CountedExchange): void {
    const last = this.lastIncoming;
    if (last !== undefined && last.exchange === exchange) last.publish++;
    else this.incomingFrom(exchange).publish++;
  }

  private incomingFrom(exchange: CountedExchange): IncomingCounter {
    this.byExchange ??= new Map();
    let incoming = this.byExchange.get(exchange);
    if (incoming === undefined) {
      if (this.byExchange.size >= this.exchangesMax) this.forgetExchanges(this.byExchange);
      incoming = new IncomingCounter(exchange);
      this.byExchange.set(exchange, incoming);
    }
    this.lastIncoming = incoming;
    return incoming;
  }

  private forgetExchanges(known: Map<CountedExchange, IncomingCounter>): void {
    for (const [exchange, { publish }] of known) {
      if (!exchange.deleted) continue;
      this.pastPublishes += publish;
      known.delete(exchange);
    }
    this.exchangesMax = Math.max(EXCHANGES_KEPT, known.size * 2);
  }

  /** What it counts is not what it was when samples were taken last. */
  protected changed(): void {
    if (this.changedIn !== this.changes.round) this.noteChange();
  }

  private noteChange(): void {
    this.changedIn = this.changes.round;
    this.changes.add(this);
  }

  /** A message is given up for a reason, and a dead letter made of it or not. */
  countLetter(reason: DeathReason, strategy: DeadLetterStrategy): void {
    this.typeLetters[strategy][reason]++;
  }

  /** A basic.get found nothing. */
  foundEmpty(): void {
    this.deliveries.getEmpty++;
    this.changed();
  }

  protected isPersistent(message: Message): boolean {
    return this.persistsAll || (message.persistent && this.persists);
  }

  /** A message is ready. */
  protected entered(message: Message): void {
    const { bodyBytes } = message;
    this.readyBytes += bodyBytes;
    if (this.isPersistent(message)) {
      this.readyPersistentCount++;
      this.readyPersistentBytes += bodyBytes;
    }
  }

  /** So many messages are ready, read from the disk. */
  protected restoredFrom(count: number, bytes: number): void {
    this.changed();
    this.readyBytes += bytes;
    this.readyPersistentCount += count;
    this.readyPersistentBytes += bytes;
  }

  /** A message is ready no more. */
  protected left(message: Message): void {
    const { bodyBytes } = message;
    this.readyBytes -= bodyBytes;
    if (this.isPersistent(message)) {
      this.readyPersistentCount--;
      this.readyPersistentBytes -= bodyBytes;
    }
  }

  /** None is ready any more. */
  protected emptied(): void {
    this.changed();
    this.readyBytes = 0;
    this.readyPersistentCount = 0;
    this.readyPersistentBytes = 0;
  }

  /** A message is unacked. */
  protected handedOut(message: Message): void {
    const { bodyBytes } = message;
    this.unackedCount++;
    this.unackedBytes += bodyBytes;
    if (this.isPersistent(message)) {
      this.unackedPersistentCount++;
      this.unackedPersistentBytes += bodyBytes;
    }
  }

  /** A message is unacked no more. */
  protected givenBack(message: Message): void {
    const { bodyBytes } = message;
    this.unackedCount--;
    this.unackedBytes -= bodyBytes;
    if (this.isPersistent(message)) {
      this.unackedPersistentCount--;
      this.unackedPersistentBytes -= bodyBytes;
    }
  }
}

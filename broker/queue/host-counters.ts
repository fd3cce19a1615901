/** What a virtual host counts of all its queues, exchanges and connections, those that are gone included. */
import { DeliveryCounters, LetterCounters, PublishCounters } from './counters.js';
import { MessageSizes } from './message-sizes.js';

export const QUEUE_TYPES = ['classic', 'quorum'] as const;

export type QueueType = (typeof QUEUE_TYPES)[number];

/** What becomes of what a queue gives up: nothing, or a dead letter that may be lost, or one that may not. */
export const DEAD_LETTER_STRATEGIES = ['disabled', 'at_most_once', 'at_least_once'] as const;

export type DeadLetterStrategy = (typeof DEAD_LETTER_STRATEGIES)[number];

export class HostCounters {
  readonly publishes = new PublishCounters();
  /** Messages that came and are not published: those of transactions that are not committed. */
  uncommitted = 0;
  /** Messages that came on channels that confirm. */
  receivedConfirm = 0;
  readonly sizes = new MessageSizes();
  /** For each message the queues that it was routed to. */
  routed = 0;
  readonly deliveries = { classic: new DeliveryCounters(), quorum: new DeliveryCounters() };
  readonly letters = { classic: makeLetters(), quorum: makeLetters() };
  /** By its connections. */
  receivedBytes = 0;
  sentBytes = 0;
  /** As often as was asked for, whether the queue was there or not. */
  queuesDeclared = 0;
  queuesCreated = 0;
  queuesDeleted = 0;

  /** Messages that came. */
  get received(): number {
    return this.publishes.publish + this.uncommitted;
  }

  /** Adds what a queue counts by itself. */
  addQueue({ type, deliveries }: { readonly type: QueueType; readonly deliveries: DeliveryCounters }): void {
    this.deliveries[type].add(deliveries);
  }

  /** Adds what an exchange counts by itself. */
  addExchange(exchange: { readonly publishIn: number; readonly publishOut: number }): void {
    this.publishes.publish += exchange.publishIn;
    this.routed += exchange.publishOut;
  }

  /** Adds what another has counted: the sum of several, or what is left of a virtual host that is deleted. */
  add(other: HostCounters): void {
    this.publishes.add(other.publishes);
    this.uncommitted += other.uncommitted;
    this.receivedConfirm += other.receivedConfirm;
    this.sizes.add(other.sizes);
    this.routed += other.routed;
    for (const type of QUEUE_TYPES) {
      this.deliveries[type].add(other.deliveries[type]);
      for (const strategy of DEAD_LETTER_STRATEGIES) {
        this.letters[type][strategy].add(other.letters[type][strategy]);
      }
    }
    this.receivedBytes += other.receivedBytes;
    this.sentBytes += other.sentBytes;
    this.queuesDeclared += other.queuesDeclared;
    this.queuesCreated += other.queuesCreated;
    this.queuesDeleted += other.queuesDeleted;
  }
}

function makeLetters(): Record<DeadLetterStrategy, LetterCounters> {
  return {
    disabled: new LetterCounters(),
    at_most_once: new LetterCounters(),
    at_least_once: new LetterCounters(),
  };
}

/** A consumer, its credit, and the order in which the consumers of a queue are served. */
import type { FieldTable } from '../protocol/field-table.js';
import { encodeShortString } from '../protocol/frame-writer.js';
import type { DeliveryCounters } from './counters.js';
import type { Entry } from './entry.js';
import type { Queue } from './queue.js';

/** The channel a consumer is on, as its queue sees it. */
export interface Subscriber {
  /** Whether a delivery can be sent now: flow is on, credit is left, and the peer reads. */
  canTake(consumer: Consumer): boolean;
  deliver(consumer: Consumer, entry: Entry): void;
  /** The queue went away, or its single consumer has to. */
  cancelled(consumer: Consumer): void;
}

export interface ConsumerOptions {
  tag: string;
  noAck: boolean;
  exclusive: boolean;
  /** 0 for no limit. */
  prefetch: number;
  /** Higher ones are served first. */
  priority: number;
  args: FieldTable;
  /** What its channel was given from its queue. */
  deliveries: DeliveryCounters;
}

export class Consumer {
  readonly tag: string;
  readonly encodedTag: Buffer;
  readonly queue: Queue;
  readonly subscriber: Subscriber;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly prefetch: number;
  readonly priority: number;
  readonly args: FieldTable;
  readonly deliveries: DeliveryCounters;
  unacked = 0;

  constructor(queue: Queue, subscriber: Subscriber, options: ConsumerOptions) {
    this.queue = queue;
    this.subscriber = subscriber;
    this.tag = options.tag;
    this.encodedTag = encodeShortString(options.tag);
    this.noAck = options.noAck;
    this.exclusive = options.exclusive;
    this.prefetch = options.prefetch;
    this.priority = options.priority;
    this.args = options.args;
    this.deliveries = options.deliveries;
  }

  /** Whether this consumer may be given a message now. */
  canTake(): boolean {
    if (!this.noAck && this.prefetch > 0 && this.unacked >= this.prefetch) return false;
    return this.subscriber.canTake(this);
  }
}

/**
 * Round robin among those of the highest priority that have credit; or, of a queue with a single active
 * consumer, the active one alone. When it goes, the one of the highest priority that came first is next.
 */
export class ConsumerList {
  /** Highest priority first; within a priority, whose turn is next first. */
  private readonly turns: Consumer[] = [];
  private active: Consumer | undefined;
  private readonly singleActive: boolean;
  private readonly yields: boolean;

  /** @param yields whether a single active consumer gives way to one of a higher priority */
  constructor(singleActive: boolean, yields = false) {
    this.singleActive = singleActive;
    this.yields = yields;
  }

  get length(): number {
    return this.turns.length;
  }

  get hasExclusive(): boolean {
    return this.turns.some((consumer) => consumer.exclusive);
  }

  /** All of them, in no particular order. */
  [Symbol.iterator](): IterableIterator<Consumer> {
    return this.turns.values();
  }

  /** The one that alone is given messages, where there can be only one. */
  get singleActiveConsumer(): Consumer | undefined {
    return this.singleActive ? this.active : undefined;
  }

  add(consumer: Consumer): void {
    this.active ??= consumer;
    this.queueUp(consumer);
  }

  remove(consumer: Consumer): void {
    const turn = this.turns.indexOf(consumer);
    if (turn !== -1) this.turns.splice(turn, 1);
    if (this.active === consumer) this.active = this.turns[0];
  }

  /** All of them, for the time when their queue is deleted. */
  clear(): Consumer[] {
    this.active = undefined;
    return this.turns.splice(0);
  }

  /** The consumer that gets the next message. */
  next(): Consumer | undefined {
    if (this.singleActive) return this.nextActive();
    const { turns } = this;
    for (let index = 0; index < turns.length; index++) {
      const consumer = turns[index] as Consumer;
      if (!consumer.canTake()) continue;
      if (turns.length > 1) {
        turns.splice(index, 1);
        this.queueUp(consumer);
      }
      return consumer;
    }
    return undefined;
  }

  /** It gives way only once it has settled all it was given, so that order is kept. */
  private nextActive(): Consumer | undefined {
    const [first] = this.turns;
    if (this.yields && first !== undefined && first.priority > (this.active as Consumer).priority) {
      if ((this.active as Consumer).unacked > 0) return undefined;
      this.active = first;
    }
    return this.active?.canTake() ? this.active : undefined;
  }

  private queueUp(consumer: Consumer): void {
    const { turns } = this;
    let at = turns.length;
    while (at > 0 && (turns[at - 1] as Consumer).priority < consumer.priority) at--;
    turns.splice(at, 0, consumer);
  }
}

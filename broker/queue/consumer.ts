/** A consumer, its credit, and the order in which the consumers of a queue are served. */
import { encodeShortString } from '../protocol/frame-writer.js';
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
  }

  /** Whether this consumer may be given a message now. */
  canTake(): boolean {
    if (!this.noAck && this.prefetch > 0 && this.unacked >= this.prefetch) return false;
    return this.subscriber.canTake(this);
  }
}

/** Round robin among those of the highest priority that have credit. */
export class ConsumerList {
  /** Highest priority first; within a priority, whose turn is next first. */
  private readonly turns: Consumer[] = [];
  /** In the order they came; the first is the active one of a single-active-consumer queue. */
  private readonly arrivals: Consumer[] = [];
  private readonly singleActive: boolean;

  constructor(singleActive: boolean) {
    this.singleActive = singleActive;
  }

  get length(): number {
    return this.arrivals.length;
  }

  get hasExclusive(): boolean {
    return this.arrivals.some((consumer) => consumer.exclusive);
  }

  add(consumer: Consumer): void {
    this.arrivals.push(consumer);
    this.queueUp(consumer);
  }

  remove(consumer: Consumer): void {
    const arrival = this.arrivals.indexOf(consumer);
    if (arrival !== -1) this.arrivals.splice(arrival, 1);
    const turn = this.turns.indexOf(consumer);
    if (turn !== -1) this.turns.splice(turn, 1);
  }

  /** All of them, for the time when their queue is deleted. */
  clear(): Consumer[] {
    this.turns.length = 0;
    return this.arrivals.splice(0);
  }

  /** The consumer that gets the next message. */
  next(): Consumer | undefined {
    if (this.singleActive) {
      const active = this.arrivals[0];
      return active?.canTake() ? active : undefined;
    }
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

  private queueUp(consumer: Consumer): void {
    const { turns } = this;
    let at = turns.length;
    while (at > 0 && (turns[at - 1] as Consumer).priority < consumer.priority) at--;
    turns.splice(at, 0, consumer);
  }
}

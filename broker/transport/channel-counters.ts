/**
 * What a channel counts: what it was given from each queue, and what it published to each exchange. Those
 * of queues and exchanges that are gone are forgotten now and then, and remain in the totals.
 */
import { ChangeMark } from '../queue/changes.js';
import type { Consumer } from '../queue/consumer.js';
import { DeliveryCounters, PublishCounters } from '../queue/counters.js';
import type { Entry } from '../queue/entry.js';
import type { Queue } from '../queue/queue.js';
import type { Exchange } from '../routing/exchange.js';
import type { VirtualHost } from '../routing/virtual-host.js';

/** With so many remembered those that are gone are forgotten, and with twice as many as are left again. */
const REMEMBERED = 16;

export class ChannelCounters {
  /** By queue. */
  readonly deliveries = new Map<Queue, DeliveryCounters>();
  /** By exchange. */
  readonly publishes = new Map<Exchange, PublishCounters>();
  private readonly pastDeliveries = new DeliveryCounters();
  private readonly pastPublishes = new PublishCounters();
  private queuesMax = REMEMBERED;
  private exchangesMax = REMEMBERED;
  private readonly virtualHost: VirtualHost;
  private readonly mark: ChangeMark;

  /** @param owner what is said to have changed when something is counted */
  constructor(virtualHost: VirtualHost, owner: object) {
    this.virtualHost = virtualHost;
    this.mark = new ChangeMark(virtualHost.changes, owner);
  }

  /** What a queue's consumers on this channel were given. */
  from(queue: Queue): DeliveryCounters {
    let counters = this.deliveries.get(queue);
    if (counters !== undefined) return counters;
    if (this.deliveries.size >= this.queuesMax) {
      this.queuesMax = forgetDeleted(this.deliveries, this.pastDeliveries);
    }
    counters = new DeliveryCounters();
    this.deliveries.set(queue, counters);
    return counters;
  }

  /** What was published to an exchange. */
  to(exchange: Exchange): PublishCounters {
    let counters = this.publishes.get(exchange);
    if (counters !== undefined) return counters;
    if (this.publishes.size >= this.exchangesMax) {
      this.exchangesMax = forgetDeleted(this.publishes, this.pastPublishes);
    }
    counters = new PublishCounters();
    this.publishes.set(exchange, counters);
    return counters;
  }

  /** All that was delivered and fetched. */
  get delivered(): DeliveryCounters {
    return sum(new DeliveryCounters(), this.pastDeliveries, this.deliveries.values());
  }

  /** All that was published. */
  get published(): PublishCounters {
    return sum(new PublishCounters(), this.pastPublishes, this.publishes.values());
  }

  countDelivery({ queue, noAck, deliveries }: Consumer, redelivered: boolean): void {
    deliveries.delivered(noAck, redelivered);
    queue.deliveries.delivered(noAck, redelivered);
    queue.typeDeliveries.delivered(noAck, redelivered);
    this.mark.set();
  }

  countGet({ queue, redelivered }: Entry, noAck: boolean): void {
    this.from(queue).fetched(noAck, redelivered);
    queue.deliveries.fetched(noAck, redelivered);
    queue.typeDeliveries.fetched(noAck, redelivered);
    this.mark.set();
  }

  countGetEmpty(queue: Queue): void {
    this.from(queue).getEmpty++;
    queue.foundEmpty();
    this.mark.set();
  }

  /** To be called while the entry still knows the consumer that it was out to. */
  countAck({ queue, consumer }: Entry): void {
    const counters = consumer === undefined ? this.from(queue) : consumer.deliveries;
    counters.ack++;
    queue.deliveries.ack++;
    queue.typeDeliveries.ack++;
    this.mark.set();
  }

  /** A message goes from an exchange to queues, or finds none. */
  countPublish(
    counters: PublishCounters,
    exchange: Exchange,
    queues: readonly Queue[],
    mandatory: boolean,
  ): void {
    const ofHost = this.virtualHost.counters;
    const { length } = queues;
    counters.publish++;
    ofHost.publishes.publish++;
    ofHost.routed += length;
    exchange.publishIn++;
    exchange.publishOut += length;
    for (let index = 0; index < length; index++) (queues[index] as Queue).routedFrom(exchange);
    if (length === 0) countUnroutable(mandatory, counters, ofHost.publishes);
    this.mark.set();
  }

  countConfirm(counters: PublishCounters): void {
    counters.confirm++;
    this.virtualHost.counters.publishes.confirm++;
    this.mark.set();
  }
}

function countUnroutable(mandatory: boolean, ...all: PublishCounters[]): void {
  for (const counters of all) {
    if (mandatory) counters.returnUnroutable++;
    else counters.dropUnroutable++;
  }
}

interface Addable<Self> {
  add(other: Self): void;
}

function sum<Counters extends Addable<Counters>>(
  total: Counters,
  past: Counters,
  parts: Iterable<Counters>,
): Counters {
  total.add(past);
  for (const part of parts) total.add(part);
  return total;
}

/** Returns with how many to do so again. */
function forgetDeleted<Counters extends Addable<Counters>>(
  known: Map<{ readonly deleted: boolean }, Counters>,
  past: Counters,
): number {
  for (const [source, counters] of known) {
    if (!source.deleted) continue;
    past.add(counters);
    known.delete(source);
  }
  return Math.max(REMEMBERED, known.size * 2);
}

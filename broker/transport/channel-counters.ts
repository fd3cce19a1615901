/**
 * What a channel counts: what it was given from each queue, and what it published to each exchange. Those
 * of queues and exchanges that are gone are forgotten now and then, and remain in the totals.
 */
import type { Consumer } from '../queue/consumer.js';
import { DeliveryCounters, PublishCounters } from '../queue/counters.js';
import type { Entry } from '../queue/entry.js';
import type { HostCounters } from '../queue/host-counters.js';
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
  private readonly tally: HostCounters;

  constructor({ tally }: VirtualHost) {
    this.tally = tally;
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
    const ofQueue = queue.deliveries;
    if (noAck) {
      deliveries.deliverNoAck++;
      ofQueue.deliverNoAck++;
    } else {
      deliveries.deliver++;
      ofQueue.deliver++;
    }
    if (redelivered) countRedelivery(deliveries, ofQueue);
  }

  countGet({ queue, redelivered }: Entry, noAck: boolean): void {
    const own = this.from(queue);
    const ofQueue = queue.deliveries;
    if (noAck) {
      own.getNoAck++;
      ofQueue.getNoAck++;
    } else {
      own.get++;
      ofQueue.get++;
    }
    if (redelivered) countRedelivery(own, ofQueue);
  }

  countGetEmpty(queue: Queue): void {
    this.from(queue).getEmpty++;
    queue.foundEmpty();
  }

  /** To be called while the entry still knows the consumer that it was out to. */
  countAck({ queue, consumer }: Entry): void {
    const own = consumer === undefined ? this.from(queue) : consumer.deliveries;
    own.ack++;
    queue.deliveries.ack++;
  }

  /** A message goes from an exchange to queues, or finds none. */
  countPublish(own: PublishCounters, exchange: Exchange, queues: readonly Queue[], mandatory: boolean): void {
    const { length } = queues;
    own.publish++;
    exchange.publishIn++;
    exchange.publishOut += length;
    for (let index = 0; index < length; index++) (queues[index] as Queue).routedFrom(exchange);
    if (length === 0) countUnroutable(mandatory, own, this.tally.publishes);
  }

  /** A direct reply is routed to no queue, and none the less not lost. */
  countReply(own: PublishCounters, exchange: Exchange): void {
    own.publish++;
    exchange.publishIn++;
  }

  countConfirm(own: PublishCounters): void {
    own.confirm++;
    this.tally.publishes.confirm++;
  }
}

function countRedelivery(own: DeliveryCounters, ofQueue: DeliveryCounters): void {
  own.redeliver++;
  ofQueue.redeliver++;
}

function countUnroutable(mandatory: boolean, own: PublishCounters, ofHost: PublishCounters): void {
  if (mandatory) {
    own.returnUnroutable++;
    ofHost.returnUnroutable++;
  } else {
    own.dropUnroutable++;
    ofHost.dropUnroutable++;
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

/**
 * What samples are taken of, which numbers make a sample, and which statistics RabbitMQ shows of them: in
 * groups that are there as a whole or, where none of their events ever happened, not at all.
 */
import type { DeliveryCounters, PublishCounters } from '../../queue/counters.js';
import type { Queue } from '../../queue/queue.js';
import type { Exchange } from '../../routing/exchange.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import type { VirtualHosts } from '../../routing/virtual-hosts.js';
import type { Channel } from '../../transport/channel.js';
import type { ConnectionRegistry, ListedConnection } from '../../transport/connection-registry.js';
import { RETENTION, type Retention } from './history.js';
import type { RangeName } from './ranges.js';

/** A statistic is the sum of columns of a sample: `deliver_get` of four. */
export interface StatisticGroup {
  readonly range: RangeName;
  /** Whether it is shown when all of it is 0, as lengths are; counters are not. */
  readonly always: boolean;
  readonly statistics: readonly (readonly [name: string, ...columns: number[]])[];
}

export interface Sampled<Owner> {
  readonly values: number;
  readonly retention: Retention;
  readonly groups: readonly StatisticGroup[];
  read(owner: Owner, into: Float64Array): void;
  /** Whether it will never change again, and nobody asks for it. */
  gone(owner: Owner): boolean;
}

function publishGroup(first: number): StatisticGroup {
  return {
    range: 'msg_rates',
    always: false,
    statistics: [
      ['publish', first],
      ['confirm', first + 1],
      ['return_unroutable', first + 2],
      ['drop_unroutable', first + 3],
    ],
  };
}

function deliveryGroup(first: number): StatisticGroup {
  return {
    range: 'msg_rates',
    always: false,
    statistics: [
      ['get', first],
      ['get_no_ack', first + 1],
      ['deliver', first + 2],
      ['deliver_no_ack', first + 3],
      ['redeliver', first + 4],
      ['ack', first + 5],
      ['deliver_get', first, first + 1, first + 2, first + 3],
      ['get_empty', first + 6],
    ],
  };
}

function lengthGroup(ready: number, unacked: number): StatisticGroup {
  return {
    range: 'lengths',
    always: true,
    statistics: [
      ['messages_ready', ready],
      ['messages_unacknowledged', unacked],
      ['messages', ready, unacked],
    ],
  };
}

function readPublishes(from: PublishCounters, into: Float64Array, at: number): void {
  into[at] = from.publish;
  into[at + 1] = from.confirm;
  into[at + 2] = from.returnUnroutable;
  into[at + 3] = from.dropUnroutable;
}

function readDeliveries(from: DeliveryCounters, into: Float64Array, at: number): void {
  into[at] = from.get;
  into[at + 1] = from.getNoAck;
  into[at + 2] = from.deliver;
  into[at + 3] = from.deliverNoAck;
  into[at + 4] = from.redeliver;
  into[at + 5] = from.ack;
  into[at + 6] = from.getEmpty;
}

const QUEUE_READY = 8;
const QUEUE_UNACKED = 9;

export const QUEUE: Sampled<Queue> = {
  values: 10,
  retention: RETENTION.basic,
  groups: [
    { range: 'msg_rates', always: false, statistics: [['publish', 0]] },
    deliveryGroup(1),
    lengthGroup(QUEUE_READY, QUEUE_UNACKED),
  ],
  read(queue, into) {
    into[0] = queue.publishes;
    readDeliveries(queue.deliveries, into, 1);
    // What is unacked of a queue that is gone is nobody's any more.
    into[QUEUE_READY] = queue.deleted ? 0 : queue.readyCount;
    into[QUEUE_UNACKED] = queue.deleted ? 0 : queue.unackedCount;
  },
  gone: (queue) => queue.deleted,
};

export const EXCHANGE: Sampled<Exchange> = {
  values: 2,
  retention: RETENTION.detailed,
  groups: [
    { range: 'msg_rates', always: false, statistics: [['publish_in', 0]] },
    { range: 'msg_rates', always: false, statistics: [['publish_out', 1]] },
  ],
  read(exchange, into) {
    into[0] = exchange.publishIn;
    into[1] = exchange.publishOut;
  },
  gone: (exchange) => exchange.deleted,
};

export const CHANNEL: Sampled<Channel> = {
  values: 11,
  retention: RETENTION.basic,
  groups: [publishGroup(0), deliveryGroup(4)],
  read(channel, into) {
    readPublishes(channel.counters.published, into, 0);
    readDeliveries(channel.counters.delivered, into, 4);
  },
  gone: (channel) => channel.consuming.closed,
};

const octetGroup = (received: number, sent: number): StatisticGroup => ({
  range: 'data_rates',
  always: false,
  statistics: [
    ['send_oct', sent],
    ['recv_oct', received],
  ],
});

export const CONNECTION: Sampled<ListedConnection> = {
  values: 2,
  retention: RETENTION.basic,
  groups: [octetGroup(0, 1)],
  read({ traffic }, into) {
    into[0] = traffic.receivedBytes;
    into[1] = traffic.sentBytes;
  },
  gone: (connection) => connection.listedState === 'closing',
};

/** A virtual host, and what its queues and exchanges come to: summed up as they are sampled. */
export class VirtualHostSum {
  readonly virtualHost: VirtualHost;
  /** Of queues, by the columns of their samples. */
  readonly ofQueues = new Float64Array(QUEUE.values);
  publishes = 0;

  constructor(virtualHost: VirtualHost) {
    this.virtualHost = virtualHost;
  }
}

export const VIRTUAL_HOST: Sampled<VirtualHostSum> = {
  values: 15,
  retention: RETENTION.global,
  groups: [publishGroup(0), deliveryGroup(4), octetGroup(11, 12), lengthGroup(13, 14)],
  read({ virtualHost, ofQueues, publishes }, into) {
    const { tally } = virtualHost;
    readPublishes(tally.publishes, into, 0);
    into[0] = publishes;
    for (let column = 1; column < QUEUE_READY; column++) into[3 + column] = ofQueues[column] as number;
    into[11] = tally.receivedBytes;
    into[12] = tally.sentBytes;
    into[13] = ofQueues[QUEUE_READY] as number;
    into[14] = ofQueues[QUEUE_UNACKED] as number;
  },
  gone: () => false,
};

/** What channels, connections and queues come and go in. */
export interface Churning {
  readonly connections: ConnectionRegistry;
  readonly virtualHosts: VirtualHosts;
}

/** What came and went. */
export const CHURN: Sampled<Churning> = {
  values: 7,
  retention: RETENTION.basic,
  groups: [
    {
      range: 'data_rates',
      always: true,
      statistics: [
        ['connection_created', 0],
        ['connection_closed', 1],
        ['channel_created', 2],
        ['channel_closed', 3],
        ['queue_declared', 4],
        ['queue_created', 5],
        ['queue_deleted', 6],
      ],
    },
  ],
  read({ connections, virtualHosts }, into) {
    into[0] = connections.connectionsCreated;
    into[1] = connections.connectionsClosed;
    into[2] = connections.channelsCreated;
    into[3] = connections.channelsClosed;
    const { tally } = virtualHosts;
    into[4] = tally.queuesDeclared;
    into[5] = tally.queuesCreated;
    into[6] = tally.queuesDeleted;
  },
  gone: () => false,
};

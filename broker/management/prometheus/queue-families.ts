/** The families of metrics of queues, and of queues by the exchange that messages came through. */
import type { IncomingCounter } from '../../queue/counted-queue.js';
import type { DeliveryCounters } from '../../queue/counters.js';
import { headTimestamp } from '../../queue/head-timestamp.js';
import type { Queue } from '../../queue/queue.js';
import { label } from './exposition.js';
import { type Family, family, type Metric, type Row } from './family.js';
import type { Readings } from './readings.js';

const READY = { name: 'queue_messages_ready', help: 'Messages that wait for a consumer' };
const UNACKED = {
  name: 'queue_messages_unacked',
  help: 'Messages delivered to a consumer that has not acknowledged them',
};

const COARSE: readonly Metric<Queue>[] = [
  { ...READY, type: 'gauge', read: (queue) => queue.readyCount },
  { ...UNACKED, type: 'gauge', read: (queue) => queue.unackedCount },
  {
    name: 'queue_messages',
    type: 'gauge',
    help: 'Messages in a queue: ready and unacknowledged ones',
    read: (queue) => queue.readyCount + queue.unackedCount,
  },
];

const CONSUMERS: Metric<Queue> = {
  name: 'queue_consumers',
  type: 'gauge',
  help: 'Consumers of a queue',
  read: (queue) => queue.consumerCount,
};

const DETAILS: readonly Metric<Queue>[] = [
  CONSUMERS,
  {
    name: 'queue_messages_persistent',
    type: 'gauge',
    help: 'Persistent messages in a queue',
    read: (queue) => queue.persistentCount,
  },
  {
    name: 'queue_messages_persistent_bytes',
    type: 'gauge',
    help: 'Bytes of the bodies of persistent messages',
    read: (queue) => queue.persistentBytes,
  },
  {
    name: 'queue_messages_bytes',
    type: 'gauge',
    help: 'Bytes of the bodies of all messages in a queue',
    read: (queue) => queue.readyBytes + queue.unackedBytes,
  },
  {
    name: 'queue_messages_ready_bytes',
    type: 'gauge',
    help: 'Bytes of the bodies of ready messages',
    read: (queue) => queue.readyBytes,
  },
  {
    name: 'queue_messages_unacked_bytes',
    type: 'gauge',
    help: 'Bytes of the bodies of unacknowledged messages',
    read: (queue) => queue.unackedBytes,
  },
  {
    name: 'queue_messages_ram',
    type: 'gauge',
    help: 'Messages of a queue that are in memory',
    read: (queue) => queue.ready.residentCount + queue.unackedCount,
  },
  {
    name: 'queue_messages_ready_ram',
    type: 'gauge',
    help: 'Ready messages that are in memory',
    read: (queue) => queue.ready.residentCount,
  },
  {
    name: 'queue_messages_unacked_ram',
    type: 'gauge',
    help: 'Unacknowledged messages that are in memory: all of them',
    read: (queue) => queue.unackedCount,
  },
  {
    name: 'queue_messages_paged_out',
    type: 'gauge',
    help: 'Ready messages that are on disk alone',
    read: (queue) => queue.readyCount - queue.ready.residentCount,
  },
  {
    name: 'queue_head_message_timestamp',
    type: 'gauge',
    help: 'The timestamp property of the message that is next, in seconds since the epoch',
    read: headTimestamp,
    summed: false,
  },
];

/** Deliveries, under the names of a queue's or of a channel's. */
export function deliveryMetrics(of: 'queue' | 'channel'): readonly Metric<DeliveryCounters>[] {
  const counter = (name: string, help: string, read: (numbers: DeliveryCounters) => number) =>
    ({ name: `${of}_${name}`, type: 'counter', help, read }) as const;
  return [
    counter('get_ack_total', 'Messages fetched by basic.get, to be acknowledged', ({ get }) => get),
    counter('get_total', 'Messages fetched by basic.get, acknowledged thereby', ({ getNoAck }) => getNoAck),
    counter(
      'messages_delivered_ack_total',
      'Messages delivered to consumers, to be acknowledged',
      ({ deliver }) => deliver,
    ),
    counter(
      'messages_delivered_total',
      'Messages delivered to consumers, acknowledged thereby',
      ({ deliverNoAck }) => deliverNoAck,
    ),
    counter(
      'messages_redelivered_total',
      'Messages delivered that had been delivered before',
      ({ redeliver }) => redeliver,
    ),
    counter('messages_acked_total', 'Messages acknowledged', ({ ack }) => ack),
    counter('get_empty_total', 'Times that basic.get found no message', ({ getEmpty }) => getEmpty),
  ];
}

/** A queue with its labels, of the virtual hosts that are wanted. */
function* queues({ virtualHosts }: Readings): Iterable<Row<Queue>> {
  for (const { name, queues } of virtualHosts) {
    const vhost = label('vhost', name);
    for (const queue of queues.values())
      yield { labels: `${vhost},${label('queue', queue.name)}`, object: queue };
  }
}

/** To be summed up. */
function* unlabelled({ virtualHosts }: Readings): Iterable<Queue> {
  for (const { queues } of virtualHosts) yield* queues.values();
}

function* deliveries(readings: Readings): Iterable<Row<DeliveryCounters>> {
  for (const { labels, object } of queues(readings)) yield { labels, object: object.deliveries };
}

/** Those of queues that are gone are still in the totals of all. */
export function totalDeliveries({ counters }: Readings): Iterable<DeliveryCounters> {
  return Object.values(counters.deliveries);
}

type Incoming = Pick<IncomingCounter, 'publish'>;

function* incoming(
  { virtualHosts }: Readings,
  labelsOf: (vhost: string, queue: string, exchange: string) => string,
): Iterable<Row<Incoming> | undefined> {
  for (const { name, queues } of virtualHosts) {
    for (const queue of queues.values()) {
      yield undefined;
      for (const object of queue.incoming) {
        yield { labels: labelsOf(name, queue.name, object.exchange.name), object };
      }
    }
  }
}

const PUBLISHED = 'Messages that came into a queue through an exchange';

export const queueCoarse = family<Readings, Queue>({
  name: 'queue_coarse_metrics',
  metrics: COARSE,
  rows: queues,
  totals: unlabelled,
});
/** A part of `queueDetails`, for where that is not asked for. */
export const queueConsumerCount = family<Readings, Queue>({
  name: 'queue_consumer_count',
  metrics: [CONSUMERS],
  rows: queues,
  totals: unlabelled,
});
export const queueDetails = family<Readings, Queue>({
  name: 'queue_metrics',
  metrics: DETAILS,
  rows: queues,
  totals: unlabelled,
});
export const queueDelivery = family<Readings, DeliveryCounters>({
  name: 'queue_delivery_metrics',
  metrics: deliveryMetrics('queue'),
  rows: deliveries,
  totals: totalDeliveries,
});
/** What came into queues, under a name and with labels of its own. */
function incomingFamily(
  name: string,
  metric: string,
  labelsOf: (vhost: string, queue: string, exchange: string) => readonly string[],
): Family<Readings> {
  return family<Readings, Incoming>({
    name,
    metrics: [{ name: metric, type: 'counter', help: PUBLISHED, read: ({ publish }) => publish }],
    rows: (readings) => incoming(readings, (...of) => labelsOf(...of).join(',')),
    // Those of queues and exchanges that are gone are still among all that was routed.
    totals: ({ counters }) => [{ publish: counters.routed }],
  });
}

export const queueExchange = incomingFamily(
  'queue_exchange_metrics',
  'queue_exchange_messages_published_total',
  (vhost, queue, exchange) => [label('vhost', vhost), label('exchange', exchange), label('queue', queue)],
);
export const channelQueueExchange = incomingFamily(
  'channel_queue_exchange_metrics',
  'queue_messages_published_total',
  (vhost, queue, exchange) => [
    label('queue_vhost', vhost),
    label('queue', queue),
    label('exchange_vhost', vhost),
    label('exchange', exchange),
  ],
);

/** What kind of queue each is, as a label of a constant. */
export const queueInfo: Family<Readings> = family<Readings, Queue>({
  name: 'queue_info',
  metrics: [
    {
      name: 'queue_info',
      type: 'gauge',
      help: 'Always 1; its labels say what kind of queue it is',
      read: () => 1,
    },
  ],
  rows: function* (readings) {
    for (const { labels, object } of queues(readings)) {
      // As RabbitMQ's modules are called.
      const type = label('queue_type', `rabbit_${object.type}_queue`);
      yield { labels: `${labels},${type},membership="leader"`, object };
    }
  },
});

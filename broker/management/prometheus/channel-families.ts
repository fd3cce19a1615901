/** The families of metrics of channels, and of channels by exchange and by queue. */
import type { DeliveryCounters, PublishCounters } from '../../queue/counters.js';
import type { Channel } from '../../transport/channel.js';
import type { ListedConnection } from '../../transport/connection-registry.js';
import { label } from './exposition.js';
import { family, type Metric, type Row } from './family.js';

import { deliveryMetrics, totalDeliveries } from './queue-families.js';
import type { Readings } from './readings.js';

const gauge = (name: string, help: string, read: (channel: Channel) => number): Metric<Channel> => ({
  name,
  type: 'gauge',
  help,
  read,
});

const CHANNEL: readonly Metric<Channel>[] = [
  gauge('channel_consumers', 'Consumers of a channel', ({ consuming }) => consuming.consumers.size),
  gauge(
    'channel_messages_unacked',
    'Messages delivered on a channel and not yet acknowledged',
    ({ consuming }) => consuming.unacked.count,
  ),
  gauge(
    'channel_messages_unconfirmed',
    'Messages published on a channel and not yet confirmed',
    ({ publisher }) => publisher.confirms?.openCount ?? 0,
  ),
  gauge(
    'channel_messages_uncommitted',
    'Messages published in a transaction that is not yet committed',
    ({ publisher }) => publisher.transaction?.length ?? 0,
  ),
  gauge(
    'channel_acks_uncommitted',
    'Acknowledgements in a transaction that is not yet committed',
    ({ uncommitted }) => uncommitted.count,
  ),
  gauge(
    'consumer_prefetch',
    'The most unacknowledged messages of each new consumer of a channel; 0 for no limit',
    ({ consuming }) => consuming.consumerPrefetch,
  ),
  gauge(
    'channel_prefetch',
    'The most unacknowledged messages of all consumers of a channel; 0 for no limit',
    ({ consuming }) => consuming.channelPrefetch,
  ),
];

function* channelsOf(
  readings: Readings,
): Iterable<{ channel: Channel; connection: ListedConnection; labels: string }> {
  for (const connection of readings.connections) {
    for (const channel of connection.openChannels) {
      yield { channel, connection, labels: label('channel', `${connection.name} (${channel.number})`) };
    }
  }
}

function* channels(readings: Readings): Iterable<Row<Channel>> {
  for (const { channel, labels } of channelsOf(readings)) yield { labels, object: channel };
}

function* publishes(readings: Readings): Iterable<Row<PublishCounters> | undefined> {
  for (const { channel, connection, labels } of channelsOf(readings)) {
    yield undefined;
    const vhost = label('vhost', connection.virtualHost.name);
    for (const [{ name: exchange }, object] of channel.counters.publishes) {
      yield { labels: `${labels},${vhost},${label('exchange', exchange)}`, object };
    }
  }
}

function* deliveries(readings: Readings): Iterable<Row<DeliveryCounters> | undefined> {
  for (const { channel, connection, labels } of channelsOf(readings)) {
    yield undefined;
    const vhost = label('vhost', connection.virtualHost.name);
    for (const [queue, object] of channel.counters.deliveries) {
      yield { labels: `${labels},${vhost},${label('queue', queue.name)}`, object };
    }
  }
}

const PUBLISHES: readonly Metric<PublishCounters>[] = [
  {
    name: 'channel_messages_published_total',
    type: 'counter',
    help: 'Messages published to an exchange on a channel',
    read: ({ publish }) => publish,
  },
  {
    name: 'channel_messages_confirmed_total',
    type: 'counter',
    help: 'Messages published to an exchange on a channel and confirmed',
    read: ({ confirm }) => confirm,
  },
  {
    name: 'channel_messages_unroutable_returned_total',
    type: 'counter',
    help: 'Mandatory messages that no queue was bound for, returned to their publisher',
    read: ({ returnUnroutable }) => returnUnroutable,
  },
  {
    name: 'channel_messages_unroutable_dropped_total',
    type: 'counter',
    help: 'Messages that no queue was bound for and that were not mandatory',
    read: ({ dropUnroutable }) => dropUnroutable,
  },
];

function totalPublishes({ counters }: Readings): Iterable<PublishCounters> {
  return [counters.publishes];
}

export const channelDetails = family<Readings, Channel>({
  name: 'channel_metrics',
  metrics: CHANNEL,
  rows: channels,
  totals: ({ connections }) => connections.channels(),
});
export const channelExchange = family<Readings, PublishCounters>({
  name: 'channel_exchange_metrics',
  metrics: PUBLISHES,
  rows: publishes,
  totals: totalPublishes,
});
export const channelQueue = family<Readings, DeliveryCounters>({
  name: 'channel_queue_metrics',
  metrics: deliveryMetrics('channel'),
  rows: deliveries,
  totals: totalDeliveries,
});

/** The families of metrics of connections. */
import type { ListedConnection } from '../../transport/connection-registry.js';
import { label } from './exposition.js';
import { family, type Metric, type Row } from './family.js';
import type { Readings } from './readings.js';

interface Bytes {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

const BYTES: readonly Metric<Bytes>[] = [
  {
    name: 'connection_incoming_bytes_total',
    type: 'counter',
    help: 'Bytes received on a connection',
    read: ({ receivedBytes }) => receivedBytes,
  },
  {
    name: 'connection_outgoing_bytes_total',
    type: 'counter',
    help: 'Bytes sent on a connection',
    read: ({ sentBytes }) => sentBytes,
  },
];

const DETAILS: readonly Metric<ListedConnection>[] = [
  {
    name: 'connection_incoming_packets_total',
    type: 'counter',
    help: 'Times that bytes were received on a connection',
    read: ({ traffic }) => traffic.receivedCount,
  },
  {
    name: 'connection_outgoing_packets_total',
    type: 'counter',
    help: 'Times that bytes were sent on a connection',
    read: ({ traffic }) => traffic.sentCount,
  },
  {
    name: 'connection_pending_packets',
    type: 'gauge',
    help: 'Bytes that wait to be taken by the socket of a connection',
    read: ({ sendPendingBytes }) => sendPendingBytes,
  },
  {
    name: 'connection_channels',
    type: 'gauge',
    help: 'Channels open on a connection',
    read: ({ channelCount }) => channelCount,
  },
];

/** RabbitMQ labels a connection as it does a channel, by its process; here it is by its name. */
function* connections(readings: Readings): Iterable<Row<ListedConnection>> {
  for (const object of readings.connections) yield { labels: label('channel', object.name), object };
}

export const connectionBytes = family<Readings, Bytes>({
  name: 'connection_coarse_metrics',
  metrics: BYTES,
  rows: function* (readings) {
    for (const { labels, object } of connections(readings)) yield { labels, object: object.traffic };
  },
  // Those of connections that are gone are still in the totals of all.
  totals: ({ counters }) => [counters],
});
export const connectionDetails = family<Readings, ListedConnection>({
  name: 'connection_metrics',
  metrics: DETAILS,
  rows: connections,
});

/** The families of metrics of the broker as a whole: churn, resources, log-ins. */
import type { LoginCounts } from '../../access/login-attempts.js';
import { label, type MetricType } from './exposition.js';
import { type Family, family, type Metric } from './family.js';
import type { Readings } from './readings.js';

function one<T>(
  type: MetricType,
  name: string,
  help: string,
  read: (object: T) => number | undefined,
): Metric<T> {
  return { name, type, help, read };
}

const CHURN: readonly Metric<Readings>[] = [
  one(
    'counter',
    'connections_opened_total',
    'Connections opened',
    ({ connections }) => connections.connectionsCreated,
  ),
  one(
    'counter',
    'connections_closed_total',
    'Connections closed',
    ({ connections }) => connections.connectionsClosed,
  ),
  one(
    'counter',
    'channels_opened_total',
    'Channels opened',
    ({ connections }) => connections.channelsCreated,
  ),
  one('counter', 'channels_closed_total', 'Channels closed', ({ connections }) => connections.channelsClosed),
  one(
    'counter',
    'queues_declared_total',
    'Queues declared, those that were there already among them',
    ({ counters }) => counters.queuesDeclared,
  ),
  one('counter', 'queues_created_total', 'Queues created', ({ counters }) => counters.queuesCreated),
  one('counter', 'queues_deleted_total', 'Queues deleted', ({ counters }) => counters.queuesDeleted),
];

const USED: readonly Metric<Readings>[] = [
  one('gauge', 'process_open_fds', 'Open file descriptors', ({ process }) => process.openFiles),
  one('gauge', 'process_resident_memory_bytes', 'Memory used', () => process.memoryUsage.rss()),
  one(
    'gauge',
    'disk_space_available_bytes',
    'Space free where the data directory is',
    ({ broker }) => broker.resources.diskFreeBytes,
  ),
];

const LIMITS: readonly Metric<Readings>[] = [
  one('gauge', 'process_max_fds', 'The most open file descriptors', ({ process }) => process.openFilesMax),
  one(
    'gauge',
    'resident_memory_limit_bytes',
    'Memory above which publishers are blocked; 0 for no limit',
    ({ broker }) => broker.resources.memoryBytesMax,
  ),
  one(
    'gauge',
    'disk_space_available_limit_bytes',
    'Free space below which publishers are blocked; 0 for no limit',
    ({ broker }) => broker.resources.diskFreeBytesMin,
  ),
  one(
    'gauge',
    'erlang_uptime_seconds',
    'Time since the broker started',
    ({ broker }) => (Date.now() - broker.startedAt) / 1000,
  ),
];

const ATTEMPTS: readonly Metric<LoginCounts>[] = [
  one('counter', 'auth_attempts_total', 'Attempts to log in', (of) => of.auth_attempts),
  one(
    'counter',
    'auth_attempts_succeeded_total',
    'Attempts to log in that succeeded',
    (of) => of.auth_attempts_succeeded,
  ),
  one(
    'counter',
    'auth_attempts_failed_total',
    'Attempts to log in that failed',
    (of) => of.auth_attempts_failed,
  ),
];

/** A family of the broker itself, which has no labels. */
function whole<T>(
  name: string,
  metrics: readonly Metric<T>[],
  read: (readings: Readings) => T,
): Family<Readings> {
  const scalars = family<Readings, T>({
    name,
    metrics,
    rows: (readings) => [{ labels: '', object: read(readings) }],
  });
  // A number that there is none of is no zero.
  return { name, each: scalars.each, sum: scalars.each };
}

export const churn = whole('connection_churn_metrics', CHURN, (readings) => readings);
export const resourcesUsed = whole('node_coarse_metrics', USED, (readings) => readings);
export const resourceLimits = whole('node_metrics', LIMITS, (readings) => readings);

const attempts = family<Readings, LoginCounts>({
  name: 'auth_attempt_metrics',
  metrics: ATTEMPTS,
  rows: function* ({ broker }) {
    for (const object of broker.access.attempts.totals())
      yield { labels: label('protocol', object.protocol), object };
  },
});
/** By protocol in the aggregate too, as RabbitMQ has them. */
export const authAttempts: Family<Readings> = { ...attempts, sum: attempts.each };

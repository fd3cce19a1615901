/** Counters as JSON: each with the rate at which it grows beside it, as RabbitMQ shows them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeliveryCounters, type PublishCounters } from '../../queue/counters.js';
import { HostCounters, QUEUE_TYPES } from '../../queue/host-counters.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import type { Host } from '../../transport/host.js';
import type { Details } from '../rates/rates.js';

export type Counts = Readonly<Record<string, number>>;

/** What was handed out; nothing where nothing was. */
export function deliveryCounts(counters: DeliveryCounters): Counts {
  const { get, getNoAck, getEmpty, deliver, deliverNoAck, redeliver, ack, deliverGet } = counters;
  if (deliverGet === 0 && getEmpty === 0 && ack === 0) return {};
  return {
    get,
    get_no_ack: getNoAck,
    get_empty: getEmpty,
    deliver,
    deliver_no_ack: deliverNoAck,
    redeliver,
    ack,
    deliver_get: deliverGet,
  };
}

/** What was published; nothing where nothing was. */
export function publishCounts({
  publish,
  confirm,
  returnUnroutable,
  dropUnroutable,
}: PublishCounters): Counts {
  if (publish === 0) return {};
  return { publish, confirm, return_unroutable: returnUnroutable, drop_unroutable: dropUnroutable };
}

/** What is shown beside each statistic, by its name. */
export type AllDetails = Readonly<Record<string, Details>>;

/** What a request shows things by: rates and, where it asks for them, samples in some range of time. */
export interface Showing {
  readonly nodeName: string;
  rates(of: object | readonly object[]): AllDetails;
}

const STANDING_STILL: Details = { rate: 0 };

/** Counts, and for each how much it grows in a second. */
export function withRates(counts: Counts, details: AllDetails = {}): object {
  const shown: Record<string, unknown> = {};
  for (const [name, count] of Object.entries(counts)) {
    shown[name] = count;
    shown[`${name}_details`] = details[name] ?? STANDING_STILL;
  }
  return shown;
}

/** The same as a field that is absent where there is nothing in it. */
export function messageStats(counts: Counts, details: AllDetails): object {
  return Object.keys(counts).length === 0 ? {} : { message_stats: withRates(counts, details) };
}

/** What a virtual host, or several, did; nothing where nothing was done. */
export function hostCounts({ publishes, deliveries }: HostCounters): Counts {
  const handedOut = new DeliveryCounters();
  for (const type of QUEUE_TYPES) handedOut.add(deliveries[type]);
  const counts = { ...publishCounts(publishes), ...deliveryCounts(handedOut) };
  return Object.keys(counts).length === 0 ? counts : { ...counts, disk_reads: 0, disk_writes: 0 };
}

/** What came and went since the start. */
export function churnCounts({ connections, virtualHosts }: Host): Counts {
  const { counters } = virtualHosts;
  return {
    connection_created: connections.connectionsCreated,
    connection_closed: connections.connectionsClosed,
    channel_created: connections.channelsCreated,
    channel_closed: connections.channelsClosed,
    queue_declared: counters.queuesDeclared,
    queue_created: counters.queuesCreated,
    queue_deleted: counters.queuesDeleted,
  };
}

export function sumCounters(all: readonly HostCounters[]): HostCounters {
  const total = new HostCounters();
  for (const counters of all) total.add(counters);
  return total;
}

/** Queues looked at in one turn of the event loop. */
const STEP_QUEUES = 8192;

/** The messages that are in the queues of some virtual hosts. */
export async function messageTotals(virtualHosts: Iterable<VirtualHost>): Promise<Counts> {
  let [ready, unacknowledged, looked] = [0, 0, 0];
  for (const { queues } of virtualHosts) {
    for (const { readyCount, unackedCount } of queues.values()) {
      ready += readyCount;
      unacknowledged += unackedCount;
      if (++looked % STEP_QUEUES === 0) await nextTurn();
    }
  }
  if (looked === 0) return {};
  return {
    messages: ready + unacknowledged,
    messages_ready: ready,
    messages_unacknowledged: unacknowledged,
  };
}

// What a broker has counted, in one form: of Warren read from its counters, of RabbitMQ over HTTP.
import type { Broker } from '../../broker/broker.js';
import { DeliveryCounters, type PublishCounters } from '../../broker/queue/counters.js';
import { DEAD_LETTER_STRATEGIES, QUEUE_TYPES } from '../../broker/queue/host-counters.js';
import type { Host } from '../../broker/transport/host.js';

type Counts = Record<string, number>;

export interface Reported {
  /** message_stats by name; empty where there is none. */
  readonly queues: Record<string, Counts>;
  readonly exchanges: Record<string, Counts>;
  readonly virtualHost: Counts;
  readonly churn: Counts;
  /** Prometheus' rabbitmq_global_…, by name and labels. */
  readonly global: Counts;
}

function deliveries(counters: DeliveryCounters): Counts {
  const { get, getNoAck, getEmpty, deliver, deliverNoAck, redeliver, ack, deliverGet } = counters;
  if (deliverGet + getEmpty === 0) return {};
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

function publishes({ publish, confirm, returnUnroutable, dropUnroutable }: PublishCounters): Counts {
  return { publish, confirm, return_unroutable: returnUnroutable, drop_unroutable: dropUnroutable };
}

/** What Warren has counted in its default virtual host. */
export function countsOf(broker: Broker): Reported {
  // Until the management API tells all of it.
  const { virtualHosts, connections } = (broker as unknown as { readonly shared: Host }).shared;
  const virtualHost = virtualHosts.get('/');
  if (virtualHost === undefined) throw new Error('the default virtual host is missing');
  const { counters } = virtualHost;
  const handedOut = new DeliveryCounters();
  for (const type of QUEUE_TYPES) handedOut.add(counters.deliveries[type]);
  const queues: Record<string, Counts> = {};
  for (const queue of virtualHost.queues.values()) {
    const published: Counts = queue.publishes > 0 ? { publish: queue.publishes } : {};
    queues[queue.name] = { ...published, ...deliveries(queue.deliveries) };
  }
  const exchanges: Record<string, Counts> = {};
  for (const { name, publishIn, publishOut } of virtualHost.exchanges.byName.values()) {
    exchanges[name] = {};
    if (publishIn > 0) exchanges[name]['publish_in'] = publishIn;
    if (publishOut > 0) exchanges[name]['publish_out'] = publishOut;
  }
  return {
    queues,
    exchanges,
    virtualHost: { ...publishes(counters.publishes), ...deliveries(handedOut) },
    churn: {
      connection_created: connections.connectionsCreated,
      connection_closed: connections.connectionsClosed,
      channel_created: connections.channelsCreated,
      channel_closed: connections.channelsClosed,
      queue_declared: counters.queuesDeclared,
      queue_created: counters.queuesCreated,
      queue_deleted: counters.queuesDeleted,
    },
    global: globalCounts(counters),
  };
}

function globalCounts(counters: Host['virtualHosts']['counters']): Counts {
  const protocol = 'protocol="amqp091"';
  const global: Counts = {
    [`messages_received_total{${protocol}}`]: counters.received,
    [`messages_received_confirm_total{${protocol}}`]: counters.receivedConfirm,
    [`messages_routed_total{${protocol}}`]: counters.routed,
    [`messages_confirmed_total{${protocol}}`]: counters.publishes.confirm,
    [`messages_unroutable_dropped_total{${protocol}}`]: counters.publishes.dropUnroutable,
    [`messages_unroutable_returned_total{${protocol}}`]: counters.publishes.returnUnroutable,
  };
  const labels = `${protocol},queue_type="rabbit_classic_queue"`;
  const { deliver, deliverNoAck, get, getNoAck, getEmpty, redeliver, ack, deliverGet } =
    counters.deliveries.classic;
  global[`messages_delivered_total{${labels}}`] = deliverGet;
  global[`messages_delivered_consume_manual_ack_total{${labels}}`] = deliver;
  global[`messages_delivered_consume_auto_ack_total{${labels}}`] = deliverNoAck;
  global[`messages_delivered_get_manual_ack_total{${labels}}`] = get;
  global[`messages_delivered_get_auto_ack_total{${labels}}`] = getNoAck;
  global[`messages_get_empty_total{${labels}}`] = getEmpty;
  global[`messages_redelivered_total{${labels}}`] = redeliver;
  global[`messages_acknowledged_total{${labels}}`] = ack;
  for (const strategy of DEAD_LETTER_STRATEGIES.slice(0, 2)) {
    const by = `queue_type="rabbit_classic_queue",dead_letter_strategy="${strategy}"`;
    const { maxlen, expired, rejected } = counters.letters.classic[strategy];
    global[`messages_dead_lettered_maxlen_total{${by}}`] = maxlen;
    global[`messages_dead_lettered_expired_total{${by}}`] = expired;
    global[`messages_dead_lettered_rejected_total{${by}}`] = rejected;
  }
  return global;
}

interface Described {
  readonly name: string;
  readonly message_stats?: Record<string, unknown>;
}

/** The numbers, without details, and without what only RabbitMQ's way to its disk has. */
function numbers(stats: Record<string, unknown> = {}): Counts {
  return Object.fromEntries(
    Object.entries(stats).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && !entry[0].startsWith('disk_'),
    ),
  );
}

/** What a RabbitMQ reports, by the ports of its management and Prometheus plugins. */
export async function reportedBy(
  http: number,
  metrics: number,
  globalNames: readonly string[],
): Promise<Reported> {
  const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
  const ask = async <Answer>(path: string): Promise<Answer> =>
    (await (
      await fetch(`http://127.0.0.1:${http}/api/${path}`, { headers: { authorization } })
    ).json()) as Answer;
  const byName = (all: Described[]): Record<string, Counts> =>
    Object.fromEntries(all.map(({ name, message_stats }) => [name, numbers(message_stats)]));
  const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  const series = new Map(
    text.split('\n').map((line) => {
      const [name = '', value] = line.split(' ');
      return [name.replace(/^rabbitmq_global_/, ''), Number(value)];
    }),
  );
  const { churn_rates } = await ask<{ churn_rates: Record<string, unknown> }>('overview');
  return {
    queues: byName(await ask<Described[]>('queues/%2F')),
    exchanges: byName(await ask<Described[]>('exchanges/%2F')),
    virtualHost: numbers((await ask<Described>('vhosts/%2F')).message_stats),
    churn: numbers(churn_rates),
    global: Object.fromEntries(globalNames.map((name) => [name, series.get(name) ?? Number.NaN])),
  };
}

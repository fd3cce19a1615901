/** The broker as a whole, its name, and what belongs to RabbitMQ's clusters and plugins. */

import type { VirtualHost } from '../../routing/virtual-host.js';
import { administrator, anyone, isMonitor, ofVirtualHost, sees } from '../authorization.js';
import { absent, badRequest } from '../http-error.js';
import { fieldOf, requireFields } from '../json-body.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, NO_CONTENT, type Resource } from '../resource.js';
import { EXCHANGE_TYPES_SHOWN, PRODUCT, VERSION } from '../shown/product.js';
import { churnCounts, hostCounts, messageTotals, sumCounters, withRates } from '../shown/statistics.js';
import { contexts } from './nodes.js';
import { LISTING, STATISTICS } from './queries.js';

async function overview(request: ManagementRequest): Promise<Answer> {
  const { broker, identity } = request;
  const { nodeName } = broker;
  const disabled = request.asks('disable_stats');
  const about = {
    management_version: VERSION,
    rates_mode: 'detailed',
    exchange_types: EXCHANGE_TYPES_SHOWN,
    product_version: VERSION,
    product_name: PRODUCT,
    rabbitmq_version: VERSION,
    cluster_name: broker.access.globalParameters.clusterName,
    cluster_tags: {},
    node_tags: {},
    default_queue_type: 'classic',
    erlang_version: process.versions.node,
    erlang_full_version: `Node.js ${process.version}`,
    release_series_support_status: 'supported',
    disable_stats: disabled,
    enable_queue_totals: request.asks('enable_queue_totals'),
    is_op_policy_updating_enabled: true,
    object_totals: objectTotals(request),
  };
  const statistics = disabled ? {} : await totalsOf(request);
  if (!isMonitor(identity)) return request.pick({ ...about, ...statistics });
  const listeners = broker.listeners.map(({ protocol, address, port }) => ({
    node: nodeName,
    protocol,
    ip_address: address,
    port,
    socket_opts: {},
  }));
  const ofNode = { node: nodeName, statistics_db_event_queue: 0 };
  return request.pick({ ...about, ...statistics, ...ofNode, listeners, contexts: contexts(broker) });
}

function objectTotals(request: ManagementRequest): object {
  let [queues, exchanges, connections, channels, consumers] = [0, 0, 0, 0, 0];
  const seen = new Set(seenVirtualHosts(request));
  for (const virtualHost of seen) {
    queues += virtualHost.queues.size;
    exchanges += virtualHost.exchanges.byName.size;
  }
  for (const connection of request.broker.host.connections) {
    if (!seen.has(connection.virtualHost)) continue;
    connections++;
    for (const { consuming } of connection.openChannels) {
      channels++;
      consumers += consuming.consumers.size;
    }
  }
  return { queues, exchanges, connections, channels, consumers };
}

function* seenVirtualHosts({ broker, identity }: ManagementRequest): Generator<VirtualHost> {
  for (const one of broker.host.virtualHosts) if (isMonitor(identity) || sees(identity, one.name)) yield one;
}

/** What was done and what there is, of the virtual hosts that a user sees. */
async function totalsOf(request: ManagementRequest): Promise<object> {
  const { broker } = request;
  const { virtualHosts } = broker.host;
  const counters = isMonitor(request.identity)
    ? virtualHosts.counters
    : sumCounters([...seenVirtualHosts(request)].map((one) => one.counters));
  // What comes and goes is counted for all of them together.
  const showing = request.showing(false);
  const all = showing.rates(virtualHosts);
  const rates = isMonitor(request.identity)
    ? all
    : { ...all, ...showing.rates([...seenVirtualHosts(request)]) };
  const counts = hostCounts(counters);
  return {
    message_stats: withRates(counts, rates),
    churn_rates: withRates(churnCounts(broker.host), rates),
    queue_totals: withRates(await messageTotals(seenVirtualHosts(request)), rates),
  };
}

async function rename(request: ManagementRequest): Promise<Answer> {
  const body = request.json();
  requireFields(body, 'name');
  const name = fieldOf(body, 'name');
  if (typeof name !== 'string') throw badRequest(['not_string', 'name']);
  request.broker.access.globalParameters.put('cluster_name', name);
  await request.broker.written();
  return NO_CONTENT;
}

function reset(request: ManagementRequest): Answer {
  if (request.parameter('node') !== request.broker.nodeName) throw absent();
  return NO_CONTENT;
}

export const overviewResources: readonly Resource[] = [
  {
    path: '/overview',
    access: anyone,
    operations: {
      GET: { summary: 'The broker as a whole', query: { ...LISTING, ...STATISTICS }, run: overview },
    },
  },
  {
    path: '/cluster-name',
    access: (request) => (request.isRead ? undefined : administrator(request)),
    operations: {
      GET: {
        summary: 'The name of the broker',
        run: ({ broker }) => json({ name: broker.access.globalParameters.clusterName }),
      },
      PUT: { summary: 'Give it another', body: { name: '*string' }, run: rename },
    },
  },
  {
    path: '/extensions',
    access: anyone,
    operations: {
      GET: { summary: "Extensions of RabbitMQ's web pages, of which there are none", run: () => json([]) },
    },
  },
  {
    path: '/rebalance/queues',
    access: administrator,
    operations: {
      POST: { summary: 'Spread queues over nodes, of which there is one', run: () => NO_CONTENT },
    },
  },
  {
    path: '/reset',
    access: administrator,
    operations: { DELETE: { summary: 'Forget statistics; counters go on', run: () => NO_CONTENT } },
  },
  {
    path: '/reset/:node',
    access: administrator,
    operations: { DELETE: { summary: 'The same of a node', run: reset } },
  },
  {
    path: '/aliveness-test/:vhost',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'Whether a virtual host is there; see the health checks',
        run: (request) => alive(request),
      },
    },
  },
];

/** RabbitMQ once published and consumed a message here; as of version 4 it does not. @throws HttpError 404 */
function alive(request: ManagementRequest): Answer {
  request.requireVirtualHost();
  return json({ status: 'ok' });
}

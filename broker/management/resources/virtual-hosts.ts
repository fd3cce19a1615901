/** Virtual hosts: list, get, make, say other things of, protect, delete. */
import type { VirtualHost } from '../../routing/virtual-host.js';
import { requireName } from '../amqp-request.js';
import { administrator, anyone, isMonitor } from '../authorization.js';
import { badRequest, HttpError } from '../http-error.js';
import { booleanField } from '../json-body.js';
import { answerList } from '../list-answer.js';
import type { Listed } from '../listing.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, put, type Resource } from '../resource.js';
import { hostCounts, messageStats, messageTotals, withRates } from '../shown/statistics.js';
import { readMetadata } from '../virtual-host-metadata.js';
import { PAGED_LISTING, STATISTICS } from './queries.js';

/** What a queue is that does not say, and whose virtual host does not. */
const DEFAULT_QUEUE_TYPE = 'classic';

async function show(request: ManagementRequest, virtualHost: VirtualHost, counted: boolean): Promise<object> {
  const { name, metadata } = virtualHost;
  const { description, tags, defaultQueueType = DEFAULT_QUEUE_TYPE } = metadata;
  return {
    name,
    description,
    tags,
    default_queue_type: defaultQueueType,
    protected_from_deletion: metadata.protected ?? false,
    metadata: { description, tags, default_queue_type: defaultQueueType },
    tracing: false,
    cluster_state: { [request.broker.nodeName]: 'running' },
    ...(counted ? await statistics(request, virtualHost) : {}),
  };
}

async function statistics(request: ManagementRequest, virtualHost: VirtualHost): Promise<object> {
  const { counters } = virtualHost;
  const rates = request.showing(false).rates(virtualHost);
  const octets = { recv_oct: counters.receivedBytes, send_oct: counters.sentBytes };
  return {
    ...withRates({ ...(await messageTotals([virtualHost])), ...octets }, rates),
    ...messageStats(hostCounts(counters), rates),
  };
}

async function list(request: ManagementRequest): Promise<Answer> {
  const { broker, identity } = request;
  const listed: Listed[] = [];
  for (const virtualHost of broker.host.virtualHosts) {
    const { name } = virtualHost;
    if (!isMonitor(identity) && !identity.mayEnter(name)) continue;
    const shown = await show(request, virtualHost, !request.asks('disable_stats'));
    listed.push({ vhost: '', name, show: () => shown });
  }
  return answerList(request, listed, { sort: ['name'], paged: true });
}

async function define(request: ManagementRequest): Promise<Answer> {
  const name = requireName(request.parameter('vhost'));
  if (name === '') throw badRequest('a virtual host has a name');
  const { virtualHosts } = request.broker.host;
  const body = request.json();
  booleanField(body, 'tracing', false);
  const created = virtualHosts.put(name, readMetadata(body, virtualHosts.get(name)?.metadata));
  if (created) request.broker.access.virtualHostCreated(name, request.identity.user);
  await request.broker.written();
  return put(created);
}

async function remove(request: ManagementRequest): Promise<Answer> {
  const { name, metadata } = request.virtualHost;
  if (metadata.protected === true) {
    const reason = `Refusing to delete virtual host '${name}' because it is protected from deletion`;
    throw new HttpError(412, { error: 'precondition_failed', reason });
  }
  request.broker.host.virtualHosts.delete(name);
  request.broker.access.virtualHostDeleted(name);
  await request.broker.written();
  return NO_CONTENT;
}

async function protect(request: ManagementRequest, isProtected: boolean): Promise<Answer> {
  const { name, metadata } = request.virtualHost;
  request.broker.host.virtualHosts.put(name, { ...metadata, protected: isProtected });
  await request.broker.written();
  return NO_CONTENT;
}

/** There is one node, where every virtual host runs. */
function start(request: ManagementRequest): Answer {
  request.requireVirtualHost();
  const node = request.parameter('node');
  if (node === request.broker.nodeName) return NO_CONTENT;
  throw badRequest(`Request to node ${node} failed with nodedown`);
}

export const virtualHostResources: readonly Resource[] = [
  {
    path: '/vhosts',
    access: anyone,
    operations: {
      GET: { summary: 'All virtual hosts', query: { ...PAGED_LISTING, ...STATISTICS }, run: list },
    },
  },
  {
    path: '/vhosts/:vhost',
    access: administrator,
    operations: {
      GET: {
        summary: 'A virtual host',
        run: async (request) =>
          request.pick(await show(request, request.virtualHost, !request.asks('disable_stats'))),
      },
      PUT: {
        summary: 'Make a virtual host, or say other things of it',
        body: {
          description: 'string',
          tags: 'a list, or a text with commas',
          default_queue_type: 'classic or quorum',
          protected_from_deletion: 'boolean',
        },
        run: define,
      },
      DELETE: { summary: 'Delete a virtual host with all that is in it', run: remove },
    },
  },
  {
    path: '/vhosts/:vhost/start/:node',
    access: administrator,
    operations: { POST: { summary: 'Start a virtual host on a node', run: start } },
  },
  {
    path: '/vhosts/:vhost/deletion/protection',
    access: administrator,
    operations: {
      POST: { summary: 'Protect a virtual host from deletion', run: (request) => protect(request, true) },
      DELETE: { summary: 'Protect it no more', run: (request) => protect(request, false) },
    },
  },
];

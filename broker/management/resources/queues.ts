/** Queues: list, get, declare, delete. What is done to their messages is in queue-messages.ts. */
import type { Queue } from '../../queue/queue.js';
import { changeTopology, requireName, toTable } from '../amqp-request.js';
import { ofVirtualHost } from '../authorization.js';
import { absent, badRequest } from '../http-error.js';
import { booleanField, fieldOf } from '../json-body.js';
import { answerList, visibleVirtualHosts } from '../list-answer.js';
import type { Listed } from '../listing.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, put, type Resource } from '../resource.js';
import { type Detail, showQueue } from '../shown/queue.js';
import { LISTING, PAGED_LISTING, STATISTICS } from './queries.js';

/** How much of each queue a request wants to see. */
function detailOf(request: ManagementRequest, otherwise: Detail): Detail {
  if (!request.asks('disable_stats')) return otherwise;
  return request.asks('enable_queue_totals') ? 'totals' : 'none';
}

const DECLARED = [
  'name',
  'vhost',
  'type',
  'durable',
  'auto_delete',
  'exclusive',
  'arguments',
  'node',
  'state',
];
const TOTALS = ['messages', 'messages_ready', 'messages_unacknowledged'];

/** As little of each queue as some fields are in: statistics are most of the work. */
function least(fields: readonly string[] | undefined, most: Detail): Detail {
  if (fields === undefined || most === 'none') return most;
  const tops = fields.map((field) => field.split('.', 1)[0] as string);
  if (tops.every((field) => DECLARED.includes(field))) return 'none';
  return tops.every((field) => DECLARED.includes(field) || TOTALS.includes(field)) ? 'totals' : most;
}

function list(request: ManagementRequest, detail: Detail): Promise<Answer> {
  const { query } = request;
  const shownDetail = least(query.get('columns')?.split(','), detail);
  const keyDetail = least([query.get('sort') ?? 'name'], detail);
  const listed: Listed[] = [];
  const showing = request.showing(true);
  for (const { name: vhost, queues } of visibleVirtualHosts(request)) {
    for (const queue of queues.values()) {
      listed.push({
        vhost,
        name: queue.name,
        show: () => showQueue(showing, vhost, queue, shownDetail),
        key: () => showQueue(showing, vhost, queue, keyDetail),
      });
    }
  }
  return answerList(request, listed, { paged: true });
}

export function requireQueue(request: ManagementRequest): Queue {
  const queue = request.virtualHost.queue(request.parameter('queue'));
  if (queue === undefined) throw absent();
  return queue;
}

async function declare(request: ManagementRequest): Promise<Answer> {
  const virtualHost = request.requiredVirtualHost;
  const name = requireName(request.parameter('queue'), 'queue');
  const body = request.json();
  const options = {
    durable: booleanField(body, 'durable', false),
    autoDelete: booleanField(body, 'auto_delete', false),
    arguments: toTable(fieldOf(body, 'arguments')),
  };
  requireThisNode(request, fieldOf(body, 'node'));
  if (name === '') throw badRequest('a queue has a name');
  const known = virtualHost.queue(name) !== undefined;
  await changeTopology(request, virtualHost, (channel) => channel.declareQueue(name, options));
  return put(!known);
}

/** There is one node; whoever asks for another is told that it cannot be reached. */
function requireThisNode({ broker }: ManagementRequest, node: unknown): void {
  if (node === undefined || node === null || node === broker.nodeName) return;
  throw badRequest(`Node ${typeof node === 'string' ? node : JSON.stringify(node)} could not be contacted`);
}

async function remove(request: ManagementRequest): Promise<Answer> {
  const { name } = requireQueue(request);
  const conditions = { ifUnused: request.asks('if-unused'), ifEmpty: request.asks('if-empty') };
  await changeTopology(request, request.virtualHost, (channel) => channel.deleteQueue(name, conditions));
  return NO_CONTENT;
}

const LIST_QUERY = { ...PAGED_LISTING, ...STATISTICS };

export const queueResources: readonly Resource[] = [
  {
    path: '/queues',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'All queues',
        query: LIST_QUERY,
        run: (request) => list(request, detailOf(request, 'some')),
      },
    },
  },
  {
    path: '/queues/detailed',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'All queues with all details',
        query: LIST_QUERY,
        run: (request) => list(request, 'full'),
      },
    },
  },
  {
    path: '/queues/:vhost',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'The queues of a virtual host',
        query: LIST_QUERY,
        run: (request) => list(request, detailOf(request, 'some')),
      },
    },
  },
  {
    path: '/queues/:vhost/:queue',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'A queue',
        query: { ...LISTING, ...STATISTICS },
        run: (request) => {
          const queue = requireQueue(request);
          const detail = detailOf(request, 'full');
          return request.pick(showQueue(request.showing(true), request.virtualHost.name, queue, detail));
        },
      },
      PUT: {
        summary: 'Declare a queue',
        body: { durable: 'boolean', auto_delete: 'boolean', arguments: 'object', node: 'string' },
        run: declare,
      },
      DELETE: {
        summary: 'Delete a queue',
        query: {
          'if-unused': 'true: not while it has consumers',
          'if-empty': 'true: not while it has messages',
        },
        run: remove,
      },
    },
  },
];

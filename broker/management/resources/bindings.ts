/** Bindings: listed from either end, made, named by their key and arguments, and taken away. */
import { EMPTY_TABLE, type FieldTable } from '../../protocol/field-table.js';
import { Queue } from '../../queue/queue.js';
import type { Binding } from '../../routing/binding.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import { changeTopology, requireName, toTable } from '../amqp-request.js';
import { ofVirtualHost } from '../authorization.js';
import { toJson } from '../field-json.js';
import { absent, badRequest } from '../http-error.js';
import { fieldOf } from '../json-body.js';
import { answerList, visibleVirtualHosts } from '../list-answer.js';
import type { Listed } from '../listing.js';
import { canonicalKey, propertiesKey, quote } from '../properties-key.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, type Resource } from '../resource.js';
import { LISTING } from './queries.js';

const SORT = ['vhost', 'source', 'type', 'destination', 'routing_key', 'properties_key'];

/** A binding as it is shown; that of a queue to the exchange without a name is nowhere but here. */
interface Shown {
  readonly source: string;
  readonly destination: string;
  readonly kind: 'queue' | 'exchange';
  readonly routingKey: string;
  readonly args: FieldTable;
}

function shownOf({ source, destination, routingKey, args }: Binding): Shown {
  const kind = destination instanceof Queue ? 'queue' : 'exchange';
  return { source: source.name, destination: destination.name, kind, routingKey, args };
}

function implicit(queue: string): Shown {
  return { source: '', destination: queue, kind: 'queue', routingKey: queue, args: EMPTY_TABLE };
}

function show(vhost: string, { source, destination, kind, routingKey, args }: Shown): object {
  return {
    source,
    vhost,
    destination,
    destination_type: kind,
    routing_key: routingKey,
    arguments: toJson(args),
    properties_key: propertiesKey(routingKey, args),
  };
}

function* allOf(virtualHost: VirtualHost): Generator<Shown> {
  for (const name of virtualHost.queues.keys()) yield implicit(name);
  for (const { bindings } of virtualHost.exchanges.byName.values())
    for (const one of bindings) yield shownOf(one);
}

function* fromExchange(virtualHost: VirtualHost, name: string): Generator<Shown> {
  if (name === '') for (const queue of virtualHost.queues.keys()) yield implicit(queue);
  for (const one of virtualHost.exchange(name)?.bindings ?? []) yield shownOf(one);
}

function* toDestination(virtualHost: VirtualHost, kind: Shown['kind'], name: string): Generator<Shown> {
  const destination = kind === 'queue' ? virtualHost.queue(name) : virtualHost.exchange(name);
  if (destination === undefined) return;
  if (kind === 'queue') yield implicit(name);
  for (const one of virtualHost.bindings.to(destination)) yield shownOf(one);
}

function* between(request: ManagementRequest): Generator<Shown> {
  const { kind, source, destination } = ends(request);
  for (const one of toDestination(request.virtualHost, kind, destination))
    if (one.source === source) yield one;
}

function answer(
  request: ManagementRequest,
  found: (virtualHost: VirtualHost) => Iterable<Shown>,
): Promise<Answer> {
  const listed: Listed[] = [];
  for (const virtualHost of visibleVirtualHosts(request)) {
    const vhost = virtualHost.name;
    for (const one of found(virtualHost))
      listed.push({ vhost, name: one.source, show: () => show(vhost, one) });
  }
  return answerList(request, listed, { sort: SORT });
}

interface Ends {
  readonly source: string;
  readonly kind: Shown['kind'];
  readonly destination: string;
}

/** @throws HttpError 404 for a type of destination that there is not */
function ends(request: ManagementRequest): Ends {
  const type = request.parameter('type');
  const source = requireName(request.exchangeName('source'));
  if (type === 'q')
    return { source, kind: 'queue', destination: requireName(request.parameter('destination')) };
  if (type === 'e') {
    return { source, kind: 'exchange', destination: requireName(request.exchangeName('destination')) };
  }
  throw absent();
}

async function bind(request: ManagementRequest): Promise<Answer> {
  const virtualHost = request.requiredVirtualHost;
  const { source, kind, destination } = ends(request);
  const body = request.json();
  const routingKey = fieldOf(body, 'routing_key') ?? '';
  if (typeof routingKey !== 'string') throw badRequest(['not_string', 'routing_key']);
  const args = toTable(fieldOf(body, 'arguments'));
  await changeTopology(request, virtualHost, (channel) =>
    kind === 'queue'
      ? channel.bindQueue(destination, source, requireName(routingKey), args)
      : channel.bindExchange(destination, source, requireName(routingKey), args),
  );
  const key = propertiesKey(routingKey, args);
  return { status: 201, headers: { location: `${quote(destination)}/${quote(key).replaceAll('%7E', '~')}` } };
}

function requireBinding(request: ManagementRequest): Shown {
  const key = canonicalKey(request.parameter('props'));
  for (const one of between(request)) if (propertiesKey(one.routingKey, one.args) === key) return one;
  throw absent();
}

async function unbind(request: ManagementRequest): Promise<Answer> {
  const { source, kind, destination, routingKey, args } = requireBinding(request);
  await changeTopology(request, request.virtualHost, (channel) =>
    kind === 'queue'
      ? channel.unbindQueue(destination, source, routingKey, args)
      : channel.unbindExchange(destination, source, routingKey, args),
  );
  return NO_CONTENT;
}

export const bindingResources: readonly Resource[] = [
  {
    path: '/bindings',
    access: ofVirtualHost,
    operations: {
      GET: { summary: 'All bindings', query: LISTING, run: (request) => answer(request, allOf) },
    },
  },
  {
    path: '/bindings/:vhost',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'The bindings of a virtual host',
        query: LISTING,
        run: (request) => answer(request, allOf),
      },
    },
  },
  {
    path: '/bindings/:vhost/e/:source/:type/:destination',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'The bindings between an exchange and a queue (type q) or another exchange (type e)',
        query: LISTING,
        run: (request) => answer(request, () => between(request)),
      },
      POST: { summary: 'Bind', body: { routing_key: 'string', arguments: 'object' }, run: bind },
    },
  },
  {
    path: '/bindings/:vhost/e/:source/:type/:destination/:props',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'A binding, named by its properties_key',
        run: (request) => request.pick(show(request.virtualHost.name, requireBinding(request))),
      },
      DELETE: { summary: 'Unbind', run: unbind },
    },
  },
  {
    path: '/exchanges/:vhost/:exchange/bindings/source',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'The bindings from an exchange',
        query: LISTING,
        run: (request) => answer(request, (one) => fromExchange(one, request.exchangeName('exchange'))),
      },
    },
  },
  {
    path: '/exchanges/:vhost/:exchange/bindings/destination',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'The bindings to an exchange',
        query: LISTING,
        run: (request) =>
          answer(request, (one) => toDestination(one, 'exchange', request.exchangeName('exchange'))),
      },
    },
  },
  {
    path: '/queues/:vhost/:queue/bindings',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'The bindings to a queue',
        query: LISTING,
        run: (request) => answer(request, (one) => toDestination(one, 'queue', request.parameter('queue'))),
      },
    },
  },
];

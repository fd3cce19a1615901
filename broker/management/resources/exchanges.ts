/** Exchanges: list, get, declare, delete, and publish through one. */
import type { Exchange } from '../../routing/exchange.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import { asPublished, changeTopology, requireName, toTable, withChannel } from '../amqp-request.js';
import { ofVirtualHost } from '../authorization.js';
import { toJson } from '../field-json.js';
import { absent, badRequest } from '../http-error.js';
import { booleanField, fieldOf, requireFields, stringField } from '../json-body.js';
import { answerList, visibleVirtualHosts } from '../list-answer.js';
import type { Listed } from '../listing.js';
import { payloadFromJson, propertiesFromJson } from '../message-json.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, NO_CONTENT, put, type Resource } from '../resource.js';
import { incomingOf } from '../shown/connection.js';
import { type Counts, messageStats, type Showing, withRates } from '../shown/statistics.js';
import { LISTING, PAGED_LISTING } from './queries.js';

function show(showing: Showing, virtualHost: VirtualHost, exchange: Exchange): object {
  const { name, type, durable, autoDelete, internal } = exchange;
  return {
    name,
    vhost: virtualHost.name,
    type,
    durable,
    auto_delete: autoDelete,
    internal,
    arguments: toJson(exchange.args),
    ...(exchange.policies.policy === undefined ? {} : { policy: exchange.policies.policy }),
    ...messageStats(counts(exchange), showing.rates(exchange)),
  };
}

function counts({ publishIn, publishOut }: Exchange): Counts {
  return {
    ...(publishIn === 0 ? {} : { publish_in: publishIn }),
    ...(publishOut === 0 ? {} : { publish_out: publishOut }),
  };
}

/** Where its messages went, by queue. */
function* outgoingOf({ name: vhost, queues }: VirtualHost, from: Exchange): Generator<object> {
  for (const { name, incoming } of queues.values()) {
    const counter = incoming.find(({ exchange }) => exchange === from);
    if (counter === undefined) continue;
    yield { queue: { name, vhost }, stats: withRates({ publish: counter.publish }) };
  }
}

/** What belongs to an exchange alone: where messages came from and went is told of queues and channels. */
function showDetails(request: ManagementRequest): object {
  const exchange = requireExchange(request);
  return {
    ...show(request.showing(false), request.virtualHost, exchange),
    incoming: [...incomingOf(request.showing(false), request.broker.host.connections, exchange)],
    outgoing: [...outgoingOf(request.virtualHost, exchange)],
  };
}

function list(request: ManagementRequest): Promise<Answer> {
  const listed: Listed[] = [];
  const showing = request.showing(false);
  for (const virtualHost of visibleVirtualHosts(request)) {
    for (const exchange of virtualHost.exchanges.byName.values()) {
      const { name } = exchange;
      listed.push({ vhost: virtualHost.name, name, show: () => show(showing, virtualHost, exchange) });
    }
  }
  return answerList(request, listed, { paged: true });
}

function requireExchange(request: ManagementRequest): Exchange {
  const exchange = request.virtualHost.exchange(request.exchangeName('exchange'));
  if (exchange === undefined) throw absent();
  return exchange;
}

async function declare(request: ManagementRequest): Promise<Answer> {
  const virtualHost = request.requiredVirtualHost;
  const name = requireName(request.exchangeName('exchange'), 'exchange');
  const body = request.json();
  const type = fieldOf(body, 'type') === undefined ? 'direct' : fieldOf(body, 'type');
  if (typeof type !== 'string') throw badRequest(`invalid exchange type '${JSON.stringify(type)}'`);
  const options = {
    durable: booleanField(body, 'durable', false),
    autoDelete: booleanField(body, 'auto_delete', false),
    internal: booleanField(body, 'internal', false),
    arguments: toTable(fieldOf(body, 'arguments')),
  };
  const known = virtualHost.exchange(name) !== undefined;
  await changeTopology(request, virtualHost, (channel) =>
    channel.declareExchange(name, requireName(type), options),
  );
  return put(!known);
}

async function remove(request: ManagementRequest): Promise<Answer> {
  const { name } = requireExchange(request);
  const ifUnused = request.asks('if-unused');
  await changeTopology(request, request.virtualHost, (channel) => channel.deleteExchange(name, { ifUnused }));
  return NO_CONTENT;
}

async function publish(request: ManagementRequest): Promise<Answer> {
  const body = request.json();
  requireFields(body, 'routing_key', 'properties', 'payload', 'payload_encoding');
  const payload = fieldOf(body, 'payload');
  if (typeof payload !== 'string') throw badRequest('payload_not_string');
  const bytes = payloadFromJson(payload, fieldOf(body, 'payload_encoding'));
  const properties = propertiesFromJson(fieldOf(body, 'properties'));
  const routingKey = requireName(stringField(body, 'routing_key'));
  const exchange = requireName(request.exchangeName('exchange'));
  request.requireUnblocked();
  const routed = await withChannel(
    request,
    async (channel) => {
      let returned = false;
      channel.on('return', () => {
        returned = true;
      });
      try {
        await channel.publish(exchange, routingKey, bytes, properties, { mandatory: true });
      } catch (error) {
        if (isReply(error, 312)) return false;
        if (isReply(error, 311)) throw badRequest('rejected Unable to publish message. Check queue limits.');
        throw error;
      }
      return !returned;
    },
    asPublished,
  );
  return json({ routed });
}

function isReply(error: unknown, replyCode: number): boolean {
  return error instanceof Error && 'replyCode' in error && error.replyCode === replyCode;
}

export const exchangeResources: readonly Resource[] = [
  {
    path: '/exchanges',
    access: ofVirtualHost,
    operations: { GET: { summary: 'All exchanges', query: PAGED_LISTING, run: list } },
  },
  {
    path: '/exchanges/:vhost',
    access: ofVirtualHost,
    operations: { GET: { summary: 'The exchanges of a virtual host', query: PAGED_LISTING, run: list } },
  },
  {
    path: '/exchanges/:vhost/:exchange',
    access: ofVirtualHost,
    operations: {
      GET: {
        summary: 'An exchange',
        query: LISTING,
        run: (request) => request.pick(showDetails(request)),
      },
      PUT: {
        summary: 'Declare an exchange',
        body: {
          type: 'direct where nothing is said',
          durable: 'boolean',
          auto_delete: 'boolean',
          internal: 'boolean',
          arguments: 'object',
        },
        run: declare,
      },
      DELETE: {
        summary: 'Delete an exchange',
        query: { 'if-unused': 'true: not while it is bound' },
        run: remove,
      },
    },
  },
  {
    path: '/exchanges/:vhost/:exchange/publish',
    access: ofVirtualHost,
    operations: {
      POST: {
        summary: 'Publish a message',
        isLarge: true,
        body: {
          routing_key: '*string',
          properties: '*object',
          payload: '*string',
          payload_encoding: '*string or base64',
        },
        run: publish,
      },
    },
  },
];

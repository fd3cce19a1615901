/** Connections and their channels and consumers: list, get, close. */
import { ProtocolError } from '../../protocol/protocol-error.js';
import type { ListedConnection } from '../../transport/connection-registry.js';
import { anyone, isAdministrator, isMonitor, ofVisibleVirtualHost, requireOwner } from '../authorization.js';
import { absent, notAuthorised } from '../http-error.js';
import { answerList, visibleVirtualHosts } from '../list-answer.js';
import type { Listed } from '../listing.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, type Resource } from '../resource.js';
import {
  channelName,
  type ListedChannel,
  showChannel,
  showChannelDetails,
  showConnection,
  showConsumer,
} from '../shown/connection.js';
import { PAGED_LISTING, STATISTICS } from './queries.js';

const REASON = 'Closed via management plugin';
const REASON_LENGTH_MAX = 200;
const LIST_QUERY = { ...PAGED_LISTING, ...STATISTICS };

/** The connections a user sees: all, or their own; those of a virtual host, where one is asked for. */
function* visible(request: ManagementRequest): Generator<ListedConnection> {
  const { broker, identity, virtualHostName } = request;
  if (virtualHostName !== undefined) request.requireVirtualHost();
  for (const connection of broker.host.connections) {
    if (virtualHostName !== undefined && connection.virtualHost.name !== virtualHostName) continue;
    if (isMonitor(identity) || connection.user === identity.user) yield connection;
  }
}

function* channelsOf(connections: Iterable<ListedConnection>): Generator<ListedChannel> {
  for (const connection of connections) {
    for (const channel of connection.openChannels) yield { connection, channel };
  }
}

function listConnections(request: ManagementRequest, user?: string): Promise<Answer> {
  const listed: Listed[] = [];
  const showing = request.showing(true);
  for (const connection of visible(request)) {
    if (user !== undefined && connection.user !== user) continue;
    const vhost = connection.virtualHost.name;
    listed.push({ vhost, name: connection.name, show: () => showConnection(showing, connection) });
  }
  return answerList(request, listed, { paged: true });
}

function listChannels(
  request: ManagementRequest,
  connections: Iterable<ListedConnection> = visible(request),
): Promise<Answer> {
  const listed: Listed[] = [];
  const showing = request.showing(true);
  for (const one of channelsOf(connections)) {
    const vhost = one.connection.virtualHost.name;
    listed.push({ vhost, name: channelName(one), show: () => showChannel(showing, one) });
  }
  return answerList(request, listed, { paged: true });
}

/** Of the virtual hosts that a user may see, whoever consumes. */
function listConsumers(request: ManagementRequest): Promise<Answer> {
  const { broker } = request;
  const hosts = new Set(visibleVirtualHosts(request));
  const listed: Listed[] = [];
  for (const one of channelsOf(broker.host.connections)) {
    const { virtualHost } = one.connection;
    if (!hosts.has(virtualHost)) continue;
    for (const consumer of one.channel.consuming.consumers.values()) {
      const name = consumer.tag;
      listed.push({
        vhost: virtualHost.name,
        name,
        show: () => showConsumer(broker, virtualHost.name, consumer),
      });
    }
  }
  return answerList(request, listed, { sort: [] });
}

/** @throws HttpError 404, or 401 for another user's */
function requireConnection(request: ManagementRequest): ListedConnection {
  const connection = request.broker.host.connections.get(request.parameter('connection'));
  if (connection === undefined) throw absent();
  requireOwner(request, connection.user, !request.isRead);
  return connection;
}

function findChannel(request: ManagementRequest): ListedChannel {
  const name = request.parameter('channel');
  const [, connectionName = '', number = ''] = /^(.*) \((\d+)\)$/s.exec(name) ?? [];
  const connection = request.broker.host.connections.get(connectionName);
  for (const one of channelsOf(connection === undefined ? [] : [connection])) {
    if (one.channel.number !== Number(number)) continue;
    requireOwner(request, one.connection.user, false);
    return one;
  }
  throw absent();
}

/** What the client of a connection is told, cut to what a reply text has room for. */
function reasonOf(request: ManagementRequest): ProtocolError {
  return new ProtocolError(320, (request.header('x-reason') ?? REASON).slice(0, REASON_LENGTH_MAX));
}

function close(request: ManagementRequest): Answer {
  const connection = requireConnection(request);
  connection.disconnect(reasonOf(request));
  return NO_CONTENT;
}

/** @throws HttpError 401 for another user's, unless one monitors or, to close them, is an administrator */
function requireUser(request: ManagementRequest): string {
  const { identity, isRead } = request;
  const user = request.parameter('username');
  const privileged = isRead ? isMonitor(identity) : isAdministrator(identity);
  if (!privileged && user !== identity.user) throw notAuthorised('User not authorised to access object');
  return user;
}

function closeOfUser(request: ManagementRequest): Answer {
  const user = requireUser(request);
  request.broker.host.connections.disconnectWhere((one) => one.user === user, reasonOf(request));
  return NO_CONTENT;
}

export const connectionResources: readonly Resource[] = [
  {
    path: '/connections',
    access: anyone,
    operations: {
      GET: { summary: 'The connections', query: LIST_QUERY, run: (request) => listConnections(request) },
    },
  },
  {
    path: '/connections/:connection',
    access: anyone,
    operations: {
      GET: {
        summary: 'A connection',
        run: (request) => request.pick(showConnection(request.showing(true), requireConnection(request))),
      },
      DELETE: { summary: 'Close a connection; the header X-Reason says why', run: close },
    },
  },
  {
    path: '/connections/:connection/channels',
    access: anyone,
    operations: {
      GET: { summary: 'Its channels', run: (request) => listChannels(request, [requireConnection(request)]) },
    },
  },
  {
    path: '/connections/username/:username',
    access: anyone,
    operations: {
      GET: {
        summary: "A user's connections",
        query: LIST_QUERY,
        run: (request) => listConnections(request, requireUser(request)),
      },
      DELETE: { summary: 'Close them', run: closeOfUser },
    },
  },
  {
    path: '/vhosts/:vhost/connections',
    access: ofVisibleVirtualHost,
    operations: {
      GET: {
        summary: 'The connections to a virtual host',
        query: LIST_QUERY,
        run: (request) => listConnections(request),
      },
    },
  },
  {
    path: '/vhosts/:vhost/channels',
    access: ofVisibleVirtualHost,
    operations: {
      GET: {
        summary: 'The channels in a virtual host',
        query: LIST_QUERY,
        run: (request) => listChannels(request),
      },
    },
  },
  {
    path: '/channels',
    access: anyone,
    operations: {
      GET: { summary: 'The channels', query: LIST_QUERY, run: (request) => listChannels(request) },
    },
  },
  {
    path: '/channels/:channel',
    access: anyone,
    operations: {
      GET: {
        summary: 'A channel',
        run: (request) => request.pick(showChannelDetails(request.showing(true), findChannel(request))),
      },
    },
  },
  {
    path: '/consumers',
    access: anyone,
    operations: { GET: { summary: 'All consumers', run: listConsumers } },
  },
  {
    path: '/consumers/:vhost',
    access: anyone,
    operations: { GET: { summary: 'The consumers in a virtual host', run: listConsumers } },
  },
];

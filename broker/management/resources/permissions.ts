/** Permissions and topic permissions: by user, by virtual host, and one by one. */
import type { UserPermission } from '../../access/permissions.js';
import type { TopicPermission } from '../../access/topic-permissions.js';
import { requireName } from '../amqp-request.js';
import { administrator } from '../authorization.js';
import { absent, badRequest } from '../http-error.js';
import { requireFields, stringField } from '../json-body.js';
import { answerList } from '../list-answer.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, NO_CONTENT, put, type Resource } from '../resource.js';
import { LISTING } from './queries.js';
import { requireUser } from './users.js';

const SORT = ['vhost', 'user', 'exchange'];

export function showPermission({ user, virtualHost, configure, write, read }: UserPermission): object {
  return { user, vhost: virtualHost, configure, write, read };
}

export function showTopicPermission({ user, virtualHost, exchange, write, read }: TopicPermission): object {
  return { user, vhost: virtualHost, exchange, write, read };
}

interface Kept {
  readonly user: string;
  readonly virtualHost: string;
}

function answer<Kind extends Kept>(
  request: ManagementRequest,
  all: readonly Kind[],
  show: (one: Kind) => object,
): Promise<Answer> {
  const listed = all.map((one) => ({ vhost: one.virtualHost, name: one.user, show: () => show(one) }));
  return answerList(request, listed, { sort: SORT });
}

type Filter = { readonly user?: string; readonly virtualHost?: string };

function answerPermissions(request: ManagementRequest, filter: Filter = {}): Promise<Answer> {
  return answer(request, request.broker.access.permissions.list(filter), showPermission);
}

function answerTopics(request: ManagementRequest, filter: Filter = {}): Promise<Answer> {
  return answer(request, request.broker.access.topicPermissions.list(filter), showTopicPermission);
}

const ofUser = (request: ManagementRequest): Filter => ({ user: requireUser(request).name });
const ofHost = (request: ManagementRequest): Filter => ({ virtualHost: request.virtualHost.name });

function get(request: ManagementRequest): Answer {
  const permission = request.broker.access.permissions.get(
    requireUser(request).name,
    request.virtualHost.name,
  );
  if (permission === undefined) throw absent();
  return json(showPermission(permission));
}

/** @throws HttpError 400 where either is not there */
function requireBoth(request: ManagementRequest): Kept {
  const user = request.parameter('user');
  const virtualHost = request.virtualHostName ?? '';
  const { access } = request.broker;
  if (!access.users.has(user) || request.broker.virtualHost(virtualHost) === undefined) {
    throw badRequest('vhost_or_user_not_found');
  }
  return { user, virtualHost };
}

async function grant(request: ManagementRequest): Promise<Answer> {
  const { user, virtualHost } = requireBoth(request);
  const body = request.json();
  requireFields(body, 'configure', 'write', 'read');
  const created = request.broker.access.grant(user, virtualHost, {
    configure: stringField(body, 'configure'),
    write: stringField(body, 'write'),
    read: stringField(body, 'read'),
  });
  await request.broker.written();
  return put(created);
}

async function revoke(request: ManagementRequest): Promise<Answer> {
  const { access } = request.broker;
  if (!access.permissions.drop(request.parameter('user'), request.virtualHostName ?? '')) throw absent();
  await request.broker.written();
  return NO_CONTENT;
}

function topicsOfBoth(request: ManagementRequest): TopicPermission[] {
  const filter = { user: requireUser(request).name, virtualHost: request.virtualHost.name };
  return request.broker.access.topicPermissions.list(filter);
}

function getTopics(request: ManagementRequest): Promise<Answer> {
  const found = topicsOfBoth(request);
  if (found.length === 0) throw absent();
  return answer(request, found, showTopicPermission);
}

async function grantTopic(request: ManagementRequest): Promise<Answer> {
  const { user, virtualHost } = requireBoth(request);
  // RabbitMQ answers as new only where there was none at all.
  const known = topicsOfBoth(request).length > 0;
  const body = request.json();
  requireFields(body, 'exchange', 'write', 'read');
  request.broker.access.grantTopic(user, virtualHost, requireName(stringField(body, 'exchange')), {
    write: stringField(body, 'write'),
    read: stringField(body, 'read'),
  });
  await request.broker.written();
  return put(!known);
}

async function revokeTopic(request: ManagementRequest, exchange?: string): Promise<Answer> {
  const { topicPermissions } = request.broker.access;
  if (topicsOfBoth(request).length === 0) throw absent();
  topicPermissions.drop(request.parameter('user'), request.virtualHost.name, exchange);
  await request.broker.written();
  return NO_CONTENT;
}

/** A list that is asked for by one path. */
function listing(
  path: string,
  summary: string,
  run: (request: ManagementRequest) => Promise<Answer>,
): Resource {
  return { path, access: administrator, operations: { GET: { summary, query: LISTING, run } } };
}

export const permissionResources: readonly Resource[] = [
  listing('/permissions', 'All permissions', (request) => answerPermissions(request)),
  listing('/users/:user/permissions', "A user's permissions", (request) =>
    answerPermissions(request, ofUser(request)),
  ),
  listing('/vhosts/:vhost/permissions', 'The permissions in a virtual host', (request) =>
    answerPermissions(request, ofHost(request)),
  ),
  {
    path: '/permissions/:vhost/:user',
    access: administrator,
    operations: {
      GET: { summary: "A user's permissions in a virtual host", run: get },
      PUT: {
        summary: 'Give a user permissions in a virtual host, by regular expressions',
        body: { configure: '*string', write: '*string', read: '*string' },
        run: grant,
      },
      DELETE: { summary: 'Take them away', run: revoke },
    },
  },
  listing('/topic-permissions', 'All topic permissions', (request) => answerTopics(request)),
  listing('/users/:user/topic-permissions', "A user's topic permissions", (request) =>
    answerTopics(request, ofUser(request)),
  ),
  listing('/vhosts/:vhost/topic-permissions', 'The topic permissions in a virtual host', (request) =>
    answerTopics(request, ofHost(request)),
  ),
  {
    path: '/topic-permissions/:vhost/:user',
    access: administrator,
    operations: {
      GET: { summary: "A user's topic permissions in a virtual host", query: LISTING, run: getTopics },
      PUT: {
        summary: 'Give a user permissions on the routing keys of a topic exchange',
        body: { exchange: '*string', write: '*string', read: '*string' },
        run: grantTopic,
      },
      DELETE: { summary: 'Take them all away', run: (request) => revokeTopic(request) },
    },
  },
  {
    path: '/topic-permissions/:vhost/:user/:exchange',
    access: administrator,
    operations: {
      GET: { summary: 'The same as without an exchange, as in RabbitMQ', query: LISTING, run: getTopics },
      DELETE: {
        summary: 'Take those on one exchange away',
        run: (request) => revokeTopic(request, request.parameter('exchange')),
      },
    },
  },
];

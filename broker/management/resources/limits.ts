/** Limits of virtual hosts and of users. */
import type { LimitValues } from '../../access/limits.js';
import type { Identity } from '../../transport/gate.js';
import { administrator, isAdministrator, isMonitor, ofVisibleVirtualHost } from '../authorization.js';
import { fieldOf, requireFields } from '../json-body.js';
import { answerList } from '../list-answer.js';
import type { Listed } from '../listing.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, type Resource } from '../resource.js';
import { LISTING } from './queries.js';
import { requireUser } from './users.js';

const JSON_ONLY = ['application/json'];

function answer(
  request: ManagementRequest,
  what: 'vhost' | 'user',
  all: readonly [name: string, values: LimitValues][],
): Promise<Answer> {
  const listed: Listed[] = all
    .filter(([, values]) => Object.keys(values).length > 0)
    .map(([name, value]) => ({ vhost: name, name, show: () => ({ [what]: name, value }) }));
  return answerList(request, listed, { sort: [what] });
}

function listOfHosts(request: ManagementRequest): Promise<Answer> {
  const { virtualHostLimits } = request.broker.access;
  if (request.virtualHostName !== undefined) {
    const { name } = request.virtualHost;
    return answer(request, 'vhost', [[name, virtualHostLimits.of(name)]]);
  }
  const { identity } = request;
  const seen = virtualHostLimits.list().filter(([name]) => isMonitor(identity) || identity.mayEnter(name));
  return answer(request, 'vhost', seen);
}

async function limitHost(request: ManagementRequest): Promise<Answer> {
  const { name } = request.requiredVirtualHost;
  const body = request.json();
  requireFields(body, 'value');
  request.broker.access.virtualHostLimits.put(name, request.parameter('name'), fieldOf(body, 'value'));
  await request.broker.written();
  return NO_CONTENT;
}

async function unlimitHost(request: ManagementRequest): Promise<Answer> {
  request.broker.access.virtualHostLimits.drop(request.virtualHost.name, request.parameter('name'));
  await request.broker.written();
  return NO_CONTENT;
}

/** Administrators see everybody's limits, anyone else their own. */
function isOwn(identity: Identity, user: string): boolean {
  return isAdministrator(identity) || identity.user === user;
}

function listOfUsers(request: ManagementRequest): Promise<Answer> {
  const { identity } = request;
  const all = request.broker.access.userLimits.list();
  return answer(
    request,
    'user',
    all.filter(([name]) => isOwn(identity, name)),
  );
}

function listOfUser(request: ManagementRequest): Promise<Answer> {
  const { name } = requireUser(request);
  const seen = isOwn(request.identity, name) ? request.broker.access.userLimits.of(name) : {};
  return answer(request, 'user', [[name, seen]]);
}

async function limitUser(request: ManagementRequest): Promise<Answer> {
  const body = request.json();
  requireFields(body, 'value');
  request.broker.access.limitUser(
    request.parameter('user'),
    request.parameter('name'),
    fieldOf(body, 'value'),
  );
  await request.broker.written();
  return NO_CONTENT;
}

async function unlimitUser(request: ManagementRequest): Promise<Answer> {
  request.broker.access.userLimits.drop(requireUser(request).name, request.parameter('name'));
  await request.broker.written();
  return NO_CONTENT;
}

export const limitResources: readonly Resource[] = [
  {
    path: '/vhost-limits',
    access: ofVisibleVirtualHost,
    operations: { GET: { summary: 'The limits of virtual hosts', query: LISTING, run: listOfHosts } },
  },
  {
    path: '/vhost-limits/:vhost',
    access: ofVisibleVirtualHost,
    operations: { GET: { summary: 'The limits of a virtual host', run: listOfHosts } },
  },
  {
    path: '/vhost-limits/:vhost/:name',
    access: administrator,
    operations: {
      PUT: {
        summary: 'Limit a virtual host: max-connections or max-queues',
        body: { value: '*integer, below 0 for no limit' },
        takes: JSON_ONLY,
        run: limitHost,
      },
      DELETE: { summary: 'Limit it no more', run: unlimitHost },
    },
  },
  {
    path: '/user-limits',
    access: ofVisibleVirtualHost,
    operations: { GET: { summary: 'The limits of users', query: LISTING, run: listOfUsers } },
  },
  {
    path: '/user-limits/:user',
    access: ofVisibleVirtualHost,
    operations: { GET: { summary: 'The limits of a user', run: listOfUser } },
  },
  {
    path: '/user-limits/:user/:name',
    access: administrator,
    operations: {
      PUT: {
        summary: 'Limit a user: max-connections or max-channels',
        body: { value: '*integer, below 0 for no limit' },
        takes: JSON_ONLY,
        run: limitUser,
      },
      DELETE: { summary: 'Limit them no more', run: unlimitUser },
    },
  },
];

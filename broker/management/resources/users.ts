/** Users: list, get, make, change, delete. What they may do is in permissions.ts. */
import type { User } from '../../access/users.js';
import { requireName } from '../amqp-request.js';
import { administrator } from '../authorization.js';
import { absent, badRequest } from '../http-error.js';
import { fieldOf, requireFields } from '../json-body.js';
import { answerList } from '../list-answer.js';
import type { Listed } from '../listing.js';
import type { ManagedBroker } from '../managed-broker.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, put, type Resource } from '../resource.js';
import { LISTING } from './queries.js';

export function showUser(
  { access }: ManagedBroker,
  { name, passwordHash, hashingAlgorithm, tags }: User,
): object {
  return {
    name,
    password_hash: passwordHash,
    hashing_algorithm: hashingAlgorithm,
    tags,
    limits: access.userLimits.of(name),
  };
}

function list(request: ManagementRequest, wanted: (name: string) => boolean = () => true): Promise<Answer> {
  const { broker } = request;
  const listed: Listed[] = [];
  for (const user of broker.access.users.list()) {
    if (wanted(user.name)) listed.push({ vhost: '', name: user.name, show: () => showUser(broker, user) });
  }
  return answerList(request, listed, { sort: ['name'] });
}

function listWithoutPermissions(request: ManagementRequest): Promise<Answer> {
  const { permissions } = request.broker.access;
  return list(request, (name) => permissions.list({ user: name }).length === 0);
}

/** The user that the path names. @throws HttpError 404 */
export function requireUser(request: ManagementRequest): User {
  const user = request.broker.access.users.get(request.parameter('user'));
  if (user === undefined) throw absent();
  return user;
}

async function define(request: ManagementRequest): Promise<Answer> {
  const name = requireName(request.parameter('user'));
  if (name === '') throw badRequest('a user has a name');
  const created = await request.broker.access.putUser(name, request.json());
  await request.broker.written();
  return put(created);
}

async function remove(request: ManagementRequest): Promise<Answer> {
  if (!request.broker.access.deleteUser(request.parameter('user'))) throw absent();
  await request.broker.written();
  return NO_CONTENT;
}

/** All of them or none. */
async function removeSome(request: ManagementRequest): Promise<Answer> {
  const body = request.json();
  requireFields(body, 'users');
  const names = fieldOf(body, 'users');
  if (!Array.isArray(names)) throw badRequest(['not_a_list', 'users']);
  const { access } = request.broker;
  const unknown = names.find((name) => typeof name !== 'string' || !access.users.has(name));
  if (unknown !== undefined) throw badRequest(['no_such_user', unknown]);
  for (const name of names as string[]) access.deleteUser(name);
  await request.broker.written();
  return NO_CONTENT;
}

export const userResources: readonly Resource[] = [
  {
    path: '/users',
    access: administrator,
    operations: { GET: { summary: 'All users', query: LISTING, run: (request) => list(request) } },
  },
  {
    path: '/users/without-permissions',
    access: administrator,
    operations: {
      GET: {
        summary: 'Users who may not enter any virtual host',
        query: LISTING,
        run: listWithoutPermissions,
      },
    },
  },
  {
    path: '/users/bulk-delete',
    access: administrator,
    operations: {
      POST: { summary: 'Delete several users', body: { users: '*a list of names' }, run: removeSome },
    },
  },
  {
    path: '/users/:user',
    access: administrator,
    operations: {
      GET: {
        summary: 'A user',
        run: (request) => request.pick(showUser(request.broker, requireUser(request))),
      },
      PUT: {
        summary: 'Make a user, or give one another password and other tags',
        body: {
          tags: '*a list, or a text with commas',
          password: 'string',
          password_hash: 'instead of a password: in base64, empty for no password',
          hashing_algorithm: 'of the hash: rabbit_password_hashing_sha256 or rabbit_password_hashing_sha512',
        },
        run: define,
      },
      DELETE: { summary: 'Delete a user, and close their connections', run: remove },
    },
  },
];

import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import type { ManagementClient } from '../../test/support/management-client.js';

const NOTHING = { configure: '^$', write: '^$', read: '^$' };

async function startWithUsers(): Promise<
  Record<'guest' | 'manager' | 'monitor' | 'maker' | 'none', ManagementClient>
> {
  const { client } = await startManagedBroker();
  for (const vhost of ['v', 'w']) await client.put(`/vhosts/${vhost}`);
  const tags = { manager: 'management', monitor: 'monitoring', maker: 'policymaker', none: '' };
  for (const [user, tag] of Object.entries(tags)) {
    await client.put(`/users/${user}`, { password: 'p', tags: tag });
    await client.put(`/permissions/v/${user}`, { configure: '^mine', write: '^mine', read: '^mine' });
  }
  await client.put('/queues/v/mine', {});
  await client.put('/queues/w/theirs', {});
  const as = (user: string): ManagementClient => client.as(user, 'p');
  return {
    guest: client,
    manager: as('manager'),
    monitor: as('monitor'),
    maker: as('maker'),
    none: as('none'),
  };
}

function refused(reason: string): object {
  return { status: 401, json: { error: 'not_authorised', reason } };
}

function names({ json }: { json: { name: string }[] }): string[] {
  return json.map(({ name }) => name);
}

test('a user without a tag of management may not use the interface', async () => {
  const { none } = await startWithUsers();
  expect(await none.get('/whoami')).toMatchObject(refused('Not management user'));
});

test('a user sees the virtual hosts they may enter, and monitors that there are others', async () => {
  const { manager, monitor, guest } = await startWithUsers();
  expect(names(await manager.get('/queues'))).toEqual(['mine']);
  expect(names(await manager.get('/vhosts'))).toEqual(['v']);
  expect(names(await monitor.get('/vhosts'))).toEqual(['/', 'v', 'w']);
  expect(names(await monitor.get('/queues'))).toEqual(['mine']);
  expect(names(await guest.get('/queues'))).toEqual(['mine', 'theirs']);
  const not = refused('User not authorised to access virtual host');
  for (const path of ['/queues/w', '/queues/w/theirs', '/exchanges/w', '/bindings/w', '/policies/w']) {
    expect(await manager.get(path)).toMatchObject(not);
  }
  expect((await manager.get('/queues/none/q')).status).toBe(404);
  expect((await manager.get('/overview')).json.object_totals.queues).toBe(1);
  const shown = await guest.send('GET', '/queues', { headers: { 'x-vhost': 'w' } });
  expect(names(shown)).toEqual(['theirs']);
});

test('what a tag does not allow is refused in the words of RabbitMQ', async () => {
  const { manager, maker, monitor } = await startWithUsers();
  const administrator = refused('Not administrator user');
  for (const path of ['/users', '/permissions', '/definitions', '/vhosts/v', '/feature-flags']) {
    expect(await monitor.get(path)).toMatchObject(administrator);
  }
  expect(await manager.get('/nodes')).toMatchObject(refused('Not monitor user'));
  expect((await monitor.get('/nodes')).status).toBe(200);
  const object = refused('User not authorised to access object');
  expect(await manager.get('/parameters')).toMatchObject(object);
  expect(await manager.get('/global-parameters')).toMatchObject(object);
  expect((await maker.get('/global-parameters')).status).toBe(200);
  const policy = { pattern: '^', definition: { 'max-length': 1 } };
  expect(await manager.put('/policies/v/p', policy)).toMatchObject(object);
  expect(await maker.put('/policies/w/p', policy)).toMatchObject(object);
  expect((await maker.put('/policies/v/p', policy)).status).toBe(201);
  expect(await maker.put('/operator-policies/v/p', policy)).toMatchObject(administrator);
  expect((await manager.get('/policies/v')).json).toHaveLength(1);
  expect(await maker.put('/cluster-name', { name: 'n' })).toMatchObject(administrator);
  expect((await maker.get('/cluster-name')).status).toBe(200);
});

test('what is done to queues and messages needs the permissions that an AMQP client would need', async () => {
  const { manager, guest } = await startWithUsers();
  const not = refused('Access refused.');
  expect((await manager.put('/queues/v/mine-too', {})).status).toBe(201);
  expect(await manager.put('/queues/v/other', {})).toMatchObject(not);
  expect(await manager.delete('/exchanges/v/other')).toMatchObject({ status: 404 });
  await guest.put('/queues/v/other', {});
  expect(await manager.delete('/queues/v/other')).toMatchObject(not);
  expect(await manager.delete('/queues/v/other/contents')).toMatchObject(not);
  expect(await manager.post('/bindings/v/e/amq.topic/q/other', {})).toMatchObject(not);
  const fetch = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' };
  const read = "ACCESS_REFUSED - read access to queue 'other' in vhost 'v' refused for user 'manager'";
  expect(await manager.post('/queues/v/other/get', fetch)).toMatchObject(refused(read));
  expect(await manager.get('/queues/v/other/browse')).toMatchObject(refused(read));
  expect((await manager.get('/queues/v/mine/browse')).status).toBe(200);
  const publish = { routing_key: 'mine', payload: '', payload_encoding: 'string', properties: {} };
  expect(await manager.post('/exchanges/v/amq.direct/publish', publish)).toMatchObject({
    status: 400,
    json: { reason: expect.stringContaining('403 ACCESS_REFUSED') },
  });
});

test('a user whose permissions are taken away is outside at the next request', async () => {
  const { manager, guest } = await startWithUsers();
  expect((await manager.get('/queues/v')).status).toBe(200);
  await guest.delete('/permissions/v/manager');
  expect((await manager.get('/queues/v')).status).toBe(401);
  await guest.put('/permissions/v/manager', NOTHING);
  expect((await manager.get('/queues/v')).status).toBe(200);
  await guest.put('/users/manager', { password: 'other', tags: 'management' });
  expect((await manager.get('/queues/v')).json).toEqual({
    error: 'not_authorized',
    reason: 'Not_Authorized',
  });
  await guest.delete('/users/manager');
  expect((await manager.as('manager', 'other').get('/whoami')).status).toBe(401);
});

test('users are made, shown without their passwords, and deleted together or not at all', async () => {
  const { guest } = await startWithUsers();
  expect((await guest.put('/users/u', { tags: [] })).status).toBe(201);
  expect((await guest.get('/users/u')).json).toMatchObject({ name: 'u', tags: [], limits: {} });
  expect((await guest.put('/users/u', {})).json).toEqual({
    error: 'bad_request',
    reason: 'tags_not_present',
  });
  expect(names(await guest.get('/users/without-permissions'))).toEqual(['u']);
  expect((await guest.post('/users/bulk-delete', { users: ['u', 'nobody'] })).json).toEqual({
    error: 'bad_request',
    reason: ['no_such_user', 'nobody'],
  });
  expect((await guest.post('/users/bulk-delete', { users: ['u', 'none'] })).status).toBe(204);
  expect(names(await guest.get('/users'))).toEqual(['guest', 'maker', 'manager', 'monitor']);
  expect(await guest.put('/permissions/v/nobody', NOTHING)).toMatchObject({
    status: 400,
    json: { reason: 'vhost_or_user_not_found' },
  });
  expect((await guest.put('/permissions/v/maker', { configure: '(', write: '', read: '' })).status).toBe(400);
});

test('limits of virtual hosts and users are set, listed and taken away', async () => {
  const { guest, manager } = await startWithUsers();
  expect((await guest.put('/vhost-limits/v/max-queues', { value: 1 })).status).toBe(204);
  expect((await guest.get('/vhost-limits')).json).toEqual([{ vhost: 'v', value: { 'max-queues': 1 } }]);
  expect((await manager.get('/vhost-limits')).json).toHaveLength(1);
  expect((await guest.put('/queues/v/more', {})).status).toBe(400);
  expect((await guest.put('/vhost-limits/v/none', { value: 1 })).status).toBe(400);
  expect((await guest.delete('/vhost-limits/v/max-queues')).status).toBe(204);
  expect((await guest.put('/queues/v/more', {})).status).toBe(201);
  expect((await guest.put('/user-limits/maker/max-channels', { value: 2 })).status).toBe(204);
  expect((await guest.get('/users/maker')).json.limits).toEqual({ 'max-channels': 2 });
  expect((await guest.get('/user-limits/maker')).json).toEqual([
    { user: 'maker', value: { 'max-channels': 2 } },
  ]);
  expect((await guest.get('/user-limits/nobody')).status).toBe(404);
  expect((await manager.get('/user-limits')).json).toEqual([]);
  expect((await manager.as('maker', 'p').get('/user-limits')).json).toHaveLength(1);
});

test('what a user without the tag for it wanted to change is noted as refused, and a mere look is not', async () => {
  const { guest, manager } = await startWithUsers();
  await manager.put('/users/manager', { tags: 'administrator' });
  await manager.delete('/vhosts/v');
  await manager.get('/users');
  const actor = { user: 'manager', address: '127.0.0.1', through: 'http' };
  const refusal = { actor, outcome: 'refused', reason: 'Not administrator user' };
  expect((await guest.get('/warren/audit?count=2')).json).toMatchObject([
    { ...refusal, verb: 'delete', kind: 'vhosts', name: 'v' },
    { ...refusal, verb: 'put', kind: 'users', name: 'manager' },
  ]);
});

test('what was changed is noted with who did it, and attempts to log in are counted', async () => {
  const { guest, manager } = await startWithUsers();
  await manager.put('/queues/v/other', {});
  await manager.as('manager', 'wrong').get('/whoami');
  const { json } = await guest.get('/warren/audit?count=1');
  expect(json).toMatchObject([
    {
      actor: { user: 'manager', through: 'http' },
      verb: 'put',
      kind: 'queues',
      name: 'v other',
      outcome: 'refused',
    },
  ]);
  const [node] = (await guest.get('/nodes')).json;
  const attempts = (await guest.get(`/auth/attempts/${node.name}`)).json;
  expect(attempts).toContainEqual(expect.objectContaining({ protocol: 'http', auth_attempts_failed: 1 }));
  expect((await guest.get('/auth/attempts/none')).status).toBe(404);
});

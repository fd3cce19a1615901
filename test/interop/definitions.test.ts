// Definitions that RabbitMQ exports are imported by Warren's broker, and the other way round.
import { expect, onTestFinished, test } from 'vitest';
import { startManagedBroker } from '../support/managed-broker.js';
import { ManagementClient } from '../support/management-client.js';
import { freePort, missingRabbitmq, startRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

const QUEUES = [
  { name: 'classic', arguments: { 'x-max-length': 5, 'x-overflow': 'reject-publish' } },
  { name: 'quorum', arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 } },
  { name: 'a/b %é', arguments: { 'x-message-ttl': 60_000, nested: { list: [1, 'x', true], f: 1.5 } } },
];

/** The same of everything that definitions may have, made by requests. */
async function define(client: ManagementClient): Promise<void> {
  const put = async (path: string, body: unknown): Promise<void> => {
    const { status, text } = await client.put(path, body);
    if (status >= 300) throw new Error(`PUT ${path} is answered with ${status} ${text}`);
  };
  await put('/vhosts/v', { description: 'd', tags: 'a,b' });
  await put('/users/u', { password: 'secret', tags: 'monitoring' });
  await put('/permissions/v/u', { configure: '^u', write: '.*', read: '.*' });
  await put('/topic-permissions/v/u', { exchange: 'amq.topic', write: '^a', read: '.*' });
  await put('/vhost-limits/v/max-queues', { value: 10 });
  await put('/user-limits/u/max-connections', { value: 7 });
  await put('/policies/v/p', {
    pattern: '^c',
    definition: { 'dead-letter-exchange': 'x' },
    priority: 3,
    'apply-to': 'queues',
  });
  await put('/operator-policies/v/o', {
    pattern: '.*',
    definition: { expires: 600_000 },
    'apply-to': 'queues',
  });
  await put('/exchanges/v/x', {
    type: 'topic',
    durable: true,
    arguments: { 'alternate-exchange': 'amq.fanout' },
  });
  for (const { name, arguments: args } of QUEUES) {
    await put(`/queues/v/${encodeURIComponent(name)}`, { durable: true, arguments: args });
  }
  const bound = { routing_key: 'a.#', arguments: { n: 1, s: 'x' } };
  await client.post('/bindings/v/e/x/q/classic', bound);
  await client.post('/bindings/v/e/x/e/amq.headers', { routing_key: '' });
}

/** What both tell of what is defined, in an order of its own. */
async function defined(client: ManagementClient): Promise<Record<string, unknown>> {
  const paths = {
    queues: '/queues/v?columns=name,durable,auto_delete,arguments,type&disable_stats=true',
    exchange: '/exchanges/v/x?columns=name,type,durable,internal,arguments',
    bindings: '/bindings/v',
    policies: '/policies/v',
    operatorPolicies: '/operator-policies/v',
    permissions: '/vhosts/v/permissions',
    topicPermissions: '/topic-permissions/v/u',
    limits: '/vhost-limits/v',
    user: '/users/u?columns=name,tags,limits,password_hash,hashing_algorithm',
    vhost: '/vhosts/v?columns=name,description,tags',
  };
  const told: Record<string, unknown> = {};
  for (const [name, path] of Object.entries(paths)) told[name] = (await client.get(path)).json;
  return told;
}

describeWith(missingRabbitmq(), 'definitions go both ways between RabbitMQ and Warren’s broker', () => {
  test('what either exports, the other imports, and it is the same', { timeout: 120_000 }, async () => {
    const port = await freePort();
    const configuration = [`management.tcp.port = ${port}`, 'management.tcp.ip = 127.0.0.1'];
    const rabbitmq = await startRabbitmq({ plugins: ['rabbitmq_management'], configuration });
    onTestFinished(() => rabbitmq.stop());
    const theirs = new ManagementClient(port).as('guest', 'guest');
    await define(theirs);
    const exported = (await theirs.get('/definitions')).json;

    const first = await startManagedBroker({ passwordHashing: 'sha256' });
    expect(await first.client.post('/definitions', exported)).toMatchObject({ status: 204 });
    // RabbitMQ 3.10 exports of a virtual host its name alone.
    const vhost = expect.objectContaining({ name: 'v' });
    expect(await defined(first.client)).toEqual({ ...(await defined(theirs)), vhost });
    expect((await first.client.as('u', 'secret').get('/whoami')).json).toMatchObject({ name: 'u' });

    const second = await startManagedBroker({ passwordHashing: 'sha256' });
    await define(second.client);
    const before = await defined(second.client);
    const ours = (await second.client.get('/definitions')).json;
    for (const path of ['/vhosts/v', '/users/u']) expect((await theirs.delete(path)).status).toBe(204);
    expect(await theirs.post('/definitions', ours)).toMatchObject({ status: 204 });
    expect(await defined(theirs)).toEqual(before);
    expect((await theirs.as('u', 'secret').get('/whoami')).json).toMatchObject({ name: 'u' });
  });
});

import { once } from 'node:events';
import amqplib from 'amqplib';
import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';

test('a connection is listed with its channel and its consumer, and closed for a reason', async () => {
  const { broker, client } = await startManagedBroker();
  const connection = await amqplib.connect(broker.url, { clientProperties: { connection_name: 'mine' } });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('q');
  await channel.prefetch(3);
  await channel.consume('q', () => undefined, { consumerTag: 'tag' });
  for (let n = 0; n < 5; n++) channel.sendToQueue('q', Buffer.from('body'));
  await channel.waitForConfirms();

  const [listed] = (await client.get('/connections')).json;
  expect(listed).toMatchObject({
    vhost: '/',
    user: 'guest',
    user_provided_name: 'mine',
    protocol: 'AMQP 0-9-1',
    state: 'running',
    type: 'network',
    auth_mechanism: 'PLAIN',
    channels: 1,
    peer_host: '127.0.0.1',
    port: broker.port,
    client_properties: { connection_name: 'mine', product: 'amqplib' },
  });
  const path = `/connections/${encodeURIComponent(listed.name)}`;
  expect((await client.get(path)).json.name).toBe(listed.name);
  const [channelShown] = (await client.get(`${path}/channels`)).json;
  expect(channelShown).toMatchObject({
    name: `${listed.name} (1)`,
    confirm: true,
    prefetch_count: 3,
    consumer_count: 1,
    messages_unacknowledged: 3,
    messages_unconfirmed: 0,
    message_stats: { publish: 5, confirm: 5, deliver: 3 },
  });
  const details = (await client.get(`/channels/${encodeURIComponent(channelShown.name)}`)).json;
  expect(details.consumer_details).toMatchObject([{ consumer_tag: 'tag', queue: { name: 'q', vhost: '/' } }]);
  expect((await client.get('/consumers/%2F')).json).toEqual(details.consumer_details);
  expect((await client.get('/queues/%2F/q')).json).toMatchObject({
    messages: 5,
    messages_ready: 2,
    messages_unacknowledged: 3,
    consumers: 1,
    message_stats: { publish: 5, deliver: 3 },
    consumer_details: details.consumer_details,
  });
  expect((await client.get('/overview')).json).toMatchObject({
    object_totals: { connections: 1, channels: 1, consumers: 1, queues: 1 },
    queue_totals: { messages: 5 },
    message_stats: { publish: 5 },
  });

  const closed = once(connection, 'close');
  expect((await client.delete(path, { 'x-reason': 'because' })).status).toBe(204);
  const [error] = await closed;
  expect(error.message).toContain('CONNECTION_FORCED - because');
  expect((await client.delete(path)).status).toBe(404);
  expect((await client.get(path)).status).toBe(404);
});

test('users see and close their own connections, and administrators all of them', async () => {
  const { broker, client } = await startManagedBroker();
  for (const user of ['a', 'b']) {
    await client.put(`/users/${user}`, { password: 'p', tags: 'management' });
    await client.put(`/permissions/%2F/${user}`, { configure: '', write: '', read: '' });
  }
  const url = (user: string): string => `amqp://${user}:p@127.0.0.1:${broker.port}`;
  const [first, second] = [await amqplib.connect(url('a')), await amqplib.connect(url('b'))];
  for (const connection of [first, second]) connection.on('error', () => undefined);
  const a = client.as('a', 'p');
  const users = ({ json }: { json: { user: string }[] }): string[] => json.map(({ user }) => user);
  expect(users(await a.get('/connections'))).toEqual(['a']);
  expect(users(await client.get('/connections')).sort()).toEqual(['a', 'b']);
  expect(users(await client.get('/connections/username/b'))).toEqual(['b']);
  expect((await a.get('/connections/username/b')).status).toBe(401);
  const [other] = (await client.get('/connections/username/b')).json;
  const path = `/connections/${encodeURIComponent(other.name)}`;
  expect((await a.get(path)).json).toEqual({
    error: 'not_authorised',
    reason: 'User not authorised to access object',
  });
  expect((await a.delete(path)).status).toBe(401);
  const closed = once(second, 'close');
  expect((await client.delete('/connections/username/b')).status).toBe(204);
  await closed;
  expect(users(await client.get('/vhosts/%2F/connections'))).toEqual(['a']);
  await first.close();
});

test('names of connections and channels that are none are not found', async () => {
  const { client } = await startManagedBroker();
  for (const path of ['/connections/x', '/channels/x', '/channels/x%20(1)', '/connections/x/channels']) {
    expect((await client.get(path)).status).toBe(404);
  }
  for (const path of ['/vhosts/none/connections', '/vhosts/none/channels', '/consumers/none']) {
    expect((await client.get(path)).status).toBe(404);
  }
});

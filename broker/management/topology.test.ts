import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';

function refused(reason: unknown): object {
  return { status: 400, json: { error: 'bad_request', reason } };
}

test('an exchange is declared, shown, and deleted', async () => {
  const { client } = await startManagedBroker();
  const declaration = {
    type: 'topic',
    durable: true,
    auto_delete: false,
    internal: false,
    arguments: { 'alternate-exchange': 'amq.fanout' },
  };
  expect((await client.put('/exchanges/%2F/x', declaration)).status).toBe(201);
  expect((await client.put('/exchanges/%2F/x', declaration)).status).toBe(204);
  expect((await client.get('/exchanges/%2F/x')).json).toMatchObject({
    name: 'x',
    vhost: '/',
    ...declaration,
  });
  expect(await client.put('/exchanges/%2F/x', { ...declaration, type: 'fanout' })).toMatchObject(
    refused(
      "inequivalent arg 'type' for exchange 'x' in vhost '/': received 'fanout' but current is 'topic'",
    ),
  );
  expect((await client.delete('/exchanges/%2F/x')).status).toBe(204);
  expect((await client.delete('/exchanges/%2F/x')).status).toBe(404);
});

test('what the broker keeps to itself is refused, as to any client', async () => {
  const { client } = await startManagedBroker();
  const not = { status: 401, json: { error: 'not_authorised', reason: 'Access refused.' } };
  expect(await client.put('/queues/%2F/amq.q', {})).toMatchObject(not);
  expect(await client.put('/exchanges/%2F/amq.x', {})).toMatchObject(not);
  expect(await client.delete('/exchanges/%2F/amq.topic')).toMatchObject(not);
  expect(await client.put('/exchanges/%2F/x', { type: 'none' })).toMatchObject(
    refused("unknown exchange type 'none'"),
  );
});

test('fields of wrong types are refused, and those that nobody knows ignored', async () => {
  const { client } = await startManagedBroker();
  expect(await client.put('/queues/%2F/q', { durable: 'yes' })).toMatchObject(
    refused(['not_boolean', 'yes']),
  );
  expect(await client.put('/queues/%2F/q', { durable: 1 })).toMatchObject(refused(['not_boolean', 1]));
  expect(await client.put('/queues/%2F/q', { arguments: { x: null } })).toMatchObject(
    refused('null_not_allowed'),
  );
  expect((await client.put('/queues/%2F/q', { arguments: 'x' })).status).toBe(400);
  expect(await client.put('/queues/%2F/q', { arguments: { 'x-max-length': 'a' } })).toMatchObject(
    refused(`invalid arg 'x-max-length' for queue 'q' in vhost '/': "expected integer, got longstr"`),
  );
  expect((await client.put(`/queues/%2F/${'q'.repeat(256)}`, {})).status).toBe(400);
  expect((await client.put('/queues/%2F/q', { durable: 'true', nonsense: [1] })).status).toBe(201);
  expect((await client.put('/queues/none/q', {})).json).toEqual({
    error: 'not_found',
    reason: 'vhost_not_found',
  });
});

test('a queue is deleted unless it is used or not empty and that matters', async () => {
  const { broker, client } = await startManagedBroker();
  const channel = await broker.connect().openChannel();
  await channel.declareQueue('q');
  await channel.publish('', 'q', 'body');
  expect(await client.delete('/queues/%2F/q?if-empty=true')).toMatchObject(
    refused("queue 'q' in vhost '/' not empty"),
  );
  await channel.consume('q', () => undefined);
  expect(await client.delete('/queues/%2F/q?if-unused=true')).toMatchObject(
    refused("queue 'q' in vhost '/' in use"),
  );
  expect((await client.delete('/queues/%2F/q')).status).toBe(204);
  expect((await client.get('/queues/%2F/q')).status).toBe(404);
});

test('a binding is named by its key and by the hash of its arguments that RabbitMQ makes', async () => {
  const { client } = await startManagedBroker();
  await client.put('/exchanges/%2F/x', { type: 'topic' });
  const path = '/bindings/%2F/e/x/e/amq.topic';
  const made = await client.post(path, { routing_key: 'a b/~', arguments: { x: 1, b: true } });
  expect(made.status).toBe(201);
  // As RabbitMQ 3.10 answered the same request.
  expect(made.headers.location).toBe('amq.topic/a%2Bb%252F%257E~8SgdWg');
  const key = 'a%2Bb%252F%257E~8SgdWg';
  const binding = {
    source: 'x',
    vhost: '/',
    destination: 'amq.topic',
    destination_type: 'exchange',
    routing_key: 'a b/~',
    arguments: { b: true, x: 1 },
    properties_key: 'a+b%2F%7E~8SgdWg',
  };
  expect((await client.get(`${path}/${key}`)).json).toEqual(binding);
  expect((await client.get('/exchanges/%2F/x/bindings/source')).json).toEqual([binding]);
  expect((await client.get('/exchanges/%2F/amq.topic/bindings/destination')).json).toEqual([binding]);
  expect((await client.delete(`${path}/${key}`)).status).toBe(204);
  expect((await client.delete(`${path}/${key}`)).status).toBe(404);
  expect((await client.get(path)).json).toEqual([]);
});

test('a queue is bound without arguments, and to the exchange without a name by itself', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/q', {});
  const path = '/bindings/%2F/e/amq.direct/q/q';
  expect((await client.post(path, {})).headers.location).toBe('q/~');
  expect((await client.post(path, { routing_key: 'k' })).headers.location).toBe('q/k');
  const keys = (await client.get('/queues/%2F/q/bindings')).json.map(
    ({ source, properties_key }: Record<string, string>) => [source, properties_key],
  );
  expect(keys).toEqual([
    ['', 'q'],
    ['amq.direct', '~'],
    ['amq.direct', 'k'],
  ]);
  expect((await client.delete(`${path}/~`)).status).toBe(204);
  expect((await client.get(path)).json).toHaveLength(1);
  expect(await client.post('/bindings/%2F/e/amq.direct/q/none', { routing_key: 'k' })).toMatchObject({
    status: 404,
    json: { error: 'not_found', reason: "no queue 'none' in vhost '/'" },
  });
  expect((await client.post('/bindings/%2F/e/amq.direct/z/q', {})).status).toBe(404);
});

test('a binding of any client is found and taken away by its name, whatever the types of its arguments', async () => {
  const { broker, client } = await startManagedBroker();
  const channel = await broker.connect().openChannel();
  await channel.declareQueue('q');
  await channel.bindQueue('q', 'amq.headers', '', { 'x-match': 'all', n: 5, f: 0.5, at: new Date(0) });
  const [, { properties_key: key }] = (await client.get('/queues/%2F/q/bindings')).json;
  const path = `/bindings/%2F/e/amq.headers/q/q/${encodeURIComponent(key)}`;
  expect((await client.delete(path)).status).toBe(204);
  expect((await client.get('/queues/%2F/q/bindings')).json).toHaveLength(1);
});

test('virtual hosts are made, described, protected, and deleted with what is in them', async () => {
  const { client } = await startManagedBroker();
  const metadata = { description: 'd', tags: 'a, b', default_queue_type: 'quorum' };
  expect((await client.put('/vhosts/v', metadata)).status).toBe(201);
  expect((await client.put('/vhosts/v', { ...metadata, description: 'e' })).status).toBe(204);
  expect((await client.get('/vhosts/v')).json).toMatchObject({
    name: 'v',
    description: 'e',
    tags: ['a', 'b'],
    default_queue_type: 'quorum',
  });
  expect((await client.get('/vhosts/v/permissions')).json).toEqual([
    { user: 'guest', vhost: 'v', configure: '.*', write: '.*', read: '.*' },
  ]);
  await client.put('/queues/v/q', { durable: true });
  expect((await client.get('/queues/v/q')).json.type).toBe('quorum');
  expect((await client.post('/vhosts/v/deletion/protection')).status).toBe(204);
  expect((await client.delete('/vhosts/v')).status).toBe(412);
  expect((await client.delete('/vhosts/v/deletion/protection')).status).toBe(204);
  expect((await client.delete('/vhosts/v')).status).toBe(204);
  expect((await client.get('/queues/v')).status).toBe(404);
  expect((await client.get('/permissions')).json).toHaveLength(1);
});

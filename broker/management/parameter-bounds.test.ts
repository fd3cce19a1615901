// What an operator may have the broker keep, and send to have it kept, is bounded.
import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';

const TOO_LARGE = { error: 'bad_request', reason: 'Exceeded HTTP request body size limit' };
const TOO_MANY = { reason: "global parameter 'more' would be one too many: there are 1000 at most" };

test('bodies have 1 MiB, but for a message that is published and definitions that are imported', async () => {
  const { client } = await startManagedBroker();
  const text = 'x'.repeat(1_100_000);
  await client.put('/queues/%2F/q', {});
  for (const path of [
    '/queues/%2F/large',
    '/global-parameters/large',
    '/users/large',
    '/policies/%2F/large',
  ]) {
    expect(await client.put(path, { value: text })).toMatchObject({ status: 400, json: TOO_LARGE });
  }
  const message = { routing_key: 'q', payload: text, payload_encoding: 'string', properties: {} };
  expect((await client.post('/exchanges/%2F/amq.default/publish', message)).json).toEqual({ routed: true });
  expect((await client.post('/definitions', { note: text })).status).toBe(204);
});

test('a value of a parameter that is too long is refused, however it is given', async () => {
  const { client } = await startManagedBroker();
  const longest = 'x'.repeat(64 * 1024 - 2);
  expect((await client.put('/global-parameters/p', { value: longest })).status).toBe(201);
  const reason = "value of parameter 'p' is 65537 bytes of JSON, 65536 bytes are the most it may have";
  const value = `${longest}x`;
  const refused = { status: 400, json: { error: 'bad_request', reason } };
  expect(await client.put('/global-parameters/p', { value })).toMatchObject(refused);
  expect(await client.put('/parameters/vhost-limits/%2F/p', { value })).toMatchObject(refused);
  expect(await client.post('/definitions', { global_parameters: [{ name: 'p', value }] })).toMatchObject(
    refused,
  );
  expect((await client.get('/global-parameters/p')).json.value).toBe(longest);
});

test('there are 1,000 global parameters at most, of which each can still be changed', async () => {
  const { client } = await startManagedBroker();
  const some = Array.from({ length: 999 }, (_, n) => ({ name: `p${n}`, value: n }));
  expect((await client.post('/definitions', { global_parameters: some })).status).toBe(204);
  expect((await client.put('/global-parameters/last', { value: 1 })).status).toBe(201);
  expect(await client.put('/global-parameters/more', { value: 1 })).toMatchObject({
    status: 400,
    json: TOO_MANY,
  });
  // All of a file or nothing, also where what is there leaves no room.
  const file = { vhosts: [{ name: 'new' }], global_parameters: [{ name: 'more', value: 1 }] };
  expect(await client.post('/definitions', file)).toMatchObject({ status: 400, json: TOO_MANY });
  expect((await client.get('/vhosts/new')).status).toBe(404);
  expect((await client.put('/global-parameters/p7', { value: 'changed' })).status).toBe(204);
  expect((await client.post('/definitions', { global_parameters: some })).status).toBe(204);
});

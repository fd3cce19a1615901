import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import type { ManagementClient } from '../../test/support/management-client.js';

interface Fetched {
  readonly payload: string;
  readonly redelivered: boolean;
}

const PUBLISH = '/exchanges/%2F/amq.default/publish';

function message(payload: string, properties: object = {}): object {
  return { routing_key: 'q', payload, payload_encoding: 'string', properties };
}

async function fetch(client: ManagementClient, ackmode: string, more: object = {}): Promise<Fetched[]> {
  const { json } = await client.post('/queues/%2F/q/get', { count: 10, ackmode, encoding: 'auto', ...more });
  return json;
}

test('a message is published with all that it has, and fetched as it was', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/q', {});
  const properties = {
    content_type: 'text/plain',
    delivery_mode: 1,
    priority: 3,
    correlation_id: 'c',
    message_id: 'm',
    timestamp: 1234,
    headers: { n: 1, list: [1, 'x'], deep: { yes: true }, __proto: 'p' },
  };
  expect((await client.post(PUBLISH, message('hé', properties))).json).toEqual({ routed: true });
  expect(await fetch(client, 'ack_requeue_false')).toEqual([
    {
      payload: 'hé',
      payload_bytes: 3,
      payload_encoding: 'string',
      redelivered: false,
      exchange: '',
      routing_key: 'q',
      message_count: 0,
      properties,
    },
  ]);
  expect(await fetch(client, 'ack_requeue_false')).toEqual([]);
});

test('white space in base64, however much of it, is passed over at once', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/q', {});
  const spaces = ' '.repeat(300_000);
  const payload = `aGk${spaces}=\n`;
  expect((await client.post(PUBLISH, { ...message(payload), payload_encoding: 'base64' })).json).toEqual({
    routed: true,
  });
  expect(await fetch(client, 'ack_requeue_false')).toMatchObject([{ payload: 'hi' }]);
  const wrong = { ...message(`A${spaces}!`), payload_encoding: 'base64' };
  expect((await client.post(PUBLISH, wrong)).status).toBe(400);
});

test('bodies that are no text come and go in base64', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/q', {});
  const bytes = Buffer.from([0xff, 0, 0x80]).toString('base64');
  await client.post(PUBLISH, { ...message(bytes), payload_encoding: 'base64' });
  const [fetched] = await fetch(client, 'ack_requeue_true');
  expect(fetched).toMatchObject({ payload: bytes, payload_encoding: 'base64', payload_bytes: 3 });
  await client.delete('/queues/%2F/q/contents');
  await client.post(PUBLISH, message('héllo'));
  expect(await fetch(client, 'ack_requeue_true', { truncate: 3 })).toMatchObject([{ payload: 'hé' }]);
  expect(await fetch(client, 'ack_requeue_false', { encoding: 'base64' })).toMatchObject([
    { payload: Buffer.from('héllo').toString('base64'), payload_encoding: 'base64' },
  ]);
});

test('fetched messages go back to the queue, or do not, as is asked for', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/dead', {});
  const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' };
  await client.put('/queues/%2F/q', { arguments: letters });
  for (const payload of ['1', '2', '3']) await client.post(PUBLISH, message(payload));
  const payloads = (all: Fetched[]): [string, boolean][] =>
    all.map(({ payload, redelivered }) => [payload, redelivered]);
  expect(payloads(await fetch(client, 'ack_requeue_true', { count: 2 }))).toEqual([
    ['1', false],
    ['2', false],
  ]);
  expect(payloads(await fetch(client, 'reject_requeue_true'))).toEqual([
    ['1', true],
    ['2', true],
    ['3', false],
  ]);
  expect(payloads(await fetch(client, 'reject_requeue_false', { count: 1 }))).toEqual([['1', true]]);
  expect((await client.get('/queues/%2F/dead')).json.messages).toBe(1);
  expect(payloads(await fetch(client, 'ack_requeue_false', { count: '-1' }))).toHaveLength(2);
});

test('what is wrong about a publish or a fetch is told as RabbitMQ does', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/q', {});
  const get = '/queues/%2F/q/get';
  const right = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' };
  const cases: [string, object, unknown][] = [
    [get, {}, '[{key_missing,ackmode},{key_missing,count},{key_missing,encoding}]'],
    [get, { ...right, count: 'a' }, ['not_integer', 'a']],
    [get, { ...right, encoding: 'x' }, 'Unsupported encoding. Please use auto or base64.'],
    [
      PUBLISH,
      { properties: {} },
      '[{key_missing,routing_key},\n {key_missing,payload},\n {key_missing,payload_encoding}]',
    ],
    [PUBLISH, { ...message('x'), payload: 3 }, 'payload_not_string'],
    [PUBLISH, { ...message('%%'), payload_encoding: 'base64' }, ['not_base64', '%%']],
    [PUBLISH, { ...message('x'), payload_encoding: 'z' }, ['unsupported_encoding', 'z']],
    [PUBLISH, message('x', { expiration: 3 }), ['not_string', 'expiration']],
    [PUBLISH, message('x', { priority: '5' }), ['not_int', 'priority']],
    [
      PUBLISH,
      message('x', { expiration: 'x' }),
      "406 PRECONDITION_FAILED - invalid expiration 'x': no_integer",
    ],
    [
      PUBLISH,
      message('x', { user_id: 'bob' }),
      "406 PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'",
    ],
    ['/exchanges/%2F/none/publish', message('x'), "404 NOT_FOUND - no exchange 'none' in vhost '/'"],
  ];
  for (const [path, body, reason] of cases) {
    expect(await client.post(path, body)).toMatchObject({
      status: 400,
      json: { error: 'bad_request', reason },
    });
  }
  expect((await client.post(PUBLISH, { ...message('x'), routing_key: 'none' })).json).toEqual({
    routed: false,
  });
});

test('a queue that is full refuses what is published', async () => {
  const { client } = await startManagedBroker();
  const args = { 'x-max-length': 1, 'x-overflow': 'reject-publish' };
  await client.put('/queues/%2F/q', { arguments: args });
  await client.post(PUBLISH, message('1'));
  expect(await client.post(PUBLISH, message('2'))).toMatchObject({
    status: 400,
    json: { reason: 'rejected Unable to publish message. Check queue limits.' },
  });
});

test('browsing shows messages by offset and changes neither order nor whether they were delivered', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/q', {});
  for (let n = 0; n < 5; n++) await client.post(PUBLISH, message(`body ${n}`, { headers: { n } }));
  const { json } = await client.get('/queues/%2F/q/browse?offset=1&count=2');
  expect(json).toMatchObject({ messages_ready: 5, offset: 1, scanned: 2, next_offset: 3 });
  expect(json.items).toMatchObject([
    { offset: 1, payload: 'body 1', redelivered: false, properties: { headers: { n: 1 } } },
    { offset: 2, payload: 'body 2' },
  ]);
  const end = (await client.get('/queues/%2F/q/browse?offset=3')).json;
  expect(end).toMatchObject({ next_offset: null, items: [{ offset: 3 }, { offset: 4 }] });
  expect((await client.get('/queues/%2F/q/browse?offset=9')).json.items).toEqual([]);
  const found = (await client.get('/queues/%2F/q/browse?header.n=3&contains=body&routing_key=%23')).json;
  expect(found.items).toMatchObject([{ offset: 3 }]);
  expect(await fetch(client, 'ack_requeue_false')).toMatchObject(
    [0, 1, 2, 3, 4].map((n) => ({ payload: `body ${n}`, redelivered: false })),
  );
  expect((await client.get('/queues/%2F/q/browse?redelivered=perhaps')).status).toBe(400);
  expect((await client.get('/queues/%2F/none/browse')).status).toBe(404);
});

test('a long queue is browsed where it is on disk, and a filter that finds little says how far it got', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'warren-browse-'));
  // The last that is registered is the first to be done.
  onTestFinished(() => rm(dataDirectory, { recursive: true, force: true }));
  const { broker, client } = await startManagedBroker({
    dataDirectory,
    residentMessagesMax: 200,
    users: [{ name: 'guest', password: 'guest', tags: ['administrator'] }],
  });
  const channel = await broker.connect().openChannel();
  await channel.declareQueue('q', { durable: true });
  const length = 25_000;
  for (let start = 0; start < length; start += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, (_, at) =>
        channel.publish('', 'q', `body ${start + at}`, { persistent: at % 2 === 0 }),
      ),
    );
  }
  for (const offset of [0, 150, 300, 12_345, length - 2]) {
    const { json } = await client.get(`/queues/%2F/q/browse?offset=${offset}&count=2`);
    expect(json.items).toMatchObject([
      { offset, payload: `body ${offset}`, redelivered: false },
      { offset: offset + 1, payload: `body ${offset + 1}` },
    ]);
  }
  const first = (await client.get('/queues/%2F/q/browse?contains=body%2024999')).json;
  expect(first.items).toEqual([]);
  expect(first.next_offset).toBeLessThan(length);
  const next = `/queues/%2F/q/browse?contains=body%2024999&offset=${first.next_offset}`;
  expect((await client.get(next)).json.items).toMatchObject([{ offset: 24_999 }]);
  expect((await channel.checkQueue('q')).messageCount).toBe(length);
  expect((await channel.get('q', { noAck: true }))?.text()).toBe('body 0');
});

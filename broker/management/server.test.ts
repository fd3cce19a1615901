import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import { ManagementClient } from '../../test/support/management-client.js';

const NOT_FOUND = { error: 'Object Not Found', reason: 'Not Found' };

test('whoever shows no user is asked for one, and whoever shows a wrong one is told so', async () => {
  const { broker, client } = await startManagedBroker();
  const nobody = await new ManagementClient(broker.managementPort as number).get('/whoami');
  expect(nobody).toMatchObject({ status: 401, text: '' });
  expect(nobody.headers['www-authenticate']).toBe('Basic realm="RabbitMQ Management"');
  const wrong = await client.as('guest', 'wrong').get('/whoami');
  expect(wrong).toMatchObject({
    status: 401,
    json: { error: 'not_authorized', reason: 'Not_Authorized' },
  });
  for (const authorization of ['Basic', 'Basic !', 'Other x', 'Basic bm9jb2xvbg==', '']) {
    const { status } = await client.send('GET', '/whoami', { headers: { authorization } });
    expect([400, 401]).toContain(status);
  }
  expect((await client.get('/whoami')).json).toEqual({ name: 'guest', tags: ['administrator'] });
});

test('a path that is not there, and a method that a path does not have, are answered as RabbitMQ does', async () => {
  const { client } = await startManagedBroker();
  expect(await client.get('/nothing')).toMatchObject({ status: 404, json: NOT_FOUND });
  expect(await client.put('/nothing')).toMatchObject({ status: 405, text: '' });
  const refused = await client.send('PATCH', '/queues/%2F/q');
  expect(refused).toMatchObject({ status: 405, text: '' });
  expect(refused.headers.allow).toBe('HEAD, GET, PUT, DELETE, OPTIONS');
  const options = await client.send('OPTIONS', '/queues/%2F/q/get');
  expect(options).toMatchObject({ status: 200, text: '' });
  expect(options.headers.allow).toBe('POST, OPTIONS');
  expect(await client.send('HEAD', '/exchanges/%2F/amq.topic')).toMatchObject({ status: 200, text: '' });
});

test('a client that does not take JSON gets 406, and what has to be JSON and does not say so 415', async () => {
  const { client } = await startManagedBroker();
  const accept = 'text/html, application/json;q=0';
  expect(await client.send('GET', '/queues', { headers: { accept } })).toMatchObject({ status: 406 });
  const any = { headers: { accept: 'text/html, */*;q=0.1' } };
  expect(await client.send('GET', '/queues', any)).toMatchObject({ status: 200, json: [] });
  const limit = await client.send('PUT', '/vhost-limits/%2F/max-queues', { text: '{"value":1}' });
  expect(limit).toMatchObject({ status: 415, text: '' });
});

test('names are decoded once, whatever slashes, percent signs and letters are in them', async () => {
  const { broker, client } = await startManagedBroker();
  const channel = await broker.connect().openChannel();
  for (const name of ['a/b', '%2F', '100%', 'é?&#', '..', '__proto__', 'a b+c', '%252F']) {
    const path = `/queues/%2F/${encodeURIComponent(name).replaceAll('.', '%2E')}`;
    expect((await client.put(path, {})).status).toBe(201);
    expect((await channel.checkQueue(name)).queue).toBe(name);
    expect((await client.get(path)).json.name).toBe(name);
    expect((await client.delete(path)).status).toBe(204);
    expect(await client.get(path)).toMatchObject({ status: 404, json: NOT_FOUND });
  }
});

test('a target that names the server before the path is that path', async () => {
  const { client } = await startManagedBroker();
  await client.put('/users/operator', { tags: 'management' });
  for (const server of ['http://127.0.0.1:1', 'HTTPS://[::1]']) {
    const path = `${server}/api/users/operator?columns=name`;
    expect(await client.raw('GET', path)).toMatchObject({ status: 200, json: { name: 'operator' } });
  }
});

test('encodings that are none, and of what is no UTF-8, are refused with 400', async () => {
  const { client } = await startManagedBroker();
  for (const path of ['/queues/%zz/q', '/queues/%2F/%', '/queues/%2F/%ff%fe', '/vhosts/%e2%82']) {
    expect((await client.get(path)).status).toBe(400);
  }
});

test('a slash at the end of a path says nothing, and an empty segment is an empty name', async () => {
  const { client } = await startManagedBroker();
  expect((await client.get('/queues/%2F/')).json).toEqual([]);
  expect((await client.get('/queues/')).json).toEqual([]);
  const bindings = await client.get('/exchanges/%2F//bindings/source');
  expect(bindings).toMatchObject({ status: 200, json: [] });
});

test('bodies that are no objects are refused in the words of RabbitMQ, and deep ones like any other', async () => {
  const { client } = await startManagedBroker();
  const bodies: [string, unknown][] = [
    ['[]', 'not_json'],
    ['x', 'not_json'],
    ['"x"', expect.stringContaining('doubly-JSON-encoded')],
    [`{"arguments":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'not_json'],
    [`{"arguments":${'{"a":'.repeat(120)}1${'}'.repeat(120)}}`, expect.anything()],
  ];
  for (const [text, reason] of bodies) {
    expect(await client.send('PUT', '/queues/%2F/q', { text })).toMatchObject({
      status: 400,
      json: { error: 'bad_request', reason },
    });
  }
  for (const text of ['', 'null']) {
    expect((await client.send('PUT', '/queues/%2F/q', { text })).status).toBeLessThan(300);
  }
});

test('a body has a largest size', async () => {
  const { client } = await startManagedBroker({ management: { port: 0, bodyBytesMax: 1000 } });
  const text = JSON.stringify({ arguments: { x: 'y'.repeat(1000) } });
  expect(await client.send('PUT', '/queues/%2F/q', { text })).toMatchObject({
    status: 400,
    json: { error: 'bad_request', reason: 'Exceeded HTTP request body size limit' },
  });
  expect((await client.get('/queues')).json).toEqual([]);
});

test('keys that mean something to JavaScript are names like any other', async () => {
  const { client } = await startManagedBroker();
  const text = '{"__proto__":{"durable":true},"arguments":{"__proto__":"a","constructor":{"prototype":1}}}';
  expect((await client.send('PUT', '/queues/%2F/q', { text })).status).toBe(201);
  const shown = await client.get('/queues/%2F/q');
  expect(shown.json.durable).toBe(false);
  expect(shown.text).toContain('"__proto__":"a"');
  expect(shown.text).toContain('"constructor":{"prototype":1}');
  expect(({} as Record<string, unknown>)['durable']).toBeUndefined();
});

test('answers are not kept by anybody, and lend themselves to no other page', async () => {
  const { client } = await startManagedBroker();
  const { headers } = await client.get('/whoami');
  expect(headers['cache-control']).toBe('no-cache');
  expect(headers['content-type']).toBe('application/json');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

test('huge headers are refused, and what is no HTTP ends its connection', async () => {
  const { broker, client } = await startManagedBroker();
  const { status } = await client.send('GET', '/whoami', { headers: { 'x-long': 'x'.repeat(20_000) } });
  expect(status).toBe(431);
  const socket = connect(broker.managementPort as number, '127.0.0.1');
  const received = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.write('AMQP\0\0\x09\x01');
  });
  expect(received).toContain('400 Bad Request');
});

test('connections beyond the most there may be are not served', async () => {
  const { broker, client } = await startManagedBroker({ management: { port: 0, connectionsMax: 2 } });
  const open = (): Promise<'open' | 'closed'> =>
    new Promise((resolve) => {
      const socket = connect(broker.managementPort as number, '127.0.0.1');
      socket.on('error', () => resolve('closed'));
      socket.on('close', () => resolve('closed'));
      socket.on('data', () => resolve('open'));
      socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    });
  expect(await open()).toBe('open');
  expect(await open()).toBe('open');
  expect(await open()).toBe('closed');
  await expect(client.get('/whoami')).rejects.toThrow();
});

test('the broker stops with requests under way, and its port is free again', async () => {
  const { broker, client } = await startManagedBroker();
  const port = broker.managementPort as number;
  await client.get('/whoami');
  await broker.stop();
  await expect(client.get('/whoami')).rejects.toThrow();
  const again = await startManagedBroker({ management: { port } });
  expect(again.broker.managementPort).toBe(port);
});

test('a port that is taken keeps the broker from starting, and leaves nothing behind', async () => {
  const { broker } = await startManagedBroker();
  const taken = startManagedBroker({ management: { port: broker.managementPort as number } });
  await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

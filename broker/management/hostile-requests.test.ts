// Requests by which somebody means harm, at the limits that are there for them: each has an answer, and others
// are served meanwhile.
import { connect, type Socket } from 'node:net';
import amqplib from 'amqplib';
import { expect, onTestFinished, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';

const GUEST = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
const DRIP_MS = 20;

/** A connection on which anything may be sent, and what came of it. */
function open(port: number): { socket: Socket; closed: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  const closed = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
  return { socket, closed };
}

/** Sends an octet now and then for as long as it is let; what was answered when it was cut. */
async function drip(port: number, start: string, octet: string): Promise<string> {
  const { socket, closed } = open(port);
  socket.write(start);
  const timer = setInterval(() => socket.write(octet), DRIP_MS);
  try {
    return await closed;
  } finally {
    clearInterval(timer);
  }
}

test('who sends headers octet by octet, or nothing at all, is cut when the time is up', async () => {
  const { broker, client } = await startManagedBroker({ management: { headersMs: 300, requestMs: 600 } });
  const port = broker.managementPort as number;
  const silent = open(port).closed;
  const slow = drip(port, 'GET /api/whoami HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ', 'x');
  expect((await client.get('/whoami')).status).toBe(200);
  expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
  expect(await silent).toMatch(/^HTTP\/1\.1 408 /);
  expect((await client.get('/whoami')).status).toBe(200);
});

test('who sends a body octet by octet is cut when the time is up', async () => {
  const { broker, client } = await startManagedBroker({ management: { headersMs: 300, requestMs: 600 } });
  const head = `PUT /api/queues/%2F/slow HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${GUEST}\r\ncontent-length: 100000\r\n\r\n{`;
  expect(await drip(broker.managementPort as number, head, ' ')).toMatch(/^HTTP\/1\.1 408 /);
  expect((await client.get('/queues/%2F/slow')).status).toBe(404);
});

test('a flood of connections is not served beyond the most there may be, and is over when their time is', async () => {
  const { broker, client } = await startManagedBroker({ management: { connectionsMax: 10, headersMs: 500 } });
  const port = broker.managementPort as number;
  const flood = Array.from({ length: 300 }, () => open(port));
  let cut = 0;
  for (const { closed } of flood) void closed.then(() => cut++);
  await expect.poll(() => cut).toBeGreaterThanOrEqual(290);
  // AMQP has a port of its own.
  await (await amqplib.connect(broker.url)).close();
  await Promise.all(flood.map(({ closed }) => closed));
  expect((await client.get('/whoami')).status).toBe(200);
});

test('a body that is too large is refused before it has come, however its length is told', async () => {
  const { broker, client } = await startManagedBroker({ management: { bodyBytesMax: 10_000 } });
  const port = broker.managementPort as number;
  const head = `PUT /api/queues/%2F/large HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${GUEST}\r\n`;
  const told = open(port);
  told.socket.write(`${head}content-length: 1000000000000\r\n\r\n{`);
  expect(await told.closed).toMatch(/^HTTP\/1\.1 400 [\s\S]*Exceeded HTTP request body size limit/);
  const endless = open(port);
  endless.socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
  const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`;
  const timer = setInterval(() => endless.socket.write(chunk), 1);
  expect(await endless.closed).toMatch(/^HTTP\/1\.1 400 [\s\S]*Exceeded HTTP request body size limit/);
  clearInterval(timer);
  // Nobody uploads who is not let in.
  const nobody = open(port);
  nobody.socket.write(
    'PUT /api/queues/%2F/large HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: 9000\r\n\r\n',
  );
  await expect.poll(() => nobody.socket.bytesRead).toBeGreaterThan(0);
  nobody.socket.end();
  expect(await nobody.closed).toMatch(/^HTTP\/1\.1 401 /);
  expect((await client.get('/whoami')).status).toBe(200);
});

/** JSON that is nested so deep. */
function nested(depth: number, open: string, close: string): string {
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}

test('JSON that is nested too deep is refused wherever it stands', async () => {
  const { client } = await startManagedBroker();
  const headers = { 'content-type': 'application/json' };
  for (const depth of [200, 1_000_000]) {
    for (const value of [nested(depth, '[', ']'), nested(depth, '{"a":', '}')]) {
      const bodies: readonly [string, string, string][] = [
        ['PUT', '/queues/%2F/deep', `{"arguments":{"x":${value}}}`],
        ['PUT', '/global-parameters/deep', `{"value":${value}}`],
        ['POST', '/definitions', `{"global_parameters":[{"name":"deep","value":${value}}]}`],
        ['PUT', '/users/deep', value],
      ];
      for (const [method, path, text] of bodies) {
        expect(await client.send(method, path, { text, headers })).toMatchObject({
          status: 400,
          json: { error: 'bad_request' },
        });
      }
    }
  }
  expect((await client.get('/queues/%2F/deep')).status).toBe(404);
  expect((await client.get('/users/deep')).status).toBe(404);
  expect((await client.get('/global-parameters/deep')).status).toBe(404);
});

test('keys that mean something to JavaScript are names like any other, of users and in definitions', async () => {
  const { broker, client } = await startManagedBroker();
  const headers = { 'content-type': 'application/json' };
  // What is inherited would be taken for what the body says.
  const user = '{"__proto__":{"password":"p","tags":"administrator"},"constructor":{"tags":"administrator"}}';
  expect(await client.send('PUT', '/users/mallory', { text: user, headers })).toMatchObject({ status: 400 });
  expect((await client.get('/users/mallory')).status).toBe(404);
  const made = '{"password":"p","tags":"","__proto__":{"tags":"administrator","isAdmin":true}}';
  expect((await client.send('PUT', '/users/__proto__', { text: made, headers })).status).toBe(201);
  expect((await client.get('/users/__proto__')).json).toMatchObject({ name: '__proto__', tags: [] });
  expect((await client.as('__proto__', 'p').get('/whoami')).status).toBe(401);

  const definitions = `{
    "__proto__": {"users":[{"name":"inherited","password_hash":"","tags":"administrator"}]},
    "vhosts": [{"name":"__proto__","__proto__":{"name":"inherited"}}],
    "queues": [{"name":"constructor","vhost":"__proto__","durable":true,"auto_delete":false,
      "arguments":{"__proto__":"a","x-max-length":1}}],
    "global_parameters": [{"name":"__proto__","value":{"__proto__":{"polluted":true},"toString":1}}]}`;
  expect(await client.send('POST', '/definitions', { text: definitions, headers })).toMatchObject({
    status: 204,
  });
  expect((await client.get('/users/inherited')).status).toBe(404);
  expect((await client.get('/vhosts/inherited')).status).toBe(404);
  const queue = await client.get('/queues/__proto__/constructor');
  expect(queue.text).toContain('"__proto__":"a"');
  expect(queue.json).toMatchObject({ vhost: '__proto__', durable: true });
  const exported = await client.get('/definitions');
  expect(exported.text).toContain(
    '{"name":"__proto__","value":{"__proto__":{"polluted":true},"toString":1}}',
  );
  // It goes in again as it came out.
  expect((await client.send('POST', '/definitions', { text: exported.text, headers })).status).toBe(204);
  const clean = {} as Record<string, unknown>;
  expect([clean['polluted'], clean['isAdmin'], clean['tags'], clean['name']]).toEqual(
    Array(4).fill(undefined),
  );
  expect(broker.state).toBe('running');
});

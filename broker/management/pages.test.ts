import amqplib from 'amqplib';
import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import { ManagementClient } from '../../test/support/management-client.js';
import type { BrokerOptions } from '../broker.js';
import { allResources } from './resources/all-resources.js';

test('the document describes every resource, and the page shows it to people', async () => {
  const { broker } = await startManagedBroker();
  const nobody = new ManagementClient(broker.managementPort as number);
  const { json, status } = await nobody.get('/openapi.json');
  expect(status).toBe(200);
  expect(json.openapi).toMatch(/^3\./);
  for (const { path, operations } of allResources()) {
    const described = json.paths[`/api${path.replace(/:(\w+)/g, '{$1}')}`];
    const methods = Object.keys(operations).map((method) => method.toLowerCase());
    expect(Object.keys(described ?? {}).sort()).toEqual(methods.sort());
  }
  const publish = json.paths['/api/exchanges/{vhost}/{exchange}/publish'].post;
  expect(publish.requestBody.content['application/json'].schema.required).toContain('routing_key');
  expect((await nobody.raw('GET', '/')).headers.location).toBe('/api/index.html');
  const page = await nobody.get('/index.html');
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.text).toContain('/api/queues/{vhost}/{queue}/browse');
  expect(page.text).not.toMatch(/https?:\/\//);
});

test('probes need no log-in, and an alarm leaves the broker ready', async () => {
  const { broker, client } = await startManagedBroker({ memoryBytesMax: 1 });
  const nobody = new ManagementClient(broker.managementPort as number);
  for (const probe of ['live', 'ready', 'startup']) {
    expect(await nobody.raw('GET', `/health/${probe}`)).toMatchObject({
      status: 200,
      json: { status: 'ok' },
    });
  }
  expect(await client.get('/health/checks/alarms')).toMatchObject({
    status: 503,
    json: {
      status: 'failed',
      reason: 'There are alarms in effect in the cluster',
      alarms: [{ resource: 'memory' }],
    },
  });
  const publish = { routing_key: 'q', payload: '', payload_encoding: 'string', properties: {} };
  expect(await client.post('/exchanges/%2F/amq.default/publish', publish)).toMatchObject({
    status: 503,
    json: { error: 'service_unavailable', reason: 'publishers are blocked: low on memory' },
  });
});

test('health checks tell by their status whether something is well', async () => {
  const { broker, client } = await startManagedBroker();
  const check = (path: string) => client.get(`/health/checks/${path}`);
  for (const path of ['alarms', 'local-alarms', 'virtual-hosts', 'is-in-service', 'ready-to-serve-clients']) {
    expect(await check(path)).toMatchObject({ status: 200, json: { status: 'ok' } });
  }
  expect((await check(`port-listener/${broker.port}`)).json).toEqual({ status: 'ok', port: broker.port });
  expect(await check('port-listener/1')).toMatchObject({
    status: 503,
    json: { status: 'failed', reason: 'No active listener', missing: 1 },
  });
  expect((await check('port-listener/x')).status).toBe(400);
  expect((await check('protocol-listener/amqp091')).status).toBe(200);
  expect(await check('protocol-listener/mqtt')).toMatchObject({
    status: 503,
    json: { missing: 'mqtt', protocols: ['amqp', 'http'] },
  });
  expect((await check('certificate-expiration/1/months')).json).toEqual({ status: 'ok' });
  expect((await check('certificate-expiration/1/constructor')).status).toBe(400);
  expect((await check('certificate-expiration/1/x')).json).toEqual({
    error: 'bad_request',
    reason: 'Time unit not recognised. Supported units: days, weeks, months, years.',
  });
  expect((await client.get('/aliveness-test/%2F')).json).toEqual({ status: 'ok' });
  expect((await client.get('/aliveness-test/none')).status).toBe(404);
});

test('the node tells what it uses and what it may use', async () => {
  const { client } = await startManagedBroker({ memoryBytesMax: 2 ** 40 });
  const [node] = (await client.get('/nodes')).json;
  expect(node).toMatchObject({
    running: true,
    mem_limit: 2 ** 40,
    mem_alarm: false,
    os_pid: String(process.pid),
  });
  expect(node.mem_used).toBeGreaterThan(0);
  const { memory } = (await client.get(`/nodes/${node.name}/memory`)).json;
  expect(memory.total.rss).toBeGreaterThan(0);
  expect((await client.get(`/nodes/${node.name}/memory/relative`)).status).toBe(200);
  expect((await client.get('/nodes/none')).status).toBe(404);
});

test('whoever asks how to log in is told of the authorization server, and no secret', async () => {
  const oauth = {
    resourceServerId: 'rabbitmq',
    signingKeys: { shared: { kty: 'oct', k: Buffer.from('hush-hush').toString('base64url') } },
    algorithms: ['HS256'],
  };
  const askOf = async (options: BrokerOptions) => {
    const { broker } = await startManagedBroker(options);
    return new ManagementClient(broker.managementPort as number).get('/auth');
  };
  expect((await askOf({})).json).toEqual({ oauth_enabled: false });
  // Nowhere to send anybody to.
  expect((await askOf({ oauth })).json).toEqual({ oauth_enabled: false });
  const issuer = 'https://login.example/realm';
  expect((await askOf({ oauth: { ...oauth, issuer } })).json).toEqual({
    oauth_enabled: true,
    oauth_resource_servers: {
      rabbitmq: {
        id: 'rabbitmq',
        oauth_provider_url: issuer,
        oauth_metadata_url: `${issuer}/.well-known/openid-configuration`,
      },
    },
    oauth_disable_basic_auth: false,
    oauth_initiated_logon_type: 'idp_initiated',
  });
});

test('the limit of connections is checked, and the node tells how many there are', async () => {
  const { broker, client } = await startManagedBroker({ connectionLimits: { connectionsMax: 2 } });
  const check = () => client.get('/health/checks/below-node-connection-limit');
  expect(await check()).toMatchObject({ status: 200, json: { status: 'ok', limit: 2, connections: 0 } });
  const connections = [await amqplib.connect(broker.url), await amqplib.connect(broker.url)];
  expect(await check()).toMatchObject({
    status: 503,
    json: { status: 'failed', reason: 'node connection limit is reached', limit: 2, connections: 2 },
  });
  const [node] = (await client.get('/nodes')).json;
  expect(node).toMatchObject({ sockets_used: 2, sockets_total: 2 });
  for (const connection of connections) await connection.close();
});

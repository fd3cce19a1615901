// What RabbitMQ 4's management API has and Debian's 3.10 has not, in the shape that RabbitMQ documents: there is no
// server to compare with, so each is asked of ours alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, exchange, type RequestOptions } from './management/http-exchange.js';
import { type ManagedServer, startManagedBroker } from './management/managed-server.js';

describe('What RabbitMQ 4’s management API has and 3.10’s has not', () => {
  let broker: ManagedServer;

  beforeAll(async () => {
    broker = await startManagedBroker();
  });

  afterAll(async () => {
    await broker?.stop();
  });

  function ask(request: string, options: RequestOptions = {}): Promise<Answer> {
    const [method = '', path = ''] = request.split(' ');
    return exchange(broker.managementPort, method, path, options);
  }

  test.each([
    'ready-to-serve-clients',
    'is-in-service',
    'below-node-connection-limit',
    'metadata-store/initialized',
    'metadata-store/initialized/with-data',
    'quorum-queues-without-elected-leaders/vhost/%2F/pattern/.*',
  ])('the health check %s passes', async (check) => {
    const { status, json } = await ask(`GET /api/health/checks/${check}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: 'ok' });
  });

  test('the limit of a node’s connections is told with how many there are', async () => {
    const { json } = await ask('GET /api/health/checks/below-node-connection-limit');
    expect(json).toEqual({ status: 'ok', limit: expect.anything(), connections: expect.any(Number) });
  });

  test('no deprecated feature is there or in use', async () => {
    expect((await ask('GET /api/deprecated-features')).json).toEqual([]);
    expect((await ask('GET /api/deprecated-features/used')).json).toEqual([]);
  });

  test('a virtual host is protected from deletion until it is no more', async () => {
    await ask('PUT /api/vhosts/kept');
    expect((await ask('POST /api/vhosts/kept/deletion/protection')).status).toBe(204);
    expect((await ask('GET /api/vhosts/kept')).json).toMatchObject({ protected_from_deletion: true });
    const { status, json } = await ask('DELETE /api/vhosts/kept');
    expect(status).toBe(412);
    expect(json).toMatchObject({
      reason: "Refusing to delete virtual host 'kept' because it is protected from deletion",
    });
    expect((await ask('DELETE /api/vhosts/kept/deletion/protection')).status).toBe(204);
    expect((await ask('DELETE /api/vhosts/kept')).status).toBe(204);
    expect((await ask('POST /api/vhosts/kept/deletion/protection')).status).toBe(404);
  });

  test('a queue without a type gets the one of its virtual host', async () => {
    await ask('PUT /api/vhosts/quorums', { body: { default_queue_type: 'quorum' } });
    await ask('PUT /api/queues/quorums/q', { body: { durable: true } });
    expect((await ask('GET /api/queues/quorums/q?columns=type')).json).toEqual({ type: 'quorum' });
    await ask('DELETE /api/vhosts/quorums');
  });

  test('queues are listed with all their details where that is asked', async () => {
    await ask('PUT /api/queues/%2F/q', { body: { durable: true } });
    const listed = await ask('GET /api/queues/detailed');
    expect(listed.status).toBe(200);
    expect(listed.json).toMatchObject([{ name: 'q', vhost: '/', type: 'classic', messages: 0 }]);
    await ask('DELETE /api/queues/%2F/q');
  });

  test('a policy may apply to one kind of queues', async () => {
    const definition = { 'max-length': 1 };
    for (const kind of ['classic_queues', 'quorum_queues', 'streams']) {
      const body = { pattern: '.*', definition, 'apply-to': kind };
      expect((await ask('PUT /api/policies/%2F/p', { body })).status).toBeLessThan(300);
      expect((await ask('GET /api/policies/%2F/p')).json).toMatchObject({ 'apply-to': kind });
    }
    await ask('DELETE /api/policies/%2F/p');
  });

  test('definitions say what they are of', async () => {
    expect((await ask('GET /api/definitions')).json).toMatchObject({ rabbitmq_definition_format: 'cluster' });
    expect((await ask('GET /api/definitions/%2F')).json).toMatchObject({
      rabbitmq_definition_format: 'single_virtual_host',
      original_vhost_name: '/',
    });
  });

  test('the overview and the node tell their tags as objects', async () => {
    expect((await ask('GET /api/overview')).json).toMatchObject({
      cluster_tags: {},
      node_tags: {},
      default_queue_type: 'classic',
    });
  });

  test('what nobody has here is not found, and said so', async () => {
    for (const path of ['shovels', 'federation-links', 'stream/connections']) {
      const { status, json } = await ask(`GET /api/${path}`);
      expect([path, status]).toEqual([path, 404]);
      expect(json).toEqual({ error: 'Object Not Found', reason: 'Not Found' });
    }
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startManagedBroker } from '../../../test/support/managed-broker.js';
import { Broker } from '../../broker.js';

const DEFINITIONS = {
  rabbit_version: '3.10.8',
  users: [
    {
      name: 'reader',
      password_hash: 'Tn/JnFCuaVhsFgJjIdgp6Jm4u+uxGOlKgIe8uVu7S25MoHEe',
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: ['monitoring'],
      limits: { 'max-connections': 5 },
    },
  ],
  vhosts: [{ name: 'v', description: 'd', tags: ['a'], metadata: { description: 'd', tags: ['a'] } }],
  permissions: [{ user: 'reader', vhost: 'v', configure: '', write: '', read: '.*' }],
  topic_permissions: [{ user: 'reader', vhost: 'v', exchange: 'amq.topic', write: '', read: '^a' }],
  parameters: [
    { vhost: 'v', component: 'vhost-limits', name: 'limits', value: { 'max-queues': 100 } },
    {
      vhost: 'v',
      component: 'operator_policy',
      name: 'o',
      value: { pattern: '.*', definition: { 'max-length': 9 }, priority: 0, 'apply-to': 'queues' },
    },
  ],
  global_parameters: [{ name: 'cluster_name', value: 'theirs' }],
  policies: [
    {
      vhost: 'v',
      name: 'p',
      pattern: '^q',
      'apply-to': 'queues',
      definition: { 'message-ttl': 60_000 },
      priority: 1,
    },
  ],
  queues: [
    {
      name: 'q',
      vhost: 'v',
      durable: true,
      auto_delete: false,
      arguments: { 'x-queue-type': 'quorum', 'x-max-length': 5 },
    },
  ],
  exchanges: [
    {
      name: 'x',
      vhost: 'v',
      type: 'topic',
      durable: true,
      auto_delete: false,
      internal: true,
      arguments: { 'alternate-exchange': 'amq.fanout' },
    },
  ],
  bindings: [
    {
      source: 'x',
      vhost: 'v',
      destination: 'q',
      destination_type: 'queue',
      routing_key: 'a.#',
      arguments: { n: 1 },
    },
    {
      source: 'amq.fanout',
      vhost: 'v',
      destination: 'x',
      destination_type: 'exchange',
      routing_key: '',
      arguments: {},
    },
  ],
};

test('what was exported by one broker is imported by another, and exported again as it was', async () => {
  const { client } = await startManagedBroker();
  expect(await client.post('/definitions', DEFINITIONS)).toMatchObject({ status: 204, text: '' });
  const exported = (await client.get('/definitions')).json;
  expect(exported).toMatchObject({
    rabbitmq_definition_format: 'cluster',
    original_cluster_name: 'theirs',
    users: expect.arrayContaining(DEFINITIONS.users),
    vhosts: expect.arrayContaining([expect.objectContaining(DEFINITIONS.vhosts[0] as object)]),
    permissions: expect.arrayContaining(DEFINITIONS.permissions),
    topic_permissions: DEFINITIONS.topic_permissions,
    parameters: DEFINITIONS.parameters,
    global_parameters: DEFINITIONS.global_parameters,
    policies: DEFINITIONS.policies,
    exchanges: DEFINITIONS.exchanges,
    bindings: expect.arrayContaining(DEFINITIONS.bindings),
  });
  expect(exported.queues).toMatchObject(DEFINITIONS.queues);
  const other = await startManagedBroker();
  expect((await other.client.post('/definitions', exported)).status).toBe(204);
  const again = (await other.client.get('/definitions')).json;
  expect(again).toEqual(exported);
  expect((await other.client.get('/queues/v/q')).json).toMatchObject({
    policy: 'p',
    operator_policy: 'o',
    effective_policy_definition: { 'message-ttl': 60_000, 'max-length': 9 },
  });
});

test('importing twice changes nothing', async () => {
  const { client } = await startManagedBroker();
  await client.post('/definitions', DEFINITIONS);
  const first = (await client.get('/definitions')).json;
  expect((await client.post('/definitions', DEFINITIONS)).status).toBe(204);
  expect((await client.get('/definitions')).json).toEqual(first);
});

test('definitions that cannot all be made change nothing, and say why', async () => {
  const { client } = await startManagedBroker();
  await client.put('/queues/%2F/known', { durable: true });
  const before = (await client.get('/definitions')).json;
  const queue = { vhost: '/', durable: false, auto_delete: false, arguments: {} };
  const wrong: [object, unknown][] = [
    [
      { queues: [{ ...queue, name: 'known' }] },
      "precondition_failed: inequivalent arg 'durable' for queue 'known' in vhost '/': received 'false' but current is 'true'",
    ],
    [{ queues: [{ name: 'q' }] }, 'Virtual host does not exist and is not specified in definitions file.'],
    [
      { queues: [{ ...queue, vhost: 'none', name: 'q' }] },
      'Please create virtual host "none" prior to importing definitions.',
    ],
    [{ users: [{ name: 'u' }] }, 'tags_not_present'],
    [
      { exchanges: [{ vhost: '/', name: 'x', type: 'none' }] },
      "command_invalid: unknown exchange type 'none'",
    ],
    [
      { bindings: [{ vhost: '/', source: 'amq.topic', destination: 'none', routing_key: '' }] },
      "not_found: no queue 'none' in vhost '/'",
    ],
    [{ vhosts: [{ name: 3 }] }, ['not_string', 'name']],
    [
      { permissions: [{ user: 'none', vhost: '/', configure: '', write: '', read: '' }] },
      ['no_such_user', 'none'],
    ],
    [
      { policies: [{ vhost: '/', name: 'p', pattern: '^', definition: {} }] },
      expect.stringContaining('no policy provided'),
    ],
    [
      { parameters: [{ vhost: '/', component: 'none', name: 'p', value: 1 }] },
      expect.stringContaining('component none not found'),
    ],
    [{ queues: 'none' }, 'queues should be a list of objects'],
  ];
  for (const [definitions, reason] of wrong) {
    const made = { users: [{ name: 'made', password_hash: '', tags: '' }], vhosts: [{ name: 'made' }] };
    expect(await client.post('/definitions', { ...made, ...definitions })).toMatchObject({
      status: 400,
      json: { error: 'bad_request', reason },
    });
    expect((await client.get('/definitions')).json).toEqual(before);
  }
});

test('a virtual host that has no room for all queues gets none of them', async () => {
  const { client } = await startManagedBroker();
  await client.put('/vhost-limits/%2F/max-queues', { value: 2 });
  const queues = ['a', 'b', 'c'].map((name) => ({ name, vhost: '/', durable: true, arguments: {} }));
  expect(await client.post('/definitions', { queues })).toMatchObject({
    status: 400,
    json: {
      reason: expect.stringContaining('Adding 3 queue(s) to virtual host "/" would exceed the limit of 2'),
    },
  });
  expect((await client.get('/queues')).json).toEqual([]);
});

test('the definitions of one virtual host move to another', async () => {
  const { client } = await startManagedBroker();
  await client.post('/definitions', DEFINITIONS);
  const exported = await client.get('/definitions/v?download=v.json');
  expect(exported.headers['content-disposition']).toBe('attachment; filename=v.json');
  expect(exported.json).toMatchObject({
    rabbitmq_definition_format: 'single_virtual_host',
    original_vhost_name: 'v',
    description: 'd',
    limits: { 'max-queues': 100 },
  });
  expect(exported.text).not.toContain('"vhost":');
  await client.put('/vhosts/w');
  expect((await client.post('/definitions/w', exported.json)).status).toBe(204);
  expect((await client.get('/queues/w/q')).json.policy).toBe('p');
  expect((await client.get('/bindings/w/e/x/q/q')).json).toHaveLength(1);
  expect((await client.post('/definitions/none', {})).json).toEqual({
    error: 'not_found',
    reason: 'vhost_not_found',
  });
});

test('a form uploads a file of definitions', async () => {
  const { client } = await startManagedBroker();
  const text = [
    '--b1\r\ncontent-disposition: form-data; name="other"\r\n\r\nx\r\n',
    `--b1\r\ncontent-disposition: form-data; name="file"; filename="d.json"\r\n\r\n${JSON.stringify(DEFINITIONS)}\r\n`,
    '--b1--\r\n',
  ].join('');
  const headers = { 'content-type': 'multipart/form-data; boundary=b1' };
  expect((await client.send('POST', '/definitions', { text, headers })).status).toBe(204);
  expect((await client.get('/vhosts/v')).status).toBe(200);
  const json = { 'content-type': 'application/json' };
  expect(await client.send('POST', '/definitions', { text: '{', headers: json })).toMatchObject({
    status: 400,
    json: { reason: 'failed_to_parse_json' },
  });
  expect((await client.send('POST', '/definitions', { text: '{}' })).status).toBe(415);
});

test('where definitions bring users, a first start adds nobody whose password everybody knows', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'warren-definitions-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const definitionsFile = join(directory, 'definitions.json');
  const operator = { name: 'operator', password: 'secret', tags: ['administrator'] };
  const permissions = { user: 'operator', vhost: '/', configure: '.*', write: '.*', read: '.*' };
  await writeFile(definitionsFile, JSON.stringify({ users: [operator], permissions: [permissions] }));
  const options = { port: 0, definitionsFile, management: { port: 0 } };
  for (const dataDirectory of [undefined, join(directory, 'data'), join(directory, 'data')]) {
    const broker = await Broker.start({ ...options, dataDirectory });
    try {
      expect(broker.firstRunAdministrator).toBeUndefined();
      const ask = (user: string) =>
        fetch(`http://127.0.0.1:${broker.managementPort}/api/users`, {
          headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
        });
      expect((await ask('guest:guest')).status).toBe(401);
      expect(await (await ask('operator:secret')).json()).toMatchObject([{ name: 'operator' }]);
    } finally {
      await broker.stop();
    }
  }
});

test('a file of definitions is there when the broker starts, and a wrong one keeps it from starting', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'warren-definitions-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const definitionsFile = join(directory, 'definitions.json');
  await writeFile(definitionsFile, `\ufeff${JSON.stringify(DEFINITIONS)}`);
  const { broker } = await startManagedBroker({ definitionsFile });
  const channel = await broker.connect({ virtualHost: 'v' }).openChannel();
  expect((await channel.checkQueue('q')).messageCount).toBe(0);
  await writeFile(definitionsFile, '{"users":[{}]}');
  await expect(Broker.start({ port: 0, definitionsFile })).rejects.toMatchObject({
    code: 'ERR_WARREN_BROKER_DEFINITIONS',
  });
  await expect(Broker.start({ port: 0, definitionsFile: join(directory, 'none') })).rejects.toThrow(
    'it cannot be read (ENOENT)',
  );
});

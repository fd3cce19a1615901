// Permissions of users with amqplib, at Warren and at RabbitMQ: the same expressions open the same doors.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../broker/broker.js';
import { freePort, missingRabbitmq, type Rabbitmq, startRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';
import { outcomes } from './rights.js';

const startMs = 60_000;

const PERMISSIONS = [
  { configure: '.*', write: '.*', read: '.*' },
  { configure: '', write: '', read: '' },
  { configure: '^app-', write: '^(app-|amq\\.default$)', read: '^app-' },
  { configure: 'app|other', write: 'amq', read: '^$' },
  { configure: '^(?!app-)', write: '^amq\\.(topic|direct)$', read: '.+' },
  { configure: '.*', write: '^app-queue$', read: '^amq\\.topic$' },
  { configure: '.*', write: 'APP', read: '(?i)APP|AMQ' },
];

const missing =
  missingRabbitmq() ??
  (process.env['WARREN_TEST_RABBITMQ']
    ? 'it takes a RabbitMQ of its own, with its management plugin'
    : undefined);

describeWith(missing, 'permissions at Warren and at RabbitMQ', () => {
  let warren: Broker;
  let rabbitmq: Rabbitmq;
  let api: string;

  beforeAll(async () => {
    const port = await freePort();
    rabbitmq = await startRabbitmq({
      plugins: ['rabbitmq_management'],
      configuration: ['management.tcp.ip = 127.0.0.1', `management.tcp.port = ${port}`],
    });
    api = `http://127.0.0.1:${port}/api`;
    const users = PERMISSIONS.map((patterns, index) => ({
      name: `user-${index}`,
      password: 'secret',
      permissions: { '/': patterns },
    }));
    warren = await Broker.start({
      port: 0,
      users: [...users, { name: 'no-host', password: 'secret', permissions: {} }],
    });
    for (const { name, permissions } of users) {
      await put(`/users/${name}`, { password: 'secret', tags: '' });
      await put(`/permissions/%2F/${name}`, permissions['/']);
    }
    await put('/users/no-host', { password: 'secret', tags: '' });
  }, startMs);

  afterAll(async () => {
    await warren?.stop();
    await rabbitmq?.stop();
  });

  async function put(path: string, body: object): Promise<void> {
    const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await fetch(`${api}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  test.each([...PERMISSIONS.entries()])('of number %i, %j, the same is allowed', async (index) => {
    const theirs = await outcomes(rabbitmq, 'secret', `user-${index}`);
    expect(await outcomes(warren, 'secret', `user-${index}`)).toEqual(theirs);
    expect(theirs['log in']).toBe('done');
  });

  test('who has none may log in and not open a virtual host', async () => {
    for (const address of [rabbitmq, warren]) {
      expect(await outcomes(address, 'secret', 'no-host')).toEqual({
        'log in': expect.stringContaining('Expected ConnectionOpenOk; got <ConnectionClose'),
      });
    }
  });
});

// Permissions of users with amqplib, at Warren and at RabbitMQ, given to them over HTTP: the same expressions
// open the same doors.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagedServer, startManagedBroker, startManagedRabbitmq } from './management/managed-server.js';
import { missingRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';
import { logIn, outcomes } from './rights.js';

const startMs = 60_000;

const ALL = { configure: '.*', write: '.*', read: '.*' };
const PERMISSIONS = [
  ALL,
  { configure: '', write: '', read: '' },
  { configure: '^app-', write: '^(app-|amq\\.default$)', read: '^app-' },
  { configure: 'app|other', write: 'amq', read: '^$' },
  { configure: '^(?!app-)', write: '^amq\\.(topic|direct)$', read: '.+' },
  { configure: '.*', write: '^app-queue$', read: '^amq\\.topic$' },
  { configure: '.*', write: 'APP', read: '(?i)APP|AMQ' },
];
const TOPIC_PERMISSIONS = [
  { exchange: 'amq.topic', write: '^app\\.', read: '^sys\\.' },
  { exchange: 'amq.topic', write: '', read: '' },
  { exchange: 'amq.topic', write: '^{username}$|^app', read: '{vhost}' },
  { exchange: 'another', write: '', read: '' },
];

const missing =
  missingRabbitmq() ??
  (process.env['WARREN_TEST_RABBITMQ']
    ? 'it takes a RabbitMQ of its own, with its management plugin'
    : undefined);

describeWith(missing, 'permissions at Warren and at RabbitMQ', () => {
  let warren: ManagedServer;
  let rabbitmq: ManagedServer;

  beforeAll(async () => {
    [rabbitmq, warren] = [await startManagedRabbitmq(), await startManagedBroker()];
  }, startMs);

  afterAll(async () => {
    await warren?.stop();
    await rabbitmq?.stop();
  });

  async function ask(server: ManagedServer, method: string, path: string, body?: object): Promise<void> {
    const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${server.managementPort}/api${path}`;
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(url, { method, headers, ...json });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  async function both(action: (server: ManagedServer) => Promise<unknown>): Promise<unknown[]> {
    return [await action(rabbitmq), await action(warren)];
  }

  test.each([...PERMISSIONS.entries()])('of number %i, %j, the same is allowed', async (index, patterns) => {
    const [theirs, ours] = await both(async (server) => {
      await ask(server, 'PUT', `/users/user-${index}`, { password: 'secret', tags: '' });
      await ask(server, 'PUT', `/permissions/%2F/user-${index}`, patterns);
      return outcomes(server, 'secret', `user-${index}`);
    });
    expect(ours).toEqual(theirs);
    expect(theirs).toMatchObject({ 'log in': 'done' });
  });

  test.each([...TOPIC_PERMISSIONS.entries()])(
    'on routing keys of number %i, %j, the same is allowed',
    async (index, patterns) => {
      const name = `topic-${index}`;
      const [theirs, ours] = await both(async (server) => {
        await ask(server, 'PUT', `/users/${name}`, { password: 'secret', tags: '' });
        await ask(server, 'PUT', `/permissions/%2F/${name}`, ALL);
        await ask(server, 'PUT', `/topic-permissions/%2F/${name}`, patterns);
        return outcomes(server, 'secret', name);
      });
      expect(ours).toEqual(theirs);
    },
  );

  test('that are taken are missed at once by a channel that is open here', async () => {
    await ask(warren, 'PUT', '/users/changing', { password: 'secret', tags: '' });
    await ask(warren, 'PUT', '/permissions/%2F/changing', ALL);
    const connection = await logIn(warren, 'secret', 'changing');
    const channel = await connection.createConfirmChannel();
    channel.publish('amq.direct', 'k', Buffer.from('x'));
    await channel.waitForConfirms();
    const refused = new Promise<Error>((resolve) => channel.on('error', resolve));
    await ask(warren, 'PUT', '/permissions/%2F/changing', { ...ALL, write: '' });
    channel.publish('amq.direct', 'k', Buffer.from('x'));
    expect((await refused).message).toContain(
      "ACCESS_REFUSED - write access to exchange 'amq.direct' in vhost '/' refused for user 'changing'",
    );
    await connection.close();
  });

  test('who has none may log in and not open a virtual host', async () => {
    await both(async (server) => {
      await ask(server, 'PUT', '/users/no-host', { password: 'secret', tags: '' });
      expect(await outcomes(server, 'secret', 'no-host')).toEqual({
        'log in': expect.stringContaining('Expected ConnectionOpenOk; got <ConnectionClose'),
      });
    });
  });
});

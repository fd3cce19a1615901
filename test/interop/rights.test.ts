// What users may do over AMQP, asked of RabbitMQ and of our broker: the same users, virtual hosts and
// permissions are put by the management API of each, and what is allowed and refused has to be the same.
import amqplib, { type Channel, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagedServer, startManagedBroker, startManagedRabbitmq } from './management/managed-server.js';
import { missingRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

const servers: { rabbitmq?: ManagedServer; warren?: ManagedServer } = {};

async function put(server: ManagedServer, path: string, body: object): Promise<void> {
  const response = await fetch(`http://${server.host}:${server.managementPort}/api/${path}`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
}

async function remove(server: ManagedServer, path: string): Promise<void> {
  const response = await fetch(`http://${server.host}:${server.managementPort}/api/${path}`, {
    method: 'DELETE',
    headers: { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` },
  });
  if (!response.ok) throw new Error(`DELETE ${path}: ${response.status} ${await response.text()}`);
}

async function prepare(server: ManagedServer): Promise<void> {
  await put(server, 'vhosts/team%2Fa', {});
  await put(server, 'vhosts/small', {});
  for (const user of ['alice', 'bob', 'nobody', 'few']) {
    await put(server, `users/${user}`, { password: 'secret', tags: '' });
  }
  await put(server, 'users/proxy', { password: 'secret', tags: 'impersonator' });
  await put(server, 'permissions/%2F/proxy', { configure: '.*', write: '.*', read: '.*' });
  await put(server, 'permissions/%2F/alice', {
    configure: '^a\\.',
    write: '^(a\\.|amq\\.default)',
    read: '^a\\.',
  });
  await put(server, 'permissions/team%2Fa/alice', { configure: '', write: '.*', read: '.*' });
  await put(server, 'permissions/%2F/bob', { configure: '', write: '^a\\.', read: '^(a\\.|b\\.)' });
  await put(server, 'permissions/%2F/few', { configure: '.*', write: '.*', read: '.*' });
  await put(server, 'permissions/small/few', { configure: '.*', write: '.*', read: '.*' });
  await put(server, 'exchanges/%2F/a.topics', { type: 'topic', durable: true });
  await put(server, 'exchanges/%2F/b.direct', { type: 'direct', durable: true });
  await put(server, 'queues/%2F/a.queue', { durable: true });
  await put(server, 'queues/%2F/b.queue', { durable: true });
  await put(server, 'topic-permissions/%2F/bob', {
    exchange: 'a.topics',
    write: '^{username}\\.',
    read: '^shared\\.',
  });
  await put(server, 'vhost-limits/small/max-queues', { value: 1 });
  await put(server, 'user-limits/few/max-channels', { value: 2 });
}

/** RabbitMQ 4 says which permission is lacking; 3.10 does not. What a server makes up is left out. */
function unified(text: string): string {
  return text
    .replace(/(configure|write|read) access to/, 'access to')
    .replace(/amq\.gen-[\w-]+/, 'amq.gen-…');
}

/** What becomes of an attempt: `done`, or the server's words. */
async function attempt(
  server: ManagedServer,
  { user, virtualHost = '/' }: { user: string; virtualHost?: string },
  act: (channel: Channel, connection: ChannelModel) => Promise<unknown>,
): Promise<string> {
  let connection: ChannelModel | undefined;
  try {
    const url = `amqp://${user}:secret@${server.host}:${server.port}/${encodeURIComponent(virtualHost)}`;
    connection = await amqplib.connect(url, { noDelay: true });
    const opened = connection;
    const channel = await connection.createConfirmChannel();
    const failed = new Promise<never>((_, reject) => {
      channel.on('error', reject);
      opened.on('error', reject);
    });
    failed.catch(() => undefined);
    await Promise.race([failed, act(channel, connection)]);
    return 'done';
  } catch (error) {
    return unified((error as Error).message);
  } finally {
    await connection?.close().catch(() => undefined);
  }
}

type Attempt = [
  what: string,
  who: { user: string; virtualHost?: string },
  act: (channel: Channel, connection: ChannelModel) => Promise<unknown>,
];

async function publish(channel: Channel, exchange: string, key: string, headers = {}): Promise<void> {
  channel.publish(exchange, key, Buffer.from('x'), headers);
  await (channel as amqplib.ConfirmChannel).waitForConfirms();
}

const alice = { user: 'alice' };
const bob = { user: 'bob' };
const few = { user: 'few' };

const attempts: readonly Attempt[] = [
  ['a virtual host without permissions', { user: 'nobody' }, async () => undefined],
  ['a virtual host of others', { user: 'bob', virtualHost: 'team/a' }, async () => undefined],
  ['a virtual host that is not there', { user: 'alice', virtualHost: 'none' }, async () => undefined],
  ['a virtual host with a slash', { user: 'alice', virtualHost: 'team/a' }, async () => undefined],
  [
    'declaring a queue where nothing may be configured',
    { user: 'alice', virtualHost: 'team/a' },
    (c) => c.assertQueue('q'),
  ],
  ['declaring a queue of one’s own', alice, (c) => c.assertQueue('a.new')],
  ['declaring another’s queue', alice, (c) => c.assertQueue('b.new')],
  ['declaring a queue that the server names', alice, (c) => c.assertQueue('', { exclusive: true })],
  ['looking whether another’s queue is there', alice, (c) => c.checkQueue('b.queue')],
  ['declaring an exchange of one’s own', alice, (c) => c.assertExchange('a.new', 'fanout')],
  ['declaring another’s exchange', alice, (c) => c.assertExchange('b.new', 'fanout')],
  ['declaring an exchange of no type that there is', alice, (c) => c.assertExchange('b.new', 'nonsense')],
  [
    'an alternate exchange of another’s',
    alice,
    (c) => c.assertExchange('a.alternate', 'fanout', { alternateExchange: 'b.direct' }),
  ],
  [
    'an alternate exchange of one’s own',
    alice,
    (c) => c.assertExchange('a.alternate2', 'fanout', { alternateExchange: 'a.topics' }),
  ],
  [
    'dead letters to another’s exchange',
    alice,
    (c) => c.assertQueue('a.dead', { deadLetterExchange: 'b.direct' }),
  ],
  [
    'dead letters to one’s own exchange',
    alice,
    (c) => c.assertQueue('a.dead2', { deadLetterExchange: 'a.topics' }),
  ],
  [
    'dead letters from what may not be read',
    { user: 'alice' },
    (c) => c.assertQueue('a.dead3', { deadLetterExchange: '' }),
  ],
  ['binding one’s queue to one’s exchange', alice, (c) => c.bindQueue('a.queue', 'a.topics', 'x')],
  ['binding one’s queue to another’s exchange', alice, (c) => c.bindQueue('a.queue', 'b.direct', 'x')],
  ['binding another’s queue', alice, (c) => c.bindQueue('b.queue', 'a.topics', 'x')],
  ['binding a queue that is not there', alice, (c) => c.bindQueue('a.none', 'a.topics', 'x')],
  ['binding to the default exchange', alice, (c) => c.bindQueue('a.queue', '', 'x')],
  ['unbinding another’s queue', alice, (c) => c.unbindQueue('b.queue', 'a.topics', 'x')],
  ['binding exchanges', alice, (c) => c.bindExchange('a.topics', 'a.topics', 'x')],
  ['binding another’s exchange', alice, (c) => c.bindExchange('b.direct', 'a.topics', 'x')],
  ['deleting another’s exchange', alice, (c) => c.deleteExchange('b.direct')],
  ['deleting an exchange of the broker’s', alice, (c) => c.deleteExchange('amq.topic')],
  ['deleting another’s queue', alice, (c) => c.deleteQueue('b.queue')],
  ['purging another’s queue', alice, (c) => c.purgeQueue('b.queue')],
  ['getting from another’s queue', alice, (c) => c.get('b.queue')],
  ['consuming from another’s queue', alice, (c) => c.consume('b.queue', () => undefined)],
  ['consuming what may be read', bob, (c) => c.consume('b.queue', () => undefined)],
  ['publishing to one’s exchange', alice, (c) => publish(c, 'a.topics', 'any.key')],
  ['publishing to another’s exchange', alice, (c) => publish(c, 'b.direct', 'x')],
  ['publishing to an exchange that is not there and not one’s own', alice, (c) => publish(c, 'none', 'x')],
  ['publishing to the default exchange', alice, (c) => publish(c, '', 'a.queue')],
  ['publishing to the default exchange without the right to', bob, (c) => publish(c, '', 'a.queue')],
  ['publishing a topic of one’s own', bob, (c) => publish(c, 'a.topics', 'bob.event')],
  ['publishing a topic of another’s', bob, (c) => publish(c, 'a.topics', 'alice.event')],
  ['binding by a topic that may be read', bob, (c) => c.bindQueue('a.queue', 'a.topics', 'shared.x')],
  ['binding by a topic that may not be read', bob, (c) => c.bindQueue('a.queue', 'a.topics', 'alice.x')],
  ['publishing in another’s name', alice, (c) => publish(c, 'a.topics', 'k', { userId: 'bob' })],
  [
    'publishing in another’s name as one who may',
    { user: 'proxy' },
    (c) => publish(c, 'a.topics', 'k', { userId: 'bob' }),
  ],
  ['one queue where there may be one', { user: 'few', virtualHost: 'small' }, (c) => c.assertQueue('one')],
  [
    'a second queue where there may be one',
    { user: 'few', virtualHost: 'small' },
    (c) => c.assertQueue('two'),
  ],
  ['a second channel where there may be two', few, (_, connection) => connection.createChannel()],
  [
    'a third channel where there may be two',
    few,
    async (_, connection) => {
      await connection.createChannel();
      await connection.createChannel();
    },
  ],
];

describeWith(missingRabbitmq(), 'users with the same rights', () => {
  beforeAll(async () => {
    [servers.rabbitmq, servers.warren] = await Promise.all([startManagedRabbitmq(), startManagedBroker()]);
    await prepare(servers.rabbitmq);
    await prepare(servers.warren);
  }, 120_000);

  afterAll(async () => {
    await servers.rabbitmq?.stop();
    await servers.warren?.stop();
  });

  test.each(attempts)('%s', async (_, who, act) => {
    const theirs = await attempt(servers.rabbitmq as ManagedServer, who, act);
    expect(await attempt(servers.warren as ManagedServer, who, act)).toBe(theirs);
  });

  test.each([
    ['a virtual host is deleted', 'vhosts/gone', 'gone'],
    ['a user is deleted', 'users/leaver', '/'],
  ])('when %s its connections are closed with the same words', async (_, path, virtualHost) => {
    const words = async (server: ManagedServer): Promise<string> => {
      await put(server, path, { password: 'secret', tags: '' });
      const user = path.startsWith('users') ? 'leaver' : 'alice';
      const where = encodeURIComponent(virtualHost);
      await put(server, `permissions/${where}/${user}`, { configure: '.*', write: '.*', read: '.*' });
      const connection = await amqplib.connect(
        `amqp://${user}:secret@${server.host}:${server.port}/${where}`,
        {
          noDelay: true,
        },
      );
      const closed = new Promise<string>((resolve) => {
        connection.on('error', (error: Error) => resolve(error.message));
        connection.on('close', () => resolve('closed without an error'));
      });
      await remove(server, path);
      return closed;
    };
    expect(await words(servers.warren as ManagedServer)).toBe(await words(servers.rabbitmq as ManagedServer));
  });

  test('what is taken away is refused from the next operation on, on channels that are open', async () => {
    const server = servers.warren as ManagedServer;
    await put(server, 'permissions/%2F/proxy', { configure: '.*', write: '.*', read: '.*' });
    const said = await attempt(server, { user: 'proxy' }, async (channel) => {
      await publish(channel, 'a.topics', 'k');
      await put(server, 'permissions/%2F/proxy', { configure: '.*', write: '', read: '.*' });
      await publish(channel, 'a.topics', 'k');
    });
    expect(said).toContain("access to exchange 'a.topics' in vhost '/' refused for user 'proxy'");
  });
});

// Password hashes go both ways between Warren and RabbitMQ, through RabbitMQ's definitions.
import amqplib from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Access } from '../../broker/access/access.js';
import { accessUnderTest, plain } from '../support/access-under-test.js';
import { freePort, missingRabbitmq, type Rabbitmq, startRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

const startMs = 60_000;

/** Of the management API's answers, what is used here. */
interface ExportedUser {
  readonly name: string;
  readonly password_hash: string;
  readonly hashing_algorithm: string;
  readonly tags: readonly string[];
}

const missing =
  missingRabbitmq() ??
  (process.env['WARREN_TEST_RABBITMQ']
    ? 'it takes a RabbitMQ of its own, with its management plugin'
    : undefined);

describeWith(missing, 'password hashes and RabbitMQ', () => {
  let rabbitmq: Rabbitmq;
  let api: string;

  beforeAll(async () => {
    const port = await freePort();
    rabbitmq = await startRabbitmq({
      plugins: ['rabbitmq_management'],
      configuration: ['management.tcp.ip = 127.0.0.1', `management.tcp.port = ${port}`],
    });
    api = `http://127.0.0.1:${port}/api`;
  }, startMs);

  afterAll(async () => {
    await rabbitmq?.stop();
  });

  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 200 ? response.json() : undefined;
  }

  function logIn(username: string, password: string): Promise<void> {
    const { host: hostname, port } = rabbitmq;
    return amqplib
      .connect({ protocol: 'amqp', hostname, port, username, password })
      .then((connection) => connection.close());
  }

  async function carryOver(access: Access, name: string): Promise<void> {
    const user = access.users.get(name);
    if (user === undefined) throw new Error(`there is no user ${name}`);
    const { passwordHash: password_hash, hashingAlgorithm: hashing_algorithm, tags } = user;
    const all = { configure: '.*', write: '.*', read: '.*' };
    await call('POST', '/definitions', {
      users: [{ name, password_hash, hashing_algorithm, tags, limits: {} }],
      permissions: [{ user: name, vhost: '/', ...all }],
    });
  }

  test('a user whom RabbitMQ exports logs in here, and keeps the tags', async () => {
    await call('PUT', '/users/theirs', { password: 'päss wörd', tags: 'monitoring,x' });
    const { users } = (await call('GET', '/definitions')) as { users: ExportedUser[] };
    const access = accessUnderTest();
    for (const { name, ...user } of users) await access.putUser(name, user);
    expect((await plain(access, 'theirs', 'päss wörd'))?.tags).toEqual(['monitoring', 'x']);
    expect((await plain(access, 'guest', 'guest'))?.tags).toEqual(['administrator']);
    expect(await plain(access, 'theirs', 'pass word')).toBeUndefined();
  });

  test.each(['sha256', 'sha512'] as const)(
    'a user whom we hash by %s logs in there',
    async (passwordHashing) => {
      const access = accessUnderTest({ passwordHashing });
      const name = `ours-${passwordHashing}`;
      await access.putUser(name, { password: 'päss wörd', tags: 'management' });
      await carryOver(access, name);
      await logIn(name, 'päss wörd');
      await expect(logIn(name, 'pass word')).rejects.toThrow('403');
      expect(await call('GET', `/users/${name}`)).toMatchObject({
        password_hash: access.users.get(name)?.passwordHash,
        hashing_algorithm: `rabbit_password_hashing_${passwordHashing}`,
        tags: ['management'],
      });
    },
  );

  test('a user whom we hash by scrypt is taken in there, cannot log in, and can come back', async () => {
    const access = accessUnderTest();
    await access.putUser('modern', { password: 'secret', tags: '' });
    await carryOver(access, 'modern');
    await expect(logIn('modern', 'secret')).rejects.toThrow();
    const { name: _, ...user } = (await call('GET', '/users/modern')) as ExportedUser;
    const again = accessUnderTest();
    await again.putUser('modern', user);
    expect((await plain(again, 'modern', 'secret'))?.user).toBe('modern');
  });

  test('hashes made by MD5 of old are checked as there', async () => {
    const access = accessUnderTest();
    // Salt 01 02 03 04 and the password "secret".
    const password_hash = 'AQIDBDgk9ci8Lfh6CKE9Y0AUfmU=';
    const user = { tags: '', password_hash, hashing_algorithm: 'rabbit_password_hashing_md5' };
    await access.putUser('old', user);
    await carryOver(access, 'old');
    await logIn('old', 'secret');
    expect((await plain(access, 'old', 'secret'))?.user).toBe('old');
  });
});

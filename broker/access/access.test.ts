import { describe, expect, test } from 'vitest';
import { LogLines } from '../../test/fixtures/log-lines.js';
import { accessUnderTest, LOCAL, plain } from '../../test/support/access-under-test.js';
import type { Access } from './access.js';
import { AccessError } from './access-error.js';

const ALL = { configure: '.*', write: '.*', read: '.*' };
const ELSEWHERE = { remoteAddress: '192.0.2.1', certificateName: undefined };

async function withUser(name: string, body: Record<string, unknown> = {}): Promise<Access> {
  const access = accessUnderTest({ passwordHashing: 'sha256' }, ['/', 'shop']);
  await access.putUser(name, { tags: '', password: 'secret', ...body });
  return access;
}

describe('a user', () => {
  test('logs in by a password until it is changed or he is gone', async () => {
    const access = await withUser('orders');
    expect((await plain(access, 'orders', 'secret'))?.user).toBe('orders');
    expect((await plain(access, 'orders', 'secret'))?.user).toBe('orders');
    expect(await plain(access, 'orders', 'wrong')).toBeUndefined();
    expect(await plain(access, 'orders', '')).toBeUndefined();
    expect(await access.putUser('orders', { tags: '', password: 'another' })).toBe(false);
    expect(await plain(access, 'orders', 'secret')).toBeUndefined();
    expect((await plain(access, 'orders', 'another'))?.user).toBe('orders');
    expect(access.deleteUser('orders')).toBe(true);
    expect(await plain(access, 'orders', 'another')).toBeUndefined();
    expect(access.deleteUser('orders')).toBe(false);
  });

  test('logs in by a password that is hashed as RabbitMQ hashes, and is shown with that hash', async () => {
    const access = accessUnderTest();
    // guest's, as RabbitMQ 3.10 exported it.
    const password_hash = 'Bu0RbtvfUpUkJYxmIblS/+pIfk9It7CJgECBURFW/H+rc2gf';
    const hashing_algorithm = 'rabbit_password_hashing_sha256';
    await access.putUser('imported', { tags: ['management'], password_hash, hashing_algorithm });
    expect((await plain(access, 'imported', 'guest'))?.tags).toEqual(['management']);
    expect(access.users.get('imported')).toEqual({
      name: 'imported',
      passwordHash: password_hash,
      hashingAlgorithm: hashing_algorithm,
      tags: ['management'],
    });
  });

  test('without a password logs in by certificate alone', async () => {
    const access = await withUser('orders');
    await access.putUser('orders', { tags: '' });
    expect(await plain(access, 'orders', 'secret')).toBeUndefined();
    expect(await plain(access, 'orders', '')).toBeUndefined();
    const peer = { remoteAddress: '127.0.0.1', certificateName: 'orders' };
    expect(access.mechanisms(peer)).toContain('EXTERNAL');
    expect((await access.authenticate('EXTERNAL', Buffer.alloc(0), peer))?.user).toBe('orders');
    expect(await access.authenticate('EXTERNAL', Buffer.alloc(0), LOCAL)).toBeUndefined();
  });

  test.each([
    [{}, 'tags_not_present'],
    [{ tags: '', password: 'x', password_hash: 'eA==' }, 'both_password_and_password_hash_are_provided'],
    [{ tags: '', password_hash: '!!' }, ['not_base64', '!!']],
    [{ tags: 5 }, 'tags should be a list or a comma-separated string'],
    [{ tags: [null] }, 'tags should be a list or a comma-separated string'],
    [{ tags: '', password_hash: 1 }, ['not_base64', 1]],
    [{ tags: '', password: null }, 'password should be a string'],
    [{ tags: '', password: 5 }, 'password should be a string'],
    [{ tags: '', password: 'x'.repeat(5_000) }, 'password should be 4096 bytes at most'],
    [{ tags: '', limits: { 'max-foo': 2 } }, 'Unrecognised terms [{<<"max-foo">>,2}] in user-limits'],
    [{ tags: '', permissions: [] }, 'permissions should be an object of virtual hosts'],
    [{ tags: '', permissions: { '/': null } }, 'permissions should be an object of virtual hosts'],
  ])('that is described as %j is refused, and is not made', async (body, reason) => {
    const access = accessUnderTest();
    await expect(access.putUser('orders', body)).rejects.toMatchObject({ code: 'bad_request', reason });
    expect(access.users.get('orders')).toBeUndefined();
  });

  test('has tags out of a list, a text or of old a flag', async () => {
    const access = await withUser('orders', { tags: 'administrator, x ,y,,x' });
    expect(access.users.get('orders')?.tags).toEqual(['administrator', 'x', 'y', 'x']);
    await access.putUser('orders', { tags: ['m', 5, ' z '] });
    expect(access.users.get('orders')?.tags).toEqual(['m', '5', 'z']);
    await access.putUser('orders', { administrator: 'true' });
    expect(access.users.get('orders')?.tags).toEqual(['administrator']);
  });

  test('who is new may come with limits and permissions; those of one who is there stay', async () => {
    const permissions = { '/': { configure: '', write: '^logs$', read: '' } };
    const access = await withUser('orders', { limits: { 'max-connections': 2 }, permissions });
    expect(access.userLimits.limit('orders', 'max-connections')).toBe(2);
    expect(access.permissions.list()).toEqual([{ user: 'orders', virtualHost: '/', ...permissions['/'] }]);
    const again = { tags: '', limits: { 'max-channels': 3 }, permissions: { shop: ALL } };
    await access.putUser('orders', again);
    expect(access.userLimits.of('orders')).toEqual({ 'max-connections': 2, 'max-channels': 3 });
    expect(access.permissions.list().length).toBe(1);
  });

  test('who is deleted takes what is his along, and his connections are told of', async () => {
    const access = await withUser('orders', { limits: { 'max-connections': 2 } });
    access.grant('orders', '/', ALL);
    access.grantTopic('orders', '/', 'amq.topic', { write: '', read: '' });
    const told: string[] = [];
    access.onUserDeleted = (user) => told.push(user);
    const identity = await plain(access, 'orders', 'secret');
    expect(identity?.mayEnter('/')).toBe(true);
    access.deleteUser('orders');
    expect(told).toEqual(['orders']);
    expect(identity?.mayEnter('/')).toBe(false);
    expect(access.permissions.list()).toEqual([]);
    expect(access.topicPermissions.list()).toEqual([]);
    expect(access.userLimits.list()).toEqual([]);
  });
});

describe('guest', () => {
  test('logs in from this machine alone, unless from anywhere is asked for', async () => {
    const access = accessUnderTest();
    await access.makeGuest();
    expect((await plain(access, 'guest', 'guest'))?.tags).toEqual(['administrator']);
    expect(await plain(access, 'guest', 'guest', ELSEWHERE)).toBeUndefined();
    expect(await access.logIn('guest', 'guest', ELSEWHERE, 'http')).toEqual({
      identity: undefined,
      reason: 'User can only log in via localhost',
    });
    expect(await access.logIn('guest', 'wrong', ELSEWHERE, 'http')).toMatchObject({ reason: 'Login failed' });
    const open = accessUnderTest({ guestFromAnywhere: true });
    await open.makeGuest();
    expect((await plain(open, 'guest', 'guest', ELSEWHERE))?.user).toBe('guest');
  });
});

describe('users that the embedder names', () => {
  test('may do everything in the first virtual host, unless he says what', async () => {
    const access = accessUnderTest();
    await access.make([
      { name: 'all', password: 'x' },
      { name: 'some', password: 'x', tags: ['monitoring'], permissions: { '/': { ...ALL, write: '^a$' } } },
    ]);
    const [all, some] = [access.identityOf('all'), access.identityOf('some')];
    expect(all?.may('configure', '/', 'q')).toBe(true);
    expect(some?.may('write', '/', 'b')).toBe(false);
    expect(some?.tags).toEqual(['monitoring']);
  });

  test('keep the tags and permissions that an operator gave them when the broker is started again', async () => {
    const access = accessUnderTest();
    await access.make([{ name: 'orders', password: 'x' }]);
    await access.putUser('orders', { tags: 'monitoring', password: 'y' });
    access.grant('orders', '/', { ...ALL, write: '' });
    await access.make([{ name: 'orders', password: 'x' }]);
    const identity = await plain(access, 'orders', 'x');
    expect(identity?.tags).toEqual(['monitoring']);
    expect(identity?.may('write', '/', 'q')).toBe(false);
  });
});

describe('log-ins', () => {
  test('are counted by protocol and by where they come from, as RabbitMQ shows them', async () => {
    const access = await withUser('orders');
    await plain(access, 'orders', 'secret');
    await plain(access, 'orders', 'wrong');
    await access.logIn('nobody', 'x', ELSEWHERE, 'http');
    await access.authenticate('PLAIN', Buffer.from('nonsense'), LOCAL);
    expect(access.attempts.totals()).toEqual([
      { protocol: 'amqp091', auth_attempts: 3, auth_attempts_failed: 2, auth_attempts_succeeded: 1 },
      { protocol: 'http', auth_attempts: 1, auth_attempts_failed: 1, auth_attempts_succeeded: 0 },
    ]);
    expect(access.attempts.bySource()).toContainEqual({
      remote_address: '192.0.2.1',
      username: 'nobody',
      protocol: 'http',
      auth_attempts: 1,
      auth_attempts_failed: 1,
      auth_attempts_succeeded: 0,
    });
    access.attempts.reset();
    expect(access.attempts.totals()).toEqual([]);
  });

  test('of whoever has failed too often are refused unseen, and the right user gets in from elsewhere', async () => {
    const throttle = { delayMs: 60_000, delayMsMax: 60_000, userDelayMsMax: 1 };
    const access = accessUnderTest({ passwordHashing: 'sha256', throttle });
    await access.putUser('orders', { tags: '', password: 'secret' });
    for (let guess = 0; guess < 6; guess++) await plain(access, 'orders', `guess ${guess}`, ELSEWHERE);
    expect(await plain(access, 'orders', 'secret', ELSEWHERE)).toBeUndefined();
    expect((await plain(access, 'orders', 'secret', LOCAL))?.user).toBe('orders');
  });

  test('that come all at once are looked at one after the other, by what those before came to', async () => {
    const { log, lines } = new LogLines();
    const access = accessUnderTest({ throttle: { waitMsMax: 0 }, log });
    const names = Array.from({ length: 500 }, (_, index) => `guess ${index}`);
    const guesses = names.map((name) => plain(access, name, name, ELSEWHERE));
    expect((await Promise.all(guesses)).filter((identity) => identity !== undefined)).toEqual([]);
    const lookedAt = lines.filter(({ reason }) => reason === 'the user or the password is wrong');
    expect(lookedAt.length).toBeGreaterThan(19);
    expect(lookedAt.length).toBeLessThan(23);
    expect(lines.length).toBe(500);
  });

  test('with the same right password, however many come back at once, cost what one does', async () => {
    const access = accessUnderTest();
    await access.putUser('orders', { tags: '', password: 'secret' });
    const clients = Array.from({ length: 1000 }, () => plain(access, 'orders', 'secret', ELSEWHERE));
    expect((await Promise.all(clients)).filter((identity) => identity?.user === 'orders').length).toBe(1000);
  });
});

describe('a virtual host', () => {
  test('gives whoever made it everything in it, and takes all with it when it goes', async () => {
    const access = await withUser('orders');
    access.virtualHostCreated('shop', 'orders');
    access.virtualHostCreated('shop', 'who came by a token');
    access.virtualHostCreated('shop', undefined);
    expect(access.permissions.list()).toEqual([{ user: 'orders', virtualHost: 'shop', ...ALL }]);
    access.grantTopic('orders', 'shop', 'amq.topic', { write: '', read: '' });
    access.virtualHostLimits.put('shop', 'max-queues', 1);
    access.virtualHostDeleted('shop');
    expect(access.permissions.list()).toEqual([]);
    expect(access.topicPermissions.list()).toEqual([]);
    expect(access.virtualHostLimits.list()).toEqual([]);
  });

  test('that is not there, and a user who is not, get no permissions', async () => {
    const access = await withUser('orders');
    const refusal = new AccessError('vhost_or_user_not_found');
    expect(() => access.grant('orders', 'nowhere', ALL)).toThrow(refusal);
    expect(() => access.grant('nobody', '/', ALL)).toThrow(refusal);
    expect(() => access.grantTopic('nobody', '/', 'amq.topic', ALL)).toThrow(refusal);
  });
});

// Access control of a whole broker, with amqplib and over HTTP: what is kept across a restart, what guessing
// comes to, and what the audit log tells.
import amqplib from 'amqplib';
import { afterEach, describe, expect, test } from 'vitest';
import { Broker, type BrokerOptions } from '../../broker/broker.js';
import { AuthorizationServer, RESOURCE_SERVER } from '../support/authorization-server.js';
import { DataDirectoryUnderTest } from '../support/data-directory.js';
import { outcomes } from './rights.js';

const brokers: Broker[] = [];

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
});

async function start(options: BrokerOptions = {}): Promise<Broker> {
  const broker = await Broker.start({ port: 0, ...options });
  brokers.push(broker);
  return broker;
}

/** Logs in from an address of this machine. */
async function logInFrom(broker: Broker, localAddress: string, password: string): Promise<void> {
  const address = { protocol: 'amqp', hostname: '127.0.0.1', port: broker.port };
  // Handed on to net.connect, which knows more than amqplib's types do.
  const socket = { localAddress } as object;
  const connection = await amqplib.connect({ ...address, username: 'orders', password }, socket);
  await connection.close();
}

async function ask(
  broker: Broker,
  authorization: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`http://127.0.0.1:${broker.managementPort}/api${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

const asGuest = `Basic ${Buffer.from('guest:guest').toString('base64')}`;

describe('access control', () => {
  test('is the same after a restart', async () => {
    using directory = new DataDirectoryUnderTest();
    const management = { port: 0 };
    const permissions = { '/': { configure: '^app-', write: '', read: '^app-' } };
    const first = await start({ dataDirectory: directory.path, management });
    const { status } = await ask(first, asGuest, 'PUT', '/users/orders', {
      password: 'secret',
      tags: 'monitoring',
      limits: { 'max-channels': 40 },
      permissions,
    });
    expect(status).toBe(201);
    const topic = { exchange: 'amq.topic', write: '^app', read: '' };
    await ask(first, asGuest, 'PUT', '/topic-permissions/%2F/orders', topic);
    const paths = ['/users', '/permissions', '/topic-permissions', '/user-limits', '/global-parameters'];
    const before = await Promise.all(paths.map((path) => ask(first, asGuest, 'GET', path)));
    await first.stop();
    const second = await start({ dataDirectory: directory.path, management });
    expect(await Promise.all(paths.map((path) => ask(second, asGuest, 'GET', path)))).toEqual(before);
    expect(await outcomes({ host: '127.0.0.1', port: second.port }, 'secret', 'orders')).toMatchObject({
      'log in': 'done',
      'declare app-queue': 'done',
      'declare other': '403',
      'bind app-queue to amq.topic by app.a': '403',
    });
    await second.stop();
  });

  test('refuses an address that has guessed too often, and not the user at another', async () => {
    const loginThrottle = { delayMs: 600_000, delayMsMax: 600_000, userDelayMsMax: 1 };
    const broker = await start({ users: [{ name: 'orders', password: 'secret' }], loginThrottle });
    for (let guess = 0; guess < 6; guess++) {
      await expect(logInFrom(broker, '127.0.0.2', `guess ${guess}`)).rejects.toThrow('ACCESS_REFUSED');
    }
    await expect(logInFrom(broker, '127.0.0.2', 'secret')).rejects.toThrow('ACCESS_REFUSED');
    await logInFrom(broker, '127.0.0.1', 'secret');
  });

  test('keeps connections of a user who is deleted open no longer', async () => {
    const broker = await start({ users: [{ name: 'orders', password: 'secret' }], management: { port: 0 } });
    const connection = await amqplib.connect(`amqp://orders:secret@127.0.0.1:${broker.port}`);
    const closed = new Promise<Error>((resolve) => connection.on('close', resolve));
    expect((await ask(broker, asGuest, 'DELETE', '/users/orders')).status).toBe(204);
    expect((await closed).message).toContain("user 'orders' is deleted");
    await expect(logInFrom(broker, '127.0.0.1', 'secret')).rejects.toThrow('ACCESS_REFUSED');
  });

  test('takes tokens over HTTP, and lets them do what their tags say', async () => {
    const authorizationServer = await AuthorizationServer.start();
    const oauth = { resourceServerId: RESOURCE_SERVER, jwksUrl: authorizationServer.jwksUrl };
    const broker = await start({ oauth, management: { port: 0 } });
    const bearer = async (scope: string): Promise<string> =>
      `Bearer ${await authorizationServer.token({ scope })}`;
    const monitor = await bearer('rabbitmq.tag:monitoring rabbitmq.read:*/*');
    expect((await ask(broker, monitor, 'GET', '/whoami')).json).toMatchObject({
      name: 'orders',
      tags: ['monitoring'],
    });
    expect((await ask(broker, monitor, 'PUT', '/users/x', { tags: '' })).status).toBe(401);
    const administrator = await bearer('rabbitmq.tag:administrator');
    expect((await ask(broker, administrator, 'PUT', '/users/x', { tags: '' })).status).toBe(201);
    expect((await ask(broker, await bearer('rabbitmq.read:*/*'), 'GET', '/whoami')).status).toBe(401);
    expect((await ask(broker, `${monitor}x`, 'GET', '/whoami')).status).toBe(401);
    await authorizationServer.stop();
  });

  test('tells who changed what, and no secret', async () => {
    const broker = await start({ management: { port: 0 } });
    const secrets = { tags: '', password: 'SECRET-1' };
    await ask(broker, asGuest, 'PUT', '/users/orders', secrets);
    await ask(broker, asGuest, 'PUT', '/users/orders', { tags: '', password_hash: 'not base64: SECRET-2' });
    await ask(broker, asGuest, 'DELETE', '/users/orders');
    const { json } = await ask(broker, asGuest, 'GET', '/warren/audit');
    expect(json).toMatchObject([
      { actor: { user: 'guest', address: '127.0.0.1', through: 'http' }, verb: 'delete', outcome: 'done' },
      { kind: 'users', name: 'orders', outcome: 'failed', reason: 'bad_request: not_base64' },
      { kind: 'users', name: 'orders', outcome: 'done' },
    ]);
    expect(JSON.stringify(json)).not.toContain('SECRET');
  });
});

// Log-ins by token with amqplib, at Warren and at RabbitMQ with its plugin: the same token opens the same doors.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../broker/broker.js';
import { AuthorizationServer, RESOURCE_SERVER } from '../support/authorization-server.js';
import { missingRabbitmq, type Rabbitmq, startRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';
import { logIn, outcomes } from './rights.js';

const startMs = 60_000;

const SCOPES: readonly string[] = [
  '',
  'rabbitmq.read:*/* rabbitmq.write:*/* rabbitmq.configure:*/*',
  'rabbitmq.read:*/*/* rabbitmq.write:*/*/* rabbitmq.configure:*/*/*',
  'rabbitmq.read:%2F/* rabbitmq.write:%2F/*/app.* rabbitmq.configure:%2F/app-*',
  'rabbitmq.read:%2f/amq.topic/app.* rabbitmq.read:%2F/app-* rabbitmq.write:%2F/app-* rabbitmq.configure:*/app*queue',
  'rabbitmq.write:%2F/amq.default',
  'rabbitmq.write:%2F/amq.default/x',
  'rabbitmq.read:shop/* rabbitmq.write:shop/*',
  'other.read:*/* other.write:*/* read:*/*',
  'rabbitmq.tag:administrator',
  'rabbitmq.read:*/*/*/*',
];

describeWith(missingRabbitmq(), 'tokens at Warren and at RabbitMQ', () => {
  let authorizationServer: AuthorizationServer;
  let warren: Broker;
  let rabbitmq: Rabbitmq;
  let keys: string;

  beforeAll(async () => {
    authorizationServer = await AuthorizationServer.start();
    const pem = await authorizationServer.addKey('shared');
    keys = await mkdtemp(join(tmpdir(), 'warren-keys-'));
    await chmod(keys, 0o755);
    await writeFile(join(keys, 'shared.pem'), pem);
    rabbitmq = await startRabbitmq({
      plugins: ['rabbitmq_auth_backend_oauth2'],
      configuration: [
        'auth_backends.1 = rabbit_auth_backend_oauth2',
        `auth_oauth2.resource_server_id = ${RESOURCE_SERVER}`,
        `auth_oauth2.signing_keys.shared = ${join(keys, 'shared.pem')}`,
      ],
    });
    const { jwksUrl } = authorizationServer;
    const oauth = { resourceServerId: RESOURCE_SERVER, jwksUrl };
    warren = await Broker.start({ port: 0, oauth });
  }, startMs);

  afterAll(async () => {
    await warren?.stop();
    await rabbitmq?.stop();
    await authorizationServer?.stop();
    await rm(keys, { recursive: true, force: true });
  });

  test('some of what is asked for here is allowed, and some refused', async () => {
    const scope = 'rabbitmq.configure:%2F/app-* rabbitmq.read:%2F/app-*';
    const token = await authorizationServer.token({ scope }, { kid: 'shared' });
    expect(await outcomes(rabbitmq, token)).toMatchObject({
      'log in': 'done',
      'declare app-queue': 'done',
      'declare other': '403',
      'consume app-queue': 'done',
      'publish to amq.direct': '403',
    });
  });

  test.each(SCOPES)('with the scope "%s" the same is allowed', async (scope) => {
    const token = await authorizationServer.token({ scope }, { kid: 'shared' });
    const theirs = await outcomes(rabbitmq, token);
    expect(await outcomes(warren, token)).toEqual(theirs);
  });

  test('one that is for another, forged, or out of date opens neither', async () => {
    const scope = 'rabbitmq.read:*/* rabbitmq.write:*/* rabbitmq.configure:*/*';
    const good = await authorizationServer.token({ scope }, { kid: 'shared' });
    for (const token of [
      await authorizationServer.token({ scope, aud: 'another' }, { kid: 'shared' }),
      await authorizationServer.token({ scope, exp: 1 }, { kid: 'shared' }),
      `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(342)}`,
    ]) {
      for (const address of [rabbitmq, warren]) {
        expect((await outcomes(address, token))['log in']).toBe('403');
      }
    }
  });

  test('a new one widens what may be done, and another user’s ends the connection', async () => {
    const narrow = 'rabbitmq.configure:*/app-*';
    const connection = await logIn(warren, await authorizationServer.token({ scope: narrow }));
    const wide = await authorizationServer.token({ scope: 'rabbitmq.configure:*/*' });
    await connection.updateSecret(Buffer.from(wide), 'it is time');
    const channel = await connection.createChannel();
    expect((await channel.assertQueue('anything', { durable: false })).queue).toBe('anything');
    const another = await authorizationServer.token({ sub: 'another', scope: 'rabbitmq.configure:*/*' });
    const closed = new Promise<Error>((resolve) => connection.on('error', resolve));
    connection.updateSecret(Buffer.from(another), 'it is time').catch(() => undefined);
    expect((await closed).message).toContain('New secret was refused by one of the backends');
  });

  test('one that runs out ends the connection', async () => {
    const exp = Math.floor(Date.now() / 1000) + 1;
    const connection = await logIn(
      warren,
      await authorizationServer.token({ scope: 'rabbitmq.read:*/*', exp }),
    );
    await new Promise((resolve) => connection.on('close', resolve));
  });
});

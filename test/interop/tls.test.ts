// The broker over TLS, and the log-in by client certificate (EXTERNAL), with amqplib.
import { connect as connectTls } from 'node:tls';
import amqplib, { type ChannelModel, credentials } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker, type BrokerOptions } from '../../broker/broker.js';
import { CertificateAuthority, type Identity } from '../fixtures/certificates.js';
import { describeWith, runs } from './requirement.js';

const missing = runs('openssl', ['version']) ? undefined : 'openssl is not installed';

describeWith(missing, 'TLS', () => {
  let authority: CertificateAuthority;
  let server: Identity;
  let order: Identity;
  const brokers: Broker[] = [];

  beforeAll(() => {
    authority = new CertificateAuthority();
    server = authority.issue('/CN=localhost');
    order = authority.issue('/O=shop, Ltd/CN=order');
  });

  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    authority.remove();
  });

  async function start(
    tls: Partial<BrokerOptions['tls']> = {},
    users: BrokerOptions['users'] = [],
  ): Promise<Broker> {
    const broker = await Broker.start({
      port: 0,
      users,
      handshakeMs: 2_000,
      tls: { port: 0, ...server, authority: authority.certificate, ...tls },
    });
    brokers.push(broker);
    return broker;
  }

  function connect(broker: Broker, identity?: Identity, external = false): Promise<ChannelModel> {
    return amqplib.connect(`amqps://localhost:${broker.tlsPort}`, {
      ca: [authority.certificate],
      ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
      ...(external ? { credentials: credentials.external() } : {}),
    });
  }

  async function roundTrip(connection: ChannelModel): Promise<void> {
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const body = Buffer.alloc(300_000, 'x');
    channel.sendToQueue(queue, body);
    await channel.waitForConfirms();
    const message = await channel.get(queue);
    expect(message !== false && message.content.equals(body)).toBe(true);
    await connection.close();
  }

  test('a client with a password publishes and consumes', async () => {
    await roundTrip(await connect(await start()));
  });

  test('a client’s certificate logs it in under its subject', async () => {
    const users = [{ name: 'CN=order,O=shop\\, Ltd' }];
    const broker = await start({ verifyPeer: true, failIfNoPeerCertificate: true }, users);
    const told = new Promise((resolve) => broker.events.once('connection.created', resolve));
    await roundTrip(await connect(broker, order, true));
    expect(await told).toMatchObject({ user: 'CN=order,O=shop\\, Ltd', tls: true });
  });

  test('or under its common name', async () => {
    const broker = await start({ verifyPeer: true, loginFrom: 'common_name' }, [{ name: 'order' }]);
    await roundTrip(await connect(broker, order, true));
  });

  test('a certificate without a user, and none at all, are refused', async () => {
    const broker = await start({ verifyPeer: true });
    await expect(connect(broker, order, true)).rejects.toThrow(
      'Login was refused using authentication mechanism EXTERNAL',
    );
    await expect(connect(broker, undefined, true)).rejects.toThrow('EXTERNAL');
  });

  test('a peer without a certificate is refused where one is required', async () => {
    const broker = await start({ verifyPeer: true, failIfNoPeerCertificate: true });
    await expect(connect(broker)).rejects.toThrow();
  });

  test('a certificate that no authority vouches for is refused', async () => {
    const stranger = new CertificateAuthority();
    const broker = await start({ verifyPeer: true });
    await expect(connect(broker, stranger.issue('/CN=order'))).rejects.toThrow();
    stranger.remove();
  });

  test('EXTERNAL is not offered without TLS', async () => {
    const broker = await start({ verifyPeer: true }, [{ name: 'order' }]);
    const plain = amqplib.connect(broker.url, { credentials: credentials.external() });
    await expect(plain).rejects.toThrow('EXTERNAL');
  });

  test('TLS 1.1 is refused', async () => {
    const broker = await start();
    const failed = new Promise<Error>((resolve, reject) => {
      const options = { port: broker.tlsPort as number, host: '127.0.0.1', ca: authority.certificate };
      const socket = connectTls({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, () =>
        reject(new Error('TLS 1.1 was accepted')),
      );
      socket.on('error', resolve);
    });
    expect(await failed).toBeInstanceOf(Error);
  });

  test('a key of another certificate is refused in a clear line, and nothing listens', async () => {
    await expect(start({ key: order.key })).rejects.toThrow(
      'the TLS key cannot be used: it does not belong to the TLS certificate',
    );
  });

  test('the broker stops although a peer is in the middle of its TLS handshake', async () => {
    const broker = await start();
    const { connect: connectPlain } = await import('node:net');
    const socket = connectPlain(broker.tlsPort as number, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    await broker.stop();
    await ended;
  });
});

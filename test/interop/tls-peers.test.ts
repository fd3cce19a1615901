// Who is let in over TLS: every way to ask for certificates, with every kind of certificate.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import amqplib, { credentials } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker, type BrokerOptions } from '../../broker/broker.js';
import { CertificateAuthority, type Identity } from '../fixtures/certificates.js';
import { fixture, runProgram } from './program.js';
import { missingPython, pythonEnvironment } from './python-program.js';
import { describeWith, runs } from './requirement.js';

const missing = runs('openssl', ['version']) ? missingPython : 'openssl is not installed';

describeWith(missing, 'a peer over TLS', () => {
  let authority: CertificateAuthority;
  let stranger: CertificateAuthority;
  let server: Identity;
  let peers: Record<'none' | 'good' | 'foreign' | 'expired', Identity | undefined>;
  const brokers: Broker[] = [];

  beforeAll(() => {
    authority = new CertificateAuthority();
    stranger = new CertificateAuthority();
    server = authority.issue('/CN=localhost');
    peers = {
      none: undefined,
      good: authority.issue('/CN=order'),
      foreign: stranger.issue('/CN=order'),
      expired: authority.issue('/CN=order', { days: -1 }),
    };
  });

  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    authority.remove();
    stranger.remove();
  });

  async function start(tls: Partial<BrokerOptions['tls']>): Promise<Broker> {
    const files = { ...server, authority: authority.certificate };
    const users = [{ name: 'order' }];
    const options: BrokerOptions['tls'] = { port: 0, loginFrom: 'common_name', ...files, ...tls };
    const broker = await Broker.start({ port: 0, users, handshakeMs: 2_000, tls: options });
    brokers.push(broker);
    return broker;
  }

  /** Connects, publishes and consumes; or says why not. */
  async function attempt(broker: Broker, identity: Identity | undefined, external = false): Promise<string> {
    try {
      const connection = await amqplib.connect(`amqps://localhost:${broker.tlsPort}`, {
        ca: [authority.certificate],
        ...(identity && { cert: identity.certificate, key: identity.key }),
        ...(external && { credentials: credentials.external() }),
      });
      const channel = await connection.createConfirmChannel();
      const { queue } = await channel.assertQueue('', { exclusive: true });
      channel.sendToQueue(queue, Buffer.from('x'));
      await channel.waitForConfirms();
      await connection.close();
      return 'works';
    } catch (error) {
      return String(error).includes('EXTERNAL') ? 'no EXTERNAL' : 'refused';
    }
  }

  test.each([
    {
      verifyPeer: false,
      failIfNoPeerCertificate: false,
      none: 'works',
      good: 'works',
      foreign: 'works',
      expired: 'works',
      external: 'no EXTERNAL',
    },
    {
      verifyPeer: true,
      failIfNoPeerCertificate: false,
      none: 'works',
      good: 'works',
      foreign: 'refused',
      expired: 'refused',
      external: 'works',
    },
    {
      verifyPeer: true,
      failIfNoPeerCertificate: true,
      none: 'refused',
      good: 'works',
      foreign: 'refused',
      expired: 'refused',
      external: 'works',
    },
  ])(
    'where verify is $verifyPeer and a certificate is required is $failIfNoPeerCertificate',
    async (expected) => {
      const { verifyPeer, failIfNoPeerCertificate, external, ...outcomes } = expected;
      const broker = await start({ verifyPeer, failIfNoPeerCertificate });
      for (const [kind, outcome] of Object.entries(outcomes)) {
        expect([kind, await attempt(broker, peers[kind as keyof typeof peers])]).toEqual([kind, outcome]);
      }
      expect(await attempt(broker, peers.good, true)).toBe(external);
    },
  );

  test('a certificate that is required but not verified is refused as a setting', async () => {
    await expect(start({ verifyPeer: false, failIfNoPeerCertificate: true })).rejects.toThrow(
      /verify peers too/,
    );
  });

  test('is believed only as far from the root as the depth allows', async () => {
    const shop = authority.authority('/CN=Shop authority');
    const team = authority.authority('/CN=Team authority', shop);
    const near = authority.issue('/CN=order', { by: shop });
    const issued = authority.issue('/CN=order', { by: team });
    const far = { ...issued, certificate: issued.certificate };
    const outcomes = async (depth: number | undefined) => {
      const broker = await start({ verifyPeer: true, ...(depth !== undefined && { depth }) });
      return [await attempt(broker, peers.good), await attempt(broker, near), await attempt(broker, far)];
    };
    expect(await outcomes(0)).toEqual(['works', 'refused', 'refused']);
    expect(await outcomes(1)).toEqual(['works', 'works', 'refused']);
    expect(await outcomes(undefined)).toEqual(['works', 'works', 'works']);
  });

  test('speaks a version that is allowed: 1.2 and 1.3 unless more or less is asked for', async () => {
    const speaks = async (broker: Broker, version: SecureVersion): Promise<boolean> => {
      const versions = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      const options = { port: broker.tlsPort as number, host: '127.0.0.1', ca: authority.certificate };
      return await new Promise((resolve) => {
        const socket = connectTls({ ...options, ...versions }, () => {
          resolve(socket.getProtocol() === version);
          socket.destroy();
        });
        socket.on('error', () => resolve(false));
      });
    };
    const all: SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
    const spoken = async (tls: Partial<BrokerOptions['tls']>) => {
      const broker = await start(tls);
      return await Promise.all(all.map((version) => speaks(broker, version)));
    };
    expect(await spoken({})).toEqual([false, false, true, true]);
    expect(await spoken({ versionMin: 'TLSv1.3' })).toEqual([false, false, false, true]);
    expect(await spoken({ versionMax: 'TLSv1.2' })).toEqual([false, false, true, false]);
    // An old client is served where somebody has asked for it, so the refusal above is the broker's.
    const old = { versionMin: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await spoken(old)).toEqual([false, true, true, true]);
  });

  test('gives its place back, whether it closes its connection or only its socket', async () => {
    const tls = { port: 0, ...server };
    const connectionLimits = { connectionsMax: 2, unauthenticatedMax: 1, unauthenticatedPerAddressMax: 1 };
    const broker = await Broker.start({ port: 0, tls, connectionLimits });
    brokers.push(broker);
    for (let round = 0; round < 10; round++) {
      const closed = new Promise((resolve) => broker.events.once('connection.closed', resolve));
      expect(await attempt(broker, undefined)).toBe('works');
      await closed;
      const options = { port: broker.tlsPort as number, host: '127.0.0.1', ca: authority.certificate };
      const socket = connectTls(options, () => socket.destroy());
      await new Promise((resolve) => socket.once('close', resolve));
    }
  });

  test('in Python, with pika, logs in by its certificate', async () => {
    const broker = await start({ verifyPeer: true, failIfNoPeerCertificate: true });
    const directory = mkdtempSync(join(tmpdir(), 'warren-tls-'));
    const file = (name: string, text = ''): string => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const files = [
      file('ca.pem', authority.certificate),
      file('order.pem', peers.good?.certificate),
      file('order.key', peers.good?.key),
    ];
    const under = {
      host: '127.0.0.1',
      port: broker.port,
      url: broker.url,
      restart: async () => {},
      stop: async () => {},
    };
    const program = [fixture('python/pika_tls_program.py'), String(broker.tlsPort), ...files];
    const said = await runProgram(under, 'python3', program, { environment: pythonEnvironment });
    rmSync(directory, { recursive: true, force: true });
    expect(said).toEqual(['ok TLS with a password', 'ok EXTERNAL']);
  });
});

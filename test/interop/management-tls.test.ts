// The management interface over HTTPS: by the broker's certificate, which is exchanged while it runs.
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../broker/broker.js';
import { CertificateAuthority, type Identity } from '../fixtures/certificates.js';
import { describeWith, runs } from './requirement.js';

const missing = runs('openssl', ['version']) ? undefined : 'openssl is not installed';

describeWith(missing, 'the management interface over HTTPS', () => {
  let authority: CertificateAuthority;
  let first: Identity;
  let broker: Broker;

  beforeAll(async () => {
    authority = new CertificateAuthority();
    first = authority.issue('/CN=first');
    broker = await start(first);
  });

  afterAll(async () => {
    await broker.stop();
    authority.remove();
  });

  function start(
    identity: Identity,
    tls: { verifyPeer?: boolean; failIfNoPeerCertificate?: boolean; depth?: number } = {},
  ) {
    const { certificate, key } = identity;
    return Broker.start({
      port: 0,
      tls: { port: 0, certificate, key, authority: authority.certificate, ...tls },
      management: { port: 0, tls: { port: 0 } },
    });
  }

  /** Who answers, and what. */
  function ask(
    port: number | undefined,
    path: string,
    options: { cert?: string; key?: string; maxVersion?: 'TLSv1.1' | 'TLSv1.3' } = {},
  ): Promise<{ status: number | undefined; subject: string | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` };
      const request = httpsRequest(
        { host: '127.0.0.1', port, path, headers, ca: authority.certificate, agent: false, ...options },
        (response) => {
          const subject = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text;
          });
          response.on('end', () => {
            resolve({ status: response.statusCode, subject: String(subject), body });
          });
        },
      );
      request.on('error', reject).end();
    });
  }

  test('answers as without TLS, and is listed as a listener', async () => {
    const { status, body } = await ask(broker.managementTlsPort, '/api/overview');
    expect(status).toBe(200);
    const { listeners } = JSON.parse(body) as { listeners: { protocol: string; port: number }[] };
    expect(listeners).toContainEqual(
      expect.objectContaining({ protocol: 'https', port: broker.managementTlsPort }),
    );
    expect(
      (await ask(broker.managementTlsPort, '/api/health/checks/certificate-expiration/1/days')).status,
    ).toBe(200);
  });

  test('shows the certificate that the broker was given last', async () => {
    expect((await ask(broker.managementTlsPort, '/api/whoami')).subject).toBe('first');
    const { certificate, key } = authority.issue('/CN=second');
    broker.reloadTls({ certificate, key });
    expect((await ask(broker.managementTlsPort, '/api/whoami')).subject).toBe('second');
    broker.reloadTls({ certificate: first.certificate, key: first.key });
  });

  test('speaks nothing older than TLS 1.2', async () => {
    await expect(ask(broker.managementTlsPort, '/api/whoami', { maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });

  test('asks clients for a certificate where the broker does', async () => {
    const strict = await start(first, { verifyPeer: true, failIfNoPeerCertificate: true });
    try {
      const { certificate: cert, key } = authority.issue('/CN=client');
      expect((await ask(strict.managementTlsPort, '/api/whoami', { cert, key })).status).toBe(200);
      await expect(ask(strict.managementTlsPort, '/api/whoami')).rejects.toThrow();
      const stranger = new CertificateAuthority();
      const foreign = stranger.issue('/CN=client');
      stranger.remove();
      await expect(
        ask(strict.managementTlsPort, '/api/whoami', { cert: foreign.certificate, key: foreign.key }),
      ).rejects.toThrow();
    } finally {
      await strict.stop();
    }
  });

  test('believes clients only as far from the root as the broker does', async () => {
    const team = authority.authority('/CN=Team authority');
    const far = authority.issue('/CN=client', { by: team });
    const near = authority.issue('/CN=client');
    const strict = await start(first, { verifyPeer: true, depth: 0 });
    const askAs = ({ certificate: cert, key }: Identity) =>
      ask(strict.managementTlsPort, '/api/whoami', { cert, key });
    try {
      expect((await askAs(near)).status).toBe(200);
      await expect(askAs(far)).rejects.toThrow();
    } finally {
      await strict.stop();
    }
  });
});

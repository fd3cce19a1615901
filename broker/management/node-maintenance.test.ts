import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import amqplib from 'amqplib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CertificateAuthority } from '../../test/fixtures/certificates.js';
import { runs } from '../../test/interop/requirement.js';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import type { ManagementClient } from '../../test/support/management-client.js';

async function nodePath(client: ManagementClient): Promise<string> {
  return `/nodes/${encodeURIComponent((await client.get('/overview')).json.node)}`;
}

function settled<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

describe('a drain asked for by HTTP', () => {
  test('is answered at once, lets what is under way be finished, and ends the broker', async () => {
    const { broker, client } = await startManagedBroker();
    const connection = await amqplib.connect(broker.url);
    connection.on('error', () => undefined);
    const channel = await connection.createChannel();
    await channel.assertQueue('held');
    channel.sendToQueue('held', Buffer.from('x'));
    const cancelled = settled<void>();
    const delivered = settled<amqplib.ConsumeMessage>();
    await channel.consume('held', (message) =>
      message === null ? cancelled.resolve() : delivered.resolve(message),
    );
    const delivery = await delivered.promise;
    const node = await nodePath(client);
    expect((await client.get(node)).json.being_drained).toBe(false);
    expect(await client.put(`${node}/drain`, { timeout_ms: 60_000 })).toMatchObject({
      status: 204,
      text: '',
    });
    await cancelled.promise;
    expect((await client.get(node)).json.being_drained).toBe(true);
    expect((await client.get('/health/checks/is-in-service')).status).toBe(503);
    // Once more does no harm, and gives no more time.
    expect((await client.put(`${node}/drain`, { timeout_ms: 86_400_000 })).status).toBe(204);
    const [newest] = (await client.get('/warren/audit')).json;
    expect(newest).toMatchObject({ verb: 'drain', kind: 'nodes', outcome: 'done', actor: { user: 'guest' } });
    expect(broker.state).toBe('draining');
    channel.ack(delivery);
    await broker.drained;
    expect(broker.state).toBe('stopped');
  });

  test('waits no longer than it is told to, and is answered where there is nothing to wait for', async () => {
    const { broker, client } = await startManagedBroker();
    const connection = await amqplib.connect(broker.url);
    const closed = new Promise<unknown>((resolve) => connection.once('close', resolve));
    connection.on('error', () => undefined);
    const channel = await connection.createChannel();
    await channel.assertQueue('held');
    channel.sendToQueue('held', Buffer.from('x'));
    const delivered = settled<void>();
    await channel.consume('held', () => delivered.resolve());
    await delivered.promise;
    // Of two drains the one that ends first holds.
    expect((await client.put(`${await nodePath(client)}/drain`, { timeout_ms: 60_000 })).status).toBe(204);
    expect((await client.put(`${await nodePath(client)}/drain`, { timeout_ms: 0 })).status).toBe(204);
    expect(String(await closed)).toContain('320');
    await broker.drained;

    const idle = await startManagedBroker();
    expect((await idle.client.put(`${await nodePath(idle.client)}/drain`)).status).toBe(204);
    await idle.broker.drained;
  });

  test('is for administrators, of this node, and with a time that can be', async () => {
    const { broker, client } = await startManagedBroker();
    await client.put('/users/watch', { password: 'p', tags: 'monitoring' });
    const node = await nodePath(client);
    for (const path of ['drain', 'certificates']) {
      expect(await client.as('watch', 'p').put(`${node}/${path}`)).toMatchObject({
        status: 401,
        json: { error: 'not_authorised', reason: 'Not administrator user' },
      });
      expect((await client.put(`/nodes/none/${path}`)).status).toBe(404);
      expect((await client.get(`${node}/${path}`)).status).toBe(405);
    }
    for (const timeout of [-1, 86_400_001, 'x', 1.5, null]) {
      expect((await client.put(`${node}/drain`, { timeout_ms: timeout })).status).toBe(400);
    }
    expect(broker.state).toBe('running');
  });
});

describe('certificates read anew by HTTP', () => {
  test('a broker without TLS says that it has none', async () => {
    const { client } = await startManagedBroker();
    expect(await client.put(`${await nodePath(client)}/certificates`)).toMatchObject({
      status: 400,
      json: { error: 'bad_request', reason: 'the broker has no TLS certificate' },
    });
  });

  test.skipIf(!runs('openssl', ['version']))('are used, or it is said why not', async () => {
    const authority = new CertificateAuthority();
    const directory = mkdtempSync(join(tmpdir(), 'warren-certificates-'));
    onTestFinished(() => {
      authority.remove();
      rmSync(directory, { recursive: true });
    });
    const [certificateFile, keyFile] = [join(directory, 'server.pem'), join(directory, 'server.key')];
    const write = ({ certificate, key }: { certificate: string; key: string }): void => {
      writeFileSync(certificateFile, certificate);
      writeFileSync(keyFile, key);
    };
    write(authority.issue('/CN=first'));
    const { broker, client } = await startManagedBroker({
      tls: { port: 0, certificateFile, keyFile, watchMs: 0 },
    });
    const path = `${await nodePath(client)}/certificates`;
    const shown = (): Promise<string> => {
      return new Promise((resolve, reject) => {
        const options = { port: broker.tlsPort as number, host: '127.0.0.1', ca: authority.certificate };
        const socket = connect(options, () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.destroy();
        }).on('error', reject);
      });
    };
    write(authority.issue('/CN=second'));
    expect(await shown()).toBe('first');
    expect((await client.put(path)).status).toBe(204);
    expect(await shown()).toBe('second');
    writeFileSync(keyFile, 'none');
    expect(await client.put(path)).toMatchObject({
      status: 400,
      json: {
        error: 'bad_request',
        reason: `the TLS key ${keyFile} cannot be used: it holds no private key in PEM`,
      },
    });
    expect(await shown()).toBe('second');
    const [newest] = (await client.get('/warren/audit')).json;
    expect(newest).toMatchObject({ verb: 'certificates', outcome: 'failed' });
  });
});

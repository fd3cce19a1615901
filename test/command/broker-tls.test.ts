import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import amqplib, { credentials } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CertificateAuthority, type Identity } from '../fixtures/certificates.js';
import { describeWith, runs } from '../interop/requirement.js';
import { until } from '../until.js';
import { runWarren, TemporaryDirectory, WarrenProcess } from '../warren-process.js';

const missing = runs('openssl', ['version']) ? undefined : 'openssl is not installed';

describeWith(missing, 'warren broker with a certificate', () => {
  let authority: CertificateAuthority;
  let directory: TemporaryDirectory;
  let environment: Record<string, string>;
  const path = (name: string) => join(directory.path, name);

  beforeAll(() => {
    authority = new CertificateAuthority();
  });

  afterAll(() => authority.remove());

  beforeEach(() => {
    directory = new TemporaryDirectory();
    mkdirSync(path('data'));
    write(authority.issue('/CN=first'));
    writeFileSync(path('ca.pem'), authority.certificate);
    environment = {
      WARREN_DATA_DIR: path('data'),
      WARREN_BROKER_TLS_CERTIFICATE: path('server.pem'),
      WARREN_BROKER_TLS_KEY: path('server.key'),
    };
  });

  afterEach(() => directory[Symbol.dispose]());

  function write({ certificate, key }: Identity): void {
    writeFileSync(path('server.pem'), certificate);
    writeFileSync(path('server.key'), key);
  }

  function portOf(warren: WarrenProcess): number {
    return Number(new URL(warren.address('broker-tls')).port);
  }

  async function shown(warren: WarrenProcess): Promise<string> {
    const options = { port: portOf(warren), host: '127.0.0.1', ca: authority.certificate };
    return await new Promise((resolve, reject) => {
      const socket = connectTls(options, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  it('speaks TLS, and loads the certificate anew on SIGHUP', async () => {
    await using warren = await WarrenProcess.start(['broker'], environment);
    const url = `amqps://guest:guest@localhost:${portOf(warren)}`;
    const connection = await amqplib.connect(url, { ca: [authority.certificate] });
    await (await connection.createChannel()).assertQueue('', { exclusive: true });
    expect(await shown(warren)).toBe('first');
    write(authority.issue('/CN=second'));
    warren.child.kill('SIGHUP');
    await until('the second certificate', async () =>
      (await shown(warren)) === 'second' ? true : undefined,
    );
    // Who was there before is there still.
    await (await connection.createChannel()).assertQueue('', { exclusive: true });
    await connection.close();
    expect((await warren.end()).exitCode).toBe(0);
  });

  it('does so under warren up, too', async () => {
    await using warren = await WarrenProcess.start(['up'], environment);
    expect(await shown(warren)).toBe('first');
    write(authority.issue('/CN=second'));
    warren.child.kill('SIGHUP');
    await until('the second certificate', async () =>
      (await shown(warren)) === 'second' ? true : undefined,
    );
  });

  it('takes its settings from the file, and asks clients for certificates when told to', async () => {
    writeFileSync(
      path('warren.yaml'),
      `broker:
  tls:
    certificate: ${path('server.pem')}
    key: ${path('server.key')}
    authority: ${path('ca.pem')}
    verifyPeer: true
    failIfNoPeerCertificate: true
    versionMin: TLSv1.3
`,
    );
    const settings = { WARREN_DATA_DIR: path('data') };
    await using warren = await WarrenProcess.start(['broker', '--config', path('warren.yaml')], settings);
    const url = `amqps://localhost:${portOf(warren)}`;
    await expect(amqplib.connect(url, { ca: [authority.certificate] })).rejects.toThrow();
    const { certificate: cert, key } = authority.issue('/CN=order');
    const options = { ca: [authority.certificate], cert, key };
    // It is let in, and then it is nobody's name.
    await expect(amqplib.connect(url, { ...options, credentials: credentials.external() })).rejects.toThrow(
      'EXTERNAL',
    );
    await (
      await amqplib.connect(url, { ...options, credentials: credentials.plain('guest', 'guest') })
    ).close();
  });

  it.each([
    [
      'WARREN_BROKER_TLS_CERTIFICATE',
      'none',
      /^warren: the TLS certificate .*none cannot be used: there is no such file$/m,
    ],
    [
      'WARREN_BROKER_TLS_KEY',
      'ca.pem',
      /^warren: the TLS key .*ca\.pem cannot be used: it holds no private key in PEM$/m,
    ],
    [
      'WARREN_BROKER_TLS_VERIFY_PEER',
      undefined,
      /^warren: peers cannot be verified without an authority; .*$/m,
    ],
  ])('is told in one line that %s does not do', async (variable, file, line) => {
    const value = file === undefined ? 'true' : path(file);
    const { exitCode, stderr } = await runWarren(['broker'], { ...environment, [variable]: value });
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(1);
  });

  it('is told that a setting is no yes or no', async () => {
    const { exitCode, stderr } = await runWarren(['broker', '--tls-verify-peer', 'perhaps'], environment);
    expect(stderr).toBe('warren: --tls-verify-peer: must be true or false\n');
    expect(exitCode).toBe(2);
  });

  it('names the setting behind its port when that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { stderr } = await runWarren(['broker', '--amqps-port', String(port)], environment);
    server.close();
    expect(stderr).toMatch(
      new RegExp(
        `^warren: port ${port} is taken.*; stop it or choose another with WARREN_AMQPS_PORT or --amqps-port$`,
        'm',
      ),
    );
  });

  it('does not listen beyond this machine with guest there, or without TLS, unless asked to', async () => {
    const anywhere = { WARREN_DATA_DIR: path('data'), WARREN_HOST: '0.0.0.0' };
    const withGuest = await runWarren(['broker', '--allow-plain-from-anywhere', 'true'], anywhere);
    expect(withGuest.stderr).toMatch(
      /^warren: refusing to listen on 0\.0\.0\.0 while the user guest is there; /,
    );
    const plain = await runWarren(['broker', '--allow-guest-from-anywhere', 'true'], anywhere);
    expect(plain.stderr).toMatch(/^warren: refusing to listen on 0\.0\.0\.0 without TLS; /);
    expect([withGuest.exitCode, plain.exitCode]).toEqual([1, 1]);
  });

  it('shows that there is a passphrase, and never which', async () => {
    const { stdout } = await runWarren(['config'], { ...environment, WARREN_BROKER_TLS_PASSPHRASE: 'hush' });
    expect(stdout).toMatch(/^broker\.tls\.passphrase +\*\*\* +WARREN_BROKER_TLS_PASSPHRASE$/m);
    expect(stdout).not.toContain('hush');
  });
});

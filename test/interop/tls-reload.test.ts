// A certificate that is exchanged while the broker runs, and one that cannot be used.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import amqplib, { type ChannelModel } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker, type BrokerOptions, TlsError } from '../../broker/broker.js';
import { CertificateAuthority, type Identity } from '../fixtures/certificates.js';
import { LogLines } from '../fixtures/log-lines.js';
import { describeWith, runs } from './requirement.js';

const missing = runs('openssl', ['version']) ? undefined : 'openssl is not installed';
const LOADED = /^The TLS certificate was loaded anew$/;
const REFUSED = /^The old TLS certificate stays in force/;

describeWith(missing, 'a certificate in files', () => {
  let authority: CertificateAuthority;
  let directory: string;
  let logged: LogLines;
  let broker: Broker | undefined;
  const path = (name: string) => join(directory, name);

  beforeEach(() => {
    authority = new CertificateAuthority();
    directory = mkdtempSync(join(tmpdir(), 'warren-tls-'));
    logged = new LogLines();
    write(authority.issue('/CN=first'));
    writeFileSync(path('ca.pem'), authority.certificate);
  });

  afterEach(async () => {
    await broker?.stop();
    broker = undefined;
    authority.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  /** As a careful tool writes: each file is whole whenever it is read. */
  function write(identity: Partial<Identity>, name = 'server'): void {
    for (const [suffix, text] of [
      ['pem', identity.certificate],
      ['key', identity.key],
    ] as const) {
      if (text === undefined) continue;
      writeFileSync(path('unfinished'), text);
      renameSync(path('unfinished'), path(`${name}.${suffix}`));
    }
  }

  async function start(tls: Partial<BrokerOptions['tls']> = {}): Promise<Broker> {
    const files = { certificateFile: path('server.pem'), keyFile: path('server.key') };
    broker = await Broker.start({
      port: 0,
      log: logged.log,
      tls: { port: 0, watchMs: 20, ...files, ...tls },
    });
    return broker;
  }

  function connect(identity?: Identity): Promise<ChannelModel> {
    return amqplib.connect(`amqps://localhost:${broker?.tlsPort}`, {
      ca: [authority.certificate],
      ...(identity && { cert: identity.certificate, key: identity.key }),
    });
  }

  /** Whose certificate a new connection is shown. */
  async function shown(): Promise<string> {
    const options = { port: broker?.tlsPort as number, host: '127.0.0.1', ca: authority.certificate };
    return await new Promise((resolve, reject) => {
      const socket = connectTls(options, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  test('is shown to new connections when it is exchanged, while those that stand go on', async () => {
    await start();
    const old = await connect();
    const channel = await old.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    expect(await shown()).toBe('first');
    write(authority.issue('/CN=second'));
    expect(await logged.next(LOADED)).toMatchObject({ subject: 'CN=second' });
    expect(await shown()).toBe('second');
    channel.sendToQueue(queue, Buffer.from('by the old connection'));
    await channel.waitForConfirms();
    expect(await channel.get(queue)).toMatchObject({ content: Buffer.from('by the old connection') });
    const young = await connect();
    await young.close();
    await old.close();
  });

  test('is noticed behind a link that is turned, as Kubernetes mounts secrets', async () => {
    for (const [version, subject] of Object.entries({ one: '/CN=one', two: '/CN=two' })) {
      mkdirSync(path(version));
      write(authority.issue(subject), `${version}/server`);
    }
    symlinkSync(path('one'), path('data'));
    await start({ certificateFile: path('data/server.pem'), keyFile: path('data/server.key') });
    expect(await shown()).toBe('one');
    symlinkSync(path('two'), path('turned'));
    renameSync(path('turned'), path('data'));
    await logged.next(LOADED);
    expect(await shown()).toBe('two');
  });

  test('is refused in one line while it and its key do not fit, and the old one stays', async () => {
    await start();
    const second = authority.issue('/CN=second');
    write({ certificate: second.certificate });
    expect(await logged.next(REFUSED)).toMatchObject({
      level: 50,
      msg: `The old TLS certificate stays in force: the TLS key ${path('server.key')} cannot be used: it does not belong to the TLS certificate ${path('server.pem')}`,
    });
    expect(await shown()).toBe('first');
    write({ key: second.key });
    await logged.next(LOADED);
    expect(await shown()).toBe('second');
    expect(logged.matching(REFUSED)).toHaveLength(1);
  });

  test('is refused while it is half written, and the old one stays', async () => {
    await start();
    const second = authority.issue('/CN=second');
    writeFileSync(path('server.pem'), second.certificate.slice(0, 300));
    expect((await logged.next(REFUSED)).msg).toContain(
      `${path('server.pem')} cannot be used: it holds no certificate in PEM, or one that is cut off`,
    );
    expect(await shown()).toBe('first');
    write(second);
    await logged.next(LOADED);
    expect(await shown()).toBe('second');
  });

  test('is refused when it is gone, and the old one stays', async () => {
    await start();
    rmSync(path('server.key'));
    expect((await logged.next(REFUSED)).msg).toContain(
      `${path('server.key')} cannot be used: there is no such file`,
    );
    expect(await shown()).toBe('first');
  });

  test('is loaded at once when that is asked for, from the files or from what is given', async () => {
    const running = await start({ watchMs: 0 });
    write(authority.issue('/CN=second'));
    running.reloadTls();
    expect(await shown()).toBe('second');
    const third = authority.issue('/CN=third');
    running.reloadTls(third);
    expect(await shown()).toBe('third');
    expect(() => running.reloadTls({ certificate: third.certificate, key: 'none' })).toThrow(TlsError);
    expect(await shown()).toBe('third');
  });

  test('brings a new authority, by which new peers are judged', async () => {
    const others = new CertificateAuthority();
    const order = others.issue('/CN=order');
    await start({ authorityFile: path('ca.pem'), verifyPeer: true, failIfNoPeerCertificate: true });
    await expect(connect(order)).rejects.toThrow();
    writeFileSync(path('ca.pem'), authority.certificate + others.certificate);
    await logged.next(LOADED);
    await (await connect(order)).close();
    others.remove();
  });

  test('that has expired is used, with a warning', async () => {
    write(authority.issue('/CN=old', { days: -1 }));
    await start();
    expect(logged.matching(/^The TLS certificate has expired$/)).toMatchObject([
      { level: 40, subject: 'CN=old' },
    ]);
  });

  test('whose key is encrypted is used with its passphrase', async () => {
    const encrypting = ['pkey', '-aes256', '-passout', 'pass:hush', '-in', path('server.key')];
    execFileSync('openssl', [...encrypting, '-out', path('locked.key')]);
    const keyFile = path('locked.key');
    await expect(start({ keyFile })).rejects.toThrow(
      'locked.key cannot be used: it is encrypted and needs a passphrase',
    );
    await expect(start({ keyFile, passphrase: 'loud' })).rejects.toThrow('its passphrase is another');
    await start({ keyFile, passphrase: 'hush' });
    await (await connect()).close();
  });

  test.each<[string, (files: typeof path) => Partial<BrokerOptions['tls']>, RegExp]>([
    [
      'is missing',
      (at) => ({ certificateFile: at('none') }),
      /^the TLS certificate .*none cannot be used: there is no such file$/,
    ],
    ['is a directory', (at) => ({ keyFile: at('.') }), /^the TLS key .* cannot be used: it is a directory$/],
    [
      'is no PEM',
      (at) => ({ certificateFile: at('server.key') }),
      /server\.key cannot be used: it holds no certificate in PEM/,
    ],
    [
      'is no key',
      (at) => ({ keyFile: at('server.pem') }),
      /^the TLS key .*server\.pem cannot be used: it holds no private key in PEM$/,
    ],
    [
      'is no authority',
      (at) => ({ authorityFile: at('server.key') }),
      /^the TLS authority .* cannot be used: it holds no certificate/,
    ],
    [
      'is missing in the settings',
      () => ({ keyFile: undefined }),
      /^the TLS key cannot be used: there is none$/,
    ],
    [
      'would verify peers by nothing',
      () => ({ verifyPeer: true }),
      /^peers cannot be verified without an authority/,
    ],
    [
      'would require what it does not verify',
      () => ({ failIfNoPeerCertificate: true }),
      /^peers cannot be required to show/,
    ],
    [
      'names ciphers that there are not',
      () => ({ ciphers: 'NONE-AT-ALL' }),
      /^the TLS certificate .* cannot be used: no cipher match$/,
    ],
  ])('that %s keeps the broker from starting, with a clear line', async (_, options, line) => {
    await expect(start(options(path))).rejects.toMatchObject({
      code: 'ERR_WARREN_TLS',
      message: expect.stringMatching(line),
    });
  });
});

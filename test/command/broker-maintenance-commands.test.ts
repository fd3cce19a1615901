/** `warren broker drain` and `reload-certificates`, and what becomes of the process that is drained. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CertificateAuthority, type Identity } from '../fixtures/certificates.js';
import { describeWith, runs } from '../interop/requirement.js';
import { until } from '../until.js';
import { TemporaryDirectory, WarrenProcess } from '../warren-process.js';
import { BROKERS, Operator } from './operator.js';

// Every command is a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = new TemporaryDirectory();
});

afterEach(() => directory[Symbol.dispose]());

function operatorOf(warren: WarrenProcess): Operator {
  const url = warren.address('management').replace('//', '//guest:guest@');
  return new Operator({ WARREN_MANAGEMENT_URL: url });
}

describe('warren broker drain', () => {
  it('ends the process that is the broker, in order', async () => {
    await using warren = await WarrenProcess.start(['broker'], { WARREN_DATA_DIR: directory.path });
    const ended = warren.outcome();
    const said = await operatorOf(warren).does(['drain', '--timeout-ms', '5000']);
    expect(said).toBe('The broker drains, and ends when nothing is under way any more\n');
    const { exitCode, stderr } = await ended;
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('has the broker of warren up started again, since that is what warren up does', async () => {
    await using warren = await WarrenProcess.start(['up'], { WARREN_DATA_DIR: directory.path });
    const operator = operatorOf(warren);
    const processId = async (): Promise<string | undefined> => {
      const { exitCode, stdout } = await operator.run(['status', '--json']);
      if (exitCode !== 0) return undefined;
      return (JSON.parse(stdout) as { nodes: { os_pid: string }[] }).nodes[0]?.os_pid;
    };
    const before = await processId();
    expect(before).toMatch(/^\d+$/);
    await operator.does(['drain', '--timeout-ms', '1000']);
    const after = await until('another broker', async () => {
      const now = await processId();
      return now === before ? undefined : now;
    });
    expect(after).toMatch(/^\d+$/);
    expect((await warren.end()).exitCode).toBe(0);
  });

  it('is told what a time is, and who may do it', async () => {
    await using warren = await WarrenProcess.start(['broker'], { WARREN_DATA_DIR: directory.path });
    const operator = operatorOf(warren);
    expect(await operator.fails(2, ['drain', '--timeout-ms', 'soon'])).toMatch(/^--timeout-ms/);
    await operator.does(['add-user', 'watch'], 'p\n');
    await operator.does(['set-user-tags', 'watch', 'monitoring']);
    const watch = operator.with({
      WARREN_MANAGEMENT_URL: warren.address('management').replace('//', '//watch:p@'),
    });
    expect(await watch.fails(4, ['drain'])).toMatch(/Not administrator user$/);
    expect(await operator.fails(1, ['reload-certificates'])).toBe(
      'the broker refuses: the broker has no TLS certificate',
    );
  });
});

for (const { name, missing, start } of BROKERS.filter((one) => one.name === 'RabbitMQ')) {
  describeWith(missing, `at ${name}`, () => {
    it('what only Warren can do is said to be so', async () => {
      const broker = await start();
      try {
        const operator = Operator.at(broker);
        expect(await operator.fails(1, ['drain'])).toBe(
          'this broker cannot be drained by its management API',
        );
        expect(await operator.fails(1, ['reload-certificates'])).toBe(
          'this broker cannot read its certificates anew by its management API',
        );
      } finally {
        await broker.stop();
      }
    });
  });
}

describeWith(
  runs('openssl', ['version']) ? undefined : 'openssl is not installed',
  'warren broker reload-certificates',
  () => {
    it('has new connections shown what is in the files, or says what is wrong with them', async () => {
      const authority = new CertificateAuthority();
      const [certificateFile, keyFile] = ['server.pem', 'server.key'].map((name) =>
        join(directory.path, name),
      ) as [string, string];
      const write = ({ certificate, key }: Identity): void => {
        writeFileSync(certificateFile, certificate);
        writeFileSync(keyFile, key);
      };
      write(authority.issue('/CN=first'));
      await using warren = await WarrenProcess.start(['broker'], {
        WARREN_DATA_DIR: join(directory.path, 'data'),
        WARREN_BROKER_TLS_CERTIFICATE: certificateFile,
        WARREN_BROKER_TLS_KEY: keyFile,
      });
      const shown = (): Promise<string> =>
        new Promise((resolve, reject) => {
          const port = Number(new URL(warren.address('broker-tls')).port);
          const socket = connect({ port, host: '127.0.0.1', ca: authority.certificate }, () => {
            resolve(String(socket.getPeerCertificate().subject.CN));
            socket.destroy();
          }).on('error', reject);
        });
      const operator = operatorOf(warren);
      write(authority.issue('/CN=second'));
      await operator.does(['reload-certificates']);
      expect(await shown()).toBe('second');
      writeFileSync(keyFile, 'none');
      expect(await operator.fails(1, ['reload_certificates'])).toBe(
        `the broker refuses: the TLS key ${keyFile} cannot be used: it holds no private key in PEM`,
      );
      expect(await shown()).toBe('second');
      authority.remove();
    });
  },
);

/** What `warren broker` commands say and how they end when they are not answered as they should be. */
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CertificateAuthority } from '../fixtures/certificates.js';
import { runWarren, TemporaryDirectory } from '../warren-process.js';
import { BROKERS, type OperatedBroker, Operator } from './operator.js';

// Every command is a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

let broker: OperatedBroker;
let operator: Operator;
let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = new TemporaryDirectory();
  const [warren] = BROKERS;
  broker = (await warren?.start()) as OperatedBroker;
  operator = Operator.at(broker);
});

afterAll(async () => {
  await broker.stop();
  directory[Symbol.dispose]();
});

/** Listens on a free port for the time of a test. */
async function during<T>(server: Server, run: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await run((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** What a command says of an address. */
async function said(exitCode: number, url: string, ...words: string[]): Promise<string> {
  return await operator.with({ WARREN_MANAGEMENT_URL: url }).fails(exitCode, ['ping', ...words]);
}

describe('a warren broker command', () => {
  it('names the address and the setting where nobody answers', async () => {
    const port = await during(createTcpServer(), async (free) => free);
    expect(await said(3, `http://anna:very-secret@127.0.0.1:${port}`)).toBe(
      `no management API answers at http://127.0.0.1:${port} (ECONNREFUSED); start a broker, or name yours with WARREN_MANAGEMENT_URL or --management-url`,
    );
    const silent = createTcpServer(() => undefined);
    expect(await during(silent, (at) => said(3, `http://127.0.0.1:${at}`, '--timeout', '1'))).toMatch(
      /does not answer within 1 s; wait longer with --timeout$/,
    );
  });

  it('says so when something else answers', async () => {
    const page: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>a page</title>');
    };
    expect(await during(createServer(page), (port) => said(3, `http://127.0.0.1:${port}`))).toMatch(
      /is no management API \(200, text\/html\)/,
    );
    const amqp = broker.amqpUrl.replace('amqp:', 'http:');
    expect(await said(3, amqp)).toMatch(/^no management API answers at http:\/\/127\.0\.0\.1:\d+ \(/);
  });

  it('says which user is refused, and never the password', async () => {
    const { host } = new URL(broker.managementUrl);
    expect(await said(4, `http://anna:very-secret@${host}`)).toBe(
      `http://${host} refuses the user 'anna': the name or the password is wrong`,
    );
    expect(await said(2, `http://anna@${host}`)).toMatch(/^there is no password for the user 'anna'/);
    expect(await said(2, `http://anna:50%@${host}`)).toMatch(/a percent sign .* is written '%25'$/);
    await operator.does(['add-user', 'bert', '--tags', 'management'], 'p');
    const bert = operator.with({ WARREN_MANAGEMENT_URL: `http://bert:p@${host}` });
    expect(await bert.fails(4, ['list-users'])).toMatch(/refuses the user 'bert': Not administrator user$/);
  });

  it('reads the address from a file, and finds the embedded broker by its port', async () => {
    const file = join(directory.path, 'url');
    writeFileSync(file, `${broker.managementUrl}\n`);
    const { port } = new URL(broker.managementUrl);
    const environment = { WARREN_MANAGEMENT_URL: '', WARREN_MANAGEMENT_URL_FILE: file };
    await operator.with(environment).does(['ping']);
    await operator.with({ WARREN_MANAGEMENT_URL: '' }).does(['ping', '--management-port', port]);
    await operator
      .with({ WARREN_MANAGEMENT_URL: '' })
      .does(['ping', '--management-url', broker.managementUrl]);
  });

  it('trusts the authority that it is told to, and no other, over TLS', async () => {
    const issuer = new CertificateAuthority();
    const { certificate, key } = issuer.issue('/CN=broker');
    const authority = join(directory.path, 'authority.pem');
    writeFileSync(authority, issuer.certificate);
    issuer.remove();
    const whoami: RequestListener = (request, response) => {
      response.setHeader('content-type', 'application/json').end(`{"name":"${request.url}"}`);
    };
    const server = createSecureServer({ cert: certificate, key }, whoami);
    await during(server, async (port) => {
      const url = `https://127.0.0.1:${port}/behind/a/proxy/`;
      expect(await said(3, url)).toMatch(
        /^the certificate of https:.* is not trusted \(.+\); name its authority with WARREN_MANAGEMENT_AUTHORITY or --management-authority$/,
      );
      const trusting = operator.with({ WARREN_MANAGEMENT_URL: url, WARREN_MANAGEMENT_AUTHORITY: authority });
      expect(await trusting.does(['whoami'])).toBe('/behind/a/proxy/api/whoami\t\n');
      expect(await said(2, url, '--management-authority', '/nowhere')).toMatch(/cannot be read \(ENOENT\)$/);
    });
  });

  it('that is spelt wrongly is exit code 2', async () => {
    expect(await operator.fails(2, ['list-quques'])).toMatch(/^there is no command 'broker list-quques'/);
    await operator.does(['declare-queue', 'orders']);
    expect(await operator.fails(2, ['list-queues', 'nmae'])).toMatch(/nothing listed has a column 'nmae'/);
    expect(await operator.fails(2, ['get', 'orders', '--count', 'x'])).toMatch(/^--count: must be a whole/);
    expect(await operator.fails(2, ['declare-queue', 'orders', '--argument', 'x'])).toMatch(/key=value/);
    const { exitCode, stderr } = await operator.run(['declare-queue']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /missing required argument 'name'\n\(warren broker declare-queue --help shows how\)/,
    );
  });

  it('sorts, chooses columns, and prints JSON', async () => {
    await operator.does(['publish', '--routing-key', 'orders', '--payload', 'x']);
    await operator.does(['declare-queue', 'audit']);
    expect(
      await operator.lists(['list-queues', 'name', 'messages', '--sort', 'messages', '--reverse']),
    ).toEqual([
      ['name', 'messages'],
      ['orders', '1'],
      ['audit', '0'],
    ]);
    const json = await operator.does(['list-queues', 'name', 'durable', '--json', '--sort', 'name']);
    expect(JSON.parse(json)).toEqual([
      { name: 'audit', durable: true },
      { name: 'orders', durable: true },
    ]);
    expect(JSON.parse(await operator.does(['list-queues', '--json']))).toMatchObject([
      { vhost: '/', arguments: {} },
      { vhost: '/', arguments: {} },
    ]);
    expect(await operator.lists(['list-queues', 'name', '--no-table-headers', '-p', '/'])).toHaveLength(2);
  });

  it('has a help text with an example', async () => {
    const { stdout } = await runWarren(['broker', '--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+(?:-[a-z]+)+) /gm)].map(([, name]) => name as string);
    expect(names.length).toBeGreaterThan(50);
    for (const name of ['list-queues', 'set-policy', 'add-user']) {
      const help = await runWarren(['broker', name.replaceAll('-', '_'), '--help']);
      expect(help.stdout).toMatch(new RegExp(`\nExample:\n {2}warren broker ${name} `));
    }
  });
});

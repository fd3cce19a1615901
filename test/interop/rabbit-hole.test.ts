// rabbit-hole, the client of the HTTP API in Go that Terraform's provider is built on: the same program sees the same
// of RabbitMQ and of ours.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagedServer, startManagedBroker, startManagedRabbitmq } from './management/managed-server.js';
import { fixture } from './program.js';
import { missingRabbitmq } from './rabbitmq.js';
import { describeWith, fetches, runs } from './requirement.js';

const COMPILE_MS = 120_000;
const execute = promisify(execFile);

const checks = [
  'overview and nodes',
  'virtual host',
  'exchanges',
  'queues',
  'pages of queues',
  'bindings',
  'policies',
  'operator policies',
  'parameters',
  'shovels and federation',
  'definitions',
  'users',
  'permissions',
  'topic permissions',
  'limits of users',
  'a user without an administrator’s rights',
  'health checks',
];

function whatIsMissing(): string | undefined {
  if (!runs('go', ['version'])) return 'go is not installed (Debian: apt-get install golang-go)';
  return fetches('go', ['mod', 'download'], fixture('go-management'))
    ? undefined
    : 'go cannot get what test/interop/fixtures/go-management/go.mod names';
}

describeWith(whatIsMissing() ?? missingRabbitmq(), 'Go’s rabbit-hole', () => {
  let servers: [rabbitmq: ManagedServer, broker: ManagedServer];
  let built: string;

  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'warren-rabbit-hole-'));
    const env = { ...process.env, CGO_ENABLED: '0' };
    await execute('go', ['build', '-o', join(built, 'program'), '.'], { cwd: fixture('go-management'), env });
    servers = await Promise.all([startManagedRabbitmq(), startManagedBroker()]);
  }, COMPILE_MS);

  afterAll(async () => {
    for (const server of servers ?? []) await server.stop();
    if (built) await rm(built, { recursive: true, force: true });
  });

  for (const [index, name] of ['RabbitMQ', 'Warren'].entries()) {
    test(`a program that does what Terraform’s provider does works with ${name}`, async () => {
      const server = servers[index];
      const url = `http://${server?.host}:${server?.managementPort}`;
      const { stdout } = await execute(join(built, 'program'), [url, String(server?.port)]);
      expect(stdout.trimEnd().split('\n')).toEqual(checks.map((check) => `ok ${check}`));
    }, 60_000);
  }
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, runWarren, TemporaryDirectory, WarrenProcess } from '../warren-process.js';

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = new TemporaryDirectory();
});

afterEach(() => directory[Symbol.dispose]());

function expectOneLine({ exitCode, stderr, stdout }: Outcome, line: RegExp): void {
  expect(stdout).not.toContain('Warren is ready');
  const lines = stderr.split('\n').filter((text) => text.startsWith('warren: '));
  expect(lines[0]).toMatch(line);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode).toBeGreaterThan(0);
}

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port };
}

/** As root every directory can be read; without these two rights root is an ordinary user. */
function withoutRootsRights(): string[] {
  if (process.getuid?.() !== 0) return [];
  const rights = '-dac_override,-dac_read_search';
  const wrapper = ['setpriv', `--bounding-set=${rights}`, `--inh-caps=${rights}`];
  const works = spawnSync(wrapper[0] as string, [...wrapper.slice(1), 'true']).status === 0;
  if (!works) throw new Error('as root this test needs setpriv (Debian package util-linux)');
  return wrapper;
}

describe('what goes wrong at the start is one clear line and an exit code', () => {
  it.each([
    ['broker', 'WARREN_AMQP_PORT', '--amqp-port'],
    ['broker', 'WARREN_MANAGEMENT_PORT', '--management-port'],
    ['store', 'WARREN_STORE_PORT', '--store-port'],
    ['console', 'WARREN_CONSOLE_PORT', '--console-port'],
  ])('a taken port of the %s, with what holds it', async (part, variable, flag) => {
    const { server, port } = await listen();
    const outcome = await runWarren([part], { WARREN_DATA_DIR: directory.path, [variable]: String(port) });
    server.close();
    const advice = `stop it or choose another with ${variable} or ${flag}`;
    const holder = process.platform === 'linux' ? ` by .+ \\(process ${process.pid}\\)` : '';
    expectOneLine(outcome, new RegExp(`^warren: port ${port} is taken${holder}; ${advice}$`));
  });

  it('a taken port under warren up, which then leaves nothing running', async () => {
    const { server, port } = await listen();
    const outcome = await runWarren(['up'], {
      WARREN_DATA_DIR: directory.path,
      WARREN_STORE_PORT: String(port),
    });
    server.close();
    expectOneLine(outcome, new RegExp(`^warren: port ${port} is taken`));
  });

  it('a data directory that is a file', async () => {
    const path = join(directory.path, 'file');
    writeFileSync(path, '');
    for (const command of ['up', 'broker', 'store']) {
      expectOneLine(
        await runWarren([command], { WARREN_DATA_DIR: path }),
        /^warren: .*file.* is no directory; choose another/,
      );
    }
  });

  it('a data directory that cannot be read', async () => {
    const path = join(directory.path, 'locked');
    mkdirSync(path);
    chmodSync(path, 0o000);
    const outcome = await runWarren(['broker'], { WARREN_DATA_DIR: path }, withoutRootsRights());
    expectOneLine(
      outcome,
      /^warren: .*locked.* may not be written by this user; choose another directory with WARREN_DATA_DIR/,
    );
  });

  it('a data directory that another broker, or another store, uses', async () => {
    const environment = { WARREN_DATA_DIR: directory.path };
    for (const part of ['broker', 'store']) {
      await using _first = await WarrenProcess.start([part], environment);
      expectOneLine(await runWarren([part], environment), /^warren: .*another (broker is using|store: stop)/);
    }
  });

  it('a bad setting, with its line', async () => {
    const path = join(directory.path, 'warren.yaml');
    writeFileSync(path, 'collector:\n  prefetch: many\n');
    const outcome = await runWarren(['up', '--config', path]);
    expectOneLine(
      outcome,
      /^warren: .*warren\.yaml:2: collector\.prefetch: must be a whole number from 1 to 65535$/,
    );
    expect(outcome.exitCode).toBe(2);
  });

  it('a broker that is not there', async () => {
    const { server, port } = await listen();
    server.close();
    const url = `amqp://guest:secret@127.0.0.1:${port}`;
    const environment = { WARREN_BROKER_URL: url, WARREN_DATA_DIR: directory.path };
    const file = join(directory.path, '*.log');
    const commands = [['collector'], ['tail'], ['dlq', 'list'], ['agent', '--service', 'x', '--file', file]];
    for (const command of commands) {
      const outcome = await runWarren(command, environment);
      expectOneLine(
        outcome,
        new RegExp(`127\\.0\\.0\\.1:${port}.*(ECONNREFUSED|refused).*(warren up|warren broker)`),
      );
      expect(outcome.stderr).not.toContain('secret');
    }
  });

  it('a store that is not there', async () => {
    const { server, port } = await listen();
    server.close();
    const outcome = await runWarren(['search', 'x'], { WARREN_STORE_PORT: String(port) });
    expectOneLine(outcome, /^warren: no store answers at .*ECONNREFUSED.*warren up/);
  });

  it('an address that is none of this machine', async () => {
    const outcome = await runWarren(['store'], { WARREN_DATA_DIR: directory.path, WARREN_HOST: '192.0.2.1' });
    expectOneLine(outcome, /^warren: this machine has no address 192\.0\.2\.1/);
  });

  it('a command or a flag that is not there', async () => {
    for (const command of [['nonsense'], ['up', '--nonsense'], ['agent', '--service', 'x']]) {
      const { exitCode, stderr } = await runWarren(command);
      expect(exitCode).toBe(2);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stderr).not.toBe('');
    }
  });
});

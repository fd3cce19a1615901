// A RabbitMQ to compare with: the one WARREN_TEST_RABBITMQ names, or Debian's `rabbitmq-server`, started on
// 127.0.0.1 and free ports with a directory of its own, and with a port mapper (epmd) of its own, so that
// no other node on the machine is met or disturbed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Rabbitmq {
  readonly host: string;
  readonly port: number;
  /** The server's process, where we started it. */
  readonly processId?: number;
  /** Where it keeps everything, where we started it. */
  readonly directory?: string;
  stop(): Promise<void>;
}

const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const startMs = 60_000;
const plugins = [
  'rabbitmq_consistent_hash_exchange',
  'rabbitmq_random_exchange',
  'rabbitmq_recent_history_exchange',
];

/** Why there is no RabbitMQ to compare with, or nothing if there is one. */
export function missingRabbitmq(): string | undefined {
  if (process.env['WARREN_TEST_RABBITMQ'] || existsSync(program)) return undefined;
  return 'rabbitmq-server is not installed (Debian: apt-get install rabbitmq-server)';
}

export interface RabbitmqOptions {
  /** Plugins besides those that every test may use. */
  readonly plugins?: readonly string[];
  /** Lines for rabbitmq.conf. */
  readonly configuration?: readonly string[];
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

/** RabbitMQ's launcher runs as its own user; only root can become it, anyone else runs it as himself. */
function asRabbitmqUser(directory: string): { command: string; before: string[] } {
  if (process.getuid?.() !== 0) return { command: program, before: [] };
  execFileSync('chown', ['-R', 'rabbitmq:rabbitmq', directory]);
  return {
    command: 'setpriv',
    before: ['--reuid=rabbitmq', '--regid=rabbitmq', '--clear-groups', program],
  };
}

async function untilStarted(server: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`RabbitMQ does not start:\n${output}`)), startMs);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!output.includes('Starting broker... completed')) return;
      clearTimeout(timer);
      resolve();
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`RabbitMQ ended with ${code}:\n${output}`));
    });
  });
}

/** Starts RabbitMQ and resolves when it accepts connections (about 5 s). */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<Rabbitmq> {
  const given = process.env['WARREN_TEST_RABBITMQ'];
  if (given) {
    const { hostname, port } = new URL(given);
    return { host: hostname, port: Number(port || 5672), stop: async () => {} };
  }
  const directory = await mkdtemp(join(tmpdir(), 'warren-rabbitmq-'));
  await chmod(directory, 0o755);
  const [port, distributionPort, mapperPort] = [await freePort(), await freePort(), await freePort()];
  const configuration = [`listeners.tcp.1 = 127.0.0.1:${port}`, ...(options.configuration ?? [])];
  await writeFile(join(directory, 'rabbitmq.conf'), `${configuration.join('\n')}\n`);
  const enabled = [...plugins, ...(options.plugins ?? [])];
  await writeFile(join(directory, 'enabled_plugins'), `[${enabled.join(',')}].\n`);
  const { command, before } = asRabbitmqUser(directory);
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: directory,
    RABBITMQ_NODENAME: `warren${port}@localhost`,
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq'),
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
    RABBITMQ_DIST_PORT: String(distributionPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(mapperPort),
    // So that it may be ended while it still believes the node to be alive.
    ERL_EPMD_RELAXED_COMMAND_CHECK: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
  const server = spawn(command, before, {
    env: environment,
    cwd: directory,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.pid !== undefined) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      process.kill(-server.pid, 'SIGKILL');
      await ended;
    }
    try {
      execFileSync('epmd', ['-kill'], { env: environment, stdio: 'ignore' });
    } catch {
      // It ends by itself or was never started.
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilStarted(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: '127.0.0.1',
    port,
    directory,
    ...(server.pid === undefined ? {} : { processId: server.pid }),
    stop,
  };
}

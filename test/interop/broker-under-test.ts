// The broker that the interop tests talk to: ours, started on a free port and a directory of its own; or,
// to see whether a test asks for what RabbitMQ does as well, the one WARREN_INTEROP_AGAINST names, which the
// shell command in WARREN_INTEROP_RESTART restarts.
import { exec } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Broker } from '../../broker/broker.js';

export interface BrokerUnderTest {
  readonly host: string;
  readonly port: number;
  /** `amqp://guest:guest@host:port` */
  readonly url: string;
  /** Stops it and starts it again, with its port and what it has on disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function restartForeign(): Promise<void> {
  const command = process.env['WARREN_INTEROP_RESTART'];
  if (!command) throw new Error('WARREN_INTEROP_RESTART does not say how to restart WARREN_INTEROP_AGAINST');
  await promisify(exec)(command);
}

export async function startBrokerUnderTest(): Promise<BrokerUnderTest> {
  const against = process.env['WARREN_INTEROP_AGAINST'];
  if (against) {
    const { hostname, port } = new URL(against);
    return {
      host: hostname,
      port: Number(port || 5672),
      url: against,
      restart: restartForeign,
      stop: async () => {},
    };
  }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'warren-interop-'));
  let broker = await Broker.start({ host: '127.0.0.1', port: 0, dataDirectory });
  const { port } = broker;
  return {
    host: '127.0.0.1',
    port,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    restart: async () => {
      await broker.stop();
      broker = await Broker.start({ host: '127.0.0.1', port, dataDirectory });
    },
    stop: async () => {
      await broker.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

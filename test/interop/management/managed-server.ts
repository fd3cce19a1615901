// A server whose management HTTP API is compared: Debian's RabbitMQ with its management plugin, or ours; or, to
// see whether a test asks for what RabbitMQ does as well, the one that WARREN_INTEROP_AGAINST (AMQP) and
// WARREN_MANAGEMENT_AGAINST (HTTP) name, which takes our place.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../../broker/broker.js';
import { freePort, startRabbitmq } from '../rabbitmq.js';
import { exchange } from './http-exchange.js';

export interface ManagedServer {
  readonly host: string;
  /** Where it speaks AMQP. */
  readonly port: number;
  readonly managementPort: number;
  stop(): Promise<void>;
}

/** RabbitMQ, which tells what it counts every half second here, so that a test need not wait for five. */
export async function startManagedRabbitmq(): Promise<ManagedServer> {
  const managementPort = await freePort();
  const rabbitmq = await startRabbitmq({
    plugins: ['rabbitmq_management'],
    configuration: [
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${managementPort}`,
      'collect_statistics_interval = 500',
      'management.rates_mode = detailed',
    ],
  });
  return { host: rabbitmq.host, port: rabbitmq.port, managementPort, stop: () => rabbitmq.stop() };
}

/** Our broker with its management API, on free ports and a directory of its own. */
export async function startManagedBroker(): Promise<ManagedServer> {
  const amqp = process.env['WARREN_INTEROP_AGAINST'];
  const http = process.env['WARREN_MANAGEMENT_AGAINST'];
  if (amqp && http) {
    const { hostname, port } = new URL(amqp);
    const managementPort = Number(new URL(http).port || 15_672);
    return { host: hostname, port: Number(port || 5672), managementPort, stop: async () => {} };
  }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'warren-management-'));
  const management = { port: 0 };
  const broker = await Broker.start({ host: '127.0.0.1', port: 0, dataDirectory, management });
  if (broker.managementPort === undefined) throw new Error('the broker has no management port');
  // RabbitMQ has no user but guest to begin with.
  const first = broker.firstRunAdministrator?.user;
  if (first !== undefined) await exchange(broker.managementPort, 'DELETE', `/api/users/${first}`);
  return {
    host: '127.0.0.1',
    port: broker.port,
    managementPort: broker.managementPort,
    stop: async () => {
      await broker.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

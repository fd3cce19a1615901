// The broker that the interop tests talk to: ours, started on a free port and a directory of its own; or,
// to see whether a test asks for what RabbitMQ does as well, the one WARREN_INTEROP_AGAINST names.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../broker/broker.js';

export interface BrokerUnderTest {
  readonly host: string;
  readonly port: number;
  /** `amqp://guest:guest@host:port` */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startBrokerUnderTest(): Promise<BrokerUnderTest> {
  const against = process.env['WARREN_INTEROP_AGAINST'];
  if (against) {
    const { hostname, port } = new URL(against);
    return { host: hostname, port: Number(port || 5672), url: against, stop: async () => {} };
  }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'warren-interop-'));
  const broker = await Broker.start({ host: '127.0.0.1', port: 0, dataDirectory });
  return {
    host: '127.0.0.1',
    port: broker.port,
    url: `amqp://guest:guest@127.0.0.1:${broker.port}`,
    stop: async () => {
      await broker.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

// A broker with its management, and a client of that, for the time of a test.
import { onTestFinished } from 'vitest';
import { Broker, type BrokerOptions } from '../../broker/broker.js';
import { ManagementClient } from './management-client.js';

export interface ManagedTestBroker {
  readonly broker: Broker;
  readonly client: ManagementClient;
}

export async function startManagedBroker(options: BrokerOptions = {}): Promise<ManagedTestBroker> {
  const broker = await Broker.start({ port: 0, ...options, management: { port: 0, ...options.management } });
  onTestFinished(() => broker.stop());
  const client = new ManagementClient(broker.managementPort as number).as('guest', 'guest');
  return { broker, client };
}

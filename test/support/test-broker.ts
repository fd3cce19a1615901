/** A broker for tests, in memory and on a free port. */
import { Broker } from '../../broker/broker.js';

/** A running broker. */
export interface TestBroker {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a broker that nothing outside the test uses. With `WARREN_TEST_BROKER_PORT` the tests talk to
 * the broker there instead, a RabbitMQ say.
 */
export async function startTestBroker(): Promise<TestBroker> {
  const given = process.env['WARREN_TEST_BROKER_PORT'];
  const broker = given === undefined ? await Broker.start({ port: 0 }) : undefined;
  const port = broker?.port ?? Number(given);
  return {
    port,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    stop: async () => broker?.stop(),
  };
}

/**
 * The whole pipeline with a console on it, in this process, for tests: Warren's own broker, store and
 * collector, real sockets, real files.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { type Level, LOGS_EXCHANGE, type LogRecord, routingKey } from '../../agents/record.js';
import { Broker } from '../../broker/broker.js';
import { Collector } from '../../collector/collector.js';
import { Console } from '../../dashboards/console/server/console.js';
import { LogStore } from '../../store/store.js';

/** How long something may take to come true. */
const WAIT_MS = 15_000;

/** Everything a test needs of it. */
export interface ConsoleUnderTest {
  readonly url: string;
  readonly brokerUrl: string;
  readonly storeUrl: string;
  /** Publishes records and waits until the broker has them. */
  publish(records: readonly LogRecord[]): Promise<void>;
  /** Reads from the console's API. */
  read<Reply>(path: string): Promise<Reply>;
  /** Posts to the console's API as its page does. */
  post(path: string, body: unknown): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts all of it. */
export async function startConsoleUnderTest(): Promise<ConsoleUnderTest> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'warren-console-'));
  const broker = await Broker.start({ port: 0, dataDirectory: join(dataDirectory, 'broker') });
  const store = await LogStore.start({ port: 0, dataDirectory: join(dataDirectory, 'store') });
  const brokerUrl = `amqp://guest:guest@127.0.0.1:${broker.port}`;
  const storeUrl = `http://127.0.0.1:${store.port}`;
  const collector = await Collector.start({ brokerUrl, elasticsearchUrl: storeUrl, batchAgeMsMax: 50 });
  const console = await Console.start({ port: 0, brokerUrl, elasticsearchUrl: storeUrl });
  const url = `http://127.0.0.1:${console.port}`;
  const publisher = await Publisher.open(brokerUrl);
  return {
    url,
    brokerUrl,
    storeUrl,
    publish: (records) => publisher.publish(records),
    async read<Reply>(path: string) {
      const response = await fetch(`${url}/api/${path}`);
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as Reply;
    },
    post: (path, body) =>
      fetch(`${url}/api/${path}`, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async stop() {
      await publisher.close();
      await console.stop();
      await collector.stop();
      await store.stop();
      await broker.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

class Publisher {
  readonly #connection: ChannelModel;
  readonly #channel: ConfirmChannel;

  private constructor(connection: ChannelModel, channel: ConfirmChannel) {
    this.#connection = connection;
    this.#channel = channel;
  }

  static async open(url: string): Promise<Publisher> {
    const connection = await connect(url);
    const channel = await connection.createConfirmChannel();
    await channel.assertExchange(LOGS_EXCHANGE, 'topic', { durable: true });
    return new Publisher(connection, channel);
  }

  async publish(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      const key = routingKey(record.service.name, record.log.level);
      this.#channel.publish(LOGS_EXCHANGE, key, Buffer.from(JSON.stringify(record)), {
        contentType: 'application/json',
        messageId: record.event.id,
        persistent: true,
      });
    }
    await this.#channel.waitForConfirms();
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** A record as an agent makes it; `more` is whatever else the application logged. */
export function logRecord(
  id: string,
  parts: {
    time?: number;
    level?: Level;
    service?: string;
    message?: string;
    more?: Record<string, unknown>;
  } = {},
): LogRecord {
  const { time = Date.now(), level = 'info', service = 'order', message = `record ${id}`, more = {} } = parts;
  return {
    ...more,
    '@timestamp': new Date(time).toISOString(),
    message,
    log: { level },
    service: { name: service, environment: 'test' },
    event: { id },
  };
}

/** Asks again until the answer is a truthy one; fails with what stood in the way last. */
export async function until<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    let problem: unknown;
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      // A store that has just made an index may not answer for it yet.
      problem = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come true within ${WAIT_MS} ms`, { cause: problem });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

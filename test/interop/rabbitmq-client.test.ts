// Ordinary programs written with rabbitmq-client, which reconnects and re-declares by itself.
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type AsyncMessage, Connection, ConsumerStatus } from 'rabbitmq-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';

let broker: BrokerUnderTest;
let connection: Connection;

beforeAll(async () => {
  broker = await startBrokerUnderTest();
});

afterAll(async () => {
  await broker?.stop();
});

beforeEach(async () => {
  connection = new Connection(broker.url);
  connection.on('error', () => {});
  await connection.onConnect(5_000);
});

afterEach(async () => {
  await connection.close();
});

function name(): string {
  return `warren.rabbitmq-client.${randomUUID()}`;
}

/** Collects what comes and waits until it is `count` messages. */
class Inbox {
  readonly messages: AsyncMessage[] = [];
  #arrivals = new EventEmitter();

  take(message: AsyncMessage): void {
    this.messages.push(message);
    this.#arrivals.emit('message');
  }

  async until(count: number): Promise<AsyncMessage[]> {
    while (this.messages.length < count) {
      await once(this.#arrivals, 'message', { signal: AbortSignal.timeout(5_000) });
    }
    return this.messages;
  }
}

test('a confirming publisher and a consumer with its own topology exchange messages', async () => {
  const [queue, exchange] = [name(), name()];
  const inbox = new Inbox();
  const consumer = connection.createConsumer(
    {
      queue,
      queueOptions: { exclusive: true },
      exchanges: [{ exchange, type: 'topic', autoDelete: true }],
      queueBindings: [{ exchange, routingKey: 'app.#' }],
      qos: { prefetchCount: 5 },
    },
    (message) => inbox.take(message),
  );
  await once(consumer, 'ready');
  const publisher = connection.createPublisher({ confirm: true });
  for (let index = 0; index < 50; index += 1) {
    await publisher.send({ exchange, routingKey: 'app.order.info', durable: true }, { index });
  }
  const messages = await inbox.until(50);
  expect(messages.map((message) => message.body.index)).toEqual(
    Array.from({ length: 50 }, (_, index) => index),
  );
  await publisher.close();
  await consumer.close();
});

test('an unroutable mandatory message is returned to the publisher', async () => {
  const returned: unknown[] = [];
  const publisher = connection.createPublisher({ confirm: true });
  publisher.on('basic.return', (message) => returned.push(message));
  await publisher.send({ exchange: 'amq.topic', routingKey: 'nobody', mandatory: true }, 'back');
  await vi.waitFor(() =>
    expect(returned).toMatchObject([
      { replyCode: 312, replyText: 'NO_ROUTE', routingKey: 'nobody', body: 'back' },
    ]),
  );
  await publisher.close();
});

test('a message that a consumer requeues comes again and is marked so', async () => {
  const queue = name();
  const inbox = new Inbox();
  const consumer = connection.createConsumer(
    { queue, queueOptions: { exclusive: true }, qos: { prefetchCount: 1 } },
    (message) => {
      inbox.take(message);
      return message.redelivered ? ConsumerStatus.ACK : ConsumerStatus.REQUEUE;
    },
  );
  await once(consumer, 'ready');
  const publisher = connection.createPublisher({ confirm: true });
  await publisher.send(queue, 'again');
  const messages = await inbox.until(2);
  expect(messages.map((message) => message.redelivered)).toEqual([false, true]);
  await publisher.close();
  await consumer.close();
});

test('a message that a consumer drops is dead-lettered', async () => {
  const [queue, dead] = [name(), name()];
  await connection.queueDeclare({ queue: dead, exclusive: true });
  const consumer = connection.createConsumer(
    {
      queue,
      queueOptions: {
        exclusive: true,
        arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead },
      },
    },
    () => ConsumerStatus.DROP,
  );
  await once(consumer, 'ready');
  const inbox = new Inbox();
  const burial = connection.createConsumer({ queue: dead, queueOptions: { exclusive: true } }, (message) =>
    inbox.take(message),
  );
  await once(burial, 'ready');
  const publisher = connection.createPublisher({ confirm: true });
  await publisher.send(queue, 'poison');
  await publisher.close();
  const [message] = await inbox.until(1);
  expect(message?.headers?.['x-death']).toMatchObject([{ reason: 'rejected', queue, count: 1 }]);
  await consumer.close();
  await burial.close();
});

test('a missing queue is refused with its code, and the connection goes on', async () => {
  await expect(connection.queueDeclare({ queue: name(), passive: true })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  const queue = name();
  expect(await connection.queueDeclare({ queue, exclusive: true })).toMatchObject({ queue, messageCount: 0 });
});

test('get takes one message and says when there is none', async () => {
  const queue = name();
  await connection.queueDeclare({ queue, exclusive: true });
  const publisher = connection.createPublisher({ confirm: true });
  await publisher.send(queue, { a: 1 });
  expect(await connection.basicGet({ queue, noAck: true })).toMatchObject({
    body: { a: 1 },
    messageCount: 0,
  });
  expect(await connection.basicGet({ queue, noAck: true })).toBeUndefined();
  await publisher.close();
});

test('a call and its answer find each other over a server-named queue', async () => {
  const queue = name();
  const server = connection.createConsumer(
    { queue, queueOptions: { exclusive: true } },
    async (message, reply) => {
      await reply(`you said ${message.body}`);
    },
  );
  await once(server, 'ready');
  const client = connection.createRPCClient({ confirm: true });
  expect((await client.send(queue, 'hello')).body).toBe('you said hello');
  await client.close();
  await server.close();
});

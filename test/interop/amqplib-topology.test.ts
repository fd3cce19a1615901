// Ordinary programs written with amqplib: queues, exchanges, channels and connections.
import { once } from 'node:events';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AmqplibSession } from './amqplib-session.js';
import { type BrokerUnderTest, startBrokerUnderTest } from './broker-under-test.js';

let broker: BrokerUnderTest;
let session: AmqplibSession;

beforeAll(async () => {
  broker = await startBrokerUnderTest();
});

afterAll(async () => {
  await broker?.stop();
});

beforeEach(async () => {
  session = await AmqplibSession.open(broker.url);
});

afterEach(async () => {
  await session.close();
});

test('a topic exchange routes logs by service and level', async () => {
  const logs = await session.exchange('topic');
  const [errors, orders] = [await session.queue(), await session.queue()];
  await session.channel.bindQueue(errors, logs, 'app.*.error');
  await session.channel.bindQueue(orders, logs, 'app.order.#');
  for (const key of ['app.order.error', 'app.order.info', 'app.payment.error', 'app.payment.info']) {
    session.channel.publish(logs, key, Buffer.from(key));
  }
  await session.channel.waitForConfirms();
  expect((await session.channel.checkQueue(errors)).messageCount).toBe(2);
  expect((await session.channel.checkQueue(orders)).messageCount).toBe(2);
});

test('exchanges bound to exchanges pass messages on', async () => {
  const [source, destination] = [await session.exchange('topic'), await session.exchange('fanout')];
  const name = await session.queue();
  await session.channel.bindExchange(destination, source, 'app.#');
  await session.channel.bindQueue(name, destination, '');
  session.channel.publish(source, 'app.x', Buffer.from('through'));
  await session.channel.waitForConfirms();
  expect((await session.take(name, { noAck: true })).content.toString()).toBe('through');
  await session.channel.unbindExchange(destination, source, 'app.#');
  session.channel.publish(source, 'app.x', Buffer.from('nowhere'));
  await session.channel.waitForConfirms();
  expect(await session.channel.get(name)).toBe(false);
});

test('a headers exchange routes by any or all of the headers', async () => {
  const headers = await session.exchange('headers');
  const [all, any] = [await session.queue(), await session.queue()];
  await session.channel.bindQueue(all, headers, '', { 'x-match': 'all', level: 'error', retries: 3 });
  await session.channel.bindQueue(any, headers, '', { 'x-match': 'any', level: 'error', retries: 3 });
  session.channel.publish(headers, '', Buffer.from('both'), { headers: { level: 'error', retries: 3 } });
  session.channel.publish(headers, '', Buffer.from('one'), { headers: { level: 'error' } });
  session.channel.publish(headers, '', Buffer.from('none'), { headers: { level: 'info' } });
  await session.channel.waitForConfirms();
  expect((await session.channel.checkQueue(all)).messageCount).toBe(1);
  expect((await session.channel.checkQueue(any)).messageCount).toBe(2);
});

test('a server-named queue is the one that the empty name stands for', async () => {
  const { queue: name } = await session.channel.assertQueue('', { exclusive: true });
  expect(name).toMatch(/^amq\.gen-/);
  await session.channel.bindQueue('', 'amq.fanout', '');
  session.channel.publish('amq.fanout', '', Buffer.from('all'));
  await session.channel.waitForConfirms();
  expect((await session.take(name, { noAck: true })).content.toString()).toBe('all');
});

test('an auto-delete queue goes when its last consumer is cancelled', async () => {
  const name = await session.queue({}, { autoDelete: true, exclusive: false, durable: false });
  const { tag } = await session.consume(name);
  await session.channel.cancel(tag);
  expect(await session.channelError((doomed) => doomed.checkQueue(name))).toMatchObject({ code: 404 });
});

test('another connection is refused an exclusive queue', async () => {
  const name = await session.queue();
  const stranger = await connect(broker.url);
  stranger.on('error', () => {});
  const other = await stranger.createChannel();
  other.on('error', () => {});
  await expect(other.checkQueue(name)).rejects.toThrow(/RESOURCE.LOCKED/);
  await stranger.close();
});

test('a purge says how many messages it took, and a delete as well', async () => {
  const name = await session.queue();
  for (const body of ['a', 'b', 'c']) await session.send(name, body);
  expect(await session.channel.purgeQueue(name)).toEqual({ messageCount: 3 });
  await session.send(name, 'd');
  expect(await session.channel.deleteQueue(name)).toEqual({ messageCount: 1 });
});

test('a consumer is told when its queue is deleted', async () => {
  const name = await session.queue();
  const { next } = await session.consume(name);
  const other = await session.connection.createChannel();
  await other.deleteQueue(name);
  expect(await next()).toBeNull();
});

test('a channel error closes the channel alone, with RabbitMQ’s code and words', async () => {
  expect(await session.channelError((doomed) => doomed.checkQueue('warren.amqplib.absent'))).toMatchObject({
    code: 404,
    message: expect.stringContaining("NOT_FOUND - no queue 'warren.amqplib.absent' in vhost '/'"),
  });
  expect(
    await session.channelError((doomed) => doomed.publish('warren.amqplib.absent', '', Buffer.of())),
  ).toMatchObject({
    code: 404,
  });
  const name = await session.queue();
  await session.send(name, 'still here');
  expect((await session.take(name, { noAck: true })).content.toString()).toBe('still here');
});

test('two hundred channels of one connection work at once', async () => {
  const name = await session.queue();
  const channels = await Promise.all(
    Array.from({ length: 200 }, () => session.connection.createConfirmChannel()),
  );
  await Promise.all(
    channels.map(async (one, index) => {
      one.sendToQueue(name, Buffer.from(String(index)));
      await one.waitForConfirms();
    }),
  );
  expect((await session.channel.checkQueue(name)).messageCount).toBe(200);
  await Promise.all(channels.map((one) => one.close()));
});

test('a connection with a heartbeat of one second stays open while it is idle', async () => {
  const idle = await connect(`${broker.url}?heartbeat=1`);
  const closed = once(idle, 'close', { signal: AbortSignal.timeout(3_500) });
  await expect(closed).rejects.toThrow(/abort/i);
  const one = await idle.createChannel();
  await one.checkExchange('amq.topic');
  await idle.close();
});

test('a wrong password is refused', async () => {
  const url = new URL(broker.url);
  url.password = 'wrong';
  await expect(connect(url.href)).rejects.toThrow(/ACCESS.REFUSED/);
});

test('the broker says who it is and what it can do', async () => {
  const { serverProperties } = session.connection.connection as unknown as {
    serverProperties: Record<string, unknown>;
  };
  expect(serverProperties).toMatchObject({
    product: expect.any(String),
    version: expect.stringMatching(/^\d+\.\d+/),
    capabilities: {
      publisher_confirms: true,
      exchange_exchange_bindings: true,
      'basic.nack': true,
      consumer_cancel_notify: true,
      'connection.blocked': true,
      consumer_priorities: true,
      authentication_failure_close: true,
      per_consumer_qos: true,
      direct_reply_to: true,
    },
  });
});

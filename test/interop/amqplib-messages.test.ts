// Ordinary programs written with amqplib, the client most Node programs use: messages.
import { randomUUID } from 'node:crypto';
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

test('a published message comes back with its properties and headers', async () => {
  const name = await session.queue();
  await session.send(name, 'order 7 failed', {
    contentType: 'text/plain',
    headers: { level: 'error', attempt: 3, nested: { deep: [true, null, 'x'] } },
    messageId: 'm-7',
    timestamp: 1_700_000_000,
    appId: 'order',
    persistent: true,
    priority: 4,
  });
  const message = await session.take(name, { noAck: true });
  expect(message).toMatchObject({
    fields: { exchange: '', routingKey: name, redelivered: false, messageCount: 0 },
    properties: {
      contentType: 'text/plain',
      headers: { level: 'error', attempt: 3, nested: { deep: [true, null, 'x'] } },
      messageId: 'm-7',
      timestamp: 1_700_000_000,
      appId: 'order',
      deliveryMode: 2,
      priority: 4,
    },
  });
  expect(message.content.toString()).toBe('order 7 failed');
  expect(await session.channel.get(name)).toBe(false);
});

test('a durable queue keeps its persistent messages when the connection goes', async () => {
  const name = `warren.amqplib.${randomUUID()}`;
  await session.channel.assertQueue(name, { durable: true });
  await session.send(name, 'kept', { persistent: true });
  await session.close();
  session = await AmqplibSession.open(broker.url);
  expect(await session.channel.checkQueue(name)).toEqual({ queue: name, messageCount: 1, consumerCount: 0 });
  expect((await session.take(name, { noAck: true })).content.toString()).toBe('kept');
  expect(await session.channel.deleteQueue(name)).toEqual({ messageCount: 0 });
});

test('a thousand publishes are all confirmed and arrive in order', async () => {
  const name = await session.queue();
  const confirms: Array<Promise<void>> = [];
  for (let index = 0; index < 1_000; index += 1) {
    confirms.push(
      new Promise((resolve, reject) => {
        session.channel.sendToQueue(
          name,
          Buffer.from(String(index)),
          { persistent: index % 2 === 0 },
          (error) => (error ? reject(error) : resolve()),
        );
      }),
    );
  }
  await Promise.all(confirms);
  const { next } = await session.consume(name, { noAck: true });
  for (let index = 0; index < 1_000; index += 1)
    expect((await next())?.content.toString()).toBe(String(index));
});

test('an unroutable mandatory message comes back, and is confirmed after', async () => {
  const events: string[] = [];
  session.channel.once('return', (message) =>
    events.push(`return ${message.content.toString()} ${message.fields['replyText']}`),
  );
  session.channel.publish('amq.direct', 'nobody', Buffer.from('lost?'), { mandatory: true }, () =>
    events.push('confirm'),
  );
  await session.channel.waitForConfirms();
  expect(events).toEqual(['return lost? NO_ROUTE', 'confirm']);
});

test('a consumer with a prefetch of two has two messages at a time', async () => {
  const name = await session.queue();
  for (let index = 0; index < 5; index += 1) await session.send(name, String(index));
  await session.channel.prefetch(2);
  const { next, waiting } = await session.consume(name);
  const first = await next();
  expect((await next())?.content.toString()).toBe('1');
  expect(await session.channel.checkQueue(name)).toMatchObject({ messageCount: 3, consumerCount: 1 });
  expect(waiting()).toBe(0);
  session.channel.ack(first!);
  expect((await next())?.content.toString()).toBe('2');
});

test('a nacked message goes back to its place and is redelivered', async () => {
  const name = await session.queue();
  for (const body of ['a', 'b']) await session.send(name, body);
  const first = await session.take(name);
  session.channel.nack(first, false, true);
  const again = await session.take(name);
  expect(again.content.toString()).toBe('a');
  expect(again.fields.redelivered).toBe(true);
  session.channel.reject(again, false);
  expect((await session.take(name, { noAck: true })).content.toString()).toBe('b');
});

test('a rejected message is dead-lettered, and x-death says why and where from', async () => {
  const dead = await session.queue();
  const name = await session.queue({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead });
  await session.send(name, 'poison', { headers: { mine: 1 } });
  const { next } = await session.consume(dead);
  session.channel.nack(await session.take(name), false, false);
  const message = await next();
  expect(message?.properties.headers).toMatchObject({
    mine: 1,
    'x-first-death-reason': 'rejected',
    'x-first-death-queue': name,
    'x-first-death-exchange': '',
    'x-death': [{ reason: 'rejected', queue: name, exchange: '', count: 1, 'routing-keys': [name] }],
  });
});

test('a message past its time to live is dead-lettered as expired', async () => {
  const dead = await session.queue();
  const name = await session.queue({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead });
  const { next } = await session.consume(dead, { noAck: true });
  await session.send(name, 'late', { expiration: '10' });
  const message = await next();
  expect(message?.properties.expiration).toBeUndefined();
  expect(message?.properties.headers?.['x-death']).toMatchObject([
    { reason: 'expired', queue: name, 'original-expiration': '10', count: 1 },
  ]);
});

test('a body of ten megabytes arrives whole', async () => {
  const name = await session.queue();
  const body = Buffer.alloc(10_000_000, 'warren');
  session.channel.sendToQueue(name, body, { persistent: true });
  await session.channel.waitForConfirms();
  const message = await session.take(name, { noAck: true });
  expect(message.content.equals(body)).toBe(true);
});

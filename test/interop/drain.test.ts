// A broker that stops gently: who is told what, and what is finished before its connections are closed.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib, { type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { Connection } from 'rabbitmq-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../broker/broker.js';
import { LogLines } from '../fixtures/log-lines.js';
import { FrameClient } from './wire/frame-client.js';

let broker: Broker;
let dataDirectory: string;
let logged: LogLines;

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'warren-drain-'));
  logged = new LogLines();
  broker = await Broker.start({ port: 0, dataDirectory, log: logged.log });
});

afterEach(async () => {
  await broker.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

async function connect(): Promise<{ connection: ChannelModel; closed: Promise<Error> }> {
  const connection = await amqplib.connect(broker.url);
  const closed = new Promise<Error>((resolve) => connection.once('close', resolve));
  connection.on('error', () => undefined);
  return { connection, closed };
}

/** A consumer's deliveries, and its cancellation. */
async function consume(channel: Channel, queue: string) {
  const deliveries: ConsumeMessage[] = [];
  let cancelled: () => void = () => undefined;
  const cancellation = new Promise<void>((resolve) => {
    cancelled = resolve;
  });
  await channel.consume(queue, (message) => {
    if (message === null) cancelled();
    else deliveries.push(message);
  });
  return { deliveries, cancellation };
}

/** How many messages there are in a queue when the broker has been started again. */
async function countAfterRestart(queue: string): Promise<number> {
  broker = await Broker.start({ port: 0, dataDirectory });
  const { connection } = await connect();
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await connection.close();
  return messageCount;
}

test('idle connections are closed at once, and nobody new is let in', async () => {
  const { closed } = await connect();
  const silent = dial(broker.port, '127.0.0.1');
  await once(silent, 'connect');
  const startedAt = performance.now();
  expect(broker.state).toBe('running');
  const drained = broker.drain({ timeoutMs: 20_000 });
  expect(broker.state).toBe('draining');
  const refused = dial(broker.port, '127.0.0.1');
  const [error] = await Promise.all([once(refused, 'error'), once(silent, 'close')]);
  expect(error[0]).toMatchObject({ code: 'ECONNREFUSED' });
  expect(() => broker.connect()).toThrow(/CONNECTION_FORCED/);
  expect((await closed).message).toContain(
    "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
  );
  await drained;
  expect(broker.state).toBe('stopped');
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(logged.matching(/^The broker drains$/)).toHaveLength(1);
});

test('consumers are cancelled with a notice, get nothing more, and may ack what they have', async () => {
  const { connection, closed } = await connect();
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('work', { durable: true });
  await channel.prefetch(2);
  for (let index = 0; index < 5; index++)
    channel.sendToQueue('work', Buffer.from(`${index}`), { persistent: true });
  await channel.waitForConfirms();
  const { deliveries, cancellation } = await consume(channel, 'work');
  const other = await connect();
  await consume(await other.connection.createChannel(), 'work');
  // A round trip, behind which both have come.
  await channel.checkQueue('work');
  const drained = broker.drain({ timeoutMs: 20_000 });
  await cancellation;
  expect(broker.state).toBe('draining');
  expect(deliveries).toHaveLength(2);
  for (const delivery of deliveries) channel.ack(delivery);
  await closed;
  // The other one has three unacked, and does nothing about it.
  expect(broker.state).toBe('draining');
  await other.connection.close();
  await drained;
  expect(deliveries).toHaveLength(2);
  expect(await countAfterRestart('work')).toBe(3);
});

test('a broker that drains says over HTTP that it lives, and that it takes nobody in', async () => {
  await broker.stop();
  broker = await Broker.start({ port: 0, dataDirectory, management: { port: 0 } });
  const health = async (what: string): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${broker.managementPort}/health/${what}`);
    await response.body?.cancel();
    return response.status;
  };
  expect([await health('live'), await health('ready')]).toEqual([200, 200]);
  const { connection, closed } = await connect();
  const channel = await connection.createChannel();
  await channel.assertQueue('held', { durable: true });
  channel.sendToQueue('held', Buffer.from('x'));
  const { deliveries } = await consume(channel, 'held');
  await channel.checkQueue('held');
  const drained = broker.drain({ timeoutMs: 20_000 });
  expect([await health('live'), await health('ready')]).toEqual([200, 503]);
  channel.ack(deliveries[0] as ConsumeMessage);
  await closed;
  await drained;
});

test('publishes that are under way are confirmed', async () => {
  const { connection, closed } = await connect();
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('confirmed', { durable: true });
  const body = Buffer.alloc(1_000);
  for (let index = 0; index < 5_000; index++) channel.sendToQueue('confirmed', body, { persistent: true });
  const confirmed = channel.waitForConfirms();
  const drained = broker.drain({ timeoutMs: 20_000 });
  await confirmed;
  await closed;
  await drained;
  expect(await countAfterRestart('confirmed')).toBe(5_000);
});

test('publishes without confirms are read as long as they come', async () => {
  const client = await FrameClient.open(broker.host, broker.port);
  await client.call(1, 'channel.open');
  await client.call(1, 'queue.declare', { queue: 'unconfirmed', durable: true });
  const body = Buffer.alloc(1_000);
  for (let index = 0; index < 20_000; index++) {
    client.publish(1, { routingKey: 'unconfirmed' }, { deliveryMode: 2 }, body);
  }
  await broker.drain({ timeoutMs: 20_000 });
  expect(await countAfterRestart('unconfirmed')).toBe(20_000);
});

test('an open transaction may be committed', async () => {
  const client = await FrameClient.open(broker.host, broker.port);
  await client.call(1, 'channel.open');
  await client.call(1, 'queue.declare', { queue: 'transaction', durable: true });
  await client.call(1, 'tx.select');
  client.publish(1, { routingKey: 'transaction' }, { deliveryMode: 2 }, Buffer.from('x'));
  await client.call(1, 'basic.qos', { prefetchCount: 1 });
  const idle = await FrameClient.open(broker.host, broker.port);
  const drained = broker.drain({ timeoutMs: 20_000 });
  await idle.next(({ name }) => name === 'connection.close');
  expect((await client.call(1, 'tx.commit')).name).toBe('tx.commit-ok');
  await client.next(({ name }) => name === 'connection.close');
  await drained;
  expect(await countAfterRestart('transaction')).toBe(1);
});

test('consumers that do not understand the notice, and those that come late, get nothing more', async () => {
  const client = await FrameClient.open(broker.host, broker.port, { capabilities: {} });
  await client.call(1, 'channel.open');
  await client.call(1, 'queue.declare', { queue: 'quiet', durable: true });
  for (let index = 0; index < 3; index++) {
    client.publish(1, { routingKey: 'quiet' }, { deliveryMode: 2 }, Buffer.from('x'));
  }
  await client.call(1, 'basic.qos', { prefetchCount: 1 });
  await client.call(1, 'basic.consume', { queue: 'quiet', consumerTag: 'early' });
  await client.next(({ name }) => name === 'basic.deliver');
  const drained = broker.drain({ timeoutMs: 20_000 });
  const late = await client.call(1, 'basic.consume', { queue: 'quiet', consumerTag: 'late', noAck: true });
  expect(late.name).toBe('basic.consume-ok');
  client.send(1, 'basic.ack', { deliveryTag: 1 });
  const close = await client.next(({ name }) => name === 'connection.close');
  expect(close.arguments).toMatchObject({ replyCode: 320, classId: 0, methodId: 0 });
  await drained;
  expect(client.received.filter(({ name }) => /deliver|cancel/.test(name))).toHaveLength(1);
  expect(await countAfterRestart('quiet')).toBe(2);
});

test('who does not finish in time is closed all the same, and what it held is not lost', async () => {
  const { connection, closed } = await connect();
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('held', { durable: true });
  channel.sendToQueue('held', Buffer.from('x'), { persistent: true });
  await channel.waitForConfirms();
  await consume(channel, 'held');
  await channel.checkQueue('held');
  const startedAt = performance.now();
  await broker.drain({ timeoutMs: 300 });
  expect(performance.now() - startedAt).toBeGreaterThan(290);
  expect((await closed).message).toContain('CONNECTION_FORCED');
  expect(await logged.next(/^The drain took too long/)).toMatchObject({ level: 40, connections: 1 });
  expect(await countAfterRestart('held')).toBe(1);
});

test('a stop ends a drain at once', async () => {
  const { connection } = await connect();
  const channel = await connection.createChannel();
  await channel.assertQueue('held', { durable: true });
  channel.sendToQueue('held', Buffer.from('x'), { persistent: true });
  await consume(channel, 'held');
  await channel.checkQueue('held');
  const startedAt = performance.now();
  const drained = broker.drain({ timeoutMs: 20_000 });
  await broker.stop();
  await drained;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('a consumer in the broker’s own process is cancelled, and may ack what it has', async () => {
  const connection = broker.connect();
  const channel = await connection.openChannel();
  await channel.declareQueue('inside', { durable: true });
  const got = new Promise<{ ack(): void }>((resolve) => {
    void channel.consume('inside', resolve);
  });
  await channel.publish('', 'inside', Buffer.from('x'), { persistent: true });
  const delivery = await got;
  const cancelled = once(channel, 'cancel');
  const drained = broker.drain({ timeoutMs: 20_000 });
  await cancelled;
  expect(broker.state).toBe('draining');
  delivery.ack();
  await drained;
  expect(await countAfterRestart('inside')).toBe(0);
});

test('a client that knows another broker goes on there', async () => {
  const other = await Broker.start({ port: 0 });
  const client = new Connection({
    hosts: [`127.0.0.1:${broker.port}`, `127.0.0.1:${other.port}`],
    username: 'guest',
    password: 'guest',
    retryLow: 50,
  });
  client.on('error', () => undefined);
  const received: string[] = [];
  const consumer = client.createConsumer(
    { queue: 'moving', queueOptions: { durable: true } },
    async ({ body }) => {
      received.push(String(body));
    },
  );
  consumer.on('error', () => undefined);
  // Not by `once`, which fails at the error that a cancellation is.
  const ready = () => new Promise((resolve) => consumer.once('ready', resolve));
  await ready();
  const moved = once(other.events, 'connection.created');
  const readyAgain = ready();
  await broker.drain({ timeoutMs: 20_000 });
  await moved;
  await readyAgain;
  const publisher = client.createPublisher({ confirm: true });
  await publisher.send('moving', 'after the move');
  while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(received).toEqual(['after the move']);
  await publisher.close();
  await consumer.close();
  await client.close();
  await other.stop();
});

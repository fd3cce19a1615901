import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Broker } from '../broker.js';
import type { EmbeddedChannel } from './embedded-channel.js';
import type { EmbeddedConnection } from './embedded-connection.js';
import type { Delivery } from './message.js';

let broker: Broker;
let connection: EmbeddedConnection;
let channel: EmbeddedChannel;

beforeEach(async () => {
  broker = await Broker.start({ port: 0 });
  connection = broker.connect();
  channel = await connection.openChannel();
});

afterEach(() => broker.stop());

/** Consumes and hands deliveries out one by one. */
async function deliveriesOf(
  queue: string,
  options: { noAck?: boolean } = {},
  from: EmbeddedChannel = channel,
): Promise<() => Promise<Delivery>> {
  const come: Delivery[] = [];
  let awaited: ((delivery: Delivery) => void) | undefined;
  await from.consume(
    queue,
    (delivery) => {
      if (awaited === undefined) come.push(delivery);
      else awaited(delivery);
      awaited = undefined;
    },
    options,
  );
  return () => {
    const first = come.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      awaited = resolve;
    });
  };
}

test('a broker starts in memory in less than 50 ms', async () => {
  const times: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const startedAt = performance.now();
    const another = await Broker.start({ port: 0 });
    times.push(performance.now() - startedAt);
    await another.stop();
  }
  const median = times.sort((left, right) => left - right)[4] as number;
  expect(median).toBeLessThan(50);
});

describe('messages', () => {
  test('what is published is delivered with its properties, headers and body', async () => {
    await channel.declareQueue('orders');
    const next = await deliveriesOf('orders');
    const sentAt = new Date(1_700_000_000_000);
    await channel.publish('', 'orders', '{"id":17}', {
      persistent: true,
      contentType: 'application/json',
      messageId: 'm1',
      headers: {
        text: 'größe',
        whole: 5,
        long: 2 ** 40,
        real: 1.5,
        no: null,
        yes: true,
        sentAt,
        list: [1, 'a'],
      },
    });
    const delivery = await next();
    expect(delivery).toMatchObject({
      exchange: '',
      routingKey: 'orders',
      deliveryTag: 1,
      redelivered: false,
    });
    expect(delivery.json()).toEqual({ id: 17 });
    expect(delivery.properties).toMatchObject({
      persistent: true,
      contentType: 'application/json',
      messageId: 'm1',
    });
    expect({ ...delivery.properties.headers }).toEqual({
      text: 'größe',
      whole: 5,
      long: 2 ** 40,
      real: 1.5,
      no: null,
      yes: true,
      sentAt,
      list: [1, 'a'],
    });
    delivery.ack();
    expect((await channel.checkQueue('orders')).messageCount).toBe(0);
  });

  test('bodies of any size arrive whole, empty ones too', async () => {
    await channel.declareQueue('bodies');
    const next = await deliveriesOf('bodies', { noAck: true });
    for (const bytes of [0, 1, 131_064, 131_065, 5_000_000]) {
      const body = Buffer.alloc(bytes, 'x');
      await channel.publish('', 'bodies', body);
      expect((await next()).body.equals(body)).toBe(true);
    }
  });

  test('a client over a socket and the program are clients of one broker', async () => {
    const remote = await amqplib.connect(broker.url);
    const remoteChannel = await remote.createChannel();
    await remoteChannel.assertQueue('shared');
    const next = await deliveriesOf('shared', { noAck: true });
    remoteChannel.sendToQueue('shared', Buffer.from('from outside'), { headers: { n: 1 } });
    const delivery = await next();
    expect(delivery.text()).toBe('from outside');
    expect({ ...delivery.properties.headers }).toEqual({ n: 1 });
    await remote.close();
  });

  test('a hundred thousand deliveries without acks come in order', async () => {
    await channel.declareQueue('long');
    const count = 100_000;
    await Promise.all(Array.from({ length: count }, (_, n) => channel.publish('', 'long', String(n))));
    const got: number[] = [];
    await new Promise<void>((resolve, reject) => {
      channel
        .consume('long', (delivery) => got.push(Number(delivery.text())) === count && resolve(), {
          noAck: true,
        })
        .catch(reject);
    });
    expect(got).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  test('a refused message rejects its publish, an unroutable mandatory one too', async () => {
    await channel.declareQueue('full', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    await channel.publish('', 'full', 'kept');
    await expect(channel.publish('', 'full', 'refused')).rejects.toMatchObject({ replyCode: 311 });
    const returned = new Promise((resolve) => channel.once('return', resolve));
    const publishes = [
      channel.publish('', 'full-not', 'lost', {}, { mandatory: true }),
      channel.publish('', 'full-not', 'lost and not missed'),
    ];
    await expect(publishes[0]).rejects.toMatchObject({ replyCode: 312 });
    await expect(publishes[1]).resolves.toBeUndefined();
    expect(await returned).toMatchObject({ routingKey: 'full-not' });
  });

  test('nack requeues or dead-letters, and the prefetch is kept', async () => {
    await channel.declareQueue('dead');
    await channel.declareQueue('work', {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' },
    });
    await channel.prefetch(1);
    const next = await deliveriesOf('work');
    await channel.publish('', 'work', 'one');
    await channel.publish('', 'work', 'two');
    const first = await next();
    expect((await channel.checkQueue('work')).messageCount).toBe(1);
    first.nack();
    const again = await next();
    expect([again.text(), again.redelivered]).toEqual(['one', true]);
    again.nack({ requeue: false });
    expect((await next()).text()).toBe('two');
    const dead = await channel.get('dead', { noAck: true });
    expect(dead?.text()).toBe('one');
    expect(dead?.properties.headers['x-first-death-reason']).toBe('rejected');
    expect(await channel.get('dead')).toBeUndefined();
  });

  test('a transaction takes effect with its commit', async () => {
    await channel.declareQueue('committed');
    const transaction = await connection.openChannel({ transactional: true });
    await transaction.publish('', 'committed', 'forgotten');
    await transaction.rollback();
    await transaction.publish('', 'committed', 'valid');
    expect((await channel.checkQueue('committed')).messageCount).toBe(0);
    await transaction.commit();
    expect((await channel.get('committed', { noAck: true }))?.text()).toBe('valid');
  });

  test('exchanges are declared, bound, unbound and deleted', async () => {
    await channel.declareExchange('from', 'topic');
    await channel.declareExchange('to', 'fanout');
    await channel.bindExchange('to', 'from', 'app.#');
    const { queue } = await channel.declareQueue();
    await channel.bindQueue(queue, 'to');
    await channel.publish('from', 'app.order', 'through');
    expect((await channel.get(queue, { noAck: true }))?.text()).toBe('through');
    await channel.unbindExchange('to', 'from', 'app.#');
    await channel.publish('from', 'app.order', 'nowhere');
    await channel.unbindQueue(queue, 'to');
    expect(await channel.purgeQueue(queue)).toBe(0);
    await channel.deleteExchange('from');
    await expect(channel.publish('from', 'app.order', 'x')).rejects.toMatchObject({ replyCode: 404 });
  });
});

describe('errors', () => {
  test('a mistake closes the channel and says why in RabbitMQ’s words', async () => {
    const closed = new Promise((resolve) => channel.once('close', resolve));
    await expect(channel.checkQueue('absent')).rejects.toMatchObject({
      replyCode: 404,
      message: "NOT_FOUND - no queue 'absent' in vhost '/'",
    });
    expect(await closed).toMatchObject({ replyCode: 404 });
    await expect(channel.declareQueue('q')).rejects.toMatchObject({ replyCode: 404 });
    const another = await connection.openChannel();
    await expect(another.declareQueue('q')).resolves.toMatchObject({ queue: 'q' });
  });

  test('what closes a connection closes its channels, and the next connection is well', async () => {
    const other = await connection.openChannel();
    const closed = new Promise((resolve) => other.once('close', resolve));
    await expect(channel.declareExchange('x', 'no-such-type')).rejects.toMatchObject({ replyCode: 503 });
    expect(await closed).toMatchObject({ replyCode: 503 });
    await expect(connection.openChannel()).rejects.toMatchObject({ replyCode: 320 });
    await expect(broker.connect().openChannel()).resolves.toBeDefined();
  });

  test('an exclusive queue is its connection’s, and goes with it', async () => {
    await channel.declareQueue('mine', { exclusive: true });
    const stranger = await broker.connect().openChannel();
    await expect(stranger.checkQueue('mine')).rejects.toMatchObject({ replyCode: 405 });
    connection.close();
    const another = await broker.connect().openChannel();
    await expect(another.checkQueue('mine')).rejects.toMatchObject({ replyCode: 404 });
  });

  test('stopping the broker ends channels with 320', async () => {
    const closed = new Promise((resolve) => channel.once('close', resolve));
    await broker.stop();
    expect(await closed).toMatchObject({ replyCode: 320 });
    expect(() => broker.connect()).toThrow('CONNECTION_FORCED');
  });

  test('a consumer is told when its queue is deleted', async () => {
    await channel.declareQueue('short-lived');
    const tag = await channel.consume('short-lived', () => undefined);
    const cancelled = new Promise((resolve) => channel.once('cancel', resolve));
    const other = await connection.openChannel();
    await other.deleteQueue('short-lived');
    expect(await cancelled).toBe(tag);
  });
});

test('what connections, channels and queues do is told as events', async () => {
  const told: unknown[] = [];
  for (const name of [
    'connection.created',
    'connection.closed',
    'channel.created',
    'channel.closed',
    'queue.created',
    'queue.deleted',
  ] as const) {
    broker.events.on(name, (event: object) => told.push([name, event]));
  }
  const remote = await amqplib.connect(broker.url);
  const remoteChannel = await remote.createChannel();
  await remoteChannel.assertQueue('told', { durable: true });
  await remoteChannel.deleteQueue('told');
  const closed = new Promise((resolve) => broker.events.once('connection.closed', resolve));
  await remote.close();
  await closed;
  const socket = { connection: 2, user: 'guest', remoteAddress: '127.0.0.1', tls: false };
  const queue = { virtualHost: '/', queue: 'told', durable: true, autoDelete: false, exclusive: false };
  expect(told).toEqual([
    ['connection.created', socket],
    ['channel.created', { connection: 2, channel: 1 }],
    ['queue.created', queue],
    ['queue.deleted', queue],
    ['channel.closed', { connection: 2, channel: 1 }],
    ['connection.closed', socket],
  ]);
});

test('a confirmed publish of a program is there after a restart', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'warren-embedded-'));
  const first = await Broker.start({ port: 0, dataDirectory });
  const one = await first.connect().openChannel();
  await one.declareQueue('kept', { durable: true });
  await one.publish('', 'kept', 'still here', { persistent: true });
  await first.stop();
  const second = await Broker.start({ port: 0, dataDirectory });
  const two = await second.connect().openChannel();
  expect((await two.get('kept', { noAck: true }))?.text()).toBe('still here');
  await second.stop();
  await rm(dataDirectory, { recursive: true });
});

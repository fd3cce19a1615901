import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from './broker.js';

/** Few, so that a queue of some thousand is long. */
const residentMessagesMax = 500;
const long = 6_000;

let directory: string;
let broker: Broker;
let connection: ChannelModel;
let channel: ConfirmChannel;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warren-paging-'));
  await start();
});

afterEach(async () => {
  await stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  broker = await Broker.start({ port: 0, dataDirectory: directory, residentMessagesMax });
  connection = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`, { noDelay: true });
  channel = await connection.createConfirmChannel();
}

async function stop(): Promise<void> {
  await connection.close();
  await broker.stop();
}

async function publish(
  exchange: string,
  routingKey: string,
  count: number,
  persistent: (n: number) => boolean = () => true,
): Promise<void> {
  for (let n = 0; n < count; n++) {
    const more = channel.publish(exchange, routingKey, Buffer.from(String(n)), { persistent: persistent(n) });
    if (!more) await once(channel, 'drain');
  }
  await channel.waitForConfirms();
}

/** Consumes until `count` have come; resolves with their bodies, and which were redelivered. */
async function consume(queue: string, count: number): Promise<{ bodies: number[]; redelivered: number[] }> {
  const bodies: number[] = [];
  const redelivered: number[] = [];
  await channel.prefetch(1000);
  await new Promise<void>((resolve, reject) => {
    const take = (message: amqplib.ConsumeMessage | null): void => {
      if (message === null) return;
      if (bodies.length === count) {
        // Under way when the last one came.
        channel.nack(message);
        return;
      }
      const body = Number(message.content.toString());
      bodies.push(body);
      if (message.fields.redelivered) redelivered.push(body);
      if (bodies.length % 100 === 0 || bodies.length === count) channel.ack(message, true);
      if (bodies.length === count) resolve();
    };
    channel.consume(queue, take, { consumerTag: queue }).catch(reject);
  });
  await channel.cancel(queue);
  // So that what was put back is there.
  await channel.checkQueue(queue);
  return { bodies, redelivered };
}

function numbers(count: number, wanted: (n: number) => boolean = () => true): number[] {
  return Array.from({ length: count }, (_, n) => n).filter(wanted);
}

/** Rows of tables, once they are what is expected. */
async function untilRows(...expected: [table: string, rows: number][]): Promise<void> {
  const database = new Database(join(directory, 'broker.sqlite'), { readonly: true });
  const count = (table: string): unknown => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  await expect
    .poll(() => expected.map(([table]) => [table, count(table)]), { interval: 20, timeout: 15_000 })
    .toEqual(expected);
  database.close();
}

test('a queue longer than memory gives everything back in order, what came back first', async () => {
  await channel.assertQueue('q', { durable: true });
  await publish('', 'q', long);
  const first = await channel.get('q');
  expect(first !== false && first.content.toString()).toBe('0');
  if (first !== false) channel.nack(first);
  expect(await consume('q', long)).toEqual({ bodies: numbers(long), redelivered: [0] });
  await untilRows(['entry', 0], ['message', 0]);
});

test('transient messages among persistent ones keep their place, and are gone after a restart', async () => {
  const even = (n: number): boolean => n % 2 === 0;
  await channel.assertQueue('q', { durable: true });
  await publish('', 'q', 2 * long, even);
  expect((await channel.checkQueue('q')).messageCount).toBe(2 * long);
  expect((await consume('q', 7_000)).bodies).toEqual(numbers(7_000));
  await stop();
  await start();
  const left = numbers(2 * long, (n) => even(n) && n >= 7_000);
  expect((await channel.checkQueue('q')).messageCount).toBe(left.length);
  await untilRows(['entry', left.length], ['message', left.length]);
  expect((await consume('q', left.length)).bodies).toEqual(left);
});

test('messages that two long queues share are there until both have given them up', async () => {
  await channel.assertExchange('both', 'fanout');
  for (const queue of ['one', 'two']) {
    await channel.assertQueue(queue, { durable: true });
    await channel.bindQueue(queue, 'both', '');
  }
  await publish('both', '', long);
  expect((await consume('one', long)).bodies).toEqual(numbers(long));
  await untilRows(['entry', long], ['message', long]);
  await stop();
  await start();
  expect((await consume('two', long)).bodies).toEqual(numbers(long));
  await untilRows(['entry', 0], ['message', 0], ['message_copy', 0]);
});

test('a durable and a transient queue share messages that are written late for one of them', async () => {
  await channel.assertExchange('both', 'fanout');
  await channel.assertQueue('durable', { durable: true });
  await channel.assertQueue('transient', { durable: false });
  for (const queue of ['durable', 'transient']) await channel.bindQueue(queue, 'both', '');
  await publish('both', '', long);
  expect((await consume('durable', long)).bodies).toEqual(numbers(long));
  expect((await consume('transient', long)).bodies).toEqual(numbers(long));
  await untilRows(['entry', 0], ['message', 0], ['message_copy', 0]);
});

test('a purge takes out what was on disk alone, but not what is unacked', async () => {
  await channel.assertQueue('q', { durable: true });
  await publish('', 'q', long);
  const held = await channel.get('q');
  expect(await channel.purgeQueue('q')).toEqual({ messageCount: long - 1 });
  await publish('', 'q', 3);
  await untilRows(['entry', 4], ['message', 4], ['purge', 0]);
  if (held !== false) channel.nack(held);
  expect((await consume('q', 4)).bodies).toEqual([0, 0, 1, 2]);
});

test('a purge that a restart interrupts brings nothing back', async () => {
  await channel.assertQueue('q', { durable: true });
  await publish('', 'q', long);
  await channel.purgeQueue('q');
  await stop();
  await start();
  expect((await channel.checkQueue('q')).messageCount).toBe(0);
  await untilRows(['entry', 0], ['message', 0], ['purge', 0]);
});

test('a deleted queue leaves nothing behind, even when a restart comes before it is taken out', async () => {
  await channel.assertQueue('q', { durable: true });
  await channel.assertQueue('kept', { durable: true });
  await publish('', 'kept', 10);
  await publish('', 'q', long);
  expect((await channel.deleteQueue('q')).messageCount).toBe(long);
  await stop();
  await start();
  await untilRows(['entry', 10], ['message', 10]);
  expect((await consume('kept', 10)).bodies).toEqual(numbers(10));
});

test('a long quorum queue counts its deliveries and dead-letters through a restart', async () => {
  await channel.assertQueue('dead', { durable: true });
  await channel.assertQueue('q', {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'dead',
    },
  });
  await publish('', 'q', long);
  const first = await channel.get('q');
  if (first !== false) channel.nack(first);
  const again = await channel.get('q');
  expect(again !== false && again.properties.headers?.['x-delivery-count']).toBe(1);
  await stop();
  await start();
  expect((await channel.checkQueue('dead')).messageCount).toBe(1);
  expect((await consume('q', long - 1)).bodies).toEqual(numbers(long).slice(1));
  expect((await consume('dead', 1)).bodies).toEqual([0]);
});

test('expiry and length limits reach what was on disk alone', async () => {
  await channel.assertQueue('dead', { durable: true });
  await channel.assertQueue('q', {
    durable: true,
    arguments: {
      'x-max-length': long + 500,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'dead',
    },
  });
  await publish('', 'q', long + 1_000);
  expect((await channel.checkQueue('dead')).messageCount).toBe(500);
  await channel.assertQueue('brief', { durable: true, arguments: { 'x-message-ttl': 1 } });
  await publish('', 'brief', long);
  await expect.poll(async () => (await channel.checkQueue('brief')).messageCount).toBe(0);
  expect((await consume('q', long + 500)).bodies).toEqual(numbers(long + 1_000).slice(500));
});

test('dead letters that meet what they were dropped for in one long queue are neither lost nor doubled', async () => {
  await channel.assertExchange('both', 'fanout');
  const deadLettered = {
    'x-max-length': 10,
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': 'all',
  };
  await channel.assertQueue('some', { durable: true, arguments: deadLettered });
  await channel.assertQueue('all', { durable: true });
  for (const queue of ['some', 'all']) await channel.bindQueue(queue, 'both', '');
  await publish('both', '', long);
  const { bodies } = await consume('all', 2 * long - 10);
  const expected = numbers(long).flatMap((n) => (n < 10 ? [n] : [n, n - 10]));
  expect(bodies).toEqual(expected);
});

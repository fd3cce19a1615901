import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib, { type ConfirmChannel } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Broker } from './broker.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warren-broker-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Runs with a broker on the directory, which is stopped after. */
async function withBroker<T>(use: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
  const broker = await Broker.start({ port: 0, dataDirectory: directory });
  try {
    const connection = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`, { noDelay: true });
    const result = await use(await connection.createConfirmChannel());
    await connection.close();
    return result;
  } finally {
    await broker.stop();
  }
}

async function bodies(channel: ConfirmChannel, queue: string): Promise<string[]> {
  const found: string[] = [];
  for (let message = await channel.get(queue); message !== false; message = await channel.get(queue)) {
    found.push(message.content.toString());
    channel.ack(message);
  }
  return found;
}

/** Publishes keys to the exchange and gives back which went where. */
async function placement(channel: ConfirmChannel, queues: readonly string[]): Promise<string[][]> {
  for (let key = 0; key < 100; key++) channel.publish('h', `order ${key}`, Buffer.from(`${key}`));
  await channel.waitForConfirms();
  const placed: string[][] = [];
  for (const queue of queues) placed.push(await bodies(channel, queue));
  return placed;
}

describe('exchange types across a restart', () => {
  test('a consistent hash places keys as before, in whatever order its queues were bound', async () => {
    const queues = ['zebra', 'ant', 'mole'];
    const before = await withBroker(async (channel) => {
      await channel.assertExchange('h', 'x-consistent-hash', { durable: true });
      for (const [index, queue] of queues.entries()) {
        await channel.assertQueue(queue, { durable: true });
        await channel.bindQueue(queue, 'h', String(9 - index));
      }
      return placement(channel, queues);
    });
    for (const placed of before) expect(placed.length).toBeGreaterThan(0);
    expect(await withBroker((channel) => placement(channel, queues))).toEqual(before);
  });

  test('a history is gone, and what a queue was given of it stays', async () => {
    await withBroker(async (channel) => {
      await channel.assertExchange('r', 'x-recent-history', { durable: true });
      channel.publish('r', 'k', Buffer.from('kept'), { persistent: true });
      await channel.waitForConfirms();
      await channel.assertQueue('first', { durable: true });
      await channel.bindQueue('first', 'r', '');
    });
    await withBroker(async (channel) => {
      await channel.assertQueue('second', { durable: true });
      await channel.bindQueue('second', 'r', '');
      expect(await bodies(channel, 'first')).toEqual(['kept']);
      expect(await bodies(channel, 'second')).toEqual([]);
    });
  });
});

import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib, { type Channel } from 'amqplib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FrameClient } from '../test/interop/wire/frame-client.js';
import { spawnBroker } from '../test/support/spawned-broker.js';
import { Broker } from './broker.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warren-broker-'));
});

afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

/** Everything in a queue, in order. */
async function drain(channel: Channel, queue: string): Promise<{ body: string; redelivered: boolean }[]> {
  const found: { body: string; redelivered: boolean }[] = [];
  for (let message = await channel.get(queue); message !== false; message = await channel.get(queue)) {
    found.push({ body: message.content.toString(), redelivered: message.fields.redelivered });
    channel.ack(message);
  }
  return found;
}

describe('a broker on a data directory', () => {
  test('has after a restart what was durable, in order, and nothing else', async () => {
    const first = await Broker.start({ port: 0, dataDirectory: directory });
    expect(first.firstRunAdministrator?.user).toBe('admin');
    const connection = await amqplib.connect(`amqp://127.0.0.1:${first.port}`, { noDelay: true });
    const channel = await connection.createConfirmChannel();
    await channel.assertExchange('d.logs', 'topic', { durable: true });
    await channel.assertExchange('d.passing', 'fanout', { durable: false });
    await channel.assertQueue('d.kept', { durable: true, maxLength: 100 });
    await channel.assertQueue('d.twin', { durable: true });
    await channel.assertQueue('d.passing', { durable: false });
    await channel.bindQueue('d.kept', 'd.logs', 'app.#');
    await channel.bindQueue('d.twin', 'd.logs', 'app.#');
    for (let index = 0; index < 20; index++) {
      channel.publish('d.logs', 'app.x.info', Buffer.from(`p${index}`), { persistent: true });
      channel.publish('d.logs', 'app.x.info', Buffer.from(`t${index}`), { persistent: false });
    }
    await channel.waitForConfirms();
    for (let index = 0; index < 6; index++) {
      const message = await channel.get('d.kept');
      if (message !== false && index < 4) channel.ack(message);
    }
    await channel.checkQueue('d.kept');
    await first.stop();

    const second = await Broker.start({ port: 0, dataDirectory: directory });
    expect(second.firstRunAdministrator).toBeUndefined();
    const again = await amqplib.connect(`amqp://127.0.0.1:${second.port}`, { noDelay: true });
    const reader = await again.createChannel();
    const kept = await drain(reader, 'd.kept');
    expect(kept.map((one) => one.body)).toEqual(Array.from({ length: 18 }, (_, index) => `p${index + 2}`));
    expect(kept.map((one) => one.redelivered)).toEqual(kept.map((_, index) => index === 0));
    expect((await drain(reader, 'd.twin')).length).toBe(20);
    reader.on('error', () => undefined);
    await expect(reader.checkQueue('d.passing')).rejects.toThrow(/NOT_FOUND/);
    await again.close();
    await second.stop();
  });

  test('keeps what a transaction published behind what was published before its commit', async () => {
    const broker = await Broker.start({ port: 0, dataDirectory: directory });
    const client = await FrameClient.open('127.0.0.1', broker.port);
    for (const channel of [1, 2]) await client.call(channel, 'channel.open');
    await client.call(1, 'tx.select');
    await client.call(2, 'confirm.select');
    await client.call(2, 'queue.declare', { queue: 'turns', durable: true });
    client.publish(1, { routingKey: 'turns' }, { deliveryMode: 2 }, Buffer.from('second'));
    client.publish(2, { routingKey: 'turns' }, { deliveryMode: 2 }, Buffer.from('first'));
    await client.next(({ name }) => name === 'basic.ack');
    await client.call(1, 'tx.commit');
    // Requeued in one go, they go back to where they were.
    const order = async (): Promise<(string | undefined)[]> => {
      await client.call(3, 'channel.open');
      const first = await client.call(3, 'basic.get', { queue: 'turns' });
      const second = await client.call(3, 'basic.get', { queue: 'turns' });
      await client.call(3, 'channel.close', { replyCode: 200 });
      return [first.body?.toString(), second.body?.toString()];
    };
    expect(await order()).toEqual(['first', 'second']);
    expect(await order()).toEqual(['first', 'second']);
    await broker.stop();
    const again = await Broker.start({ port: 0, dataDirectory: directory });
    const connection = await amqplib.connect(`amqp://127.0.0.1:${again.port}`, { noDelay: true });
    const channel = await connection.createChannel();
    expect((await drain(channel, 'turns')).map(({ body }) => body)).toEqual(['first', 'second']);
    await connection.close();
    await again.stop();
  });

  test('has no message left in its file once all are acked', async () => {
    const broker = await Broker.start({ port: 0, dataDirectory: directory });
    const connection = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`, { noDelay: true });
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('empty', { durable: true });
    for (let index = 0; index < 50; index++)
      channel.sendToQueue('empty', Buffer.alloc(9000), { persistent: true });
    await channel.waitForConfirms();
    expect((await drain(channel, 'empty')).length).toBe(50);
    await connection.close();
    await broker.stop();
    const database = new Database(join(directory, 'broker.sqlite'));
    const count = (table: string): unknown => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    expect([count('message'), count('entry')]).toEqual([0, 0]);
    database.close();
  });

  test('forgets what was unacked in a queue that was deleted before a crash', async () => {
    const { process: child, port } = await spawnBroker(directory);
    const connection = await amqplib.connect(`amqp://127.0.0.1:${port}`, { noDelay: true });
    connection.on('error', () => undefined);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    await channel.assertQueue('kept', { durable: true });
    await channel.assertQueue('deleted', { durable: true });
    for (const queue of ['kept', 'deleted', 'deleted']) {
      channel.sendToQueue(queue, Buffer.from('x'), { persistent: true });
    }
    await channel.waitForConfirms();
    await channel.get('deleted');
    await channel.deleteQueue('deleted');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const broker = await Broker.start({ port: 0, dataDirectory: directory });
    const database = new Database(join(directory, 'broker.sqlite'));
    const count = (table: string): unknown => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    // A start does not wait for it: a deleted queue may have left millions.
    await expect
      .poll(() => [count('queue'), count('entry'), count('message')], { interval: 5, timeout: 5_000 })
      .toEqual([1, 1, 1]);
    database.close();
    await broker.stop();
  });

  test('gives a backlog back whose contents it has let go of', async () => {
    const broker = await Broker.start({ port: 0, dataDirectory: directory });
    const connection = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`, { noDelay: true });
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('long', { durable: true });
    const count = 12_000;
    for (let index = 0; index < count; index++) {
      channel.sendToQueue('long', Buffer.from(String(index)), { persistent: true, headers: { index } });
    }
    await channel.waitForConfirms();
    let next = 0;
    await channel.prefetch(500);
    await new Promise<void>((resolve) => {
      void channel.consume('long', (message) => {
        if (message === null) return;
        expect(message.content.toString()).toBe(String(next));
        expect(message.properties.headers?.['index']).toBe(next);
        next++;
        channel.ack(message);
        if (next === count) resolve();
      });
    });
    await connection.close();
    await broker.stop();
  });

  test('keeps every confirmed message through kill -9, in order and once', async () => {
    const confirmed = new Set<number>();
    const acked = new Set<number>();
    let sent = 0;
    for (let round = 0; round < 3; round++) {
      const { process: child, port } = await spawnBroker(directory);
      const connection = await amqplib.connect(`amqp://127.0.0.1:${port}`, { noDelay: true });
      connection.on('error', () => undefined);
      const channel = await connection.createConfirmChannel();
      channel.on('error', () => undefined);
      await channel.assertQueue('crash', { durable: true });
      const consuming = await connection.createChannel();
      consuming.on('error', () => undefined);
      await consuming.prefetch(50);
      await consuming.consume('crash', (message) => {
        const number = Number(message?.content.toString());
        if (message === null || number % 3 !== 0) return;
        acked.add(number);
        consuming.ack(message);
      });
      const target = confirmed.size + 2000 + round * 777;
      await new Promise<void>((resolve) => {
        const publish = (): void => {
          const number = sent++;
          channel.sendToQueue(
            'crash',
            Buffer.from(String(number)),
            { persistent: true },
            (error: unknown) => {
              if (error) return;
              confirmed.add(number);
              if (confirmed.size >= target) resolve();
              else publish();
            },
          );
        };
        for (let started = 0; started < 300; started++) publish();
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const broker = await Broker.start({ port: 0, dataDirectory: directory });
    const connection = await amqplib.connect(`amqp://127.0.0.1:${broker.port}`, { noDelay: true });
    const channel = await connection.createChannel();
    const left = (await drain(channel, 'crash')).map((one) => Number(one.body));
    expect(new Set(left).size).toBe(left.length);
    expect(left).toEqual([...left].sort((one, other) => one - other));
    const there = new Set(left);
    expect([...confirmed].filter((number) => !there.has(number) && !acked.has(number))).toEqual([]);
    await connection.close();
    await broker.stop();
  });
});

describe('a data directory that cannot be used is said in one line', () => {
  test('when another broker has it', async () => {
    const broker = await Broker.start({ port: 0, dataDirectory: directory });
    await expect(Broker.start({ port: 0, dataDirectory: directory })).rejects.toMatchObject({
      code: 'ERR_WARREN_DATA_DIRECTORY_IN_USE',
      message: expect.stringMatching(/^another broker is using[^\n]*$/),
    });
    await broker.stop();
    await (await Broker.start({ port: 0, dataDirectory: directory })).stop();
  });

  test('when it was written by a newer version', async () => {
    await (await Broker.start({ port: 0, dataDirectory: directory })).stop();
    const database = new Database(join(directory, 'broker.sqlite'));
    database.pragma('user_version = 99');
    database.close();
    await expect(Broker.start({ port: 0, dataDirectory: directory })).rejects.toMatchObject({
      code: 'ERR_WARREN_DATABASE_NEWER',
    });
  });

  test('when it is no directory', async () => {
    await expect(Broker.start({ port: 0, dataDirectory: '/dev/null/x' })).rejects.toMatchObject({
      code: 'ERR_WARREN_DATA_DIRECTORY',
      message: expect.stringContaining('/dev/null/x'),
    });
  });
});

// Quorum queues and confirmed hand-over, over real sockets, through restarts and kill -9.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib, { type ChannelModel, type ConfirmChannel, type GetMessage, type Options } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spawnBroker } from '../test/support/spawned-broker.js';
import { until } from '../test/until.js';
import { Broker } from './broker.js';

let directory: string;
let broker: Broker;
let connection: ChannelModel;
let channel: ConfirmChannel;

async function open(port: number): Promise<void> {
  connection = await amqplib.connect(`amqp://127.0.0.1:${port}`, { noDelay: true });
  connection.on('error', () => undefined);
  channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
}

async function restart(): Promise<void> {
  await connection.close();
  await broker.stop();
  broker = await Broker.start({ port: 0, dataDirectory: directory });
  await open(broker.port);
}

const quorum = (args: Record<string, unknown> = {}): Options.AssertQueue => ({
  durable: true,
  arguments: { 'x-queue-type': 'quorum', ...args },
});

/** Quorum queue `source`, whose dead letters go at least once through the exchange `letters`. */
async function declareSource(args: Record<string, unknown> = {}): Promise<void> {
  await channel.assertExchange('letters', 'topic', { durable: true });
  const atLeastOnce = {
    'x-dead-letter-exchange': 'letters',
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
  await channel.assertQueue('source', quorum({ ...atLeastOnce, ...args }));
}

async function send(queue: string, body: string, options: Options.Publish = {}): Promise<void> {
  channel.sendToQueue(queue, Buffer.from(body), options);
  await channel.waitForConfirms();
}

async function reject(queue: string): Promise<void> {
  channel.nack((await channel.get(queue)) as GetMessage, false, false);
}

/** The next message of a queue, as soon as there is one. */
async function next(queue: string): Promise<GetMessage> {
  return until(`a message in ${queue}`, async () => {
    const message = await channel.get(queue, { noAck: true });
    return message === false ? undefined : message;
  });
}

const counts = async (...queues: string[]): Promise<number[]> =>
  Promise.all(queues.map(async (queue) => (await channel.checkQueue(queue)).messageCount));

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'warren-quorum-'));
  broker = await Broker.start({ port: 0, dataDirectory: directory });
  await open(broker.port);
});

afterEach(async () => {
  await connection.close().catch(() => undefined);
  await broker.stop();
  rmSync(directory, { recursive: true });
});

describe('a quorum queue', () => {
  test('keeps what is not persistent, and how often it delivered it, through a restart', async () => {
    await channel.assertQueue('q', quorum({ 'x-delivery-limit': 3 }));
    await send('q', 'counted', { persistent: false });
    await send('q', 'untouched', { persistent: false });
    for (let delivery = 0; delivery < 2; delivery++) {
      const message = (await channel.get('q')) as GetMessage;
      expect(message.properties.headers).toEqual({ 'x-delivery-count': delivery });
      channel.nack(message);
    }
    await restart();
    const message = (await channel.get('q')) as GetMessage;
    expect(message.content.toString()).toBe('counted');
    expect(message.fields.redelivered).toBe(true);
    expect(message.properties.headers).toEqual({ 'x-delivery-count': 2 });
    // The end of the connection, at the restart, is one return more, and the last.
    await restart();
    expect((await next('q')).properties.headers).toEqual({ 'x-delivery-count': 3 });
    expect((await next('q')).properties.headers).toEqual({ 'x-delivery-count': 0 });
  });

  test('is in the order of its publishes after a restart, whatever had come back', async () => {
    await channel.assertQueue('q', quorum({ 'x-delivery-limit': -1 }));
    for (const body of ['first', 'second', 'third']) await send('q', body);
    channel.nack((await channel.get('q')) as GetMessage);
    const second = (await channel.get('q')) as GetMessage;
    expect(second.content.toString()).toBe('second');
    channel.nack(second);
    await restart();
    const bodies: string[] = [];
    for (let count = 0; count < 3; count++) bodies.push((await next('q')).content.toString());
    expect(bodies).toEqual(['first', 'second', 'third']);
  });

  test('gives up after a crash on what it had delivered too often before', async () => {
    await connection.close();
    await broker.stop();
    const spawned = await spawnBroker(directory);
    await open(spawned.port);
    await channel.assertQueue('dead', { durable: true });
    const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' };
    await channel.assertQueue('q', quorum({ 'x-delivery-limit': 1, ...letters }));
    await send('q', 'poison');
    channel.nack((await channel.get('q')) as GetMessage);
    await channel.get('q');
    // A confirm tells that all that was asked of the disk before is there.
    await send('dead', 'a mark', { persistent: true });
    await send('dead', 'another', { persistent: true });
    spawned.process.kill('SIGKILL');
    await once(spawned.process, 'exit');
    broker = await Broker.start({ port: 0, dataDirectory: directory });
    await open(broker.port);
    expect(await counts('q', 'dead')).toEqual([0, 3]);
  });
});

describe('a dead letter at least once', () => {
  test('stays with its queue as long as nobody takes it in, and goes on when somebody does', async () => {
    await declareSource();
    await channel.assertQueue('target', { durable: true });
    await send('source', 'stuck', { messageId: 'm' });
    await reject('source');
    expect(await counts('source', 'target')).toEqual([0, 0]);
    await channel.bindQueue('target', 'letters', '#');
    const letter = await next('target');
    expect(letter.properties.messageId).toBe('m');
    expect(letter.properties.headers).toMatchObject({
      'x-death': [{ count: 1, reason: 'rejected', queue: 'source' }],
    });
    await restart();
    expect(await counts('source', 'target')).toEqual([0, 0]);
  });

  test('is kept with its reason through a restart', async () => {
    await declareSource({ 'x-message-ttl': 1 });
    await send('source', 'expired');
    await until('the message to be gone', async () => (await counts('source'))[0] === 0 || undefined);
    await restart();
    expect(await counts('source')).toEqual([0]);
    await channel.assertQueue('target', { durable: true });
    await channel.bindQueue('target', 'letters', '#');
    const letter = await next('target');
    expect(letter.properties.headers?.['x-death']).toMatchObject([{ count: 1, reason: 'expired' }]);
  });

  test('waits for the one of its queues that refuses it, and goes to none of them twice', async () => {
    await declareSource();
    await channel.assertQueue('open', { durable: true });
    await channel.assertQueue('full', quorum({ 'x-max-length': 0, 'x-overflow': 'reject-publish' }));
    for (const queue of ['open', 'full']) await channel.bindQueue(queue, 'letters', '#');
    await send('full', 'one too many');
    await send('source', 'letter');
    await reject('source');
    expect((await next('open')).content.toString()).toBe('letter');
    expect((await next('full')).content.toString()).toBe('one too many');
    expect((await next('full')).content.toString()).toBe('letter');
    expect(await counts('source', 'open', 'full')).toEqual([0, 0, 0]);
    await restart();
    expect(await counts('source', 'open', 'full')).toEqual([0, 0, 0]);
  });

  test('many at once all arrive, in order', async () => {
    await declareSource();
    await channel.assertQueue('target', { durable: true });
    await channel.bindQueue('target', 'letters', '#');
    for (let index = 0; index < 200; index++) channel.sendToQueue('source', Buffer.from(String(index)));
    await channel.waitForConfirms();
    for (let index = 0; index < 200; index++) await channel.get('source');
    channel.nackAll(false);
    await until('all of them', async () => (await counts('target'))[0] === 200 || undefined);
    for (let index = 0; index < 200; index++) {
      expect((await next('target')).content.toString()).toBe(String(index));
    }
  });
});

test('kill -9 loses no confirmed message on its way from a queue to that of its dead letters', async () => {
  await connection.close();
  await broker.stop();
  const confirmed = new Set<string>();
  const body = Buffer.alloc(64 * 1024);
  for (let round = 0; round < 4; round++) {
    const spawned = await spawnBroker(directory);
    await open(spawned.port);
    await channel.assertQueue('dead', { durable: true });
    const letters = { deadLetterExchange: '', deadLetterRoutingKey: 'dead' };
    // What is over the length is dead before it is written; what comes to the worker, after.
    await channel.assertQueue('short', { durable: true, maxLength: 1, ...letters });
    await channel.assertQueue('work', { durable: true, ...letters });
    // And here at least once, twice at most for each crash.
    const atLeastOnce = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };
    await channel.assertQueue('careful', { ...quorum(atLeastOnce), ...letters });
    const worker = await connection.createChannel();
    worker.on('error', () => undefined);
    for (const queue of ['work', 'careful']) {
      await worker.consume(queue, (message) => message && worker.nack(message, false, false));
    }
    const killed = once(spawned.process, 'exit');
    let sent = 0;
    const publish = (): void => {
      const messageId = `${round} ${sent++}`;
      const queue = ['work', 'short', 'careful'][sent % 3] as string;
      channel.sendToQueue(queue, body, { persistent: true, messageId }, (error: unknown) => {
        if (error !== null) return;
        confirmed.add(messageId);
        if (confirmed.size === (round + 1) * 400) spawned.process.kill('SIGKILL');
        else publish();
      });
    };
    for (let started = 0; started < 300; started++) publish();
    await killed;
  }
  broker = await Broker.start({ port: 0, dataDirectory: directory });
  await open(broker.port);
  const there = new Set<string>();
  for (const queue of ['work', 'short', 'careful', 'dead']) {
    for (let got = await channel.get(queue); got !== false; got = await channel.get(queue)) {
      there.add(got.properties.messageId as string);
    }
  }
  expect([...confirmed].filter((messageId) => !there.has(messageId))).toEqual([]);
}, 120_000);

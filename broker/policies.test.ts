import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as amqplib from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { putPolicy, virtualHostOf } from '../test/support/policies.js';
import { until } from '../test/until.js';
import { Broker } from './broker.js';
import type { QuorumQueue } from './queue/quorum-queue.js';
import type { VirtualHost } from './routing/virtual-host.js';

const RESIDENT_MAX = 1_000;

let directory: string;
let broker: Broker;
let connection: amqplib.ChannelModel;
let channel: amqplib.ConfirmChannel;
let virtualHost: VirtualHost;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warren-policies-'));
  await start();
});

afterEach(async () => {
  await stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  broker = await Broker.start({ port: 0, dataDirectory: directory, residentMessagesMax: RESIDENT_MAX });
  virtualHost = virtualHostOf(broker);
  connection = await amqplib.connect(broker.url);
  connection.on('error', () => undefined);
  channel = await connection.createConfirmChannel();
}

async function stop(): Promise<void> {
  await connection.close().catch(() => undefined);
  await broker.stop();
}

function policy(name: string, definition: object, pattern = '^work$', rest: object = {}): void {
  expect(putPolicy(virtualHost, 'policy', name, { pattern, definition, ...rest })).toBeUndefined();
}

async function publish(
  queue: string,
  first: number,
  last: number,
  options: amqplib.Options.Publish = {},
): Promise<void> {
  for (let id = first; id <= last; id++) {
    const goesOn = channel.sendToQueue(queue, Buffer.from(String(id)), { persistent: true, ...options });
    if (!goesOn) await once(channel, 'drain');
  }
  await channel.waitForConfirms();
}

async function get(
  queue: string,
  options: amqplib.Options.Get = { noAck: true },
): Promise<amqplib.GetMessage> {
  const got = await channel.get(queue, options);
  if (got === false) throw new Error(`${queue} is empty`);
  return got;
}

/** Refuses the message that is next; the broker knows it by the time this returns. */
async function refuse(queue: string, requeue: boolean): Promise<void> {
  channel.nack(await get(queue, {}), false, requeue);
  await ready(queue);
}

async function texts(queue: string, count: number): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < count; index++) all.push(Number((await get(queue)).content.toString()));
  return all;
}

async function ready(queue: string): Promise<number> {
  return (await channel.checkQueue(queue)).messageCount;
}

async function comesTo(queue: string, count: number): Promise<void> {
  await until(`${count} in ${queue}`, async () => ((await ready(queue)) === count ? true : undefined));
}

/** Dead letters of the queue `work` that wait to be handed over. */
function held(): number {
  return (virtualHost.queue('work') as QuorumQueue).heldCount;
}

async function holds(count: number): Promise<void> {
  await until(`${count} held`, async () => (held() === count ? true : undefined));
}

test('policies are there after a restart, and have been applied', async () => {
  await channel.assertQueue('work');
  await channel.assertExchange('x', 'direct');
  policy('limit', { 'max-length': 2 });
  policy('alternate', { 'alternate-exchange': 'amq.fanout' }, '^x$', {
    'apply-to': 'exchanges',
    priority: 3,
  });
  expect(
    putPolicy(virtualHost, 'operator-policy', 'guard', { pattern: '^work', definition: { expires: 60_000 } }),
  ).toBeUndefined();
  policy('gone', { 'max-length': 1 });
  virtualHost.policies.drop('policy', 'gone');
  await stop();
  await start();
  expect(virtualHost.policies.list('policy')).toEqual([
    { name: 'limit', pattern: '^work$', applyTo: 'all', priority: 0, definition: { 'max-length': 2 } },
    {
      name: 'alternate',
      pattern: '^x$',
      applyTo: 'exchanges',
      priority: 3,
      definition: { 'alternate-exchange': 'amq.fanout' },
    },
  ]);
  expect(virtualHost.queue('work')?.policies).toEqual({
    policy: 'limit',
    operatorPolicy: 'guard',
    definition: { 'max-length': 2, expires: 60_000 },
  });
  await publish('work', 1, 4);
  expect(await texts('work', 2)).toEqual([3, 4]);
  await channel.bindQueue('work', 'amq.fanout', '');
  channel.publish('x', 'nobody', Buffer.from('5'));
  await channel.waitForConfirms();
  expect(await texts('work', 1)).toEqual([5]);
});

test('a long queue is shortened in the background: all is dead-lettered in order, and others are served', async () => {
  const count = 20_000;
  await channel.assertQueue('work');
  await channel.assertQueue('dead');
  await channel.assertQueue('other');
  // What is on disk when the next come in leaves the memory.
  for (let from = 1; from < count; from += 1_000) await publish('work', from, from + 999);
  expect(virtualHost.pageBudget.resident).toBeLessThan(count / 2);
  policy('limit', { 'max-length': 10, 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' });
  expect(virtualHost.queue('work')?.readyCount).toBeGreaterThanOrEqual(count - 1_000);
  let served = 0;
  for (; (await ready('work')) > 10; served++) await publish('other', 1, 1);
  // It was not one turn in which nobody else was heard.
  expect(served).toBeGreaterThan(0);
  expect(await ready('dead')).toBe(count - 10);
  expect(await texts('work', 10)).toEqual(Array.from({ length: 10 }, (_, index) => count - 9 + index));
  const letters = await texts('dead', 3_000);
  expect(letters).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1));
}, 60_000);

test('a queue that was being shortened when the broker stopped is shortened when it starts', async () => {
  await channel.assertQueue('work');
  await publish('work', 1, 5_000);
  policy('limit', { 'max-length': 10 });
  expect(virtualHost.queue('work')?.readyCount).toBeGreaterThan(10);
  await stop();
  await start();
  await comesTo('work', 10);
  expect(await texts('work', 10)).toEqual(Array.from({ length: 10 }, (_, index) => 4_991 + index));
});

test('without a delivery limit what comes back goes to the end, of a long queue as well, until there is one again', async () => {
  await channel.assertQueue('work', { arguments: { 'x-queue-type': 'quorum' } });
  await publish('work', 1, 5_000);
  policy('unlimited', { 'delivery-limit': -1 });
  await refuse('work', true);
  await publish('work', 5_001, 7_000);
  await refuse('work', true);
  policy('unlimited', { 'delivery-limit': 3 });
  await publish('work', 7_001, 7_001);
  await refuse('work', true);
  const expected = [3, ...Array.from({ length: 4_997 }, (_, index) => index + 4), 1];
  expect(await texts('work', 4_999)).toEqual(expected);
  expect(await texts('work', 2_002)).toEqual([
    ...Array.from({ length: 2_000 }, (_, index) => index + 5_001),
    2,
    7_001,
  ]);
  await publish('work', 8_001, 8_002);
  expect(await texts('work', 2)).toEqual([8_001, 8_002]);
}, 30_000);

test('what is held to be handed over is, when a policy says that it need not be any more', async () => {
  await channel.assertExchange('letters', 'fanout');
  await channel.assertQueue('dead');
  await channel.assertQueue('work', { arguments: { 'x-queue-type': 'quorum' } });
  const always = { 'dead-letter-strategy': 'at-least-once', overflow: 'reject-publish' };
  policy('dead', { 'dead-letter-exchange': 'letters', ...always });
  await publish('work', 1, 4);
  await refuse('work', false);
  await refuse('work', false);
  await holds(2);
  policy('dead', { 'dead-letter-exchange': 'letters' });
  // This one finds no queue, and is lost as it may be.
  await refuse('work', false);
  expect(await ready('work')).toBe(1);
  expect(held()).toBe(2);
  await channel.bindQueue('dead', 'letters', '');
  await holds(0);
  expect(await texts('dead', 2)).toEqual([1, 2]);
  await refuse('work', false);
  await comesTo('dead', 1);
  expect(await texts('dead', 1)).toEqual([4]);
});

test('what is held is handed over by way of the exchange that a policy names now, and after a restart', async () => {
  await channel.assertQueue('dead');
  await channel.assertExchange('nowhere', 'fanout');
  await channel.assertExchange('letters', 'fanout');
  await channel.bindQueue('dead', 'letters', '');
  await channel.assertQueue('work', { arguments: { 'x-queue-type': 'quorum' } });
  const always = { 'dead-letter-strategy': 'at-least-once', overflow: 'reject-publish' };
  policy('dead', { 'dead-letter-exchange': 'nowhere', ...always });
  await publish('work', 1, 2);
  await refuse('work', false);
  await holds(1);
  policy('dead', { 'dead-letter-exchange': 'letters', ...always });
  await holds(0);
  policy('dead', { 'dead-letter-exchange': 'nowhere', ...always });
  await refuse('work', false);
  await holds(1);
  await stop();
  await start();
  expect(held()).toBe(1);
  policy('dead', { 'dead-letter-exchange': 'letters', ...always });
  await comesTo('dead', 2);
  const [, letter] = [await get('dead'), await get('dead')];
  expect(letter.properties.headers?.['x-death']).toMatchObject([
    { reason: 'rejected', queue: 'work', count: 1 },
  ]);
});

test('what is held goes when there is no exchange for dead letters any more, as in RabbitMQ', async () => {
  await channel.assertExchange('letters', 'fanout');
  await channel.assertQueue('work', { arguments: { 'x-queue-type': 'quorum' } });
  const dead = {
    'dead-letter-exchange': 'letters',
    'dead-letter-strategy': 'at-least-once',
    overflow: 'reject-publish',
  };
  policy('dead', dead);
  await publish('work', 1, 2);
  await refuse('work', false);
  await holds(1);
  virtualHost.policies.drop('policy', 'dead');
  expect(held()).toBe(0);
  // And begins anew with the next policy.
  policy('dead', dead);
  await refuse('work', false);
  await holds(1);
  await channel.assertQueue('dead');
  await channel.bindQueue('dead', 'letters', '');
  await comesTo('dead', 1);
  expect(await texts('dead', 1)).toEqual([2]);
});

test('a consumer timeout counts for consumers and deliveries that are there', async () => {
  await channel.assertQueue('work');
  await publish('work', 1, 1);
  const slow = await connection.createChannel();
  const failed = once(slow, 'error');
  await slow.consume('work', () => undefined);
  policy('impatient', { 'consumer-timeout': 100 });
  expect((await failed)[0]).toMatchObject({ code: 406, message: expect.stringContaining('timed out') });
});

test('a policy applies to one type of queue', async () => {
  policy('classic', { 'max-length': 1 }, 'work', { 'apply-to': 'classic_queues' });
  policy('quorum', { 'max-length': 2 }, 'work', { 'apply-to': 'quorum_queues' });
  policy('streams', { 'max-length': 3 }, 'work', { 'apply-to': 'streams', priority: 5 });
  await channel.assertQueue('work.classic');
  await channel.assertQueue('work.quorum', { arguments: { 'x-queue-type': 'quorum' } });
  for (const [queue, count] of [
    ['work.classic', 1],
    ['work.quorum', 2],
  ] as const) {
    await publish(queue, 1, 4);
    expect(await ready(queue)).toBe(count);
  }
});

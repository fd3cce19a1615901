import amqplib, { type Channel, type ConsumeMessage } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../broker.js';
import { DeliveryMarks } from './delivery-marks.js';

let broker: Broker;

beforeEach(async () => {
  broker = await Broker.start({ port: 0, consumerTimeoutMs: 300 });
});

afterEach(() => broker.stop());

async function openChannel(): Promise<Channel> {
  const connection = await amqplib.connect(broker.url);
  connection.on('error', () => undefined);
  return connection.createChannel();
}

function errorOf(channel: Channel): Promise<{ code: number; message: string }> {
  return new Promise((resolve) => channel.once('error', resolve));
}

function consumeOne(channel: Channel, queue: string): Promise<ConsumeMessage> {
  return new Promise((resolve, reject) => {
    channel.consume(queue, (message) => message && resolve(message)).catch(reject);
  });
}

test('a delivery that is left unacked closes its channel, and goes to the next consumer', async () => {
  const channel = await openChannel();
  await channel.assertQueue('q');
  const failed = errorOf(channel);
  const receivedAt = performance.now();
  channel.sendToQueue('q', Buffer.from('x'));
  await consumeOne(channel, 'q');
  const { code, message } = await failed;
  expect(performance.now() - receivedAt).toBeGreaterThan(300);
  expect(code).toBe(406);
  expect(message).toContain(
    'PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 300 ms. This timeout value can be configured, see consumers doc guide to learn more',
  );
  const again = await consumeOne(await openChannel(), 'q');
  expect(again.fields.redelivered).toBe(true);
});

test('a queue’s x-consumer-timeout counts instead, and 0 is none', async () => {
  const channel = await openChannel();
  await channel.assertQueue('patient', { arguments: { 'x-consumer-timeout': 0 } });
  await channel.assertQueue('hasty', { arguments: { 'x-consumer-timeout': 100 } });
  channel.sendToQueue('patient', Buffer.from('x'));
  await consumeOne(channel, 'patient');
  const other = await openChannel();
  const failed = errorOf(other);
  other.sendToQueue('hasty', Buffer.from('x'));
  await consumeOne(other, 'hasty');
  expect((await failed).message).toContain('Timeout value used: 100 ms');
  // The default's time has passed on a third channel by then; the patient one is still there.
  const third = await openChannel();
  const timedOut = errorOf(third);
  await third.assertQueue('plain');
  third.sendToQueue('plain', Buffer.from('x'));
  await consumeOne(third, 'plain');
  await timedOut;
  await expect(channel.checkQueue('patient')).resolves.toMatchObject({ consumerCount: 1 });
});

test('an x-consumer-timeout that is negative or no number is refused', async () => {
  for (const [value, why] of [
    [-1, '{value_negative,-1}'],
    ['long', '"expected integer, got longstr"'],
  ]) {
    const channel = await openChannel();
    const failed = errorOf(channel);
    await expect(
      channel.assertQueue('q', { arguments: { 'x-consumer-timeout': value } }),
    ).rejects.toBeDefined();
    expect((await failed).message).toContain(
      `invalid arg 'x-consumer-timeout' for queue 'q' in vhost '/': ${why}`,
    );
  }
});

test('marks tell since when a delivery has been out, and are forgotten when nothing needs them', () => {
  const marks = new DeliveryMarks();
  marks.mark(10, 1, 1);
  expect(marks.since(1)).toBeUndefined();
  marks.mark(20, 1, 6);
  marks.mark(30, 1, 6);
  marks.mark(40, 3, 9);
  expect([1, 5, 6, 8, 9].map((tag) => marks.since(tag))).toEqual([20, 20, 40, 40, undefined]);
  marks.mark(50, 6, 9);
  expect(marks.since(5)).toBe(40);
  for (let n = 1; n <= 1000; n += 1) marks.mark(100 + n, 6, 9 + n);
  expect(marks.since(6)).toBe(40);
  // Of a thousand marks some are left: it is taken to be a little younger than it is, and never older.
  const since = marks.since(500) as number;
  expect(since).toBeGreaterThanOrEqual(592);
  expect(since).toBeLessThan(592 + 1060 / 30);
  marks.mark(60, 2000, 2000);
  expect(marks.since(8)).toBeUndefined();
});

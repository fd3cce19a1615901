import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import amqplib from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from './broker.js';

const ballastBytes = 300 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let broker: Broker;
let ballast: Buffer | undefined;

beforeEach(async () => {
  collectGarbage();
  const memoryBytesMax = process.memoryUsage.rss() + ballastBytes / 2;
  broker = await Broker.start({ port: 0, memoryBytesMax });
});

afterEach(async () => {
  ballast = undefined;
  await broker.stop();
});

function nextAlarm(what: 'alarm.set' | 'alarm.cleared'): Promise<string> {
  return new Promise((resolve) => broker.events.once(what, ({ resource }) => resolve(resource)));
}

async function runShort(): Promise<void> {
  const alarm = nextAlarm('alarm.set');
  ballast = Buffer.alloc(ballastBytes, 1);
  expect(await alarm).toBe('memory');
}

async function recover(): Promise<void> {
  const alarm = nextAlarm('alarm.cleared');
  expect(ballast?.length).toBe(ballastBytes);
  ballast = undefined;
  collectGarbage();
  expect(await alarm).toBe('memory');
}

test('short of memory, publishers are blocked and told, consumers go on, and all of it goes on after', async () => {
  const publisher = await amqplib.connect(broker.url);
  const consumer = await amqplib.connect(broker.url);
  const publishing = await publisher.createConfirmChannel();
  const consuming = await consumer.createChannel();
  await publishing.assertQueue('q');
  publishing.publish('', 'q', Buffer.from('before'));
  await publishing.waitForConfirms();
  await runShort();

  const blocked = new Promise((resolve) => publisher.once('blocked', resolve));
  const unblocked = new Promise<void>((resolve) => publisher.once('unblocked', resolve));
  publishing.publish('', 'q', Buffer.from('tips it over'));
  expect(await blocked).toBe('low on memory');
  publishing.publish('', 'q', Buffer.from('waits in the socket'));
  const got: string[] = [];
  await consuming.consume('q', (message) => message && got.push(message.content.toString()), { noAck: true });
  expect(await consuming.checkQueue('q')).toMatchObject({ messageCount: 0, consumerCount: 1 });
  expect(got).not.toContain('waits in the socket');

  await recover();
  await unblocked;
  await publishing.waitForConfirms();
  // A reply after the deliveries on the same channel.
  await consuming.checkQueue('q');
  expect(got).toEqual(['before', 'tips it over', 'waits in the socket']);
  await Promise.all([publisher.close(), consumer.close()]);
});

test('a publisher that does not know connection.blocked is made to wait without a word', async () => {
  const connection = await amqplib.connect(broker.url, { clientProperties: { capabilities: {} } });
  const told: string[] = [];
  connection.on('blocked', (reason: string) => told.push(reason));
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('q');
  await runShort();
  channel.publish('', 'q', Buffer.from('tips it over'));
  await channel.waitForConfirms();
  let confirmed = false;
  channel.publish('', 'q', Buffer.from('waits'), {}, () => {
    confirmed = true;
  });
  const other = await broker.connect().openChannel();
  expect((await other.checkQueue('q')).messageCount).toBe(1);
  expect(confirmed).toBe(false);
  await recover();
  await channel.waitForConfirms();
  expect(told).toEqual([]);
  await connection.close();
});

test('a publish that waits for room is refused when its channel is closed meanwhile', async () => {
  const channel = await broker.connect().openChannel();
  await channel.declareQueue('q');
  await runShort();
  const publish = channel.publish('', 'q', 'x');
  await channel.close();
  await expect(publish).rejects.toMatchObject({ replyCode: 200 });
  await recover();
});

test('a program that embeds the broker waits with its publishes, in order', async () => {
  const channel = await broker.connect().openChannel();
  await channel.declareQueue('q');
  await runShort();
  const publishes = ['a', 'b', 'c'].map((body) => channel.publish('', 'q', body));
  expect((await channel.checkQueue('q')).messageCount).toBe(0);
  await recover();
  await Promise.all(publishes);
  for (const body of ['a', 'b', 'c']) {
    expect((await channel.get('q', { noAck: true }))?.text()).toBe(body);
  }
});

// The same work of a client, and what RabbitMQ's management plugin and Prometheus count of it, and Warren.
import { type ChannelModel, connect, type GetMessage } from 'amqplib';
import { expect, onTestFinished, test } from 'vitest';
import { Broker } from '../../broker/broker.js';
import { countsOf, type Reported, reportedBy } from './counted.js';
import { freePort, missingRabbitmq, startRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

const settleMs = 30_000;

/** Takes some deliveries of a queue and does with each what is said. */
async function consume(
  connection: ChannelModel,
  queue: string,
  noAck: boolean,
  count: number,
  settle: (index: number, nack: (requeue: boolean) => void, ack: () => void) => void,
): Promise<void> {
  const channel = await connection.createChannel();
  let taken = 0;
  await new Promise<void>((resolve, reject) => {
    channel
      .consume(
        queue,
        (message) => {
          if (message === null) return;
          settle(
            taken++,
            (requeue) => channel.nack(message, false, requeue),
            () => channel.ack(message),
          );
          if (taken === count) resolve();
        },
        { noAck },
      )
      .catch(reject);
  });
  await channel.close();
}

async function work(url: string): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  channel.on('return', () => {});
  await channel.assertExchange('counted', 'fanout');
  await channel.assertExchange('nothing', 'direct');
  await channel.assertExchange('dead', 'fanout');
  await channel.assertQueue('one', { deadLetterExchange: 'dead' });
  await channel.assertQueue('two');
  await channel.assertQueue('two');
  await channel.assertQueue('graves');
  await channel.assertQueue('short', { maxLength: 2 });
  await channel.assertQueue('gone');
  await channel.deleteQueue('gone');
  await channel.bindQueue('graves', 'dead', '');
  for (const queue of ['one', 'two']) await channel.bindQueue(queue, 'counted', '');
  for (let index = 0; index < 6; index++) channel.publish('counted', '', Buffer.from('body'));
  for (let index = 0; index < 3; index++) channel.publish('nothing', 'x', Buffer.from('body'));
  for (let index = 0; index < 2; index++) {
    channel.publish('nothing', 'x', Buffer.from('body'), { mandatory: true });
  }
  for (let index = 0; index < 4; index++) channel.sendToQueue('short', Buffer.from('body'));
  await channel.waitForConfirms();
  channel.ack((await channel.get('one')) as GetMessage);
  await channel.get('one', { noAck: true });
  channel.nack((await channel.get('one')) as GetMessage, false, false);
  channel.nack((await channel.get('one')) as GetMessage, false, true);
  await consume(connection, 'one', true, 3, () => {});
  await channel.get('one');
  // Of six one comes back, and one is refused.
  await consume(connection, 'two', false, 7, (index, nack, ack) => {
    if (index === 0) nack(true);
    else if (index === 1) nack(false);
    else ack();
  });
  const transactional = await connection.createChannel();
  await transactional.checkQueue('graves');
  await transactional.close();
  await connection.close();
}

describeWith(missingRabbitmq(), 'What is counted', () => {
  test('the same work of a client is counted as RabbitMQ counts it', { timeout: 120_000 }, async () => {
    const [http, metrics] = [await freePort(), await freePort()];
    const rabbitmq = await startRabbitmq({
      plugins: ['rabbitmq_management', 'rabbitmq_prometheus'],
      configuration: [
        `management.tcp.port = ${http}`,
        'management.tcp.ip = 127.0.0.1',
        `prometheus.tcp.port = ${metrics}`,
        'prometheus.tcp.ip = 127.0.0.1',
      ],
    });
    onTestFinished(() => rabbitmq.stop());
    const broker = await Broker.start({ port: 0 });
    onTestFinished(() => broker.stop());
    await work(broker.url);
    await work(`amqp://guest:guest@127.0.0.1:${rabbitmq.port}`);
    const counted = countsOf(broker);
    expect(counted.queues['one']).toMatchObject({ publish: 6, get: 3, deliver_no_ack: 3, get_empty: 1 });
    const reported = (): Promise<Reported> => reportedBy(http, metrics, Object.keys(counted.global));
    await expect.poll(reported, { timeout: settleMs, interval: 500 }).toEqual(counted);
  });
});

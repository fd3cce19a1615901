// RabbitMQ's extensions to the protocol: direct replies, priorities, a single active consumer, limits.
import { typed } from '../wire/field-table.js';
import type { PlayedChannel } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.extended';
const replies = 'amq.rabbitmq.reply-to';

async function drained(channel: PlayedChannel, queue: string): Promise<void> {
  while ((await channel.get(queue)).name === 'basic.get-ok');
}

const directReplies: Script[] = [
  script('a reply goes straight to whoever asked', async (player) => {
    const client = await player.channel();
    const server = await player.channel();
    await server.queue(q);
    await client.consume(replies, 'reply', { noAck: true });
    client.publish('', q, 'question', { replyTo: replies, correlationId: 'c' });
    await player.untilReady(q, 1);
    const question = await server.connection.client.call(1, 'basic.get', { queue: q, noAck: true });
    const replyTo = String(question.properties?.['replyTo']);
    question.properties = {
      ...question.properties,
      replyTo: replyTo.replace(/reply-to\..*/, 'reply-to.<made up>'),
    };
    server.publish('', replyTo, 'answer', { correlationId: 'c' });
    const [answer] = await client.receive();
    if (answer) answer.arguments['routingKey'] = '<made up>';
  }),
  script('a publish that asks for a reply without a consumer for it is refused', async (player) => {
    const channel = await player.channel();
    channel.publish('', q, 'question', { replyTo: replies });
    await channel.settle();
  }),
  script('a second consumer of replies is refused', async (player) => {
    const channel = await player.channel();
    await channel.consume(replies, 'one', { noAck: true });
    await channel.consume(replies, 'two', { noAck: true });
  }),
  script('a consumer of replies that would ack is refused', async (player) => {
    const channel = await player.channel();
    await channel.consume(replies, 'one', { noAck: false });
  }),
  script('a consumer of replies is cancelled and may come again', async (player) => {
    const channel = await player.channel();
    await channel.consume(replies, 'one', { noAck: true });
    await channel.call('basic.cancel', { consumerTag: 'one' });
    await channel.consume(replies, 'two', { noAck: true });
  }),
  script('a reply to somebody who is gone is unroutable', async (player) => {
    const channel = await player.channel();
    channel.publish('', `${replies}.nobody`, 'x', {}, { mandatory: true });
    await channel.receive();
  }),
];

const consumers: Script[] = [
  script('the consumer of the higher priority comes first, as long as it has credit', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('basic.qos', { prefetchCount: 2 });
    await channel.consume(q, 'low');
    await channel.consume(q, 'high', { arguments: { 'x-priority': 10 } });
    for (let index = 1; index <= 5; index += 1) {
      channel.publish('', q, `message ${index}`);
      if (index <= 4) await channel.receive();
    }
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.receive();
  }),
  ...[typed('l', 5), typed('d', 1.5), 'high', null, ['x'], { a: 1 }, true].map((priority) =>
    script(`a consumer with the priority ${JSON.stringify(priority)}`, async (player) => {
      const channel = await player.channel();
      await channel.queue(q);
      await channel.consume(q, 'tag', { arguments: { 'x-priority': priority } });
    }),
  ),
  script('of a single active consumer’s rivals the next takes over', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-single-active-consumer': true } });
    await channel.consume(q, 'one', { noAck: true });
    await channel.consume(q, 'two', { noAck: true });
    for (const body of ['a', 'b']) {
      channel.publish('', q, body);
      await channel.receive();
    }
    await channel.call('basic.cancel', { consumerTag: 'one' });
    channel.publish('', q, 'c');
    await channel.receive();
  }),
  script('a queue with a single active consumer has no exclusive one', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-single-active-consumer': true } });
    await channel.consume(q, 'one', { exclusive: true });
  }),
  script('a consumer tag as long as it may be', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 't'.repeat(255), { noAck: true });
    channel.publish('', q, 'x');
    await channel.receive();
  }),
  script('get from a queue that has an exclusive consumer', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'one', { exclusive: true });
    await channel.get(q);
  }),
  script('a prefetch of zero is no limit', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('basic.qos', { prefetchCount: 1 });
    await channel.call('basic.qos', { prefetchCount: 0 });
    await channel.consume(q, 'tag');
    for (const body of ['a', 'b', 'c']) channel.publish('', q, body);
    await channel.receive(3);
  }),
  script('messages that were got count against no prefetch', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    for (const body of ['a', 'b']) channel.publish('', q, body);
    await player.untilReady(q, 2);
    await channel.call('basic.qos', { prefetchCount: 1 });
    await channel.get(q, false);
    await channel.consume(q, 'tag');
    await channel.receive();
  }),
  script('a cancelled consumer’s deliveries stay unacked', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'tag');
    channel.publish('', q, 'x');
    await channel.receive();
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    await channel.queue(q, { passive: true });
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('queue.delete', { queue: q });
  }),
];

const limits: Script[] = [
  script('messages of the higher priority come first', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-max-priority': 5 } });
    for (const [body, priority] of [
      ['one', 1],
      ['five', 5],
      ['nine', 9],
      ['one more', 1],
      ['three', 3],
    ] as const) {
      channel.publish('', q, body, { priority });
    }
    channel.publish('', q, 'none');
    await player.untilReady(q, 6);
    await drained(channel, q);
  }),
  script('what is over the length in bytes is dropped at the head', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-max-length-bytes': 10 } });
    for (const body of ['12345', '6789', 'abcdef', 'far more than ten']) {
      channel.publish('', q, body);
      await channel.settle();
    }
    await drained(channel, q);
  }),
  script('a length of zero keeps nothing but what is waited for', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-max-length': 0 } });
    channel.publish('', q, 'nobody waits');
    await channel.get(q);
    await channel.consume(q, 'tag', { noAck: true });
    channel.publish('', q, 'somebody waits');
    await channel.receive();
  }),
  script('what is refused over the length is dead-lettered where that is asked for', async (player) => {
    const channel = await player.channel();
    await channel.queue(`${q}.dead`);
    await channel.queue(q, {
      arguments: {
        'x-max-length': 1,
        'x-overflow': 'reject-publish-dlx',
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': `${q}.dead`,
      },
    });
    await channel.call('confirm.select');
    for (const body of ['kept', 'refused']) {
      channel.publish('', q, body);
      await channel.receive();
    }
    await player.untilReady(`${q}.dead`, 1);
    await drained(channel, q);
    await drained(channel, `${q}.dead`);
  }),
  script('a nack from one of two queues is a nack', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' } });
    await channel.queue(`${q}.open`);
    await channel.bind(q, 'amq.fanout');
    await channel.bind(`${q}.open`, 'amq.fanout');
    await channel.call('confirm.select');
    channel.publish('amq.fanout', '', 'x');
    await channel.receive();
  }),
  script('a requeued message keeps its time to live', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.publish('', q, 'x', { expiration: '50' });
    await channel.get(q, false);
    channel.send('basic.nack', { deliveryTag: 1, requeue: true });
    await player.untilReady(q, 0);
    await channel.get(q);
  }),
  script('a message that is unacked does not expire', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-message-ttl': 30 } });
    await channel.queue(`${q}.other`, { arguments: { 'x-message-ttl': 60 } });
    channel.publish('', q, 'held');
    await channel.get(q, false);
    channel.publish('', `${q}.other`, 'passes the time');
    await player.untilReady(`${q}.other`, 1);
    await player.untilReady(`${q}.other`, 0);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.settle();
  }),
];

export const extensionScripts: Script[] = [...directReplies, ...consumers, ...limits];

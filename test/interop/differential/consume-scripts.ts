// Consuming, getting, settling, prefetching.
import type { PlayedChannel } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.consumed';

async function filled(channel: PlayedChannel, count: number): Promise<void> {
  await channel.queue(q);
  for (let index = 1; index <= count; index += 1) channel.publish('', q, `message ${index}`);
  await channel.connection.player.untilReady(q, count);
}

const settling: Script[] = [
  script('deliveries are acked one by one and many at once', async (player) => {
    const channel = await player.channel();
    await filled(channel, 5);
    await channel.call('basic.qos', { prefetchCount: 3 });
    await channel.consume(q, 'tag');
    await channel.receive(3);
    channel.send('basic.ack', { deliveryTag: 2 });
    await channel.receive(1);
    channel.send('basic.ack', { deliveryTag: 3, multiple: true });
    await channel.receive(1);
    channel.send('basic.ack', { deliveryTag: 0, multiple: true });
    await channel.queue(q, { passive: true });
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    await channel.queue(q, { passive: true });
  }),
  script('what is requeued goes back to its place and is marked redelivered', async (player) => {
    const channel = await player.channel();
    await filled(channel, 4);
    for (let index = 0; index < 3; index += 1) await channel.get(q, false);
    channel.send('basic.nack', { deliveryTag: 2, requeue: true });
    channel.send('basic.reject', { deliveryTag: 1, requeue: true });
    await player.untilReady(q, 3);
    await channel.queue(q, { passive: true });
    for (let index = 0; index < 4; index += 1) await channel.get(q);
  }),
  script('nack with multiple requeues all up to the tag', async (player) => {
    const channel = await player.channel();
    await filled(channel, 4);
    for (let index = 0; index < 4; index += 1) await channel.get(q, false);
    channel.send('basic.nack', { deliveryTag: 3, multiple: true, requeue: true });
    await player.untilReady(q, 3);
    await channel.queue(q, { passive: true });
    for (let index = 0; index < 4; index += 1) await channel.get(q);
    channel.send('basic.nack', { deliveryTag: 0, multiple: true, requeue: true });
    await channel.get(q);
  }),
  script('what is dropped by nack and reject is gone', async (player) => {
    const channel = await player.channel();
    await filled(channel, 2);
    await channel.get(q, false);
    await channel.get(q, false);
    channel.send('basic.nack', { deliveryTag: 1 });
    channel.send('basic.reject', { deliveryTag: 2 });
    await channel.queue(q, { passive: true });
  }),
  ...(['basic.ack', 'basic.nack', 'basic.reject'] as const).map((method) =>
    script(`${method} of an unknown tag closes the channel`, async (player) => {
      const channel = await player.channel();
      channel.send(method, { deliveryTag: 5 });
      await channel.closed();
    }),
  ),
  script('an ack of a tag that is settled closes the channel', async (player) => {
    const channel = await player.channel();
    await filled(channel, 1);
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.closed();
  }),
  script('an ack with multiple of a tag that is settled closes the channel', async (player) => {
    const channel = await player.channel();
    await filled(channel, 2);
    await channel.get(q, false);
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    channel.send('basic.ack', { deliveryTag: 1, multiple: true });
    await channel.settle();
  }),
  script('an ack of nothing with multiple and tag 0 is well', async (player) => {
    const channel = await player.channel();
    channel.send('basic.ack', { deliveryTag: 0, multiple: true });
    await channel.settle();
  }),
  script('an ack of tag 0 alone closes the channel', async (player) => {
    const channel = await player.channel();
    channel.send('basic.ack', { deliveryTag: 0 });
    await channel.settle();
  }),
  script('recover requeues what is unacked', async (player) => {
    const channel = await player.channel();
    await filled(channel, 2);
    await channel.get(q, false);
    await channel.get(q, false);
    await channel.call('basic.recover', { requeue: true });
    await channel.get(q);
    await channel.get(q);
  }),
  script('recover redelivers to the consumer', async (player) => {
    const channel = await player.channel();
    await filled(channel, 1);
    await channel.consume(q, 'tag');
    await channel.receive();
    await channel.call('basic.recover', { requeue: true });
    await channel.receive();
  }),
  script('recover without requeue is not implemented', async (player) => {
    await (await player.channel()).call('basic.recover', { requeue: false });
  }),
  script('the end of a channel requeues what it had unacked', async (player) => {
    const connection = await player.connection();
    const one = await connection.channel();
    const two = await connection.channel();
    await filled(one, 3);
    await one.get(q, false);
    await one.get(q, false);
    await one.call('channel.close', { replyCode: 200 });
    await player.untilReady(q, 3);
    for (let index = 0; index < 3; index += 1) await two.get(q);
  }),
  script('the end of a socket requeues what it had unacked', async (player) => {
    const two = await player.channel();
    await filled(two, 2);
    const one = await player.channel();
    await one.get(q, false);
    one.connection.client.destroy();
    await player.untilReady(q, 2);
    await two.get(q);
    await two.get(q);
  }),
];

const consuming: Script[] = [
  script('get counts what is left and says when there is nothing', async (player) => {
    const channel = await player.channel();
    await filled(channel, 2);
    await channel.get(q, false);
    await channel.get(q);
    await channel.get(q);
  }),
  script('a consumer without acks gets everything', async (player) => {
    const channel = await player.channel();
    await filled(channel, 3);
    await channel.consume(q, 'tag', { noAck: true });
    await channel.receive(3);
    await channel.queue(q, { passive: true });
  }),
  script('a consumer tag is made up where none is given', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, '');
  }),
  script('a consumer tag in use closes the connection', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'tag');
    await channel.consume(q, 'tag');
  }),
  script('a consumer tag may be used again on another channel and after its cancel', async (player) => {
    const connection = await player.connection();
    const one = await connection.channel();
    const two = await connection.channel();
    await one.queue(q);
    await one.consume(q, 'tag');
    await two.consume(q, 'tag');
    await one.call('basic.cancel', { consumerTag: 'tag' });
    await one.consume(q, 'tag');
  }),
  script('a consumer that is not there is cancelled all the same', async (player) => {
    await (await player.channel()).call('basic.cancel', { consumerTag: 'nobody' });
  }),
  script('messages go round robin', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'a', { noAck: true });
    await channel.consume(q, 'b', { noAck: true });
    for (let index = 0; index < 4; index += 1) {
      channel.publish('', q, `message ${index}`);
      await channel.receive();
    }
  }),
  script('prefetch holds for each consumer by itself', async (player) => {
    const channel = await player.channel();
    await filled(channel, 6);
    await channel.call('basic.qos', { prefetchCount: 2 });
    await channel.consume(q, 'a');
    await channel.receive(2);
    await channel.consume(q, 'b');
    await channel.receive(2);
    await channel.queue(q, { passive: true });
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.receive();
    await channel.queue(q, { passive: true });
  }),
  script('prefetch over the whole channel', async (player) => {
    const channel = await player.channel();
    await filled(channel, 6);
    await channel.call('basic.qos', { prefetchCount: 3, global: true });
    await channel.consume(q, 'a');
    await channel.receive(3);
    await channel.consume(q, 'b');
    await channel.queue(q, { passive: true });
    channel.send('basic.ack', { deliveryTag: 2, multiple: true });
    await channel.receive(2);
    await channel.queue(q, { passive: true });
  }),
  script('a prefetch size is not implemented', async (player) => {
    await (await player.channel()).call('basic.qos', { prefetchSize: 1000 });
  }),
  script('a queue with a consumer is refused to an exclusive one', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'a');
    await channel.consume(q, 'b', { exclusive: true });
  }),
  script('a queue with an exclusive consumer is refused to another', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'a', { exclusive: true });
    await channel.consume(q, 'b');
  }),
  script('a consumer is told when its queue is deleted', async (player) => {
    const connection = await player.connection();
    const one = await connection.channel();
    const two = await connection.channel();
    await one.queue(q);
    await one.consume(q, 'tag');
    await two.call('queue.delete', { queue: q });
    await one.receive();
  }),
  script('a consumer without the capability is not told', async (player) => {
    const connection = await player.connection({ capabilities: {} });
    const one = await connection.channel();
    const two = await connection.channel();
    await one.queue(q);
    await one.consume(q, 'tag');
    await two.call('queue.delete', { queue: q });
    await one.settle();
  }),
  script('an auto-delete queue goes with its last consumer', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { autoDelete: true });
    await channel.consume(q, 'a');
    await channel.consume(q, 'b');
    await channel.call('basic.cancel', { consumerTag: 'a' });
    await channel.queue(q, { passive: true });
    await channel.call('basic.cancel', { consumerTag: 'b' });
    await channel.queue(q, { passive: true });
  }),
  ...['queue.declare', 'queue.delete', 'queue.purge', 'queue.bind', 'basic.consume', 'basic.get'].map(
    (method) =>
      script(`${method} of another connection's exclusive queue is refused`, async (player) => {
        const owner = await player.channel();
        const other = await player.channel();
        await owner.queue(q, { exclusive: true });
        await other.call(method, { queue: q, exchange: 'amq.fanout', passive: true });
      }),
  ),
  script('an exclusive queue goes with its connection', async (player) => {
    const owner = await player.channel();
    const other = await player.channel();
    await owner.queue(q, { exclusive: true, durable: true });
    await owner.connection.close();
    await other.queue(q, { passive: true });
  }),
  script('channel.flow is answered where it is active', async (player) => {
    await (await player.channel()).call('channel.flow', { active: true });
  }),
  script('channel.flow is not implemented where it is not active', async (player) => {
    await (await player.channel()).call('channel.flow', { active: false });
  }),
  script('an x-priority that is not a number is refused', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'tag', { arguments: { 'x-priority': 'high' } });
  }),
];

export const consumeScripts: Script[] = [...settling, ...consuming];

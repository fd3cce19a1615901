// Credit and order among consumers: prefetch that changes, priorities, what is requeued and recovered.
import type { PlayedChannel } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.credit';

function publishAll(channel: PlayedChannel, ...bodies: string[]): void {
  for (const body of bodies) channel.publish('', q, body);
}

async function withQueue(channel: PlayedChannel, ...bodies: string[]): Promise<void> {
  await channel.queue(q);
  publishAll(channel, ...bodies);
  await channel.connection.player.untilReady(q, bodies.length);
}

async function drain(channel: PlayedChannel): Promise<void> {
  while ((await channel.get(q)).name === 'basic.get-ok');
}

const prefetch: Script[] = [
  script('a prefetch for each consumer that changes leaves those that are there alone', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c', 'd', 'e', 'f');
    await channel.call('basic.qos', { prefetchCount: 1 });
    await channel.consume(q, 'one');
    await channel.receive();
    await channel.call('basic.qos', { prefetchCount: 3 });
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.receive();
    await channel.consume(q, 'three');
    await channel.receive(3);
  }),
  script('a prefetch for the channel that grows lets deliveries go on', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c', 'd', 'e');
    await channel.call('basic.qos', { prefetchCount: 1, global: true });
    await channel.consume(q, 'tag');
    await channel.receive();
    await channel.call('basic.qos', { prefetchCount: 3, global: true });
    await channel.receive(2);
    await channel.call('basic.qos', { prefetchCount: 0, global: true });
    await channel.receive(2);
  }),
  script('a prefetch for the channel that shrinks waits for acks', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c', 'd', 'e');
    await channel.call('basic.qos', { prefetchCount: 3, global: true });
    await channel.consume(q, 'tag');
    await channel.receive(3);
    await channel.call('basic.qos', { prefetchCount: 1, global: true });
    channel.send('basic.ack', { deliveryTag: 2, multiple: true });
    await channel.settle();
    channel.send('basic.ack', { deliveryTag: 3 });
    await channel.receive();
  }),
  script('both kinds of prefetch hold together', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c', 'd', 'e', 'f');
    await channel.call('basic.qos', { prefetchCount: 2 });
    await channel.call('basic.qos', { prefetchCount: 3, global: true });
    await channel.consume(q, 'one');
    await channel.receive(2);
    await channel.consume(q, 'two');
    await channel.receive(1);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.receive(1);
  }),
  script('a requeue and a reject give credit back', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c');
    await channel.call('basic.qos', { prefetchCount: 1 });
    await channel.consume(q, 'tag');
    await channel.receive();
    channel.send('basic.reject', { deliveryTag: 1, requeue: true });
    await channel.receive();
    channel.send('basic.nack', { deliveryTag: 2, requeue: false });
    await channel.receive();
    channel.send('basic.ack', { deliveryTag: 0, multiple: true });
    await channel.receive();
  }),
  script('a consumer without acks takes no credit from the channel', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c');
    await channel.call('basic.qos', { prefetchCount: 1, global: true });
    await channel.consume(q, 'tag', { noAck: true });
    await channel.receive(3);
  }),
  script('a prefetch that is as large as it can be', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b');
    await channel.call('basic.qos', { prefetchCount: 65_535 });
    await channel.consume(q, 'tag');
    await channel.receive(2);
  }),
];

const priorities: Script[] = [
  script('what a consumer of the higher priority requeues comes back to it', async (player) => {
    const channel = await player.channel();
    await withQueue(channel);
    await channel.call('basic.qos', { prefetchCount: 1 });
    await channel.consume(q, 'low', { arguments: { 'x-priority': -1 } });
    await channel.consume(q, 'high', { arguments: { 'x-priority': 10 } });
    publishAll(channel, 'a');
    await channel.receive();
    channel.send('basic.reject', { deliveryTag: 1, requeue: true });
    await channel.receive();
    publishAll(channel, 'b');
    await channel.receive();
    channel.send('basic.nack', { deliveryTag: 2, requeue: true });
    await channel.receive();
  }),
  script('consumers of one priority take turns, and the lower get what they leave', async (player) => {
    const channel = await player.channel();
    await withQueue(channel);
    await channel.call('basic.qos', { prefetchCount: 2 });
    for (const [tag, priority] of [
      ['low', 0],
      ['one', 5],
      ['two', 5],
    ] as const) {
      await channel.consume(q, tag, { arguments: { 'x-priority': priority } });
    }
    publishAll(channel, 'a', 'b', 'c', 'd', 'e', 'f', 'g');
    await channel.receive(6);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.receive(1);
  }),
  script('when the consumer of the highest priority goes, the next gets what it had', async (player) => {
    const connection = await player.connection();
    const [high, low] = [await connection.channel(), await connection.channel()];
    await withQueue(high);
    await high.consume(q, 'high', { arguments: { 'x-priority': 2 } });
    await low.consume(q, 'low', { arguments: { 'x-priority': 1 } });
    publishAll(high, 'a', 'b', 'c');
    await high.receive(3);
    await high.call('channel.close', { replyCode: 200 });
    await low.receive(3);
  }),
];

const recovery: Script[] = [
  script('recover gives what was got and what was delivered back in order', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c', 'd');
    await channel.get(q, false);
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.get(q, false);
    await channel.call('basic.recover', { requeue: true });
    await drain(channel);
  }),
  script('recover with nothing unacked', async (player) => {
    const channel = await player.channel();
    await channel.call('basic.recover', { requeue: true });
    await channel.call('basic.recover', { requeue: true });
  }),
  script('recover-async is not answered', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b');
    await channel.get(q, false);
    channel.send('basic.recover-async', { requeue: true });
    await channel.settle();
    await drain(channel);
  }),
  script('recover-async without requeue is not implemented', async (player) => {
    const channel = await player.channel();
    channel.send('basic.recover-async', { requeue: false });
    await channel.closed();
  }),
  script('a tag from before recover is unknown', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a');
    await channel.get(q, false);
    await channel.call('basic.recover', { requeue: true });
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.settle();
  }),
  script('recover of deliveries to a consumer with a prefetch', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c');
    await channel.call('basic.qos', { prefetchCount: 2 });
    await channel.consume(q, 'tag');
    await channel.receive(2);
    await channel.call('basic.recover', { requeue: true });
    await channel.receive(2);
    channel.send('basic.ack', { deliveryTag: 0, multiple: true });
    await channel.receive(1);
  }),
  script('what is requeued out of order comes back in order', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c', 'd', 'e');
    for (let count = 0; count < 4; count += 1) await channel.get(q, false);
    for (const deliveryTag of [3, 1]) channel.send('basic.reject', { deliveryTag, requeue: true });
    await channel.settle();
    channel.send('basic.nack', { deliveryTag: 0, multiple: true, requeue: true });
    await channel.settle();
    await drain(channel);
  }),
  script('tags of consumers and of get are counted together', async (player) => {
    const channel = await player.channel();
    await withQueue(channel, 'a', 'b', 'c');
    await channel.get(q, true);
    await channel.get(q, false);
    await channel.consume(q, 'tag', { noAck: true });
    await channel.receive(1);
    publishAll(channel, 'd');
    await channel.receive(1);
    channel.send('basic.ack', { deliveryTag: 4, multiple: true });
    await channel.settle();
  }),
];

export const creditScripts: Script[] = [...prefetch, ...priorities, ...recovery];

// Quorum queues: their limits, their consumers and what is published to them.
import { declared, filled, q, showDead } from './quorum-queue.js';
import { type Script, script } from './script.js';

const limits: Script[] = [
  script('a quorum queue drops at the head what is over its length', async (player) => {
    const channel = await declared(player, { 'x-max-length': 2 });
    for (const body of 'abcd') channel.publish('', q, body);
    await showDead(player, channel, 2);
    await channel.get(q);
  }),
  script('a quorum queue drops at the head what is over its length in bytes', async (player) => {
    const channel = await declared(player, { 'x-max-length-bytes': 10 });
    for (const body of ['12345', '6789', 'abcdef']) {
      channel.publish('', q, body);
      await channel.settle();
    }
    await showDead(player, channel, 1);
  }),
  script('what is unacked does not count against the length of a quorum queue', async (player) => {
    const channel = await filled(player, 'ab', { 'x-max-length': 2 });
    await channel.get(q, false);
    await channel.get(q, false);
    for (const body of 'cde') channel.publish('', q, body);
    await showDead(player, channel, 1);
  }),
  script('what comes back over the length of a quorum queue is dropped first', async (player) => {
    const channel = await filled(player, 'ab', { 'x-max-length': 2 });
    await channel.get(q, false);
    channel.publish('', q, 'c');
    await player.untilReady(q, 2);
    channel.send('basic.nack', { deliveryTag: 1, requeue: true });
    await showDead(player, channel, 1);
    await channel.get(q);
  }),
  script('a quorum queue of no length keeps nothing but what is waited for', async (player) => {
    const channel = await declared(player, { 'x-max-length': 0 });
    await channel.consume(q, 'tag', { noAck: true });
    channel.publish('', q, 'somebody waits');
    await channel.receive();
  }),
  ...[1, 10].map((length) =>
    script(
      `a quorum queue refuses what is over its length of ${length} until it is well below`,
      async (player) => {
        const channel = await declared(player, { 'x-max-length': length, 'x-overflow': 'reject-publish' });
        await channel.call('confirm.select');
        const publish = async (): Promise<void> => {
          channel.publish('', q, 'x');
          await channel.receive();
        };
        for (let index = 0; index < length + 3; index += 1) await publish();
        for (let index = 0; index < 4; index += 1) {
          await channel.get(q);
          await publish();
        }
      },
    ),
  ),
  script('a quorum queue that is no longer over its length refuses none the less', async (player) => {
    const channel = await declared(player, { 'x-max-length': 10, 'x-overflow': 'reject-publish' });
    await channel.call('confirm.select');
    for (let index = 0; index < 11; index += 1) {
      channel.publish('', q, 'x');
      await channel.receive();
    }
    for (let index = 0; index < 4; index += 1) {
      await channel.get(q);
      channel.publish('', q, 'y');
      await channel.receive();
    }
  }),
  script('a quorum queue drops at the head where reject-publish-dlx is asked for', async (player) => {
    const channel = await declared(player, { 'x-max-length': 1, 'x-overflow': 'reject-publish-dlx' });
    await channel.call('confirm.select');
    for (const body of 'ab') {
      channel.publish('', q, body);
      await channel.receive();
    }
    await showDead(player, channel, 1);
    await channel.get(q);
  }),
  script('a message of a quorum queue outlives neither its own time nor the queue’s', async (player) => {
    const channel = await declared(player, { 'x-message-ttl': 20 });
    channel.publish('', q, 'queue', { expiration: '100000' });
    await showDead(player, channel, 1);
    channel.publish('', q, 'own', { expiration: '1' });
    await showDead(player, channel, 1);
  }),
  script('a quorum queue that nobody uses expires', async (player) => {
    await declared(player, { 'x-expires': 50 });
    await player.untilGone(q);
  }),
];

const consumers: Script[] = [
  script('a channel with a prefetch of its own may not consume from a quorum queue', async (player) => {
    const channel = await declared(player);
    await channel.call('basic.qos', { prefetchCount: 5, global: true });
    await channel.consume(q, 'tag');
  }),
  script('a channel whose own prefetch is no limit may consume from a quorum queue', async (player) => {
    const channel = await declared(player);
    await channel.call('basic.qos', { prefetchCount: 5, global: true });
    await channel.call('basic.qos', { prefetchCount: 0, global: true });
    await channel.consume(q, 'tag');
  }),
  script('a channel with a prefetch of its own may get from a quorum queue', async (player) => {
    const channel = await filled(player, 'a');
    await channel.call('basic.qos', { prefetchCount: 5, global: true });
    await channel.get(q);
  }),
  script('a quorum queue takes no notice of exclusive consumers', async (player) => {
    const channel = await declared(player);
    await channel.consume(q, 'one', { exclusive: true });
    await channel.consume(q, 'two');
    await channel.consume(q, 'three', { exclusive: true });
  }),
  script('get from a quorum queue with a single active consumer is refused', async (player) => {
    const channel = await filled(player, 'a', { 'x-single-active-consumer': true });
    await channel.get(q);
  }),
  script(
    'a single active consumer of a quorum queue may be exclusive, and the next takes over',
    async (player) => {
      const channel = await declared(player, { 'x-single-active-consumer': true });
      await channel.consume(q, 'one', { exclusive: true, noAck: true });
      await channel.consume(q, 'two', { noAck: true });
      channel.publish('', q, 'a');
      await channel.receive();
      await channel.call('basic.cancel', { consumerTag: 'one' });
      channel.publish('', q, 'b');
      await channel.receive();
    },
  ),
  script('the consumer of the higher priority comes first at a quorum queue', async (player) => {
    const channel = await declared(player);
    await channel.call('basic.qos', { prefetchCount: 2 });
    await channel.consume(q, 'low');
    await channel.consume(q, 'high', { arguments: { 'x-priority': 10 } });
    for (let index = 1; index <= 4; index += 1) {
      channel.publish('', q, `message ${index}`);
      await channel.receive();
    }
  }),
  script('a cancelled consumer counts as long as it has messages unacked', async (player) => {
    const channel = await declared(player);
    await channel.consume(q, 'tag');
    channel.publish('', q, 'a');
    await channel.receive();
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    await channel.queue(q, { passive: true });
  }),
  script('a message that was fetched counts as a consumer as long as it is unacked', async (player) => {
    const channel = await filled(player, 'ab');
    await channel.get(q, false);
    await channel.get(q, false);
    await channel.queue(q, { passive: true });
  }),
  script('a quorum queue keeps to the prefetch of each consumer', async (player) => {
    const channel = await filled(player, 'abcd');
    await channel.call('basic.qos', { prefetchCount: 2 });
    await channel.consume(q, 'tag');
    await channel.receive(2);
    channel.send('basic.ack', { deliveryTag: 2, multiple: true });
    await channel.receive(2);
  }),
  script('a publish to a quorum queue is confirmed, and returned where there is none', async (player) => {
    const channel = await declared(player);
    await channel.call('confirm.select');
    channel.publish('', q, 'x', { deliveryMode: 1 }, { mandatory: true });
    await channel.receive();
    channel.publish('', `${q}.absent`, 'x', {}, { mandatory: true });
    await channel.receive(2);
  }),
  script('a transaction on a quorum queue is not supported any worse than on another', async (player) => {
    const channel = await filled(player, 'ab');
    await channel.call('tx.select');
    await channel.get(q, false);
    channel.publish('', q, 'c');
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('tx.commit');
    await player.untilReady(q, 2);
    await channel.get(q);
    await channel.get(q);
  }),
];

export const quorumLimitScripts: Script[] = [...limits, ...consumers];

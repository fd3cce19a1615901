// What happens to the messages of a queue: who is next, what limits do to priorities, what outlives a purge.
import type { FieldTable } from '../wire/field-table.js';
import type { PlayedChannel, Player } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.waiting';
const dead = 'warren.diff.waiting.dead';

async function declared(player: Player, args: FieldTable = {}): Promise<PlayedChannel> {
  const channel = await player.channel();
  await channel.queue(dead);
  const letters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead };
  await channel.queue(q, { arguments: { ...letters, ...args } });
  return channel;
}

async function drained(channel: PlayedChannel, queue: string): Promise<void> {
  while ((await channel.get(queue)).name === 'basic.get-ok');
}

const single = { 'x-single-active-consumer': true };

const active: Script[] = [
  script(
    'of a single active consumer’s rivals the one of the highest priority takes over',
    async (player) => {
      const channel = await declared(player, single);
      for (const [tag, priority] of [
        ['one', 0],
        ['two', 0],
        ['high', 5],
        ['higher', 6],
        ['as high', 6],
      ] as const) {
        await channel.consume(q, tag, { noAck: true, arguments: { 'x-priority': priority } });
      }
      for (const consumerTag of ['one', 'higher', 'as high', 'high']) {
        channel.publish('', q, 'x');
        await channel.receive();
        await channel.call('basic.cancel', { consumerTag });
      }
      channel.publish('', q, 'x');
      await channel.receive();
    },
  ),
  script(
    'a single active consumer that is cancelled keeps its messages, and the next one serves',
    async (player) => {
      const channel = await declared(player, single);
      await channel.consume(q, 'one');
      await channel.consume(q, 'two');
      channel.publish('', q, 'a');
      await channel.receive();
      await channel.call('basic.cancel', { consumerTag: 'one' });
      channel.publish('', q, 'b');
      await channel.receive();
      channel.send('basic.nack', { deliveryTag: 1, requeue: true });
      await channel.receive();
    },
  ),
  script('a single active consumer without credit is waited for', async (player) => {
    const channel = await declared(player, single);
    await channel.call('basic.qos', { prefetchCount: 1 });
    await channel.consume(q, 'one');
    await channel.consume(q, 'two');
    for (const body of 'ab') channel.publish('', q, body);
    await channel.receive();
    await channel.settle();
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.receive();
  }),
  script('a queue with a single active consumer counts all of them, and lets others get', async (player) => {
    const channel = await declared(player, single);
    await channel.call('basic.qos', { prefetchCount: 1 });
    await channel.consume(q, 'one');
    await channel.consume(q, 'two');
    for (const body of 'ab') channel.publish('', q, body);
    await channel.receive();
    await channel.get(q);
    await channel.queue(q, { passive: true });
  }),
  script('an exclusive consumer makes room when it is cancelled', async (player) => {
    const channel = await declared(player);
    await channel.consume(q, 'one', { exclusive: true });
    await channel.call('basic.cancel', { consumerTag: 'one' });
    await channel.consume(q, 'two', { exclusive: true });
    await channel.call('basic.cancel', { consumerTag: 'two' });
    await channel.consume(q, 'three');
    await channel.consume(q, 'four', { exclusive: true });
  }),
  script('an exclusive consumer makes room when its connection ends', async (player) => {
    const channel = await declared(player);
    const connection = await player.connection();
    await (await connection.channel()).consume(q, 'one', { exclusive: true });
    await connection.close();
    await channel.consume(q, 'two', { exclusive: true });
  }),
];

const limits: Script[] = [
  script('what is over the length of a queue with priorities is dropped from the highest', async (player) => {
    const channel = await declared(player, { 'x-max-length': 2, 'x-max-priority': 5 });
    for (const priority of [1, 5, 3, 2]) {
      channel.publish('', q, `priority ${priority}`, { priority });
      await channel.settle();
    }
    await player.untilReady(dead, 2);
    await drained(channel, dead);
    await drained(channel, q);
  }),
  script('a message of a low priority expires behind those of a high one', async (player) => {
    const channel = await declared(player, { 'x-max-priority': 5 });
    channel.publish('', q, 'high', { priority: 5 });
    channel.publish('', q, 'low', { priority: 1, expiration: '10' });
    await player.untilReady(dead, 1);
    await drained(channel, dead);
    await drained(channel, q);
  }),
  script('a message that expires behind one that does not is hidden', async (player) => {
    const channel = await declared(player);
    channel.publish('', q, 'lasting');
    channel.publish('', q, 'brief', { expiration: '1' });
    channel.publish('', `${dead}`, 'passes the time', { expiration: '40' });
    await player.untilReady(dead, 1);
    await player.untilReady(dead, 0);
    await channel.queue(q, { passive: true });
    await channel.get(q);
    await player.untilReady(dead, 1);
    await drained(channel, dead);
  }),
  script('what comes back with a queue’s time to live of zero is dead', async (player) => {
    const channel = await declared(player, { 'x-message-ttl': 0 });
    await channel.consume(q, 'tag');
    channel.publish('', q, 'x');
    await channel.receive();
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    channel.send('basic.nack', { deliveryTag: 1, requeue: true });
    await player.untilReady(dead, 1);
    await drained(channel, dead);
  }),
  script('a message of no time to live is dead-lettered if nobody waits', async (player) => {
    const channel = await declared(player);
    channel.publish('', q, 'x', { expiration: '0' });
    await player.untilReady(dead, 1);
    await drained(channel, dead);
  }),
  script('many that are dropped at the head are dead-lettered in order', async (player) => {
    const channel = await declared(player, { 'x-max-length': 3 });
    for (let index = 0; index < 10; index += 1) channel.publish('', q, `message ${index}`);
    await player.untilReady(dead, 7);
    await drained(channel, dead);
    await drained(channel, q);
  }),
  script('what comes back over the length is dropped at the head', async (player) => {
    const channel = await declared(player, { 'x-max-length': 2 });
    for (const body of 'ab') channel.publish('', q, body);
    await player.untilReady(q, 2);
    await channel.get(q, false);
    channel.publish('', q, 'c');
    await player.untilReady(q, 2);
    channel.send('basic.nack', { deliveryTag: 1, requeue: true });
    await player.untilReady(dead, 1);
    await drained(channel, dead);
    await drained(channel, q);
  }),
  script('what is unacked takes no room in a queue that refuses', async (player) => {
    const channel = await declared(player, { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
    await channel.call('confirm.select');
    channel.publish('', q, 'a');
    await channel.receive();
    await channel.get(q, false);
    channel.publish('', q, 'b');
    await channel.receive();
    channel.send('basic.nack', { deliveryTag: 1, requeue: true });
    await player.untilReady(q, 2);
    channel.publish('', q, 'c');
    await channel.receive();
    await drained(channel, q);
  }),
];

const ends: Script[] = [
  script('a purge leaves what is unacked, which may come back', async (player) => {
    const channel = await declared(player);
    for (const body of 'abc') channel.publish('', q, body);
    await player.untilReady(q, 3);
    await channel.get(q, false);
    await channel.call('queue.purge', { queue: q });
    channel.send('basic.nack', { deliveryTag: 1, requeue: true });
    await player.untilReady(q, 1);
    await drained(channel, q);
  }),
  script(
    'what is unacked of a deleted queue is settled all the same, and dead-lettered nowhere',
    async (player) => {
      const channel = await declared(player);
      for (const body of 'abc') channel.publish('', q, body);
      await player.untilReady(q, 3);
      for (let index = 0; index < 3; index += 1) await channel.get(q, false);
      await channel.call('queue.delete', { queue: q });
      channel.send('basic.ack', { deliveryTag: 1 });
      channel.send('basic.nack', { deliveryTag: 2, requeue: true });
      channel.send('basic.reject', { deliveryTag: 3 });
      await channel.settle();
      await channel.queue(dead, { passive: true });
    },
  ),
  script('an auto-delete queue that never had a consumer stays', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { autoDelete: true });
    channel.publish('', q, 'x');
    await channel.get(q);
    await channel.queue(q, { autoDelete: true });
  }),
  script(
    'an auto-delete queue goes with its last consumer’s connection, and what was unacked',
    async (player) => {
      const channel = await player.channel();
      await channel.queue(q, { autoDelete: true });
      const connection = await player.connection();
      const consumer = await connection.channel();
      await consumer.consume(q, 'tag');
      channel.publish('', q, 'x');
      await consumer.receive();
      connection.client.destroy();
      await player.untilGone(q);
      await channel.queue(q, { passive: true });
    },
  ),
  script('what several consumers held comes back in order', async (player) => {
    const channel = await declared(player);
    const holder = await player.connection();
    const one = await holder.channel();
    await one.call('basic.qos', { prefetchCount: 2 });
    await one.consume(q, 'one');
    await one.consume(q, 'two');
    for (const body of 'abcdef') channel.publish('', q, body);
    await one.receive(4);
    await one.call('channel.close', { replyCode: 200 });
    await player.untilReady(q, 6);
    await drained(channel, q);
  }),
  ...(['a consumer', 'basic.get', 'a redeclaration'] as const).map((use) =>
    script(`a queue does not expire as long as it is used by ${use}`, async (player) => {
      const channel = await player.channel();
      const args = { 'x-expires': 1_500 };
      await channel.queue(q, { arguments: args });
      await channel.queue(dead, { arguments: { 'x-message-ttl': 600 } });
      if (use === 'a consumer') await channel.consume(q, 'tag');
      for (let time = 1; time <= 3; time += 1) {
        channel.publish('', dead, 'passes the time');
        await player.untilReady(dead, 1);
        await player.untilReady(dead, 0);
        if (use === 'basic.get') await channel.get(q);
        if (use === 'a redeclaration') await channel.queue(q, { arguments: args });
      }
      channel.publish('', q, 'x', {}, { mandatory: true });
      await channel.settle();
      if (use === 'a consumer') await channel.call('basic.cancel', { consumerTag: 'tag' });
      await player.untilGone(q);
      await channel.get(q);
    }),
  ),
];

export const waitingScripts: Script[] = [...active, ...limits, ...ends];

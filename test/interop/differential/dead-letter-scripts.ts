// Time to live, expiry, and what becomes of a message that is dead.
import type { MethodArguments } from '../wire/method-table.js';
import type { PlayedChannel, Player } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.living';
const dead = 'warren.diff.dead';

async function deadLettered(player: Player, args: MethodArguments = {}): Promise<PlayedChannel> {
  const channel = await player.channel();
  await channel.exchange('warren.diff.dlx', 'topic');
  await channel.queue(dead);
  await channel.bind(dead, 'warren.diff.dlx', '#');
  await channel.queue(q, { arguments: { 'x-dead-letter-exchange': 'warren.diff.dlx', ...args } });
  return channel;
}

async function showDead(player: Player, channel: PlayedChannel, count: number): Promise<void> {
  await player.untilReady(dead, count);
  for (let index = 0; index < count; index += 1) await channel.get(dead);
  await channel.get(dead);
}

const rejected: Script[] = [
  script('a rejected message is dead-lettered with its history', async (player) => {
    const channel = await deadLettered(player);
    channel.publish('', q, 'rejected', {
      messageId: 'm',
      deliveryMode: 2,
      headers: { mine: 1 },
      priority: 3,
    });
    await channel.get(q, false);
    channel.send('basic.reject', { deliveryTag: 1 });
    channel.publish('', q, 'nacked');
    await channel.get(q, false);
    channel.send('basic.nack', { deliveryTag: 2 });
    await showDead(player, channel, 2);
  }),
  script('a dead letter takes the routing key that the queue names', async (player) => {
    const channel = await deadLettered(player, { 'x-dead-letter-routing-key': 'other.key' });
    channel.publish('amq.direct', 'nobody', 'x');
    await channel.bind(q, 'amq.direct', 'k');
    channel.publish('amq.direct', 'k', 'x', { headers: { CC: ['cc.key'] } });
    await channel.get(q, false);
    channel.send('basic.reject', { deliveryTag: 1 });
    await showDead(player, channel, 1);
  }),
  script('a dead letter keeps its CC where the queue names no routing key', async (player) => {
    const channel = await deadLettered(player);
    await channel.bind(q, 'amq.direct', 'k');
    channel.publish('amq.direct', 'k', 'x', { headers: { CC: ['cc.key'], BCC: ['bcc.key'] } });
    await channel.get(q, false);
    channel.send('basic.reject', { deliveryTag: 1 });
    await showDead(player, channel, 1);
  }),
  script('a dead letter dropped for want of its exchange is just gone', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-dead-letter-exchange': 'warren.diff.absent' } });
    channel.publish('', q, 'x');
    await channel.get(q, false);
    channel.send('basic.reject', { deliveryTag: 1 });
    await channel.queue(q, { passive: true });
  }),
  script('a message rejected round after round counts in its x-death', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead },
    });
    await channel.queue(dead, {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': q },
    });
    channel.publish('', q, 'round');
    await channel.consume(q, 'living');
    await channel.consume(dead, 'dead');
    for (let tag = 1; tag <= 4; tag += 1) {
      await channel.receive();
      channel.send('basic.reject', { deliveryTag: tag });
    }
    await channel.receive();
  }),
  script('many rejected at once are dead-lettered in order', async (player) => {
    const channel = await deadLettered(player);
    for (let index = 0; index < 5; index += 1) channel.publish('', q, `message ${index}`);
    for (let index = 0; index < 5; index += 1) await channel.get(q, false);
    channel.send('basic.nack', { deliveryTag: 5, multiple: true });
    await showDead(player, channel, 5);
  }),
  script('a purged queue dead-letters nothing', async (player) => {
    const channel = await deadLettered(player);
    channel.publish('', q, 'x');
    await channel.call('queue.purge', { queue: q });
    await channel.queue(dead, { passive: true });
  }),
  script('a deleted queue dead-letters nothing', async (player) => {
    const channel = await deadLettered(player);
    channel.publish('', q, 'x');
    await channel.call('queue.delete', { queue: q });
    await channel.queue(dead, { passive: true });
  }),
];

const expired: Script[] = [
  script('a message past its queue TTL is dead-lettered', async (player) => {
    const channel = await deadLettered(player, { 'x-message-ttl': 20 });
    channel.publish('', q, 'late', { messageId: 'm' });
    channel.publish('', q, 'later', { expiration: '100000' });
    await showDead(player, channel, 2);
  }),
  script('a message past its own expiration is dead-lettered without it', async (player) => {
    const channel = await deadLettered(player);
    channel.publish('', q, 'late', { expiration: '20', headers: { mine: true } });
    await showDead(player, channel, 1);
  }),
  script('the shorter of two times to live counts', async (player) => {
    const channel = await deadLettered(player, { 'x-message-ttl': 100_000 });
    channel.publish('', q, 'late', { expiration: '20' });
    await showDead(player, channel, 1);
  }),
  script('a message with a time to live of zero is delivered to a waiting consumer', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-message-ttl': 0 } });
    await channel.consume(q, 'tag', { noAck: true });
    channel.publish('', q, 'at once');
    await channel.receive();
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    channel.publish('', q, 'nobody waits');
    await channel.get(q);
  }),
  script(
    'a message that expires goes round and is dead-lettered again, but not in an idle cycle',
    async (player) => {
      const channel = await player.channel();
      await channel.queue(q, {
        arguments: { 'x-message-ttl': 10, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead },
      });
      await channel.queue(dead, {
        arguments: { 'x-message-ttl': 10, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': q },
      });
      channel.publish('', q, 'idle');
      await player.untilReady(q, 0);
      await player.untilReady(dead, 0);
      await channel.get(q);
      await channel.get(dead);
    },
  ),
  script('a rejection after an expiry stands first in x-death', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead },
    });
    await channel.queue(dead, {
      arguments: { 'x-message-ttl': 10, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': q },
    });
    await channel.consume(q, 'tag');
    channel.publish('', q, 'retried', { headers: { mine: 'kept' } });
    for (let tag = 1; tag <= 2; tag += 1) {
      await channel.receive();
      channel.send('basic.reject', { deliveryTag: tag });
    }
    await channel.receive();
  }),
  script('a queue that nobody uses expires', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-expires': 30 } });
    await player.untilGone(q);
    await channel.queue(q, { passive: true });
  }),
  script('what is over the length is dropped at the head and dead-lettered', async (player) => {
    const channel = await deadLettered(player, { 'x-max-length': 2 });
    for (let index = 0; index < 4; index += 1) channel.publish('', q, `message ${index}`);
    await showDead(player, channel, 2);
    await channel.get(q);
  }),
  script('what is over the length is refused where reject-publish is asked for', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    await channel.call('confirm.select');
    for (let index = 0; index < 2; index += 1) {
      channel.publish('', q, `message ${index}`);
      await channel.receive();
    }
    await channel.get(q);
    await channel.get(q);
  }),
];

export const deadLetterScripts: Script[] = [...rejected, ...expired];

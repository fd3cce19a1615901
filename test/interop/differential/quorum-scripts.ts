// Quorum queues: how they are declared, and how they count and order what comes back.
import type { FieldTable } from '../wire/field-table.js';
import type { MethodArguments } from '../wire/method-table.js';
import { declared, filled, q, quorum, showDead } from './quorum-queue.js';
import { type Script, script } from './script.js';

function refuses(what: string, values: MethodArguments, args: FieldTable = {}): Script {
  return script(`declaring a quorum queue ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { durable: true, ...values, arguments: { ...quorum, ...args } });
  });
}

const declaring: Script[] = [
  refuses('that is not durable', { durable: false }),
  refuses('that is exclusive', { exclusive: true }),
  refuses('that is auto-delete', { autoDelete: true }),
  refuses('that is none of what it has to be', { durable: false, exclusive: true, autoDelete: true }),
  refuses('that is exclusive and not durable', { durable: false, exclusive: true }),
  refuses('that the server is to name', { queue: '' }),
  refuses('that is not durable, with a wrong argument', { durable: false }, { 'x-message-ttl': -4 }),
  refuses('with a foreign argument and a wrong one', {}, { 'x-message-ttl': -4, 'x-max-priority': 'a' }),
  ...(
    [
      ['another delivery limit', { 'x-delivery-limit': 5 }],
      ['a strategy for dead letters', { 'x-dead-letter-strategy': 'at-most-once' }],
      ['another overflow', { 'x-overflow': 'reject-publish' }],
      ['a foreign argument', { 'x-max-priority': 3 }],
      ['a wrong argument', { 'x-message-ttl': -3 }],
    ] satisfies [string, FieldTable][]
  ).map(([what, args]) =>
    script(`redeclaring a quorum queue with ${what}`, async (player) => {
      const channel = await player.channel();
      await channel.queue(q, { durable: true, arguments: quorum });
      await channel.queue(q, { durable: true, arguments: { ...quorum, ...args } });
    }),
  ),
  script('a classic queue is redeclared as a quorum queue', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { durable: true });
    await channel.queue(q, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  }),
  script('a classic queue is redeclared as one in so many words', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { durable: true });
    await channel.queue(q, { durable: true, arguments: { 'x-queue-type': 'classic' } });
  }),
  ...(['ifEmpty', 'ifUnused'] as const).map((condition) =>
    script(`deleting a quorum queue with ${condition}`, async (player) => {
      const channel = await declared(player);
      await channel.call('queue.delete', { queue: q, [condition]: true });
    }),
  ),
  script('deleting a quorum queue under both conditions', async (player) => {
    const channel = await declared(player);
    await channel.call('queue.delete', { queue: q, ifUnused: true, ifEmpty: true });
  }),
  script('a quorum queue is purged but for what is unacked, and deleted', async (player) => {
    const channel = await filled(player, 'abc');
    await channel.get(q, false);
    await channel.call('queue.purge', { queue: q });
    channel.publish('', q, 'd');
    await player.untilReady(q, 1);
    await channel.call('queue.delete', { queue: q });
    await channel.queue(q, { passive: true });
  }),
  script('consumers of a quorum queue are told of its deletion', async (player) => {
    const channel = await declared(player);
    const consumer = await player.channel();
    await consumer.consume(q, 'tag');
    await channel.call('queue.delete', { queue: q });
    await consumer.receive();
  }),
];

const counting: Script[] = [
  script('a quorum queue counts what basic.get fetched, from the first time on', async (player) => {
    const channel = await declared(player);
    channel.publish('', q, 'counted', { headers: { mine: 1 }, deliveryMode: 1, messageId: 'm' });
    for (const method of ['basic.nack', 'basic.reject', 'basic.nack']) {
      await player.untilReady(q, 1);
      const { arguments: got } = await channel.get(q, false);
      channel.send(method, { deliveryTag: got['deliveryTag'] as number, requeue: true });
    }
    await player.untilReady(q, 1);
    await channel.get(q);
  }),
  script('a quorum queue counts what it delivers, from the second time on', async (player) => {
    const channel = await declared(player);
    await channel.consume(q, 'tag');
    channel.publish('', q, '', { headers: { 'x-delivery-count': 77 } });
    for (let tag = 1; tag <= 3; tag += 1) {
      await channel.receive();
      channel.send('basic.nack', { deliveryTag: tag, requeue: true });
    }
    await channel.receive();
  }),
  script('a large message is counted as well', async (player) => {
    const channel = await declared(player);
    channel.publish('', q, Buffer.alloc(300_000, 'x'));
    await channel.consume(q, 'tag');
    await channel.receive();
    channel.send('basic.nack', { deliveryTag: 1, requeue: true });
    await channel.receive();
  }),
  ...[0, 1, 2].map((limit) =>
    script(`a message that is returned more than ${limit} times is dead-lettered`, async (player) => {
      const channel = await filled(player, 'a', { 'x-delivery-limit': limit });
      await channel.consume(q, 'tag');
      for (let tag = 1; tag <= limit + 1; tag += 1) {
        await channel.receive();
        channel.send('basic.nack', { deliveryTag: tag, requeue: true });
      }
      await showDead(player, channel, 1);
    }),
  ),
  ...(['channel', 'connection', 'socket'] as const).map((what) =>
    script(`the end of a ${what} counts as a return`, async (player) => {
      const channel = await filled(player, 'a', { 'x-delivery-limit': 1 });
      for (let time = 1; time <= 2; time += 1) {
        const connection = await player.connection();
        const consumer = await connection.channel();
        await consumer.consume(q, 'tag');
        await consumer.receive();
        if (what === 'channel') await consumer.call('channel.close', { replyCode: 200 });
        else if (what === 'connection') await connection.close();
        else connection.client.destroy();
      }
      await showDead(player, channel, 1);
    }),
  ),
  script('basic.recover counts as a return', async (player) => {
    const channel = await filled(player, 'ab');
    await channel.get(q, false);
    await channel.get(q, false);
    await channel.call('basic.recover', { requeue: true });
    await player.untilReady(q, 2);
    await channel.get(q);
    await channel.get(q);
  }),
  script('a dead letter does not tell how often it was delivered', async (player) => {
    const channel = await filled(player, 'a');
    await channel.consume(q, 'tag');
    await channel.receive();
    channel.send('basic.reject', { deliveryTag: 1, requeue: true });
    await channel.receive();
    channel.send('basic.reject', { deliveryTag: 2 });
    await showDead(player, channel, 1);
  }),
];

const order: Script[] = [
  script(
    'what is returned to a quorum queue goes to its head, in the order of its return',
    async (player) => {
      const channel = await filled(player, 'abcde');
      for (let index = 0; index < 4; index += 1) await channel.get(q, false);
      for (const [index, deliveryTag] of [3, 1, 2].entries()) {
        channel.send('basic.nack', { deliveryTag, requeue: true });
        await player.untilReady(q, index + 2);
      }
      for (let index = 0; index < 4; index += 1) await channel.get(q);
    },
  ),
  script('what is returned at once to a quorum queue stays in order', async (player) => {
    const channel = await filled(player, 'abcde');
    for (let index = 0; index < 4; index += 1) await channel.get(q, false);
    channel.send('basic.nack', { deliveryTag: 3, requeue: true, multiple: true });
    await player.untilReady(q, 4);
    for (let index = 0; index < 4; index += 1) await channel.get(q);
  }),
];

export const quorumScripts: Script[] = [...declaring, ...counting, ...order];

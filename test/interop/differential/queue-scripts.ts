// Declaring, inspecting and deleting queues.
import type { FieldTable } from '../wire/field-table.js';
import { typed } from '../wire/field-table.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.queue';

function refusesArguments(what: string, args: FieldTable, values: Record<string, boolean> = {}): Script {
  return script(`declaring a queue with ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: args, ...values });
  });
}

function redeclares(what: string, first: FieldTable, second: FieldTable): Script {
  return script(`redeclaring a queue with ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.queue(q, first);
    await channel.queue(q, second);
  });
}

export const queueScripts: Script[] = [
  script('a queue is declared, counted and deleted', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { durable: true });
    await channel.queue(q, { durable: true });
    channel.publish('', q, 'one');
    channel.publish('', q, 'two', { deliveryMode: 2 });
    await player.untilReady(q, 2);
    await channel.queue(q, { passive: true });
    await channel.call('queue.purge', { queue: q });
    channel.publish('', q, 'three');
    await channel.call('queue.delete', { queue: q });
    await channel.call('queue.delete', { queue: q });
  }),
  script('a server names a queue, and the empty name stands for it', async (player) => {
    const channel = await player.channel();
    await channel.queue('', { exclusive: true });
    await channel.bind('', 'amq.fanout');
    channel.publish('amq.fanout', 'x', 'by the empty name');
    await channel.get('');
    await channel.consume('', 'tag');
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    await channel.call('queue.unbind', { queue: '', exchange: 'amq.fanout' });
    await channel.call('queue.purge', { queue: '' });
    await channel.call('queue.delete', { queue: '' });
  }),
  script('the empty queue name is not found by a passive declare', async (player) => {
    const channel = await player.channel();
    await channel.queue('', { exclusive: true });
    await channel.queue('', { passive: true });
  }),
  script('the empty queue name without a declared queue is not found by get', async (player) => {
    await (await player.channel()).get('');
  }),
  script('the empty queue name without a declared queue is not found by consume', async (player) => {
    await (await player.channel()).consume('', 'tag');
  }),
  script('the empty queue name without a declared queue is not found by bind', async (player) => {
    await (await player.channel()).bind('', 'amq.fanout');
  }),
  script('the empty queue name without a declared queue is not found by purge', async (player) => {
    await (await player.channel()).call('queue.purge', { queue: '' });
  }),
  script('the empty queue name without a declared queue is not found by delete', async (player) => {
    await (await player.channel()).call('queue.delete', { queue: '' });
  }),
  script(
    'a binding with the empty queue name and the empty key has the queue name as its key',
    async (player) => {
      const channel = await player.channel();
      await channel.queue(q);
      await channel.bind('', 'amq.direct', '');
      channel.publish('amq.direct', q, 'by name');
      channel.publish('amq.direct', '', 'by the empty key');
      await channel.get(q);
      await channel.get(q);
    },
  ),
  script('a missing queue is not found by a passive declare', async (player) => {
    await (await player.channel()).queue(q, { passive: true });
  }),
  script('a missing queue is not found by get', async (player) => {
    await (await player.channel()).get(q);
  }),
  script('a missing queue is not found by consume', async (player) => {
    await (await player.channel()).consume(q, 'tag');
  }),
  script('a missing queue is not found by purge', async (player) => {
    await (await player.channel()).call('queue.purge', { queue: q });
  }),
  script('a missing queue is not found by bind', async (player) => {
    await (await player.channel()).bind(q, 'amq.fanout');
  }),
  script('unbinding a missing queue', async (player) => {
    await (await player.channel()).call('queue.unbind', { queue: q, exchange: 'amq.fanout' });
  }),
  script('a missing exchange is not found by bind', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.bind(q, 'warren.diff.absent');
  }),
  script('unbinding from a missing exchange', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('queue.unbind', { queue: q, exchange: 'warren.diff.absent' });
  }),
  script('a binding that is not there is unbound all the same', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('queue.unbind', { queue: q, exchange: 'amq.topic', routingKey: 'nothing' });
  }),
  redeclares('another durability', { durable: true }, { durable: false }),
  redeclares('another auto-delete', { autoDelete: true }, { autoDelete: false }),
  redeclares('another exclusivity', { exclusive: true }, { exclusive: false }),
  redeclares('an argument more', {}, { arguments: { 'x-message-ttl': 1000 } }),
  redeclares('an argument less', { arguments: { 'x-message-ttl': 1000 } }, {}),
  redeclares(
    'another argument',
    { arguments: { 'x-message-ttl': 10 } },
    { arguments: { 'x-message-ttl': 20 } },
  ),
  redeclares(
    'the same number in another type',
    { arguments: { 'x-message-ttl': typed('l', 10) } },
    { arguments: { 'x-message-ttl': typed('s', 10) } },
  ),
  redeclares('a foreign argument more', {}, { arguments: { 'x-mine': 'anything' } }),
  redeclares(
    'another dead-letter exchange',
    { arguments: { 'x-dead-letter-exchange': 'a' } },
    { arguments: { 'x-dead-letter-exchange': 'b' } },
  ),
  redeclares('no dead-letter exchange', { arguments: { 'x-dead-letter-exchange': 'a' } }, {}),
  redeclares(
    'a dead-letter routing key more',
    { arguments: { 'x-dead-letter-exchange': 'a' } },
    { arguments: { 'x-dead-letter-exchange': 'a', 'x-dead-letter-routing-key': 'foo' } },
  ),
  redeclares('another queue mode', {}, { arguments: { 'x-queue-mode': 'lazy' } }),
  refusesArguments('a negative message TTL', { 'x-message-ttl': -1 }),
  refusesArguments('a message TTL that is a string', { 'x-message-ttl': '10' }),
  refusesArguments('a message TTL of zero', { 'x-message-ttl': 0 }),
  refusesArguments('a message TTL that is a fraction', { 'x-message-ttl': 1.5 }),
  refusesArguments('a message TTL past the largest timer', { 'x-message-ttl': typed('l', 2 ** 40) }),
  refusesArguments('an expiry of zero', { 'x-expires': 0 }),
  refusesArguments('a negative expiry', { 'x-expires': -5 }),
  refusesArguments('an expiry that is a string', { 'x-expires': 'soon' }),
  refusesArguments('a negative length', { 'x-max-length': -1 }),
  refusesArguments('a length that is a string', { 'x-max-length': 'ten' }),
  refusesArguments('a negative length in bytes', { 'x-max-length-bytes': -1 }),
  refusesArguments('a dead-letter exchange that is a number', { 'x-dead-letter-exchange': 7 }),
  refusesArguments('a dead-letter routing key that is a number', { 'x-dead-letter-routing-key': 7 }),
  refusesArguments('a dead-letter routing key alone', { 'x-dead-letter-routing-key': 'key' }),
  refusesArguments('a dead-letter exchange and a routing key that is a number', {
    'x-dead-letter-exchange': 'amq.fanout',
    'x-dead-letter-routing-key': 7,
  }),
  refusesArguments('a priority over 255', { 'x-max-priority': 260 }),
  refusesArguments('a negative priority', { 'x-max-priority': -1 }),
  refusesArguments('an overflow that is not known', { 'x-overflow': 'explode' }),
  refusesArguments('an overflow that is a number', { 'x-overflow': 5 }),
  refusesArguments('an overflow drop-head', { 'x-overflow': 'drop-head', 'x-max-length': 5 }),
  refusesArguments('an unknown argument', { 'x-nobody-knows': [1, null, { deep: true }] }),
  refusesArguments('a queue mode that is not known', { 'x-queue-mode': 'hasty' }),
  refusesArguments('a queue type that is not known', { 'x-queue-type': 'wonder' }),
  refusesArguments('a queue type that is a number', { 'x-queue-type': 5 }),
  refusesArguments('the type classic', { 'x-queue-type': 'classic' }, { durable: true }),
  refusesArguments('a single active consumer that is a string', { 'x-single-active-consumer': 'yes' }),
  script('a reserved queue name is refused', async (player) => {
    await (await player.channel()).queue('amq.foobar');
  }),
  script('a reserved queue name is not found by a passive declare', async (player) => {
    await (await player.channel()).queue('amq.foobar', { passive: true });
  }),
  script('a queue with messages is not deleted if empty is asked for', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.publish('', q);
    await channel.call('queue.delete', { queue: q, ifEmpty: true });
  }),
  script('a queue with a consumer is not deleted if unused is asked for', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'tag');
    await channel.call('queue.delete', { queue: q, ifUnused: true });
  }),
  script('a no-wait declare, bind, consume and delete are answered with nothing', async (player) => {
    const channel = await player.channel();
    channel.send('queue.declare', { queue: q, noWait: true });
    channel.send('queue.bind', { queue: q, exchange: 'amq.direct', routingKey: 'k', noWait: true });
    channel.send('basic.consume', { queue: q, consumerTag: 'tag', noAck: true, noWait: true });
    channel.publish('amq.direct', 'k', 'through');
    await channel.receive();
    channel.send('basic.cancel', { consumerTag: 'tag', noWait: true });
    channel.send('queue.purge', { queue: q, noWait: true });
    channel.send('queue.delete', { queue: q, noWait: true });
    await channel.queue(q, { passive: true });
  }),
];

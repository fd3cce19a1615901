// What the specification leaves over: methods and arguments that RabbitMQ keeps for old clients, that only a
// broker has a use for, or that mean something in a cluster or with a plugin alone.
import { type FieldTable, typed } from '../wire/field-table.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.left-over';

/** Exchange types of plugins, and of RabbitMQ 4, that RabbitMQ 3.10 does not know by itself. */
const foreignTypes = ['x-delayed-message', 'x-jms-topic', 'x-modulus-hash', 'x-local-random'];

const foreignConsumeArguments: FieldTable[] = [
  { 'x-cancel-on-ha-failover': true },
  { 'x-stream-offset': 'first' },
  { 'x-stream-offset': 'first', 'x-priority': 'high' },
  { 'x-nobody-knows': 1 },
];

export const leftOverScripts: Script[] = [
  script('a header of the type L', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.publish('', q, 'x', { headers: { number: typed('L', -5), list: [typed('L', 5)] } });
    await channel.get(q);
  }),
  script('a header of a type that nobody knows', async (player) => {
    const channel = await player.channel();
    channel.publish('amq.fanout', '', 'x', { headers: { strange: typed('Z', 'value') } });
    await channel.connection.ended();
  }),
  script('an argument of a type that nobody knows', async (player) => {
    const channel = await player.channel();
    channel.send('queue.declare', { queue: q, arguments: { strange: typed('Z', 'value') } });
    await channel.connection.ended();
  }),
  script('access is granted to whoever asks', async (player) => {
    const channel = await player.channel();
    for (const active of [false, true]) {
      await channel.call('access.request', {
        realm: '/data',
        active,
        read: true,
        write: true,
        passive: true,
      });
    }
    await channel.settle();
  }),
  script('a ticket is not looked at', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { reserved1: 17 });
    channel.publish('', q, 'x', {}, { reserved1: 65_535 });
    await channel.call('basic.get', { queue: q, noAck: true, reserved1: 99 });
  }),
  script('flow-ok that nobody asked for', async (player) => {
    const channel = await player.channel();
    channel.send('channel.flow-ok', { active: true });
    await channel.settle();
  }),
  script('cancel-ok that nobody asked for', async (player) => {
    const channel = await player.channel();
    channel.send('basic.cancel-ok', { consumerTag: 'nobody' });
    await channel.settle();
  }),
  script('a consumer that wants nothing of its own connection gets it all the same', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.consume(q, 'tag', { noLocal: true });
    channel.publish('', q, 'mine');
    await channel.receive();
  }),
  ...foreignConsumeArguments.map((args) =>
    script(`a consumer with the arguments ${JSON.stringify(args)}`, async (player) => {
      const channel = await player.channel();
      await channel.queue(q);
      await channel.consume(q, 'tag', { arguments: args });
    }),
  ),
  script('a consumer of a quorum queue with an argument for streams', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await channel.consume(q, 'tag', { arguments: { 'x-stream-offset': 'first' } });
  }),
  script('a publisher that does not say that it knows basic.nack gets it all the same', async (player) => {
    const channel = await player.channel({ capabilities: { publisher_confirms: true } });
    await channel.queue(q, { arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' } });
    await channel.call('confirm.select');
    channel.publish('', q, 'x');
    await channel.receive();
  }),
  ...foreignTypes.map((type) =>
    script(`an exchange of the type ${type}`, async (player) => {
      const channel = await player.channel();
      await channel.exchange(`${q}.exchange`, type, { arguments: { 'x-delayed-type': 'direct' } });
    }),
  ),
  ...['amq.rabbitmq.trace', 'amq.rabbitmq.event', 'amq.rabbitmq.log'].map((exchange) =>
    script(`the exchange ${exchange}, asked for and published to`, async (player) => {
      const channel = await player.channel();
      channel.publish(exchange, 'key', 'x');
      await channel.settle();
      const other = await channel.connection.channel();
      await other.exchange(exchange, 'topic', { passive: true });
    }),
  ),
];

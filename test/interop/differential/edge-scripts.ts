// The edges of the ordinary methods: names, chains, transactions, methods that come in an odd order.
import { type Script, script } from './script.js';

const q = 'warren.diff.edge';
const x = 'warren.diff.edge-exchange';
const long = `warren.${'n'.repeat(248)}`;

const names: Script[] = [
  script('a queue name of 255 bytes works, and a reply text that has it is cut', async (player) => {
    const connection = await player.connection();
    const one = await connection.channel();
    await one.queue(long, { exclusive: true });
    one.publish('', long, 'x');
    await one.get(long);
    const other = await player.channel();
    await other.queue(long, { exclusive: true });
  }),
  script('a missing queue with a name of 255 bytes', async (player) => {
    await (await player.channel()).get(long);
  }),
  script('a name in Unicode', async (player) => {
    const channel = await player.channel();
    await channel.queue('warren.größe.日本', { exclusive: true });
    channel.publish('', 'warren.größe.日本', 'x', {}, { mandatory: true });
    await channel.get('warren.größe.日本');
    await channel.queue('warren.größer', { passive: true });
  }),
  script('a name with quotes and line breaks', async (player) => {
    const channel = await player.channel();
    await channel.queue("warren.'quoted'", { passive: true });
  }),
  script('an exchange that is asked for passively with another type and durability', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout');
    await channel.exchange(x, 'direct', { passive: true, durable: true, internal: true });
  }),
  script('a queue that is asked for passively with other flags and arguments', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { autoDelete: true });
    await channel.queue(q, { passive: true, durable: true, arguments: { 'x-message-ttl': -5 } });
  }),
  script('an exclusive queue is declared again by its own connection on another channel', async (player) => {
    const connection = await player.connection();
    const [one, two] = [await connection.channel(), await connection.channel()];
    await one.queue(q, { exclusive: true });
    await two.queue(q, { exclusive: true });
    two.publish('', q, 'x');
    await two.get(q);
  }),
  script('an empty exchange type', async (player) => {
    await (await player.channel()).exchange(x, '');
  }),
  script('a predeclared exchange is declared with the wrong durability', async (player) => {
    await (await player.channel()).exchange('amq.topic', 'topic', { durable: false });
  }),
  script('an exchange whose alternate is not there is published to', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct', { arguments: { 'alternate-exchange': 'warren.diff.absent' } });
    channel.publish(x, 'k', 'lost', {}, { mandatory: true });
    await channel.receive();
  }),
];

const chains: Script[] = [
  script('alternates form a chain, and a cycle in it does no harm', async (player) => {
    const channel = await player.channel();
    await channel.exchange(`${x}.1`, 'direct', { arguments: { 'alternate-exchange': `${x}.2` } });
    await channel.exchange(`${x}.2`, 'direct', { arguments: { 'alternate-exchange': `${x}.3` } });
    await channel.exchange(`${x}.3`, 'direct', { arguments: { 'alternate-exchange': `${x}.1` } });
    channel.publish(`${x}.1`, 'k', 'lost', {}, { mandatory: true });
    await channel.receive();
    await channel.queue(q);
    await channel.bind(q, `${x}.3`, 'k');
    channel.publish(`${x}.1`, 'k', 'through', {}, { mandatory: true });
    await channel.get(q);
  }),
  script('a binding is there once for each key and arguments', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'headers', { autoDelete: true });
    await channel.queue(q);
    await channel.bind(q, x, 'k', { a: 1 });
    await channel.bind(q, x, 'k', { a: 1 });
    await channel.bind(q, x, 'k', { a: 2 });
    await channel.call('queue.unbind', { queue: q, exchange: x, routingKey: 'k', arguments: { a: 1 } });
    await channel.exchange(x, 'headers', { passive: true });
    await channel.call('queue.unbind', { queue: q, exchange: x, routingKey: 'k', arguments: { a: 2 } });
    await channel.exchange(x, 'headers', { passive: true });
  }),
  script('an exchange that another is bound to is in use', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout');
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.call('exchange.bind', { source: x, destination: `${x}.2` });
    await channel.call('exchange.delete', { exchange: `${x}.2`, ifUnused: true });
    await channel.call('exchange.delete', { exchange: x, ifUnused: true });
  }),
  script('a deleted exchange takes its bindings with it', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout');
    await channel.queue(q);
    await channel.bind(q, x);
    await channel.call('exchange.delete', { exchange: x });
    await channel.exchange(x, 'fanout');
    channel.publish(x, '', 'lost', {}, { mandatory: true });
    await channel.receive();
  }),
  script('a deleted queue takes its bindings with it', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.bind(q, 'amq.direct', 'k');
    await channel.call('queue.delete', { queue: q });
    await channel.queue(q);
    channel.publish('amq.direct', 'k', 'lost', {}, { mandatory: true });
    await channel.receive();
  }),
  script('an internal exchange is reached through another', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout', { internal: true });
    await channel.queue(q);
    await channel.bind(q, x);
    await channel.call('exchange.bind', { source: 'amq.direct', destination: x, routingKey: 'k' });
    channel.publish('amq.direct', 'k', 'through');
    await channel.get(q);
    await channel.call('exchange.unbind', { source: 'amq.direct', destination: x, routingKey: 'k' });
  }),
  script('unbinding exchanges that are not there', async (player) => {
    const channel = await player.channel();
    await channel.call('exchange.unbind', { source: 'warren.diff.absent', destination: 'amq.direct' });
    await channel.call('exchange.unbind', { source: 'amq.direct', destination: 'warren.diff.absent' });
  }),
];

const order: Script[] = [
  script('acks in a transaction take effect with its commit', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    for (const body of ['a', 'b']) channel.publish('', q, body);
    await player.untilReady(q, 2);
    await channel.call('tx.select');
    await channel.get(q, false);
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('tx.rollback');
    channel.send('basic.ack', { deliveryTag: 1 });
    channel.send('basic.nack', { deliveryTag: 2, requeue: true });
    await channel.call('tx.commit');
    await player.untilReady(q, 1);
    await channel.get(q);
  }),
  script('a returned message in a transaction comes with the commit', async (player) => {
    const channel = await player.channel();
    await channel.call('tx.select');
    channel.publish('', 'warren.diff.absent', 'x', {}, { mandatory: true });
    await channel.call('tx.commit');
    await channel.receive();
  }),
  script('a publish to a missing exchange in a transaction closes the channel at once', async (player) => {
    const channel = await player.channel();
    await channel.call('tx.select');
    channel.publish('warren.diff.absent', '', 'x');
    await channel.closed();
  }),
  script('an unknown delivery tag in a transaction closes the channel at once', async (player) => {
    const channel = await player.channel();
    await channel.call('tx.select');
    channel.send('basic.ack', { deliveryTag: 9 });
    await channel.settle();
  }),
  script('a channel is closed and its number used again', async (player) => {
    const connection = await player.connection();
    const channel = await connection.channel(7);
    await channel.call('channel.close', { replyCode: 200 });
    await connection.client.call(7, 'channel.open');
    await connection.client.call(7, 'queue.declare', { queue: q, passive: true });
  }),
  script('a method on a channel that was closed', async (player) => {
    const connection = await player.connection();
    const channel = await connection.channel();
    await channel.call('channel.close', { replyCode: 200 });
    channel.send('queue.declare', { queue: q, passive: true });
    await connection.ended();
  }),
  script('closing a channel that is not open', async (player) => {
    const connection = await player.connection();
    await connection.channel();
    connection.client.send(5, 'channel.close', { replyCode: 200 });
    await connection.ended();
  }),
  script('a secret is renewed', async (player) => {
    const connection = await player.connection();
    await connection.channel();
    await connection.client.call(0, 'connection.update-secret', { newSecret: 'guest', reason: 'rotation' });
  }),
];

export const edgeScripts: Script[] = [...names, ...chains, ...order];

// Exchanges of the type x-consistent-hash: the very queue that each message goes to has to be the same.
import type { Properties } from '../wire/content.js';
import type { FieldTable, FieldValue } from '../wire/field-table.js';
import { typed } from '../wire/field-table.js';
import { type Script, script } from './script.js';
import { bindAll, drain, publishKeys, q, refuses, x } from './typed-exchange.js';

const hashed = 'x-consistent-hash';

function hashes(what: string, args: FieldTable, messages: Properties[]): Script {
  return script(`a consistent hash by ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed, { arguments: args });
    const queues = await bindAll(channel, ['3', '5', '7', '11']);
    for (const [index, properties] of messages.entries()) {
      channel.publish(x, 'the same', `message ${index}`, properties);
    }
    await drain(channel, ...queues);
  });
}

function weighs(weight: string): Script {
  return script(`a consistent hash with the weight ${JSON.stringify(weight)}`, async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed);
    const queues = await bindAll(channel, ['2', weight]);
    publishKeys(channel, 10);
    await drain(channel, ...queues);
  });
}

const fieldValues: FieldValue[] = [
  ...['', 'a', 'eleven chars', 'twelve chars', 'more than twelve characters', 'größe'],
  ...[0, 1, -1, 2 ** 27 - 1, 2 ** 27, -(2 ** 27), -(2 ** 27) - 1, 2 ** 31 - 1, -(2 ** 31)],
  ...[typed('l', 2 ** 40), typed('l', -(2 ** 40)), typed('b', -5), typed('s', -300), typed('B', 200)],
  ...[typed('u', 40_000), typed('i', 3_000_000_000), typed('T', 1_700_000_000)],
  ...[true, false, null, 1.5, -0.25, typed('f', 0.5)],
  ...[{}, { a: 'b', c: { d: 3 } }, [], ['x', 1, [null]]],
];

export const consistentHashScripts: Script[] = [
  script('a consistent hash goes by the routing key', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed);
    const queues = await bindAll(channel, ['1', '2', '10']);
    publishKeys(channel, 100);
    await drain(channel, ...queues);
  }),
  hashes(
    'a header of any type',
    { 'hash-header': 'h' },
    fieldValues.map((h) => ({ headers: { h } })),
  ),
  hashes('a header that is not there', { 'hash-header': 'h' }, [{}, { headers: {} }, { headers: { g: 1 } }]),
  hashes(
    'a message id',
    { 'hash-property': 'message_id' },
    Array.from({ length: 30 }, (_, index) => ({ messageId: `id ${index}` })),
  ),
  hashes(
    'a correlation id',
    { 'hash-property': 'correlation_id' },
    Array.from({ length: 30 }, (_, index) => ({ correlationId: `${index}` })),
  ),
  hashes(
    'a timestamp',
    { 'hash-property': 'timestamp' },
    Array.from({ length: 30 }, (_, index) => ({ timestamp: 1_700_000_000 + index })),
  ),
  hashes('a property that is not there', { 'hash-property': 'timestamp' }, [{}, { messageId: 'x' }]),
  refuses(hashed, 'a header and a property', { 'hash-header': 'h', 'hash-property': 'message_id' }),
  refuses(hashed, 'a property that is none', { 'hash-property': 'app_id' }),
  refuses(hashed, 'a header and a property that is none', { 'hash-header': 'h', 'hash-property': 'app_id' }),
  ...['1', '20', '+3', '007', '0', '-1', '', 'abc', '1.5', ' 1', '1 ', '0x1', 'größe', '"'].map(weighs),
  script('a consistent hash is bound with a key that is no weight, and unbound', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed);
    await channel.queue(q);
    await channel.call('queue.unbind', { queue: q, exchange: x, routingKey: 'none' });
    await channel.bind(q, x, 'none');
  }),
  script('a consistent hash moves few keys as queues come and go', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed);
    const queues = await bindAll(channel, ['2', '3', '4']);
    publishKeys(channel);
    await drain(channel, ...queues);
    await channel.queue(q);
    await channel.bind(q, x, '5');
    publishKeys(channel);
    await drain(channel, ...queues, q);
    await channel.call('queue.unbind', { queue: queues[1] as string, exchange: x, routingKey: '3' });
    publishKeys(channel);
    await drain(channel, ...queues, q);
    await channel.call('queue.delete', { queue: queues[0] as string });
    publishKeys(channel);
    await drain(channel, ...queues.slice(1), q);
  }),
  script('a queue is on the ring once, and leaves it with either of two bindings', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed);
    const queues = await bindAll(channel, ['2', '3']);
    const queue = queues[0] as string;
    await channel.bind(queue, x, '30');
    publishKeys(channel);
    await drain(channel, ...queues);
    await channel.call('queue.unbind', { queue, exchange: x, routingKey: '30' });
    publishKeys(channel);
    await drain(channel, ...queues);
    await channel.bind(queue, x, '2');
    publishKeys(channel);
    await drain(channel, ...queues);
  }),
  script('a consistent hash looks at the first key alone', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed);
    const queues = await bindAll(channel, ['5', '5']);
    for (let key = 0; key < 20; key += 1) {
      channel.publish(x, `${key}`, `${key}`, { headers: { CC: [`${key + 1}`, `${key + 2}`] } });
    }
    await drain(channel, ...queues);
  }),
  script('a consistent hash leads to exchanges, and without bindings to its alternate', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed, { arguments: { 'alternate-exchange': 'amq.fanout' } });
    await channel.queue(q);
    await channel.bind(q, 'amq.fanout');
    channel.publish(x, 'k', 'to the alternate', {}, { mandatory: true });
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.call('exchange.bind', { source: x, destination: `${x}.2`, routingKey: '1' });
    await channel.queue(`${q}.2`);
    await channel.bind(`${q}.2`, `${x}.2`);
    channel.publish(x, 'k', 'to the exchange', {}, { mandatory: true });
    await drain(channel, q, `${q}.2`);
  }),
  script('a consistent hash is declared again with other arguments', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed, { arguments: { 'hash-header': 'h' } });
    await channel.exchange(x, hashed, { arguments: { 'hash-property': 'message_id' } });
    await channel.exchange(x, 'direct');
  }),
  script('dead letters are spread by their message id', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, hashed, { arguments: { 'hash-property': 'message_id' } });
    const queues = await bindAll(channel, ['3', '4']);
    await channel.queue(q, { arguments: { 'x-dead-letter-exchange': x } });
    for (let id = 0; id < 10; id += 1) {
      channel.publish('', q, `${id}`, { messageId: `${id}` });
      await channel.get(q, false);
      channel.send('basic.reject', { deliveryTag: id + 1, requeue: false });
      await channel.settle();
    }
    for (const queue of queues) {
      const counted = await channel.queue(queue, { passive: true });
      await player.untilReady(queue, Number(counted.arguments['messageCount']));
    }
  }),
];

// Exchanges of the types x-random and x-recent-history. Which queue a random exchange chooses is not written down.
import type { FieldTable, FieldValue } from '../wire/field-table.js';
import { typed } from '../wire/field-table.js';
import type { PlayedChannel, Player } from './player.js';
import { type Script, script } from './script.js';
import { bindAll, drain, publishKeys, q, refuses, x } from './typed-exchange.js';

const recent = 'x-recent-history';

/** Gets `count` messages out of queues together, or as many as there are; what is in each is not written down. */
async function total(player: Player, queues: string[], count: number): Promise<number> {
  const { client } = await player.connection();
  const deadline = Date.now() + 5_000;
  let sum = 0;
  await client.call(1, 'channel.open');
  while (sum < count && Date.now() < deadline) {
    for (const queue of queues) {
      while ((await client.call(1, 'basic.get', { queue, noAck: true })).name === 'basic.get-ok') sum += 1;
    }
  }
  client.received.length = 0;
  return sum;
}

const random: Script[] = [
  script('a random exchange gives each message to one queue', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'x-random');
    const queues = await bindAll(channel, ['', 'any', 'key']);
    for (let key = 0; key < 50; key += 1) {
      channel.publish(x, `${key}`, 'x', { headers: { CC: ['one', 'two'] } }, { mandatory: true });
    }
    const sum = await total(player, queues, 50);
    await channel.queue(q);
    channel.publish('', q, `${sum} came`);
    await drain(channel, q);
  }),
  script('a random exchange with one queue gives it all', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'x-random');
    const queues = await bindAll(channel, ['key']);
    await channel.bind(queues[0] as string, x, 'again');
    publishKeys(channel, 5);
    await drain(channel, ...queues);
  }),
  script('a random exchange without bindings has its alternate, or returns', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'x-random', { arguments: { 'alternate-exchange': `${x}.2` } });
    channel.publish(x, 'k', 'lost', {}, { mandatory: true });
    await channel.receive();
    await channel.exchange(`${x}.2`, 'x-random');
    await channel.queue(q);
    await channel.bind(q, `${x}.2`);
    channel.publish(x, 'k', 'found', {}, { mandatory: true });
    await drain(channel, q);
  }),
];

function keepsNoMoreThan(what: string, args: FieldTable, published: number): Script {
  return script(`a history of ${what}`, async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, recent, { arguments: args });
    publishKeys(channel, published);
    await channel.queue(q);
    await channel.bind(q, x);
    channel.publish(x, 'later', 'later');
    await drain(channel, q);
  });
}

async function withHistory(player: Player, ...bodies: string[]): Promise<PlayedChannel> {
  const channel = await player.channel();
  await channel.exchange(x, recent);
  for (const [index, body] of bodies.entries()) channel.publish(x, `key ${index}`, body);
  return channel;
}

const recentHistory: Script[] = [
  keepsNoMoreThan('no given length', {}, 25),
  keepsNoMoreThan('three', { 'x-recent-history-length': 3 }, 5),
  keepsNoMoreThan('one', { 'x-recent-history-length': typed('l', 1) }, 5),
  keepsNoMoreThan('many', { 'x-recent-history-length': typed('l', 2 ** 40) }, 30),
  ...(
    [
      ['zero', 0],
      ['minus one', -1],
      ['a string', '3'],
      ['a fraction', 1.5],
      ['a whole float', typed('d', 2)],
      ['an unsigned number', typed('B', 3)],
      ['a boolean', true],
      ['nothing', null],
      ['a list', ['a', 1]],
      ['a table', { a: 1 }],
    ] as Array<[string, FieldValue]>
  ).map(([what, length]) =>
    refuses(recent, `a length that is ${what}`, { 'x-recent-history-length': length }),
  ),
  script('what asks not to be kept is not', async (player) => {
    const channel = await withHistory(player);
    for (const store of [true, false, 'true', 1, null]) {
      const headers = { 'x-recent-history-no-store': store };
      channel.publish(x, 'k', `no-store is ${JSON.stringify(store)}`, { headers });
    }
    await channel.queue(q);
    await channel.bind(q, x);
    await drain(channel, q);
  }),
  script('a history is given to whoever is bound, and again after each binding', async (player) => {
    const channel = await withHistory(player, 'one', 'two');
    await channel.queue(q);
    await channel.bind(q, x, 'k');
    await channel.bind(q, x, 'k');
    await channel.bind(q, x, 'l');
    await channel.call('queue.unbind', { queue: q, exchange: x, routingKey: 'k' });
    await channel.bind(q, x, 'k');
    await drain(channel, q);
    await channel.queue(`${q}.2`);
    await channel.bind(`${q}.2`, x, 'k');
    await drain(channel, `${q}.2`);
  }),
  script('a history keeps properties, headers and CC, but not BCC', async (player) => {
    const channel = await withHistory(player);
    const headers = { CC: ['cc'], BCC: ['bcc'], kept: [1, 'two'] };
    channel.publish(x, 'k', 'body', { headers, messageId: 'id', priority: 3, deliveryMode: 2 });
    channel.publish(x, 'k', '', { expiration: '60000' });
    await channel.queue(q, { durable: true });
    await channel.bind(q, x);
    await drain(channel, q);
  }),
  script('a history goes with its exchange', async (player) => {
    const channel = await withHistory(player, 'one');
    await channel.call('exchange.delete', { exchange: x });
    await channel.exchange(x, recent);
    await channel.queue(q);
    await channel.bind(q, x);
    await drain(channel, q);
  }),
  script('a history is what came by way of other exchanges as well', async (player) => {
    const channel = await withHistory(player);
    await channel.exchange(`${x}.2`, 'direct', { arguments: { 'alternate-exchange': x } });
    await channel.call('exchange.bind', { source: 'amq.direct', destination: x, routingKey: 'k' });
    channel.publish('amq.direct', 'k', 'bound');
    channel.publish(`${x}.2`, 'any', 'not routed');
    await channel.queue(q);
    await channel.bind(q, x);
    await drain(channel, q);
    await channel.call('exchange.unbind', { source: 'amq.direct', destination: x, routingKey: 'k' });
  }),
  script('a history is given to an exchange that leads somewhere', async (player) => {
    const channel = await withHistory(player, 'one', 'two', 'three');
    await channel.queue(q);
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.bind(q, `${x}.2`);
    await channel.call('exchange.bind', { source: x, destination: `${x}.2` });
    await drain(channel, q);
  }),
  script('a history is given to an exchange that leads nowhere', async (player) => {
    const channel = await withHistory(player, 'one');
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.call('exchange.bind', { source: x, destination: `${x}.2` });
  }),
  script('an empty history is given to an exchange that leads nowhere', async (player) => {
    const channel = await withHistory(player);
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.call('exchange.bind', { source: x, destination: `${x}.2` });
  }),
  script('a history is given to a queue that takes but two', async (player) => {
    const channel = await withHistory(player, 'one', 'two', 'three');
    await channel.queue(q, { arguments: { 'x-max-length': 2 } });
    await channel.bind(q, x);
    await drain(channel, q);
    await channel.queue(`${q}.2`, { arguments: { 'x-max-length': 2, 'x-overflow': 'reject-publish' } });
    await channel.bind(`${q}.2`, x);
    await drain(channel, `${q}.2`);
  }),
  script('a message that nobody is bound for is kept and returned', async (player) => {
    const channel = await withHistory(player);
    channel.publish(x, 'k', 'returned', {}, { mandatory: true });
    await channel.receive();
    await channel.queue(q);
    await channel.bind(q, x);
    await drain(channel, q);
  }),
  script('what is rolled back has been kept', async (player) => {
    const channel = await withHistory(player);
    await channel.call('tx.select');
    channel.publish(x, 'k', 'rolled back');
    await channel.call('tx.rollback');
    await channel.queue(q);
    await channel.bind(q, x);
    await drain(channel, q);
  }),
];

export const exchangeTypeScripts: Script[] = [...random, ...recentHistory];

// Returns, confirms and transactions, many at a time and together.
import type { FieldValue } from '../wire/field-table.js';
import { typed } from '../wire/field-table.js';
import type { PlayedChannel } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.publisher';
const x = 'warren.diff.publisher-exchange';
const absent = 'warren.diff.absent';
const mandatory = { mandatory: true };

async function drain(channel: PlayedChannel, ...queues: string[]): Promise<void> {
  for (const queue of queues) while ((await channel.get(queue)).name === 'basic.get-ok');
}

/** Publishes one by one, waiting for what each of them brings. */
async function oneByOne(
  channel: PlayedChannel,
  messages: Array<[key: string, mandatory: boolean]>,
): Promise<void> {
  for (const [index, [key, isMandatory]] of messages.entries()) {
    channel.publish('', key, `message ${index}`, {}, { mandatory: isMandatory });
    await channel.receive(isMandatory && key === absent ? 2 : 1);
  }
}

const confirms: Script[] = [
  script('each of many is returned before it is confirmed', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('confirm.select');
    await oneByOne(
      channel,
      Array.from({ length: 20 }, (_, index) => [index % 3 === 0 ? q : absent, index % 2 === 0]),
    );
  }),
  script('returns come in the order of the publishes', async (player) => {
    const channel = await player.channel();
    for (let index = 0; index < 50; index += 1) channel.publish('', absent, `${index}`, {}, mandatory);
    await channel.receive(50);
  }),
  script('a returned message keeps its properties and its BCC is taken off', async (player) => {
    const channel = await player.channel();
    const headers = { CC: [absent], BCC: ['warren.diff.other'], kept: true };
    channel.publish('', absent, 'x', { headers, messageId: 'id', expiration: '100', priority: 9 }, mandatory);
    await channel.receive();
  }),
  script('one of several keys that leads somewhere is enough', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.publish('', absent, 'by CC', { headers: { CC: [q] } }, mandatory);
    channel.publish('', absent, 'by BCC', { headers: { BCC: [q] } }, mandatory);
    channel.publish('', q, 'once', { headers: { CC: [q, q], BCC: [q] } }, mandatory);
    await channel.settle();
    await drain(channel, q);
  }),
  script('confirms go on after an error on another channel', async (player) => {
    const connection = await player.connection();
    const [one, two] = [await connection.channel(), await connection.channel()];
    await one.call('confirm.select');
    one.publish('', absent, 'x');
    await one.receive();
    await two.call('basic.get', { queue: absent });
    one.publish('', absent, 'x');
    await one.receive();
  }),
  script('confirm.select on a channel that has published counts from there', async (player) => {
    const channel = await player.channel();
    channel.publish('', absent, 'x');
    await channel.call('confirm.select');
    channel.publish('', absent, 'x');
    await channel.receive();
  }),
];

const transactions: Script[] = [
  script('rejects in a transaction take effect with its commit, in order', async (player) => {
    const channel = await player.channel();
    await channel.queue(`${q}.dead`);
    await channel.queue(q, {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': `${q}.dead` },
    });
    for (const body of ['a', 'b', 'c', 'd']) channel.publish('', q, body);
    await player.untilReady(q, 4);
    await channel.call('tx.select');
    for (let count = 0; count < 4; count += 1) await channel.get(q, false);
    channel.send('basic.reject', { deliveryTag: 2, requeue: false });
    channel.send('basic.nack', { deliveryTag: 3, requeue: true });
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.queue(`${q}.dead`, { passive: true });
    await channel.call('tx.commit');
    await player.untilReady(`${q}.dead`, 1);
    await drain(channel, q, `${q}.dead`);
  }),
  script('acks of many at once in a transaction', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    for (const body of ['a', 'b', 'c']) channel.publish('', q, body);
    await player.untilReady(q, 3);
    await channel.call('tx.select');
    for (let count = 0; count < 3; count += 1) await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 2, multiple: true });
    await channel.call('tx.commit');
    channel.send('basic.nack', { deliveryTag: 0, multiple: true, requeue: true });
    await channel.call('tx.commit');
    await drain(channel, q);
  }),
  script('what was acked and rolled back is redelivered when the channel goes', async (player) => {
    const channel = await player.channel();
    const other = await channel.connection.channel();
    await channel.queue(q);
    for (const body of ['a', 'b', 'c']) channel.publish('', q, body);
    await player.untilReady(q, 3);
    await channel.call('tx.select');
    for (let count = 0; count < 3; count += 1) await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('tx.commit');
    channel.send('basic.ack', { deliveryTag: 0, multiple: true });
    await channel.call('tx.rollback');
    await channel.call('channel.close', { replyCode: 200 });
    await player.untilReady(q, 2);
    await drain(other, q);
  }),
  script('what is rolled back may be acked again', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.publish('', q, 'a');
    await player.untilReady(q, 1);
    await channel.call('tx.select');
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('tx.rollback');
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('tx.commit');
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.settle();
  }),
  script('a tag is acked twice in a transaction', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.publish('', q, 'a');
    await player.untilReady(q, 1);
    await channel.call('tx.select');
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.settle();
  }),
  script('what is delivered after an ack of all is not settled by its commit', async (player) => {
    const channel = await player.channel();
    const other = await channel.connection.channel();
    await channel.queue(q);
    for (const body of ['a', 'b', 'c']) channel.publish('', q, body);
    await player.untilReady(q, 3);
    await channel.call('tx.select');
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 0, multiple: true });
    await channel.get(q, false);
    await channel.get(q, false);
    await channel.call('tx.commit');
    channel.send('basic.ack', { deliveryTag: 2 });
    channel.send('basic.ack', { deliveryTag: 3, multiple: true });
    await channel.call('tx.rollback');
    await channel.call('channel.close', { replyCode: 200 });
    await player.untilReady(q, 2);
    await drain(other, q);
  }),
  script('an ack of all up to a tag that is acked already in the transaction', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    for (const body of ['a', 'b']) channel.publish('', q, body);
    await player.untilReady(q, 2);
    await channel.call('tx.select');
    await channel.get(q, false);
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 2 });
    channel.send('basic.ack', { deliveryTag: 2, multiple: true });
    await channel.settle();
  }),
  script('recover in a transaction leaves alone what is acked', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    for (const body of ['a', 'b']) channel.publish('', q, body);
    await player.untilReady(q, 2);
    await channel.call('tx.select');
    await channel.get(q, false);
    await channel.get(q, false);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.call('basic.recover', { requeue: true });
    await channel.call('tx.commit');
    await drain(channel, q);
  }),
  script('tx.select again and again, and what was published between', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.call('tx.select');
    channel.publish('', q, 'one');
    await channel.call('tx.select');
    await channel.call('tx.commit');
    await drain(channel, q);
    await channel.call('tx.rollback');
    await channel.call('tx.commit');
  }),
  script('a publish is routed before the commit', async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    await channel.queue(`${q}.2`);
    await channel.call('tx.select');
    channel.publish('amq.direct', 'tx', 'before the binding');
    await channel.bind(q, 'amq.direct', 'tx');
    channel.publish('amq.direct', 'tx', 'before the unbinding');
    await channel.call('queue.unbind', { queue: q, exchange: 'amq.direct', routingKey: 'tx' });
    channel.publish('', `${q}.2`, 'to a queue that goes');
    await channel.call('queue.delete', { queue: `${q}.2` });
    await channel.call('tx.commit');
    await drain(channel, q);
  }),
  script('a transaction that the channel’s end leaves open', async (player) => {
    const channel = await player.channel();
    const other = await channel.connection.channel();
    await channel.queue(q);
    await channel.call('tx.select');
    channel.publish('', q, 'never');
    await channel.call('channel.close', { replyCode: 200 });
    await drain(other, q);
  }),
];

const values: FieldValue[] = [
  ...['text', '', 1, -1, true, false, null, 1.5, [1, 'a'], { a: 1 }],
  ...[typed('b', 1), typed('B', 1), typed('s', 1), typed('u', 1), typed('i', 1), typed('l', 1)],
  ...[typed('f', 1), typed('d', 1), typed('T', 1), typed('x', 'text')],
];

const keys: Script[] = [
  ...values.map((value) =>
    script(`a headers exchange with an argument of the value ${JSON.stringify(value)}`, async (player) => {
      const channel = await player.channel();
      await channel.queue(q);
      await channel.bind(q, 'amq.headers', '', { 'x-match': 'any', h: value });
      for (const [index, h] of values.entries()) {
        channel.publish('amq.headers', '', `${index}`, { headers: { h } });
      }
      await channel.settle();
      await drain(channel, q);
    }),
  ),
  script('an alternate is asked only where none of the keys leads anywhere', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct', { arguments: { 'alternate-exchange': 'amq.fanout' } });
    for (const [queue, exchange] of [
      [q, x],
      [`${q}.2`, 'amq.fanout'],
    ] as const) {
      await channel.queue(queue);
      await channel.bind(queue, exchange, 'k');
    }
    channel.publish(x, 'other', 'by CC', { headers: { CC: ['k'] } });
    channel.publish(x, 'k', 'by the key', { headers: { CC: ['other'], BCC: ['another'] } });
    channel.publish(x, 'other', 'by BCC', { headers: { BCC: ['k'] } });
    channel.publish(x, 'other', 'by none', { headers: { CC: ['more'], BCC: ['yet more'] } });
    await channel.settle();
    await drain(channel, q, `${q}.2`);
  }),
  script('CC and BCC go along from exchange to exchange', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'topic');
    await channel.exchange(`${x}.2`, 'direct', { arguments: { 'alternate-exchange': `${x}.3` } });
    await channel.exchange(`${x}.3`, 'fanout');
    await channel.call('exchange.bind', { source: x, destination: `${x}.2`, routingKey: 'a.#' });
    for (const [queue, exchange] of [
      [q, `${x}.2`],
      [`${q}.2`, `${x}.3`],
    ] as const) {
      await channel.queue(queue);
      await channel.bind(queue, exchange, 'copy');
    }
    channel.publish(x, 'a.b', 'copied', { headers: { CC: ['copy'] } });
    channel.publish(x, 'b', 'copied by a key that matches', { headers: { CC: ['a'], BCC: ['copy'] } });
    channel.publish(x, 'a', 'not copied');
    channel.publish(x, 'b', 'lost', { headers: { CC: ['copy'] } }, mandatory);
    await channel.receive();
    await drain(channel, q, `${q}.2`);
  }),
];

export const publisherScripts: Script[] = [...confirms, ...transactions, ...keys];

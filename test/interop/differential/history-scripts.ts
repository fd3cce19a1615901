// The history of a dead letter, the routing keys it goes by, and dead letters that are handed over at least once.
import type { FieldTable } from '../wire/field-table.js';
import type { PlayedChannel, Player } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.history';
const letters = 'warren.diff.history.letters';
const middle = 'warren.diff.history.middle';
const end = 'warren.diff.history.end';

const toLetters: FieldTable = { 'x-dead-letter-exchange': letters };

async function rejectNext(player: Player, channel: PlayedChannel, queue: string): Promise<void> {
  await player.untilReady(queue, 1);
  const { arguments: got } = await channel.get(queue, false);
  channel.send('basic.reject', { deliveryTag: got['deliveryTag'] as number });
}

async function showAll(player: Player, channel: PlayedChannel, queues: string[]): Promise<void> {
  for (const queue of queues) {
    await player.untilReady(queue, 1);
    await channel.get(queue);
  }
}

const keys: Script[] = [
  script(
    'a dead letter goes by the keys of CC and BCC as well, and does not tell those of BCC',
    async (player) => {
      const channel = await player.channel();
      await channel.exchange(letters, 'direct');
      const ends = ['a', 'b', 'c'].map((name) => `${end}.${name}`);
      for (const queue of ends) {
        await channel.queue(queue);
        await channel.bind(queue, letters, queue.slice(-1));
      }
      await channel.queue(q, { arguments: toLetters });
      await channel.bind(q, 'amq.direct', 'a');
      channel.publish('amq.direct', 'a', 'x', { headers: { CC: ['b'], BCC: ['c'] } });
      await rejectNext(player, channel, q);
      await showAll(player, channel, ends);
    },
  ),
  script('the keys of BCC are known after two deaths', async (player) => {
    const channel = await player.channel();
    await channel.exchange(letters, 'fanout');
    await channel.exchange(`${letters}.second`, 'direct');
    await channel.queue(middle, { arguments: { 'x-dead-letter-exchange': `${letters}.second` } });
    await channel.bind(middle, letters);
    await channel.queue(end);
    await channel.bind(end, `${letters}.second`, 'blind');
    await channel.queue(q, { arguments: toLetters });
    channel.publish('', q, 'x', { headers: { BCC: ['blind'] } });
    await rejectNext(player, channel, q);
    await rejectNext(player, channel, middle);
    await showAll(player, channel, [end]);
  }),
  script('a dead letter that is given a routing key forgets those of CC and BCC', async (player) => {
    const channel = await player.channel();
    await channel.exchange(letters, 'topic');
    await channel.queue(end);
    await channel.queue(middle, { arguments: { 'x-dead-letter-exchange': letters } });
    await channel.bind(middle, letters, 'given');
    await channel.bind(end, letters, 'blind');
    await channel.bind(end, letters, 'copy');
    await channel.queue(q, { arguments: { ...toLetters, 'x-dead-letter-routing-key': 'given' } });
    channel.publish('', q, 'x', { headers: { CC: ['copy'], BCC: ['blind'] } });
    await rejectNext(player, channel, q);
    await player.untilReady(middle, 1);
    await channel.get(middle);
    await channel.get(end);
  }),
];

/** The entry that the broker itself would write for a rejection, but for its count. */
const death: FieldTable = {
  count: { type: 'I', value: 5 },
  exchange: '',
  queue: q,
  reason: 'rejected',
  'routing-keys': [q],
  time: { type: 'T', value: 7 },
};

const foreignHistories: [what: string, headers: FieldTable][] = [
  ['an empty list', { 'x-death': [] }],
  ['a text', { 'x-death': 'none' }],
  ['a count that goes on', { 'x-death': [death] }],
  ['a first death', { 'x-first-death-reason': 'expired', 'x-first-death-queue': 'elsewhere' }],
];

const history: Script[] = [
  script('deaths are counted for each queue and reason, the last one first', async (player) => {
    const channel = await player.channel();
    await channel.queue(end, { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': q } });
    await channel.queue(q, {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': end, 'x-max-length': 1 },
    });
    channel.publish('', q, 'goes round', { headers: { mine: 'kept' }, timestamp: 7, deliveryMode: 2 });
    await rejectNext(player, channel, q);
    await rejectNext(player, channel, end);
    await player.untilReady(q, 1);
    channel.publish('', q, 'drives it out', { expiration: '100000' });
    await rejectNext(player, channel, end);
    await player.untilReady(end, 1);
    await rejectNext(player, channel, end);
    await player.untilReady(end, 1);
    await channel.get(end);
    await channel.get(q);
  }),
  script('a message that expires twice in a queue counts, if it was rejected in between', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, {
      arguments: { 'x-message-ttl': 10, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': end },
    });
    await channel.queue(end, { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': q } });
    channel.publish('', q, 'again', { expiration: '5' });
    for (let time = 1; time <= 2; time += 1) await rejectNext(player, channel, end);
    await showAll(player, channel, [end]);
  }),
  script('a message that is driven out comes round to its own queue no more', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, {
      arguments: { 'x-max-length': 1, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': q },
    });
    for (const body of ['first', 'second']) channel.publish('', q, body);
    await channel.settle();
    await channel.get(q);
    await channel.get(q);
  }),
  script('a rejected message comes round to its own queue for ever', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { arguments: { 'x-dead-letter-exchange': '' } });
    channel.publish('', q, 'x');
    for (let time = 1; time <= 3; time += 1) await rejectNext(player, channel, q);
    await showAll(player, channel, [q]);
  }),
  script('a history that a client wrote is not gone by', async (player) => {
    const channel = await player.channel();
    await channel.queue(end);
    await channel.queue(q, { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': end } });
    channel.publish('', q, 'x', { headers: { 'x-death': 'mine', 'x-last-death-queue': 'mine too' } });
    await rejectNext(player, channel, q);
    await showAll(player, channel, [end]);
  }),
  ...foreignHistories.map(([what, headers]) =>
    script(`${what}: a history that a client wrote`, async (player) => {
      const channel = await player.channel();
      await channel.queue(end);
      await channel.queue(q, {
        arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': end },
      });
      channel.publish('', q, 'x', { headers });
      await rejectNext(player, channel, q);
      await showAll(player, channel, [end]);
    }),
  ),
  script('a dead letter that is published again begins its history anew', async (player) => {
    const channel = await player.channel();
    await channel.queue(end);
    await channel.queue(q, { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': end } });
    channel.publish('', q, 'x');
    await rejectNext(player, channel, q);
    await player.untilReady(end, 1);
    const letter = await channel.get(end);
    channel.publish('', q, 'x', letter.properties);
    await rejectNext(player, channel, q);
    await showAll(player, channel, [end]);
  }),
];

const atLeastOnce: FieldTable = {
  'x-queue-type': 'quorum',
  'x-delivery-limit': 1,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
  'x-dead-letter-exchange': letters,
  'x-dead-letter-routing-key': 'key',
};

async function handsOver(player: Player, args: FieldTable = {}): Promise<PlayedChannel> {
  const channel = await player.channel();
  await channel.exchange(letters, 'direct');
  for (const queue of [end, middle]) await channel.queue(queue, { durable: true });
  await channel.bind(end, letters, 'key');
  await channel.queue(q, { durable: true, arguments: { ...atLeastOnce, ...args } });
  return channel;
}

const handOver: Script[] = [
  script('a dead letter is handed over at least once to each queue it is for', async (player) => {
    const channel = await handsOver(player);
    await channel.bind(middle, letters, 'key');
    channel.publish('', q, 'x', { messageId: 'm', expiration: '100000', headers: { CC: ['copy'] } });
    await rejectNext(player, channel, q);
    await showAll(player, channel, [end, middle]);
  }),
  script('a message that expires is handed over at least once', async (player) => {
    const channel = await handsOver(player, { 'x-message-ttl': 10 });
    channel.publish('', q, 'x');
    await showAll(player, channel, [end]);
  }),
  script('a message that came back too often is handed over at least once', async (player) => {
    const channel = await handsOver(player);
    channel.publish('', q, 'x');
    await channel.consume(q, 'tag');
    for (let tag = 1; tag <= 2; tag += 1) {
      await channel.receive();
      channel.send('basic.nack', { deliveryTag: tag, requeue: true });
    }
    await showAll(player, channel, [end]);
  }),
  script(
    'what cannot be handed over counts against the length of its queue and is not ready',
    async (player) => {
      const channel = await handsOver(player, { 'x-max-length': 2 });
      await channel.call('queue.unbind', { queue: end, exchange: letters, routingKey: 'key' });
      channel.publish('', q, 'stuck');
      await rejectNext(player, channel, q);
      await channel.settle();
      await channel.call('confirm.select');
      for (const body of ['one', 'two', 'three']) {
        channel.publish('', q, body);
        await channel.receive();
      }
      await channel.get(end);
      await channel.call('queue.purge', { queue: q });
    },
  ),
  script('what is dropped at the head is not handed over at least once', async (player) => {
    const channel = await handsOver(player, { 'x-max-length': 1, 'x-overflow': 'drop-head' });
    for (const body of ['one', 'two']) channel.publish('', q, body);
    await showAll(player, channel, [end, q]);
  }),
  script('a strategy without an exchange for dead letters', async (player) => {
    const channel = await player.channel();
    const args = {
      'x-queue-type': 'quorum',
      'x-dead-letter-strategy': 'at-least-once',
      'x-delivery-limit': 1,
    };
    await channel.queue(q, { durable: true, arguments: args });
    channel.publish('', q, 'x');
    await rejectNext(player, channel, q);
    await channel.get(q);
  }),
];

export const historyScripts: Script[] = [...keys, ...history, ...handOver];

// Methods that fail although nobody waits for their answer, and things that are in use, locked or not empty.
import type { MethodArguments } from '../wire/method-table.js';
import type { Player } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.refusal';
const x = 'warren.diff.refusal-exchange';
const absent = 'warren.diff.absent';

function failsUnasked(name: string, values: MethodArguments): Script {
  return script(`${name} without an answer fails: ${JSON.stringify(values)}`, async (player) => {
    const channel = await player.channel();
    await channel.queue(q);
    channel.send(name, { ...values, noWait: true });
    await channel.settle();
  });
}

const unasked: Script[] = [
  failsUnasked('queue.declare', { queue: q, durable: true }),
  failsUnasked('queue.declare', { queue: absent, passive: true }),
  failsUnasked('queue.declare', { queue: 'amq.mine' }),
  failsUnasked('queue.bind', { queue: q, exchange: absent }),
  failsUnasked('queue.bind', { queue: absent, exchange: 'amq.topic' }),
  failsUnasked('queue.purge', { queue: absent }),
  failsUnasked('queue.delete', { queue: absent }),
  failsUnasked('exchange.declare', { exchange: 'amq.topic', type: 'direct' }),
  failsUnasked('exchange.declare', { exchange: absent, passive: true }),
  failsUnasked('exchange.delete', { exchange: 'amq.topic' }),
  failsUnasked('exchange.bind', { source: absent, destination: 'amq.topic' }),
  failsUnasked('exchange.unbind', { source: absent, destination: 'amq.topic' }),
  failsUnasked('basic.consume', { queue: absent, consumerTag: 'tag' }),
  failsUnasked('basic.cancel', { consumerTag: 'nobody' }),
];

const owners = ['queue.declare', 'queue.purge', 'queue.delete', 'basic.get', 'basic.consume'];

const locked: Script[] = [
  ...owners.flatMap((name) =>
    [true, false].map((exclusive) =>
      script(
        `${name} of an exclusive queue from another connection, ${exclusive ? '' : 'not '}exclusive itself`,
        async (player) => {
          await (await player.channel()).queue(q, { exclusive: true });
          await (await player.channel()).call(name, { queue: q, exclusive });
        },
      ),
    ),
  ),
  script('an exclusive queue is declared passively from another connection', async (player) => {
    await (await player.channel()).queue(q, { exclusive: true });
    await (await player.channel()).queue(q, { passive: true });
  }),
  script('an exclusive queue is bound and unbound from another connection', async (player) => {
    await (await player.channel()).queue(q, { exclusive: true });
    const connection = await player.connection();
    const values = { queue: q, exchange: 'amq.topic', routingKey: 'k' };
    await (await connection.channel()).call('queue.bind', values);
    await (await connection.channel()).call('queue.unbind', values);
  }),
  script('an exclusive queue is published to from another connection', async (player) => {
    const owner = await player.channel();
    await owner.queue(q, { exclusive: true });
    (await player.channel()).publish('', q, 'from elsewhere');
    await player.untilGot(owner, q);
  }),
  script('a name becomes free when the owner of an exclusive queue goes', async (player) => {
    const owner = await player.channel();
    await owner.queue(q, { exclusive: true });
    await owner.connection.close();
    await player.untilGone(q);
    await (await player.channel()).queue(q, { durable: true });
  }),
  script('a queue with a server’s name is declared again by that name', async (player) => {
    const channel = await player.channel();
    const { queue } = (await channel.queue('', { exclusive: true })).arguments;
    await channel.call('queue.declare', { queue: queue ?? '', exclusive: true });
    await channel.call('queue.declare', { queue: queue ?? '', exclusive: true, autoDelete: true });
  }),
  script('a queue with a server’s name that is gone is not declared by that name', async (player) => {
    const channel = await player.channel();
    const { queue } = (await channel.queue('')).arguments;
    await channel.call('queue.delete', { queue: queue ?? '' });
    await channel.call('queue.declare', { queue: queue ?? '' });
  }),
];

interface Use {
  readonly ready: boolean;
  readonly unacked: boolean;
  readonly consumer: boolean;
}

function deletes({ ready, unacked, consumer }: Use, ifUnused: boolean, ifEmpty: boolean): Script {
  const has = [ready && 'a ready message', unacked && 'an unacked one', consumer && 'a consumer'];
  const asked = [ifUnused && 'unused', ifEmpty && 'empty'].filter(Boolean).join(' and ');
  return script(`a queue with ${has.filter(Boolean).join(', ')} goes if ${asked}`, async (player: Player) => {
    const channel = await player.channel();
    await channel.queue(q);
    if (unacked) {
      channel.publish('', q, 'unacked');
      await channel.get(q, false);
    }
    if (consumer) await channel.consume(q, 'tag', { noAck: false });
    if (ready && !consumer) channel.publish('', q, 'ready');
    await channel.call('queue.delete', { queue: q, ifUnused, ifEmpty });
    await channel.settle();
  });
}

const uses: Use[] = [
  { ready: true, unacked: false, consumer: false },
  { ready: false, unacked: true, consumer: false },
  { ready: true, unacked: true, consumer: false },
  { ready: false, unacked: false, consumer: true },
  { ready: false, unacked: true, consumer: true },
];

const deletions: Script[] = uses.flatMap((use) => [
  deletes(use, true, false),
  deletes(use, false, true),
  deletes(use, true, true),
]);

const cascades: Script[] = [
  script('auto-delete exchanges go one after the other', async (player) => {
    const channel = await player.channel();
    for (const name of [`${x}.1`, `${x}.2`, `${x}.3`])
      await channel.exchange(name, 'fanout', { autoDelete: true });
    await channel.call('exchange.bind', { source: `${x}.1`, destination: `${x}.2` });
    await channel.call('exchange.bind', { source: `${x}.2`, destination: `${x}.3` });
    await channel.queue(q, { autoDelete: true });
    await channel.bind(q, `${x}.3`);
    await channel.consume(q, 'tag');
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    const { connection } = channel;
    for (const name of [`${x}.1`, `${x}.2`, `${x}.3`]) {
      await (await connection.channel()).exchange(name, 'fanout', { passive: true });
    }
    await (await connection.channel()).queue(q, { passive: true });
  }),
  script('an auto-delete exchange does not go before it had a binding', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'fanout', { autoDelete: true });
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.call('exchange.bind', { source: `${x}.2`, destination: x });
    await channel.call('exchange.unbind', { source: `${x}.2`, destination: x });
    await channel.exchange(x, 'fanout', { passive: true });
  }),
  script('an auto-delete exchange goes with the exchange that it led to', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct', { autoDelete: true });
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.call('exchange.bind', { source: x, destination: `${x}.2`, routingKey: 'k' });
    await channel.call('exchange.delete', { exchange: `${x}.2` });
    await channel.exchange(x, 'direct', { passive: true });
  }),
  script('an auto-delete queue stays until its last consumer goes, wherever that is', async (player) => {
    const [one, two] = [await player.channel(), await player.channel()];
    await one.queue(q, { autoDelete: true });
    await one.consume(q, 'first');
    await two.consume(q, 'second');
    await one.call('basic.cancel', { consumerTag: 'first' });
    await one.queue(q, { passive: true });
    await two.call('channel.close', { replyCode: 200 });
    await player.untilGone(q);
    await one.queue(q, { passive: true });
  }),
  script('an auto-delete queue with unacked messages goes with its consumer', async (player) => {
    const channel = await player.channel();
    await channel.queue(q, { autoDelete: true });
    channel.publish('', q, 'x');
    await channel.consume(q, 'tag');
    await channel.receive();
    await channel.call('basic.cancel', { consumerTag: 'tag' });
    await player.untilGone(q);
    channel.send('basic.ack', { deliveryTag: 1 });
    await channel.settle();
    await channel.queue(q, { passive: true });
  }),
];

export const refusalScripts: Script[] = [...unasked, ...locked, ...deletions, ...cascades];

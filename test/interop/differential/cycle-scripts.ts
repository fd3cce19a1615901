// Dead letters that go on: through bindings between exchanges, alternates, and round several queues.
import type { PlayedChannel } from './player.js';
import { type Script, script } from './script.js';

const q = 'warren.diff.cycle';
const x = 'warren.diff.cycle-exchange';

function to(queue: string, more = {}): { arguments: Record<string, string | number> } {
  return { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue, ...more } };
}

async function reject(channel: PlayedChannel, queue: string): Promise<void> {
  const got = await channel.connection.player.untilGot(channel, queue, false);
  channel.send('basic.reject', { deliveryTag: Number(got.arguments['deliveryTag']), requeue: false });
  await channel.settle();
}

export const cycleScripts: Script[] = [
  script('a dead letter goes from exchange to exchange', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'topic');
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.call('exchange.bind', { source: x, destination: `${x}.2`, routingKey: '#.dead' });
    await channel.queue(`${q}.end`);
    await channel.bind(`${q}.end`, `${x}.2`);
    await channel.queue(q, { arguments: { 'x-dead-letter-exchange': x } });
    await channel.bind(q, 'amq.direct', 'first.dead');
    channel.publish('amq.direct', 'first.dead', 'x', { headers: { CC: ['copy'] } });
    await reject(channel, q);
    await player.untilGot(channel, `${q}.end`);
    await channel.call('queue.unbind', { queue: q, exchange: 'amq.direct', routingKey: 'first.dead' });
  }),
  script('a dead letter that leads nowhere goes to the alternate', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct', { arguments: { 'alternate-exchange': `${x}.2` } });
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.queue(`${q}.end`);
    await channel.bind(`${q}.end`, `${x}.2`);
    await channel.queue(q, {
      arguments: { 'x-dead-letter-exchange': x, 'x-dead-letter-routing-key': 'none' },
    });
    channel.publish('', q, 'x');
    await reject(channel, q);
    await player.untilGot(channel, `${q}.end`);
  }),
  script('a dead letter finds its alternate only where no key of it leads anywhere', async (player) => {
    const channel = await player.channel();
    await channel.exchange(x, 'direct', { arguments: { 'alternate-exchange': `${x}.2` } });
    await channel.exchange(`${x}.2`, 'fanout');
    await channel.queue(`${q}.end`);
    await channel.bind(`${q}.end`, `${x}.2`);
    await channel.queue(`${q}.copy`);
    await channel.bind(`${q}.copy`, x, 'copy');
    await channel.queue(q, { arguments: { 'x-dead-letter-exchange': x } });
    channel.publish('', q, 'x', { headers: { CC: ['copy'] } });
    await reject(channel, q);
    await player.untilGot(channel, `${q}.copy`);
    await channel.get(`${q}.end`);
  }),
  script('a message that is rejected and expires by turns counts each by itself', async (player) => {
    const channel = await player.channel();
    await channel.queue(`${q}.work`, to(`${q}.wait`));
    await channel.queue(`${q}.wait`, to(`${q}.work`, { 'x-message-ttl': 10 }));
    channel.publish('', `${q}.work`, 'x');
    for (let round = 0; round < 3; round += 1) await reject(channel, `${q}.work`);
    await player.untilGot(channel, `${q}.work`);
  }),
  script('a message that nobody rejects goes round but once', async (player) => {
    const channel = await player.channel();
    await channel.queue(`${q}.1`, to(`${q}.2`, { 'x-message-ttl': 10 }));
    await channel.queue(`${q}.2`, to(`${q}.1`, { 'x-max-length': 0 }));
    channel.publish('', `${q}.1`, 'x');
    await player.untilReady(`${q}.1`, 0);
    await channel.get(`${q}.1`);
    await channel.get(`${q}.2`);
  }),
  script(
    'a message goes round three queues for three reasons, as often as it is rejected',
    async (player) => {
      const channel = await player.channel();
      await channel.queue(`${q}.1`, to(`${q}.2`));
      await channel.queue(`${q}.2`, to(`${q}.3`, { 'x-message-ttl': 10 }));
      await channel.queue(`${q}.3`, to(`${q}.1`, { 'x-max-length': 0 }));
      channel.publish('', `${q}.1`, 'x');
      for (let round = 0; round < 2; round += 1) await reject(channel, `${q}.1`);
      await player.untilReady(`${q}.2`, 0);
      await channel.get(`${q}.1`);
    },
  ),
  script('what is dropped over a length dies into a queue that drops as well', async (player) => {
    const channel = await player.channel();
    await channel.queue(`${q}.end`);
    await channel.queue(`${q}.2`, to(`${q}.end`, { 'x-max-length': 1 }));
    await channel.queue(`${q}.1`, to(`${q}.2`, { 'x-max-length': 1 }));
    for (const body of ['a', 'b', 'c', 'd']) {
      channel.publish('', `${q}.1`, body);
      await channel.settle();
    }
    await player.untilReady(`${q}.end`, 2);
    for (const queue of ['1', '2', 'end', 'end']) await channel.get(`${q}.${queue}`);
  }),
];

// Which policies apply, what two come to, and what exchanges make of them.
import type { Scenario } from './scenario.js';

export const matchScenarios: readonly Scenario[] = [
  {
    name: 'the policy of the highest priority applies',
    async play(client) {
      await client.queue('work');
      await client.policy('low', { 'max-length': 5 }, { priority: -1 });
      await client.shows('work');
      await client.policy('high', { 'max-length': 9 }, { priority: 7 });
      await client.shows('work');
      await client.policy('middle', { 'max-length': 8 }, { priority: 3 });
      await client.shows('work');
      await client.drop('policy', 'high');
      await client.shows('work');
    },
  },
  {
    name: 'a policy with a key that the type of a queue does not have is passed over',
    async play(client) {
      await client.queue('classic');
      await client.quorumQueue('quorum');
      await client.policy('lazy', { 'max-length': 5, 'queue-mode': 'lazy' }, { priority: 2 });
      await client.policy('limited', { 'max-length': 6, 'delivery-limit': 3 }, { priority: 1 });
      await client.policy('streams', { 'max-age': '1D' }, { priority: 4 });
      await client.policy('others', { 'max-length': 7 });
      await client.shows('classic');
      await client.shows('quorum');
      await client.drop('policy', 'lazy');
      await client.shows('classic');
    },
  },
  {
    name: 'queues, exchanges or all are applied to',
    async play(client) {
      await client.queue('work');
      await client.exchange('x', 'fanout');
      await client.policy('all', { 'max-length': 5 }, { 'apply-to': 'all' });
      await client.shows('work');
      await client.showsExchange('x');
      await client.policy('queues', { 'max-length': 5 }, { 'apply-to': 'queues', priority: 1 });
      await client.shows('work');
      await client.showsExchange('x');
      await client.policy('exchanges', { 'max-length': 5 }, { 'apply-to': 'exchanges', priority: 2 });
      await client.shows('work');
      await client.showsExchange('x');
    },
  },
  {
    name: 'what is declared later is matched as well, whatever it is',
    async play(client) {
      await client.policy('all', { 'max-length': 1 });
      await client.queue('exclusive', {}, { exclusive: true });
      await client.queue('deleted', {}, { autoDelete: true });
      await client.queue('transient', {}, { durable: false });
      await client.exchange('x', 'topic');
      for (const queue of ['exclusive', 'deleted', 'transient']) {
        await client.publish(queue, 'a', 'b');
        await client.takes(queue, 1);
      }
      await client.shows('transient');
      await client.showsExchange('x');
    },
  },
  {
    name: 'an operator policy is merged into the policy',
    async play(client) {
      await client.queue('classic');
      await client.quorumQueue('quorum');
      await client.operatorPolicy('limits', { 'max-length': 5, expires: 600_000, 'message-ttl': 70_000 });
      await client.shows('classic');
      await client.policy('wishes', { 'max-length': 9, 'message-ttl': 60_000, 'dead-letter-exchange': '' });
      await client.shows('classic');
      await client.operatorPolicy('quorums', { 'max-length': 2, 'delivery-limit': 2 }, { priority: 3 });
      await client.policy('wished', { 'max-length': 1, 'delivery-limit': 4 }, { priority: 3 });
      await client.shows('classic');
      await client.shows('quorum');
      await client.drop('policy', 'wishes');
      await client.shows('classic');
    },
  },
  {
    name: 'an operator policy shortens a queue whose argument is longer',
    async play(client) {
      await client.queue('work', { 'x-max-length': 4 });
      await client.publish('work', 'a', 'b', 'c', 'd');
      await client.operatorPolicy('limits', { 'max-length': 2 });
      await client.sees('work');
      await client.takes('work', 2);
    },
  },
];

export const exchangeScenarios: readonly Scenario[] = [
  {
    name: 'a policy gives an exchange an alternate one, and takes it away',
    async play(client) {
      const { channel } = client.session;
      await client.exchange('x', 'direct');
      await client.exchange('alternate', 'fanout');
      await client.queue('left');
      await channel.bindQueue(client.name('left'), client.name('alternate'), '');
      channel.publish(client.name('x'), 'k', Buffer.from('lost'));
      await channel.waitForConfirms();
      await client.policy(
        'alternate',
        { 'alternate-exchange': client.name('alternate') },
        { pattern: `^${client.name('x')}$` },
      );
      await client.showsExchange('x');
      channel.publish(client.name('x'), 'k', Buffer.from('kept'));
      await client.takes('left', 1);
      await client.drop('policy', 'alternate');
      await client.showsExchange('x');
      channel.publish(client.name('x'), 'k', Buffer.from('lost too'));
      await channel.waitForConfirms();
      await client.sees('left', 0);
    },
  },
  {
    name: 'the argument of an exchange goes before the policy',
    async play(client) {
      const { channel } = client.session;
      await client.exchange('one', 'fanout');
      await client.exchange('two', 'fanout');
      await client.exchange('x', 'direct', { 'alternate-exchange': client.name('one') });
      await client.queue('left');
      await channel.bindQueue(client.name('left'), client.name('one'), '');
      await client.policy(
        'alternate',
        { 'alternate-exchange': client.name('two') },
        { pattern: `^${client.name('x')}$` },
      );
      await client.showsExchange('x');
      channel.publish(client.name('x'), 'k', Buffer.from('kept'));
      await client.takes('left', 1);
    },
  },
  {
    name: 'the default exchange has no alternate one',
    async play(client) {
      const { channel } = client.session;
      await client.exchange('alternate', 'fanout');
      await client.queue('left');
      await channel.bindQueue(client.name('left'), client.name('alternate'), '');
      await client.policy('alternate', { 'alternate-exchange': client.name('alternate') }, { pattern: '^$' });
      channel.publish('', client.name('absent'), Buffer.from('lost'));
      await channel.waitForConfirms();
      await client.sees('left', 0);
    },
  },
];

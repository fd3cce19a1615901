// Times and dead letters that come by policies.
import type { Scenario } from './scenario.js';

export const timeScenarios: readonly Scenario[] = [
  {
    name: 'message-ttl counts for what is published from then on, at the head',
    async play(client) {
      await client.queue('work');
      await client.publish('work', 'stays');
      await client.policy('brief', { 'message-ttl': 30 });
      await client.publish('work', 'expires');
      await client.sees('work', 2);
      await client.takes('work', 1);
      await client.sees('work', 0);
    },
  },
  {
    name: 'what has a time to expire at keeps it when the policy goes',
    async play(client) {
      await client.queue('work');
      await client.policy('brief', { 'message-ttl': 300 });
      await client.publish('work', 'expires');
      await client.drop('policy', 'brief');
      await client.publish('work', 'stays');
      await client.sees('work', 1);
      await client.takes('work', 1);
    },
  },
  {
    name: 'of two times to live the shorter one counts',
    async play(client) {
      await client.queue('work', { 'x-message-ttl': 20 });
      await client.queue('other', { 'x-message-ttl': 60_000 });
      await client.policy('long', { 'message-ttl': 60_000 }, { pattern: `^${client.name('work')}` });
      await client.policy('brief', { 'message-ttl': 20 }, { pattern: `^${client.name('other')}` });
      await client.publish('work', 'a');
      await client.publish('other', 'a');
      await client.sees('work', 0);
      await client.sees('other', 0);
    },
  },
  {
    name: 'a queue that nobody uses goes when expires comes to it',
    async play(client) {
      await client.queue('work');
      await client.policy('passing', { expires: 100 });
      await client.goes('work');
    },
  },
];

export const deathScenarios: readonly Scenario[] = [
  {
    name: 'the argument names the dead-letter exchange, and the policy what it leaves out',
    async play(client) {
      await client.queue('here');
      await client.queue('there');
      await client.queue('work', { 'x-dead-letter-exchange': '' });
      const there = { 'dead-letter-exchange': 'nowhere', 'dead-letter-routing-key': client.name('there') };
      await client.policy('dead', there, { pattern: `^${client.name('work')}` });
      await client.publish('work', 'a');
      client.session.channel.nack(await client.get('work'), false, false);
      await client.takes('there', 1);
      await client.policy(
        'dead',
        { 'dead-letter-routing-key': client.name('here') },
        { pattern: `^${client.name('work')}` },
      );
      await client.publish('work', 'b');
      client.session.channel.nack(await client.get('work'), false, false);
      await client.takes('here', 1);
    },
  },
  {
    name: 'what is rejected after the policy is gone is not dead-lettered',
    async play(client) {
      await client.queue('dead');
      await client.queue('work');
      const dead = { 'dead-letter-exchange': '', 'dead-letter-routing-key': client.name('dead') };
      await client.policy('dead', dead, { pattern: `^${client.name('work')}` });
      await client.publish('work', 'a', 'b');
      client.session.channel.nack(await client.get('work'), false, false);
      await client.takes('dead', 1);
      await client.drop('policy', 'dead');
      client.session.channel.nack(await client.get('work'), false, false);
      await client.publish('dead', 'last');
      await client.takes('dead', 1);
    },
  },
  {
    name: 'a delivery limit counts for what is there',
    async play(client) {
      await client.quorumQueue('work');
      await client.queue('dead');
      await client.publish('work', 'a');
      const dead = { 'dead-letter-exchange': '', 'dead-letter-routing-key': client.name('dead') };
      await client.policy(
        'limited',
        { 'delivery-limit': 1, ...dead },
        { pattern: `^${client.name('work')}` },
      );
      client.session.channel.nack(await client.get('work'), false, true);
      client.session.channel.nack(await client.get('work'), false, true);
      await client.takes('dead', 1);
      await client.sees('work');
    },
  },
  {
    name: 'dead letters are handed over at least once from when a policy says so',
    async play(client) {
      await client.quorumQueue('work');
      await client.exchange('letters', 'fanout');
      await client.queue('dead');
      await client.session.channel.bindQueue(client.name('dead'), client.name('letters'), '');
      await client.publish('work', 'a', 'b', 'c');
      const dead = { 'dead-letter-exchange': client.name('letters') };
      const always = { 'dead-letter-strategy': 'at-least-once', overflow: 'reject-publish' };
      const only = { pattern: `^${client.name('work')}` };
      for (const definition of [dead, { ...dead, ...always }, dead]) {
        await client.policy('dead', definition, only);
        client.session.channel.nack(await client.get('work'), false, false);
        await client.takes('dead', 1);
      }
    },
  },
];

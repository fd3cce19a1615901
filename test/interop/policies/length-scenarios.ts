// Limits of length that come by policies.
import type { Scenario } from './scenario.js';

export const lengthScenarios: readonly Scenario[] = [
  {
    name: 'a shorter max-length drops the oldest at once, to the dead-letter exchange of the same policy',
    async play(client) {
      await client.queue('work');
      await client.queue('dead');
      await client.publish('work', 'a', 'b', 'c', 'd', 'e');
      const dead = { 'dead-letter-exchange': '', 'dead-letter-routing-key': client.name('dead') };
      await client.policy('short', { 'max-length': 2, ...dead }, { pattern: `^${client.name('work')}$` });
      await client.sees('work');
      await client.sees('dead');
      await client.takes('dead', 3);
      await client.publish('work', 'f');
      await client.takes('work', 2);
    },
  },
  {
    name: 'max-length-bytes does as well',
    async play(client) {
      await client.queue('work');
      await client.publish('work', 'aaaa', 'bbbb', 'cccc');
      await client.policy('short', { 'max-length-bytes': 9 });
      await client.sees('work');
      await client.takes('work', 2);
    },
  },
  {
    name: 'a classic queue that is to refuse is shortened first',
    async play(client) {
      await client.queue('work');
      await client.publish('work', 'a', 'b', 'c', 'd', 'e');
      await client.policy('refusing', { 'max-length': 2, overflow: 'reject-publish' });
      await client.sees('work');
      await client.publish('work', 'f');
      await client.takes('work', 1);
      await client.publish('work', 'g', 'h');
      await client.takes('work', 2);
    },
  },
  {
    name: 'a classic queue that refuses is not shortened',
    async play(client) {
      await client.queue('work', { 'x-overflow': 'reject-publish' });
      await client.publish('work', 'a', 'b', 'c');
      await client.policy('refusing', { 'max-length': 2 });
      await client.publish('work', 'd');
      await client.takes('work', 3);
    },
  },
  {
    name: 'a quorum queue that is to refuse keeps what it has',
    async play(client) {
      await client.quorumQueue('work');
      await client.publish('work', 'a', 'b', 'c', 'd', 'e');
      await client.policy('refusing', { 'max-length': 2, overflow: 'reject-publish' });
      await client.takes('work', 5);
    },
  },
  {
    name: 'a quorum queue is shortened',
    async play(client) {
      await client.quorumQueue('work');
      await client.publish('work', 'a', 'b', 'c', 'd', 'e');
      await client.policy('short', { 'max-length': 2 });
      await client.sees('work');
      await client.takes('work', 2);
    },
  },
  {
    name: 'of argument and policy the lower limit counts',
    async play(client) {
      await client.queue('work', { 'x-max-length': 3 });
      await client.policy('longer', { 'max-length': 10 });
      await client.shows('work');
      await client.publish('work', 'a', 'b', 'c', 'd');
      await client.sees('work');
      await client.policy('longer', { 'max-length': 1 });
      await client.sees('work');
      await client.drop('policy', 'longer');
      await client.publish('work', 'e', 'f', 'g', 'h');
      await client.sees('work');
      await client.takes('work', 3);
    },
  },
  {
    name: 'the argument of a classic queue says what becomes of what is too much, and the policy of a quorum queue does',
    async play(client) {
      await client.queue('classic', { 'x-max-length': 1, 'x-overflow': 'drop-head' });
      await client.quorumQueue('quorum', { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
      await client.policy(
        'classics',
        { overflow: 'reject-publish' },
        { pattern: `^${client.name('classic')}` },
      );
      await client.policy('quorums', { overflow: 'drop-head' }, { pattern: `^${client.name('quorum')}` });
      await client.publish('classic', 'a', 'b', 'c');
      await client.takes('classic', 1);
      await client.publish('quorum', 'a', 'b', 'c');
      await client.takes('quorum', 1);
    },
  },
  {
    name: 'a queue drops again when the policy that had it refuse goes',
    async play(client) {
      await client.queue('work', { 'x-max-length': 2 });
      await client.policy('refusing', { overflow: 'reject-publish' });
      await client.publish('work', 'a', 'b', 'c');
      await client.drop('policy', 'refusing');
      await client.publish('work', 'd', 'e');
      await client.takes('work', 2);
    },
  },
];

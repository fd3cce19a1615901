import { expect, test } from 'vitest';
import { argumentsOf, QueueUnderTest } from '../../test/support/queue-under-test.js';
import { consumerPriority } from './consumer-arguments.js';

const { queue } = new QueueUnderTest(argumentsOf({}));

test('what consumers of a stream alone may say is refused by name', () => {
  for (const name of ['x-stream-offset', 'x-stream-filter', 'x-stream-match-unfiltered']) {
    expect(() => consumerPriority(queue, argumentsOf({ [name]: 'first' }))).toThrow(
      `invalid arg '${name}' for queue 'q' in vhost '/' of queue type rabbit_classic_queue`,
    );
  }
});

test('a consumer has the priority it asks for, or 0, whatever else it says', () => {
  expect(consumerPriority(queue, argumentsOf({ 'x-priority': -3, 'x-credit': 'x' }))).toBe(-3);
  expect(consumerPriority(queue, argumentsOf({ 'x-cancel-on-ha-failover': 'x' }))).toBe(0);
});

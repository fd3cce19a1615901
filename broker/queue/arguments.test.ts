import { expect, test } from 'vitest';
import { argumentsOf } from '../../test/support/queue-under-test.js';
import { equivalentArguments, parseQueueArguments } from './arguments.js';
import type { QueueSettings } from './settings.js';

type Values = Record<string, number | string | boolean>;

function settings(values: Values): QueueSettings {
  return parseQueueArguments("queue 'q' in vhost '/'", argumentsOf(values));
}

test('a stream is answered as not implemented', () => {
  expect(() => settings({ 'x-queue-type': 'stream', 'x-max-age': '1D' })).toThrow(
    "NOT_IMPLEMENTED - stream queues are not implemented, so there is no queue 'q' in vhost '/'",
  );
});

test('the delivery limit of a quorum queue is 20, what is said, or none for -1', () => {
  const limits = [{}, { 'x-delivery-limit': 3 }, { 'x-delivery-limit': 0 }, { 'x-delivery-limit': -1 }];
  const of = (limit: Values): unknown => settings({ 'x-queue-type': 'quorum', ...limit }).deliveryLimit;
  expect(limits.map((limit) => of(limit as Values))).toEqual([20, 3, 0, undefined]);
  expect(settings({}).deliveryLimit).toBeUndefined();
  expect(() => of({ 'x-delivery-limit': 'many' })).toThrow(
    `invalid arg 'x-delivery-limit' for queue 'q' in vhost '/': "expected integer, got longstr"`,
  );
});

test('arguments of RabbitMQ 4 that are about a cluster have no effect', () => {
  const locator = { 'x-queue-leader-locator': 'balanced' };
  expect(settings(locator)).toEqual(settings({}));
  expect(settings({ 'x-queue-master-locator': 'min-masters' })).toEqual(settings({}));
  const quorum = { 'x-queue-type': 'quorum' };
  expect(settings({ ...quorum, ...locator, 'x-quorum-target-group-size': 5 })).toEqual(settings(quorum));
});

test('a quorum queue that is to dead-letter what it refuses drops at the head', () => {
  const overflow = { 'x-overflow': 'reject-publish-dlx' };
  expect(settings({ 'x-queue-type': 'quorum', ...overflow }).overflow).toBe('drop-head');
  expect(settings(overflow).overflow).toBe('reject-publish-dlx');
});

test('saying classic is saying nothing, and what a type does not have is not compared', () => {
  const received = argumentsOf({ 'x-queue-type': 'classic' });
  expect(equivalentArguments(settings({}), received)).not.toContain('x-queue-type');
  expect(equivalentArguments(settings({ 'x-queue-type': 'quorum' }), received)).toContain('x-queue-type');
  expect(equivalentArguments(settings({}), received)).not.toContain('x-delivery-limit');
});

test('arguments of streams are refused by both types of queue', () => {
  for (const type of ['classic', 'quorum']) {
    for (const [name, value] of [
      ['x-max-age', '1D'],
      ['x-stream-max-segment-size-bytes', 1000],
      ['x-stream-filter-size-bytes', 16],
      ['x-initial-cluster-size', 1],
    ] as const) {
      expect(() => settings({ 'x-queue-type': type, [name]: value })).toThrow(
        `invalid arg '${name}' for queue 'q' in vhost '/' of queue type rabbit_${type}_queue`,
      );
    }
  }
});

import { expect, test } from 'vitest';
import { argumentsOf, QueueUnderTest } from '../../test/support/queue-under-test.js';

function quorum(args: Record<string, number | string | boolean> = {}): QueueUnderTest {
  return new QueueUnderTest(
    argumentsOf({ 'x-queue-type': 'quorum', 'x-dead-letter-exchange': 'dlx', ...args }),
  );
}

function publish(under: QueueUnderTest, ...priorities: number[]): void {
  for (const priority of priorities) {
    under.queue.publish(under.message({ priority }));
    under.queue.dropExcess();
  }
}

function drained({ queue }: QueueUnderTest): number[] {
  const ids: number[] = [];
  for (let entry = queue.get(true); entry !== undefined; entry = queue.get(true)) ids.push(entry.message.id);
  return ids;
}

test('a message is given up on once it was returned more than 20 times, when nothing is said', () => {
  const under = quorum();
  publish(under, 0);
  for (let returns = 1; returns <= 21; returns++) {
    expect(under.dead).toEqual([]);
    under.queue.requeue([under.queue.get(false)!]);
  }
  expect(under.dead).toEqual([[1, 'delivery_limit']]);
  expect(under.queue.readyCount).toBe(0);
});

test('a limit of -1 is none, and what comes back goes to the end', () => {
  const under = quorum({ 'x-delivery-limit': -1 });
  publish(under, 0, 0, 0);
  const first = under.queue.get(false)!;
  for (let returns = 1; returns <= 100; returns++) {
    under.queue.requeue([first]);
    while (under.queue.get(false) !== first);
    if (returns === 1) expect(first.deliveries).toBe(2);
    publish(under, 0);
  }
  expect(first.deliveries).toBe(101);
  expect(under.dead).toEqual([]);
});

test('two messages of high priority go before one that is not', () => {
  const under = quorum();
  publish(under, 0, 9, 4, 5, 6, 7, 1);
  expect(drained(under)).toEqual([2, 4, 1, 5, 6, 3, 7]);
});

test('the single active consumer gives way to one of a higher priority once it has settled all it has', () => {
  const under = quorum({ 'x-single-active-consumer': true });
  under.consume({ tag: 'low' });
  publish(under, 0);
  under.consume({ tag: 'high', priority: 1 });
  publish(under, 0, 0);
  expect(under.out.map(({ tag }) => tag)).toEqual(['low']);
  under.queue.acknowledge(under.out[0]!.entry);
  under.queue.drain();
  expect(under.out.map(({ tag }) => tag)).toEqual(['low', 'high', 'high']);
});

test('a cancelled consumer counts until its last message is settled, and so does one that was fetched', () => {
  const under = quorum();
  const consumer = under.consume({ tag: 'c', prefetch: 1 });
  publish(under, 0, 0);
  under.queue.removeConsumer(consumer);
  expect(under.queue.consumerCount).toBe(1);
  const fetched = under.queue.get(false)!;
  expect(under.queue.consumerCount).toBe(2);
  under.queue.acknowledge(under.out[0]!.entry);
  under.queue.discard(fetched);
  expect(under.queue.consumerCount).toBe(0);
  expect(under.dead).toEqual([[2, 'rejected']]);
});

test('when one publish drops several messages at the head, they die in their order', () => {
  const under = quorum({ 'x-max-length-bytes': 30 });
  for (const bodyBytes of [10, 10, 10, 30]) under.queue.publish(under.message({ bodyBytes }));
  under.queue.dropExcess();
  expect(under.dead).toEqual([
    [1, 'maxlen'],
    [2, 'maxlen'],
    [3, 'maxlen'],
  ]);
});

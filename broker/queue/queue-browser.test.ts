import { expect, test } from 'vitest';
import { argumentsOf, QueueUnderTest } from '../../test/support/queue-under-test.js';
import { MemoryStore } from '../store/store.js';
import { QueueBrowser } from './queue-browser.js';

function browser({ queue }: QueueUnderTest): QueueBrowser {
  return new QueueBrowser(queue, new MemoryStore());
}

function rest(one: QueueBrowser): number[] {
  const ids: number[] = [];
  for (let read = one.read(); read.length > 0; read = one.read()) {
    ids.push(...read.map(({ message }) => message.id));
  }
  return ids;
}

function filled(count: number, args: Record<string, number | string> = {}): QueueUnderTest {
  const under = new QueueUnderTest(argumentsOf(args));
  for (let n = 0; n < count; n++) under.queue.publish(under.message({ priority: n % 3 }));
  return under;
}

test('all ready messages are seen in order, and stay', () => {
  const under = filled(1000);
  const before = under.queue.readyCount;
  expect(rest(browser(under))).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1));
  expect(under.queue.readyCount).toBe(before);
  expect(under.queue.get(true)).toMatchObject({ redelivered: false, message: { id: 1 } });
});

test('some are passed over, and at the end there are none', () => {
  const under = filled(10);
  const one = browser(under);
  expect(one.skip(4)).toBe(4);
  expect(rest(one)).toEqual([5, 6, 7, 8, 9, 10]);
  expect(one.skip(1)).toBe(0);
  expect(browser(under).skip(99)).toBe(10);
  expect(rest(browser(filled(0)))).toEqual([]);
});

test('a queue with priorities is seen as it is handed out', () => {
  const under = filled(9, { 'x-max-priority': 5 });
  const seen = rest(browser(under));
  const given: number[] = [];
  for (let entry = under.queue.get(true); entry !== undefined; entry = under.queue.get(true)) {
    given.push(entry.message.id);
  }
  expect(seen).toEqual(given);
});

test('what came back to a quorum queue is seen first', () => {
  const under = filled(5, { 'x-queue-type': 'quorum' });
  const [first, second] = [under.queue.get(false), under.queue.get(false)];
  under.queue.requeue([second as NonNullable<typeof second>, first as NonNullable<typeof first>]);
  expect(rest(browser(under))).toEqual([2, 1, 3, 4, 5]);
});

test('a queue that is deleted meanwhile has nothing more to show', () => {
  const under = filled(1000);
  const one = browser(under);
  one.read();
  under.queue.close();
  expect(one.read()).toEqual([]);
  expect(one.skip(1)).toBe(0);
});

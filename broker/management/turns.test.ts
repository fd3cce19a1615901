import { expect, test } from 'vitest';
import { Turns } from './turns.js';

test('some have their turn at once, others in the order they came, and nobody beyond the line', async () => {
  const turns = new Turns({ runningMax: 1, waitingMax: 2, waitMs: 60_000 });
  await turns.take();
  const order: string[] = [];
  const first = turns.take().then(() => order.push('first'));
  const second = turns.take().then(() => order.push('second'));
  await expect(turns.take()).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  turns.give();
  await first;
  expect(order).toEqual(['first']);
  turns.give();
  await second;
  turns.give();
  await turns.take();
});

test('who has waited too long is told so, and leaves the line to others', async () => {
  const turns = new Turns({ runningMax: 1, waitingMax: 1, waitMs: 20 });
  await turns.take();
  await expect(turns.take()).rejects.toMatchObject({ status: 503 });
  const next = turns.take();
  turns.give();
  await next;
});

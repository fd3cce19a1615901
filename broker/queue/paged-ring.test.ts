import { expect, test } from 'vitest';
import { Message, Entry as QueueEntry } from '../store/message.js';
import type { Entry } from './entry.js';
import { PageBudget } from './page-budget.js';
import { PagedRing } from './paged-ring.js';

const address = { exchange: '', routingKey: 'q', encoded: Buffer.from('\u0000\u0001q') };
const queue = { id: 1 } as unknown as Entry['queue'];

test('what came while there was room is written too once there is none, so that the rest can leave memory', () => {
  const residentMax = 100;
  const budget = new PageBudget(residentMax);
  const disk: Entry[] = [];
  const ring = new PagedRing(budget, {
    spill: (entry) => {
      entry.state = 'stored';
      disk.push(entry);
    },
    readPage: (first, last) => disk.filter(({ message: { id } }) => id >= first && id <= last).slice(0, 256),
  });
  let id = 0;
  const push = (): void =>
    ring.push(new QueueEntry(queue, new Message(++id, address, undefined, 0, 0, 0), 0));
  for (let count = 0; count < residentMax + 20; count++) push();
  // Another queue is emptied, and long again.
  budget.resident -= 80;
  for (let count = 0; count < 60; count++) push();
  budget.resident += 80;
  for (let count = 0; count < 5_000; count++) push();
  // Transient messages are written once four times as many are in memory, and not before.
  expect(budget.resident).toBeLessThan(5 * residentMax);
  const length = ring.length;
  for (let next = 1; next <= length; next++) expect(ring.shift()?.message.id).toBe(next);
  expect([ring.length, ring.shift(), budget.resident]).toEqual([0, undefined, 0]);
});

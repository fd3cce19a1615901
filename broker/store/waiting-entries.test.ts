import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { BatchEncoder } from './batch.js';
import { Entry, Message } from './message.js';
import { WaitingEntries } from './waiting-entries.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const address = { exchange: '', routingKey: 'q', encoded: Buffer.from('\u0000\u0001q') };
const bodyBytes = 4 * 1024 * 1024;
const content = Buffer.alloc(14 + 8 + bodyBytes);

test('what has gone into a batch is let go of, even when there is always more that waits', async () => {
  const waiting = new WaitingEntries();
  let id = 0;
  const add = (): Entry => {
    const entry = new Entry({ id: 1 }, new Message(++id, address, content, 0, 14, bodyBytes), 0);
    waiting.add(entry);
    return entry;
  };
  const first = new WeakRef(add());
  for (let batch = 0; batch < 10; batch++) {
    for (let count = 0; count < 3; count++) add();
    waiting.encode(new BatchEncoder());
    expect(waiting.length).toBeGreaterThan(0);
  }
  // A reference that was looked at is kept until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(first.deref() === undefined).toBe(true);
  const left = waiting.length;
  let written = 0;
  while (waiting.length > 0) written += waiting.encode(new BatchEncoder()).length;
  expect([written, waiting.inserted - waiting.encoded, waiting.bytes]).toEqual([left, 0, 0]);
});

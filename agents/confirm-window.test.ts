import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfirmWindow } from './confirm-window.js';
import type { OutgoingRecord } from './record-queue.js';

function record(id: number): OutgoingRecord {
  return {
    id: String(id),
    routingKey: 'app.order.info',
    service: 'order',
    timestampSeconds: 0,
    body: Buffer.alloc(0),
    settled: undefined,
    returned: false,
    epoch: undefined,
    position: undefined,
    isInMemory: false,
  };
}

function windowOf(records: number): ConfirmWindow {
  const window = new ConfirmWindow();
  for (let tag = 1; tag <= records; tag += 1) window.add(record(tag));
  return window;
}

function settle(window: ConfirmWindow, tag: number, multiple: boolean): string[] {
  const ids: string[] = [];
  window.settle(tag, multiple, ({ id }) => ids.push(id));
  return ids;
}

describe('the window of unconfirmed records', () => {
  it('settles one tag, or all up to one, in any order and each once', () => {
    const window = windowOf(5);
    expect(settle(window, 2, false)).toEqual(['2']);
    expect(settle(window, 2, false)).toEqual([]);
    expect(settle(window, 3, true)).toEqual(['1', '3']);
    expect(settle(window, 1, false)).toEqual([]);
    expect(settle(window, 99, false)).toEqual([]);
    expect(settle(window, 0, true)).toEqual(['4', '5']);
    expect(window.size).toBe(0);
  });

  it('gives back what is unconfirmed, oldest first', () => {
    const window = windowOf(4);
    settle(window, 3, false);
    expect(window.takeAll().map(({ id }) => id)).toEqual(['1', '2', '4']);
    expect(window.size).toBe(0);
  });

  it('agrees with a plain map of tags, whatever is published and confirmed', () => {
    const step = fc.oneof(
      fc.constant({ add: true, tag: 0, multiple: false }),
      fc.record({ add: fc.constant(false), tag: fc.integer({ min: 1, max: 60 }), multiple: fc.boolean() }),
    );
    const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const window = new ConfirmWindow();
      const model = new Set<number>();
      let published = 0;
      for (const { add, tag, multiple } of steps) {
        if (add) {
          published += 1;
          model.add(published);
          window.add(record(published));
          continue;
        }
        // A broker never confirms what it was not sent.
        const expected = [...model].filter(
          (one) => tag <= published && (multiple ? one <= tag : one === tag),
        );
        for (const one of expected) model.delete(one);
        expect(settle(window, tag, multiple)).toEqual(expected.map(String));
        expect(window.size).toBe(model.size);
      }
      expect(window.takeAll().map(({ id }) => Number(id))).toEqual([...model]);
    });
    fc.assert(property);
  });
});

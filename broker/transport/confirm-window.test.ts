import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from '../protocol/frame-reader.js';
import { FrameWriter } from '../protocol/frame-writer.js';
import { ConfirmWindow } from './confirm-window.js';

type Step = { do: 'publish' } | { do: 'settle'; pick: number; nack: boolean } | { do: 'report' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'publish' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('settle' as const), pick: fc.nat(), nack: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'report' }) },
);

/** Plays the acks in a block to the publishes that are open, as a client does. */
function settleAsClient(writer: FrameWriter, open: Set<number>, outcome: Map<number, string>): void {
  new FrameReader(131_072).push(writer.copy(), {
    frame: (_type, _channel, buffer, start) => {
      const nack = buffer.readUInt16BE(start + 2) === 120;
      const tag = Number(buffer.readBigUInt64BE(start + 4));
      const multiple = buffer[start + 12] === 1;
      expect(open.has(tag)).toBe(true);
      for (const one of [...open]) {
        if (one !== tag && !(multiple && one < tag)) continue;
        open.delete(one);
        outcome.set(one, nack ? 'nack' : 'ack');
      }
    },
  });
  writer.length = 0;
}

test('every publish is confirmed as it was settled, once, and none before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const window = new ConfirmWindow();
      const writer = new FrameWriter();
      const unsettled: number[] = [];
      const settled = new Map<number, string>();
      const open = new Set<number>();
      const outcome = new Map<number, string>();
      for (const one of [...steps, { do: 'report' as const }]) {
        if (one.do === 'publish') {
          const tag = window.open();
          unsettled.push(tag);
          open.add(tag);
        } else if (one.do === 'settle') {
          const [tag] = unsettled.splice(one.pick % (unsettled.length || 1), 1);
          if (tag === undefined) continue;
          settled.set(tag, one.nack ? 'nack' : 'ack');
          if (one.nack) window.nack(tag);
          else window.ack(tag);
        } else {
          window.report(writer, 1);
          settleAsClient(writer, open, outcome);
          expect(outcome).toEqual(settled);
        }
      }
    }),
  );
});

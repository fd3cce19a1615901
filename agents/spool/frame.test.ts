import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../record-queue.js';
import { encodeFrame, readSegment, segmentHeader } from './frame.js';

function outgoing(id: string, body: Uint8Array): OutgoingRecord {
  return {
    id,
    routingKey: 'app.order.info',
    service: 'order',
    timestampSeconds: 1_769_854_830,
    body: Buffer.from(body),
    settled: undefined,
    returned: false,
    epoch: undefined,
    position: undefined,
    isInMemory: false,
  };
}

const records = fc
  .array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 })
  .map((bodies) => bodies.map((body, n) => outgoing(`id-${n}`, body)));

function segment(written: readonly OutgoingRecord[]): Buffer {
  return Buffer.concat([segmentHeader(), ...written.map(encodeFrame)]);
}

/** How many records start and end before the byte at `offset`. */
function wholeBefore(written: readonly OutgoingRecord[], offset: number): number {
  let end = segmentHeader().length;
  return written.filter((record) => {
    end += encodeFrame(record).length;
    return end <= offset;
  }).length;
}

describe('a segment', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(records, (written) => {
        const bytes = segment(written);
        expect(readSegment(bytes)).toEqual({ records: written, goodBytes: bytes.length });
      }),
    );
  });

  it('that was cut anywhere yields exactly the records before the cut', () => {
    fc.assert(
      fc.property(records, fc.nat(), (written, at) => {
        const whole = segment(written);
        const cut = at % (whole.length + 1);
        const read = readSegment(whole.subarray(0, cut));
        expect(read.records).toEqual(written.slice(0, wholeBefore(written, cut)));
        expect(read.goodBytes).toBeLessThanOrEqual(cut);
      }),
      { numRuns: 500 },
    );
  });

  it('with a byte that was changed anywhere yields exactly the records before it', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, at, change) => {
        const bytes = segment(written);
        const offset = at % bytes.length;
        bytes[offset]! ^= change;
        const isHeader = offset < segmentHeader().length;
        const expected = isHeader ? [] : written.slice(0, wholeBefore(written, offset));
        expect(readSegment(bytes).records).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('of any bytes at all is read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const read = readSegment(Buffer.concat([segmentHeader(), noise]));
        expect(read.goodBytes).toBeLessThanOrEqual(noise.length + segmentHeader().length);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContentAssembler } from './content-assembler.js';
import { ContentSpace } from './content-space.js';
import { FrameReader, type FrameSink } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import { ProtocolError } from './protocol-error.js';

interface Seen {
  type: number;
  channel: number;
  payload: string;
}

function collect(): FrameSink & { seen: Seen[] } {
  const seen: Seen[] = [];
  return {
    seen,
    frame: (type, channel, buffer, start, end) =>
      seen.push({ type, channel, payload: buffer.toString('hex', start, end) }),
  };
}

function rawFrame(type: number, channel: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(7);
  head[0] = type;
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

const heartbeat = fc.constant({ type: 8, channel: 0, payload: new Uint8Array(0) });

const frames = fc.array(
  fc.oneof(
    heartbeat,
    fc.record({
      type: fc.constantFrom(1, 2, 3),
      channel: fc.integer({ min: 0, max: 65_535 }),
      payload: fc.uint8Array({ maxLength: 200 }),
    }),
  ),
  { maxLength: 12 },
);

describe('the frame reader', () => {
  test('gives the same frames however the stream is split', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, sizes) => {
        const stream = Buffer.concat(sent.map((one) => rawFrame(one.type, one.channel, one.payload)));
        const sink = collect();
        const reader = new FrameReader(4096);
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] as number;
          reader.push(stream.subarray(at, at + size), sink);
          at += size;
        }
        expect(sink.seen).toEqual(
          sent.map((one) => ({ ...one, payload: Buffer.from(one.payload).toString('hex') })),
        );
      }),
    );
  });

  test('refuses a frame beyond the limit by its prefix alone, without waiting for its payload', () => {
    const reader = new FrameReader(4096);
    const prefix = Buffer.from('03000100000ff9', 'hex');
    expect(() => reader.push(prefix, collect())).toThrow(/frame_too_large,4089,4088/);
  });

  test('refuses a frame that does not end with its end octet', () => {
    const bad = rawFrame(1, 1, Buffer.from([1, 2]));
    bad[bad.length - 1] = 0;
    expect(() => new FrameReader(4096).push(bad, collect())).toThrow(/invalid_frame_end_marker/);
  });

  test('takes random octets without any error but a protocol error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (chunks) => {
        const reader = new FrameReader(4096);
        try {
          for (const chunk of chunks) reader.push(Buffer.from(chunk), collect());
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

describe('the content assembler', () => {
  test('a delivery of what was assembled carries the same header and body, however the body was cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 0, max: 200_000 }),
        (bytes, cut, padding) => {
          const body = Buffer.concat([bytes, Buffer.alloc(padding, 7)]);
          const header = Buffer.alloc(14);
          header.writeUInt16BE(60, 0);
          header.writeUInt32BE(body.length, 8);
          const assembler = new ContentAssembler(new ContentSpace(), 1 << 20);
          assembler.begin();
          let complete = assembler.accept(2, header, 0, header.length);
          const step = padding > 1000 ? 60_000 : cut;
          for (let at = 0; at < body.length; at += step) {
            expect(complete).toBe(false);
            const part = body.subarray(at, at + step);
            complete = assembler.accept(3, part, 0, part.length);
          }
          expect(complete).toBe(true);
          const writer = new FrameWriter();
          writer.content(5, assembler, 4096);
          const sink = collect();
          new FrameReader(4096).push(writer.copy(), sink);
          expect(sink.seen[0]?.payload).toBe(header.toString('hex'));
          const parts = sink.seen.slice(1).map((one) => one.payload);
          expect(parts.join('') === body.toString('hex')).toBe(true);
          expect(sink.seen.every((one) => one.channel === 5)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('refuses a body beyond the limit by its header', () => {
    const header = Buffer.alloc(14);
    header.writeUInt16BE(60, 0);
    header.writeUInt32BE(0xffff_ffff, 4);
    const assembler = new ContentAssembler(new ContentSpace(), 1024);
    assembler.begin();
    expect(() => assembler.accept(2, header, 0, 14)).toThrow(/larger than configured max size 1024/);
  });

  test('frames out of turn are unexpected', () => {
    const assembler = new ContentAssembler(new ContentSpace(), 1024);
    expect(() => assembler.accept(3, Buffer.alloc(1), 0, 1)).toThrow('expected method frame');
    assembler.begin();
    expect(() => assembler.accept(3, Buffer.alloc(1), 0, 1)).toThrow('expected content header for class 60');
  });
});

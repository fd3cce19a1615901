/**
 * What peers' bytes are read by, with inputs that are wrong in every way: nothing but a protocol error
 * comes of them, in time, and nothing is left of them. The long form, a million inputs for each:
 *
 *     WARREN_FUZZ_INPUTS=1000000 npx vitest run dist/broker/protocol/fuzz.test.js
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc, { type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { type FieldTable, type FieldValue, longString, readTable, writeTable } from './field-table.js';
import { FrameReader } from './frame-reader.js';
import { decodeMethod, encodeMethod } from './method-codec.js';
import { PropertyScan, readProperties, writeProperties } from './properties.js';
import { ProtocolError } from './protocol-error.js';
import { UNSOUND, walkTable } from './table-walk.js';
import { WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

const INPUTS = Number(process.env['WARREN_FUZZ_INPUTS'] ?? 5_000);
const TEST_MS = 60_000 + INPUTS;
/** Far more than any input takes; what it leaves room for is the machine's own pauses. */
const INPUT_MS_MAX = 1_000;
const GROWTH_BYTES_MAX = 16 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Runs a property on so many inputs, and looks at the time that each takes and at what is left of all. */
function fuzz<Input>(name: string, inputs: Arbitrary<Input>, take: (input: Input) => void): void {
  test(
    name,
    () => {
      let slowestMs = 0;
      const run = (numRuns: number): void => {
        fc.assert(
          fc.property(inputs, (input) => {
            const startedAt = performance.now();
            take(input);
            slowestMs = Math.max(slowestMs, performance.now() - startedAt);
          }),
          { numRuns },
        );
      };
      // Until everything is compiled.
      run(1_000);
      const before = heapBytes();
      const startedAt = performance.now();
      run(INPUTS);
      const inputMs = (performance.now() - startedAt) / INPUTS;
      const growthBytes = heapBytes() - before;
      if (INPUTS > 5_000) {
        const figures = `${INPUTS} inputs, ${inputMs.toFixed(4)} ms each (made and taken), the slowest ${slowestMs.toFixed(1)} ms, heap ${growthBytes} bytes`;
        console.log(`${name}: ${figures}`);
      }
      expect(slowestMs).toBeLessThan(INPUT_MS_MAX);
      expect(growthBytes).toBeLessThan(GROWTH_BYTES_MAX);
    },
    TEST_MS,
  );
}

/** The value that is read, or undefined for a protocol error; any other error fails the test. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const fieldName = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('CC', 'BCC', 'x-death', '__proto__', 'constructor', ''),
);

const { value: fieldValue } = fc.letrec<{ value: FieldValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'table' },
    fc.string({ maxLength: 12 }).map((text): FieldValue => longString(text)),
    fc
      .uint8Array({ maxLength: 12 })
      .map((bytes): FieldValue => ({ type: 'binary', value: Buffer.from(bytes) })),
    integer(32).map((value): FieldValue => ({ type: 'signedint', value })),
    fc.nat().map((value): FieldValue => ({ type: 'unsignedint', value })),
    integer(8).map((value): FieldValue => ({ type: 'byte', value })),
    integer(16).map((value): FieldValue => ({ type: 'short', value })),
    long.map((value): FieldValue => ({ type: 'long', value })),
    fc.boolean().map((value): FieldValue => ({ type: 'bool', value })),
    fc.double().map((value): FieldValue => ({ type: 'double', value })),
    fc.constant<FieldValue>({ type: 'void', value: undefined }),
    fc.array(tie('value'), { maxLength: 4 }).map((value): FieldValue => ({ type: 'array', value })),
    fc
      .array(fc.tuple(fieldName, tie('value')), { maxLength: 4 })
      .map((pairs): FieldValue => ({ type: 'table', value: new Map(pairs) })),
  ),
}));

const table: Arbitrary<FieldTable> = fc
  .array(fc.tuple(fieldName, fieldValue), { maxLength: 6 })
  .map((pairs) => new Map(pairs));

/** Bytes that were right once: cut off, with octets changed, taken out, or put in. */
function spoiled(bytes: Arbitrary<Buffer>): Arbitrary<Buffer> {
  const change = fc.record({
    what: fc.constantFrom('set', 'drop', 'insert', 'cut', 'length'),
    at: fc.nat(),
    octet: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x41, 0x46, 0x53, 0x7f, 0xce, 0xff)),
  });
  return fc.tuple(bytes, fc.array(change, { maxLength: 4 })).map(([sound, changes]) => {
    let spoilt = Buffer.from(sound);
    for (const { what, at, octet } of changes) {
      const position = spoilt.length === 0 ? 0 : at % spoilt.length;
      if (what === 'set' && spoilt.length > 0) spoilt[position] = octet;
      else if (what === 'cut') spoilt = spoilt.subarray(0, position);
      else if (what === 'drop')
        spoilt = Buffer.concat([spoilt.subarray(0, position), spoilt.subarray(position + 1)]);
      else if (what === 'insert') {
        spoilt = Buffer.concat([spoilt.subarray(0, position), Buffer.of(octet), spoilt.subarray(position)]);
      } else if (position + 4 <= spoilt.length) spoilt.writeUInt32BE(octet * 0x0101, position);
    }
    return spoilt;
  });
}

const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

function written(write: (writer: WireWriter) => void): Buffer {
  const writer = new WireWriter();
  write(writer);
  return writer.copy();
}

const frame = fc
  .tuple(
    fc.oneof(fc.constantFrom(1, 2, 3, 8), fc.nat(255)),
    fc.nat(65_535),
    fc.uint8Array({ maxLength: 60 }),
    fc.oneof(fc.constant(0xce), fc.nat(255)),
  )
  .map(([type, channel, payload, end]) => {
    const head = Buffer.alloc(7);
    head[0] = type;
    head.writeUInt16BE(channel, 1);
    head.writeUInt32BE(payload.length, 3);
    return Buffer.concat([head, payload, Buffer.of(end)]);
  });

const stream = fc.oneof(
  spoiled(fc.array(frame, { maxLength: 6 }).map((frames) => Buffer.concat(frames))),
  random,
);

fuzz(
  'the frame reader gives frames within the limit, or a protocol error',
  fc.tuple(stream, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 })),
  ([bytes, sizes]) => {
    const reader = new FrameReader(64);
    let octets = 0;
    const sink = {
      frame(_type: number, channel: number, buffer: Buffer, start: number, end: number): void {
        expect(channel).toBeLessThan(65_536);
        expect(end - start).toBeLessThanOrEqual(56);
        expect(end).toBeLessThan(buffer.length);
        octets += end - start + 8;
      },
    };
    attempt(() => {
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] as number;
        reader.push(bytes.subarray(at, at + size), sink);
        at += size;
      }
    });
    expect(octets).toBeLessThanOrEqual(bytes.length);
  },
);

fuzz(
  'the decoder of field tables gives a table, or a protocol error, and the walk says the same',
  fc.oneof(spoiled(table.map((one) => written((writer) => writeTable(writer, one)))), random),
  (bytes) => {
    const reader = new WireReader(bytes);
    const read = attempt(() => readTable(reader));
    if (bytes.length >= 4 && bytes.readUInt32BE() === bytes.length - 4) {
      expect(walkTable(bytes, 4, bytes.length) === UNSOUND).toBe(read === undefined);
    }
    if (read === undefined) return;
    expect(reader.position).toBeLessThanOrEqual(bytes.length);
    // What is read can be passed on, and is then read as the same.
    const again = written((writer) => writeTable(writer, read));
    expect(written((writer) => writeTable(writer, readTable(new WireReader(again))))).toEqual(again);
  },
);

fuzz(
  'the scan of properties lets nothing through that cannot be decoded',
  fc.oneof(
    spoiled(
      fc
        .record(
          {
            contentType: fc.string({ maxLength: 8 }),
            headers: table,
            deliveryMode: fc.nat(2),
            priority: fc.nat(255),
            replyTo: fc.string({ maxLength: 8 }),
            expiration: fc.string({ maxLength: 8 }),
            timestamp: fc.nat(),
            appId: fc.string({ maxLength: 8 }),
          },
          { requiredKeys: [] },
        )
        .map((properties) => written((writer) => writeProperties(writer, properties))),
    ),
    random,
  ),
  (bytes) => {
    const scan = new PropertyScan();
    const passed = attempt(() => {
      scan.scan(bytes, 0, bytes.length);
      return !scan.needsInspection;
    });
    const read = attempt(() => readProperties(new WireReader(bytes)));
    if (passed) expect(read).toBeDefined();
  },
);

fuzz(
  'the decoder of methods gives a method, or a protocol error',
  fc.oneof(
    spoiled(
      fc.tuple(fc.string({ maxLength: 20 }), table, fc.boolean()).map(([queue, args, flag]) =>
        written((writer) =>
          encodeMethod(writer, 'queue.declare', {
            ticket: 0,
            queue,
            passive: flag,
            durable: !flag,
            exclusive: flag,
            autoDelete: flag,
            nowait: flag,
            arguments: args,
          }),
        ),
      ),
    ),
    fc
      .tuple(fc.constantFrom(10, 20, 30, 40, 50, 60, 85, 90), fc.integer({ min: 0, max: 130 }), random)
      .map(([classId, methodId, rest]) => Buffer.concat([Buffer.of(0, classId, 0, methodId), rest])),
    random,
  ),
  (bytes) => {
    attempt(() => decodeMethod(new WireReader(bytes)));
  },
);

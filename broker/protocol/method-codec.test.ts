import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_TABLE, type FieldTable, type FieldValue } from './field-table.js';
import { FrameWriter } from './frame-writer.js';
import { decodeMethod, encodeMethod, type MethodArguments } from './method-codec.js';
import { type ArgumentKind, METHODS, type MethodName } from './method-table.js';
import { ProtocolError } from './protocol-error.js';
import { WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

interface OracleFrame {
  type: number;
  channelId: number;
  methodId: number;
  params: Record<string, unknown>;
}

interface Oracle {
  encodeFrame(frame: OracleFrame): Buffer;
}

// The client library's own codec: not part of its public interface, so by file, through its package.
const require = createRequire(import.meta.url);
const oracle = require(`${require.resolve('rabbitmq-client').replace(/index\.js$/, '')}codec.js`) as Oracle;

const names = Object.keys(METHODS) as MethodName[];
const shortText = fc.string({ maxLength: 60, unit: 'grapheme' });

const leaf: fc.Arbitrary<FieldValue> = fc.oneof(
  fc
    .uint8Array({ maxLength: 40 })
    .map((value): FieldValue => ({ type: 'longstr', value: Buffer.from(value) })),
  fc.integer().map((value): FieldValue => ({ type: 'signedint', value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): FieldValue => ({ type: 'long', value })),
  fc.integer({ min: -128, max: 127 }).map((value): FieldValue => ({ type: 'byte', value })),
  fc.integer({ min: 0, max: 65_535 }).map((value): FieldValue => ({ type: 'unsignedshort', value })),
  fc.double({ noNaN: true }).map((value): FieldValue => ({ type: 'double', value })),
  fc.boolean().map((value): FieldValue => ({ type: 'bool', value })),
  fc.constant<FieldValue>({ type: 'void', value: undefined }),
);

const table: fc.Arbitrary<FieldTable> = fc.array(fc.tuple(shortText, leaf), { maxLength: 5 }).chain((pairs) =>
  fc.boolean().map((nest): FieldTable => {
    const inner = new Map(pairs);
    if (!nest) return inner;
    const list: FieldValue = { type: 'array', value: [...inner.values()] };
    return new Map<string, FieldValue>([
      ['inner', { type: 'table', value: inner }],
      ['list', list],
    ]);
  }),
);

function arbitraryOf(kind: ArgumentKind, tables: fc.Arbitrary<FieldTable>): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'bit':
      return fc.boolean();
    case 'octet':
      return fc.integer({ min: 0, max: 255 });
    case 'short':
      return fc.integer({ min: 0, max: 65_535 });
    case 'long':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'longlong':
    case 'timestamp':
      return fc.maxSafeNat();
    case 'shortstr':
      return shortText.filter((text) => Buffer.byteLength(text) < 256);
    case 'longstr':
      return fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    case 'table':
      return tables;
  }
}

function argumentsOf(name: MethodName, tables = table): fc.Arbitrary<Record<string, unknown>> {
  const [, , ...fields] = METHODS[name] as readonly [number, number, ...(readonly [string, ArgumentKind])[]];
  return fc.record(Object.fromEntries(fields.map(([field, kind]) => [field, arbitraryOf(kind, tables)])));
}

function encode(name: MethodName, args: Record<string, unknown>): Buffer {
  const writer = new WireWriter();
  encodeMethod(writer, name, args as MethodArguments<MethodName>);
  return writer.copy();
}

describe('the method codec', () => {
  test.each(names)('%s comes back as it was written', (name) => {
    fc.assert(
      fc.property(argumentsOf(name), (args) => {
        const reader = new WireReader(encode(name, args));
        expect(decodeMethod(reader)).toEqual({ name, args });
        expect(reader.position).toBe(reader.end);
      }),
      { numRuns: 30 },
    );
  });

  test('agrees byte for byte with another implementation wherever that knows the method', () => {
    let compared = 0;
    for (const name of names) {
      const [classId, methodId, ...fields] = METHODS[name] as readonly [
        number,
        number,
        ...(readonly [string, ArgumentKind])[],
      ];
      const reserved = fields.filter(([field]) => ['ticket', 'outOfBand', 'channelId'].includes(field));
      const known = fields.every(([, kind]) => kind !== 'longstr');
      if (!known || ['connection.open', 'connection.open-ok', 'basic.get-empty'].includes(name)) continue;
      fc.assert(
        fc.property(argumentsOf(name, fc.constant(EMPTY_TABLE)), (args) => {
          const params: Record<string, unknown> = { ...args };
          for (const [field, kind] of reserved) {
            args[field] = kind === 'short' ? 0 : '';
            params['rsvp1'] = args[field];
          }
          for (const [field, kind] of fields) if (kind === 'table') params[field] = {};
          // There the class and method of an offender are one number.
          if (name.endsWith('.close')) {
            params['methodId'] = Number(args['classId']) * 65_536 + Number(args['methodId']);
          }
          let theirs: Buffer;
          try {
            const id = (classId << 16) | methodId;
            theirs = oracle.encodeFrame({ type: 1, channelId: 7, methodId: id, params });
          } catch {
            return;
          }
          const writer = new FrameWriter();
          writer.method(7, name, args as MethodArguments<MethodName>);
          expect(writer.copy().toString('hex'), name).toBe(theirs.toString('hex'));
          compared++;
        }),
        { numRuns: 10 },
      );
    }
    expect(compared).toBeGreaterThan(300);
  });

  test('arguments cut short anywhere are a frame error that names the method, never a crash', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(name), argumentsOf(name))),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        ([name, args], where) => {
          const bytes = encode(name, args);
          const cut = 4 + Math.floor((bytes.length - 4) * where);
          if (cut === bytes.length) return;
          try {
            decodeMethod(new WireReader(bytes.subarray(0, cut)));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
            expect((error as ProtocolError).replyCode).toBe(501);
            expect((error as ProtocolError).classId).toBe(METHODS[name][0]);
          }
        },
      ),
    );
  });
});

describe('the hand-written methods', () => {
  const image = Buffer.concat([Buffer.from('003c0000000000000000000300000000', 'hex').subarray(0, 14)]);

  test('basic.deliver is the same as the table writes it', () => {
    const byHand = new FrameWriter();
    const content = { buffer: image, offset: 0, headerBytes: 14, bodyBytes: 0 };
    const address = Buffer.from('\x01e\x02rk');
    byHand.deliver(9, Buffer.from('\x03tag'), 2 ** 40 + 5, true, address, content, 131_072);
    const byTable = new FrameWriter();
    byTable.method(9, 'basic.deliver', {
      consumerTag: 'tag',
      deliveryTag: 2 ** 40 + 5,
      redelivered: true,
      exchange: 'e',
      routingKey: 'rk',
    });
    expect(byHand.copy().subarray(0, byTable.length)).toEqual(byTable.copy());
  });

  test('basic.ack and basic.nack are the same as the table writes them', () => {
    const byHand = new FrameWriter();
    byHand.ack(300, 77, true);
    byHand.nack(300, 78, false);
    const byTable = new FrameWriter();
    byTable.method(300, 'basic.ack', { deliveryTag: 77, multiple: true });
    byTable.method(300, 'basic.nack', { deliveryTag: 78, multiple: false, requeue: false });
    expect(byHand.copy()).toEqual(byTable.copy());
  });
});

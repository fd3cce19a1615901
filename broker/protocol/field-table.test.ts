import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldTable, type FieldValue, longString, readTable, writeTable } from './field-table.js';
import { readProperties, writeProperties } from './properties.js';
import { ProtocolError } from './protocol-error.js';
import { WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

function encode(table: FieldTable): Buffer {
  const writer = new WireWriter();
  writeTable(writer, table);
  return writer.copy();
}

describe('field tables', () => {
  test('every type comes back as it was written', () => {
    const table = new Map<string, FieldValue>([
      ['S', longString('text')],
      ['x', { type: 'binary', value: Buffer.from([1]) }],
      ['I', { type: 'signedint', value: -5 }],
      ['i', { type: 'unsignedint', value: 4_000_000_000 }],
      ['b', { type: 'byte', value: -7 }],
      ['B', { type: 'unsignedbyte', value: 200 }],
      ['s', { type: 'short', value: -300 }],
      ['u', { type: 'unsignedshort', value: 60_000 }],
      ['l', { type: 'long', value: -(2n ** 60n) }],
      ['T', { type: 'timestamp', value: 2n ** 40n }],
      ['f', { type: 'float', value: 0.5 }],
      ['d', { type: 'double', value: 1.25 }],
      ['D', { type: 'decimal', value: { scale: 2, unscaled: 314 } }],
      ['t', { type: 'bool', value: true }],
      ['V', { type: 'void', value: undefined }],
      ['F', { type: 'table', value: new Map([['k', longString('v')]]) }],
      ['A', { type: 'array', value: [longString('a'), { type: 'bool', value: false }] }],
    ]);
    expect(readTable(new WireReader(encode(table)))).toEqual(table);
  });

  test('a key __proto__ is a key like any other', () => {
    const read = readTable(new WireReader(encode(new Map([['__proto__', longString('x')]]))));
    expect([...read.keys()]).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['type']).toBeUndefined();
  });

  test('nesting beyond the limit is refused', () => {
    let bytes = Buffer.from([0x74, 1]);
    for (let depth = 0; depth < 200; depth++) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      bytes = Buffer.concat([Buffer.from([0x41]), length, bytes]);
    }
    const pair = Buffer.concat([Buffer.from([1, 0x61]), bytes]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(pair.length);
    expect(() => readTable(new WireReader(Buffer.concat([length, pair])))).toThrow(/nested deeper than 32/);
  });

  test('random octets are a table, a header, or a protocol error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        for (const read of [readTable, readProperties]) {
          try {
            read(new WireReader(Buffer.from(bytes)));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
    );
  });
});

test('properties come back as they were written', () => {
  const properties = {
    contentType: 'application/json',
    headers: new Map([['a', longString('b')]]),
    deliveryMode: 2,
    priority: 9,
    replyTo: 'q',
    expiration: '100',
    timestamp: 1_700_000_000,
    appId: 'order',
  };
  const writer = new WireWriter();
  writeProperties(writer, properties);
  expect(readProperties(new WireReader(writer.copy()))).toEqual(properties);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FieldTable, type FieldValue, longString, readTable, writeTable } from './field-table.js';
import { PropertyScan, readProperties } from './properties.js';
import { NAMES_COPIES, PLAIN, UNSOUND, walkTable } from './table-walk.js';
import { WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

function encode(table: FieldTable): Buffer {
  const writer = new WireWriter();
  writeTable(writer, table);
  return writer.copy();
}

function walk(encoded: Buffer): number {
  return walkTable(encoded, 4, encoded.length);
}

function decodes(encoded: Buffer): boolean {
  try {
    readTable(new WireReader(encoded));
    return true;
  } catch {
    return false;
  }
}

const everyType: FieldTable = new Map<string, FieldValue>([
  ['S', longString('text')],
  ['x', { type: 'binary', value: Buffer.from('raw') }],
  ['I', { type: 'signedint', value: -1 }],
  ['i', { type: 'unsignedint', value: 1 }],
  ['b', { type: 'byte', value: -1 }],
  ['B', { type: 'unsignedbyte', value: 1 }],
  ['s', { type: 'short', value: -1 }],
  ['u', { type: 'unsignedshort', value: 1 }],
  ['l', { type: 'long', value: 1n }],
  ['T', { type: 'timestamp', value: 1n }],
  ['f', { type: 'float', value: 1 }],
  ['d', { type: 'double', value: 1 }],
  ['D', { type: 'decimal', value: { scale: 1, unscaled: 1 } }],
  ['t', { type: 'bool', value: true }],
  ['V', { type: 'void', value: undefined }],
  ['F', { type: 'table', value: new Map([['CC', longString('deeper')]]) }],
  ['A', { type: 'array', value: [longString('CC'), { type: 'void', value: undefined }] }],
]);

test('a sound table is plain, and only a key of its own names copies', () => {
  expect(walk(encode(new Map()))).toBe(PLAIN);
  expect(walk(encode(everyType))).toBe(PLAIN);
  for (const name of ['CC', 'BCC']) {
    expect(walk(encode(new Map([...everyType, [name, longString('x')] as const])))).toBe(NAMES_COPIES);
  }
});

test('what cannot be decoded is unsound, and nothing else is', () => {
  const sound = encode(everyType);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(sound.length - 5), fc.nat(255)), { maxLength: 4 }),
      fc.nat(sound.length - 4),
      (changes, cut) => {
        const encoded = Buffer.from(sound.subarray(0, sound.length - cut));
        for (const [at, octet] of changes) if (at + 4 < encoded.length) encoded[at + 4] = octet;
        encoded.writeUInt32BE(encoded.length - 4);
        expect(walk(encoded) !== UNSOUND).toBe(decodes(encoded));
      },
    ),
    { numRuns: 2000 },
  );
});

test('tables may be as deep as they can be decoded', () => {
  let table: FieldTable = new Map();
  for (let depth = 1; depth <= 34; depth++) {
    table = new Map([['t', { type: 'table', value: table }]]);
    expect(walk(encode(table)) !== UNSOUND).toBe(decodes(encode(table)));
  }
  expect(walk(encode(table))).toBe(UNSOUND);
});

test('properties that cannot be decoded are inspected or refused', () => {
  const scan = new PropertyScan();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (octets) => {
      const encoded = Buffer.from(octets);
      try {
        readProperties(new WireReader(encoded));
      } catch {
        try {
          scan.scan(encoded, 0, encoded.length);
        } catch {
          return;
        }
        expect(scan.needsInspection).toBe(true);
      }
    }),
    { numRuns: 5000 },
  );
});

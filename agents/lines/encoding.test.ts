import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBinary } from './binary.js';
import type { EncodingName } from './encoding.js';
import { LineInput } from './line-input.js';
import { type Line, LineReader } from './line-reader.js';

const MARKS = { 'utf-8': [0xef, 0xbb, 0xbf], 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] };

function encode(text: string, name: EncodingName): Buffer {
  if (name === 'utf-8' || name === 'latin1') return Buffer.from(text, name === 'utf-8' ? 'utf8' : 'latin1');
  const bytes = Buffer.from(text, 'utf16le');
  return name === 'utf-16le' ? bytes : bytes.swap16();
}

function read(chunks: readonly Buffer[], name: EncodingName, lineBytesMax = 1_000): Line[] {
  const reader = new LineReader(lineBytesMax, 0, name);
  const lines = chunks.flatMap((chunk) => reader.push(chunk));
  const rest = reader.end();
  return rest === undefined ? lines : [...lines, rest];
}

function texts(bytes: Buffer, name: EncodingName, lineBytesMax?: number): string[] {
  return read([bytes], name, lineBytesMax).map(({ text }) => text);
}

const text = 'one\r\ntwo ÄÖ\nਊ਍\n\nlast';
const lines = ['one', 'two ÄÖ', 'ਊ਍', '', 'last'];

describe('an encoding', () => {
  it.each(['utf-8', 'utf-16le', 'utf-16be', 'utf-16'] as const)('%s is read by its name', (name) => {
    expect(texts(encode(text, name), name)).toEqual(lines);
  });

  it('Latin-1 has a character for each byte', () => {
    expect(texts(encode('Grüße\r\n\u00ff', 'latin1'), 'latin1')).toEqual(['Grüße', '\u00ff']);
  });

  it.each(['utf-8', 'utf-16le', 'utf-16be'] as const)('%s is known by its mark, which is no text', (name) => {
    const bytes = Buffer.concat([Buffer.from(MARKS[name]), encode(text, name)]);
    expect(texts(bytes, 'utf-8')).toEqual(lines);
    expect(texts(bytes, 'utf-16')).toEqual(lines);
  });

  it('is known by the mark also when reading begins further on', () => {
    const bytes = Buffer.concat([Buffer.from(MARKS['utf-16le']), encode('one\ntwo\n', 'utf-16le')]);
    const reader = new LineReader(100, 10, 'utf-8', bytes.subarray(0, 3));
    expect(reader.push(bytes.subarray(10))).toEqual([
      { text: 'two', offset: 10, endOffset: 18, isCut: false },
    ]);
  });

  it('cuts long lines between characters, surrogate pairs too', () => {
    for (const name of ['utf-16le', 'utf-16be'] as const) {
      expect(texts(encode('a😀😀\nb', name), name, 9)).toEqual(['a😀', 'b']);
    }
  });

  it('marks records of which some bytes are no text', () => {
    const flags = (bytes: Buffer, encoding: EncodingName) => {
      const input = new LineInput({ encoding }, { service: { name: 'shop' }, hostname: 'web-1' });
      const reader = input.open();
      return input.records([...reader.push(bytes), ...reader.end()], () => 'id').map(({ log }) => log.flags);
    };
    expect(flags(Buffer.from([0x61, 0xff, 0x0a, 0x62]), 'utf-8')).toEqual([['replaced'], undefined]);
    expect(flags(Buffer.from('a \ufffd\n'), 'utf-8')).toEqual([undefined]);
    expect(flags(Buffer.from([0x00, 0xd8, 0x0a, 0x00]), 'utf-16le')).toEqual([['replaced']]);
    expect(flags(Buffer.from([0x61, 0x00, 0x62]), 'utf-16le')).toEqual([['replaced']]);
  });

  it('gives the same lines however the bytes are split', () => {
    const byte = fc.constantFrom(
      0x0a,
      0x0d,
      0x00,
      0x61,
      0xc3,
      0xa9,
      0xd8,
      0xdc,
      0xff,
      0xfe,
      0xef,
      0xbb,
      0xbf,
    );
    const property = fc.property(
      fc.array(byte, { maxLength: 100 }),
      fc.array(fc.nat({ max: 100 }), { maxLength: 20 }),
      fc.constantFrom<EncodingName>('utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'latin1'),
      fc.integer({ min: 1, max: 12 }),
      (values, cuts, name, lineBytesMax) => {
        const bytes = Buffer.from(values);
        const ends = [...cuts, 0, bytes.length]
          .map((cut) => Math.min(cut, bytes.length))
          .sort((a, b) => a - b);
        const chunks = ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
        expect(read(chunks, name, lineBytesMax)).toEqual(read([bytes], name, lineBytesMax));
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});

describe('a file', () => {
  it.each([
    ['text', Buffer.from('INFO \u001b[32mgreen\u001b[0m\tÄ\r\n'), false],
    ['nothing', Buffer.alloc(0), false],
    ['text after the zeros of a truncation', Buffer.from(`${'\0'.repeat(4_000)}INFO a\n`), false],
    ['text with the zeros of a power cut', Buffer.from(`INFO a\n${'\0'.repeat(1_000)}`), false],
    [
      'UTF-16 with its mark',
      Buffer.concat([Buffer.from(MARKS['utf-16le']), encode('INFO\n', 'utf-16le')]),
      false,
    ],
    ['a program', Buffer.from(`\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x03\0\x3e\0\x01\0\0\0`, 'latin1'), true],
    ['UTF-16 that nothing tells of', encode('INFO a\n', 'utf-16le'), true],
  ])('of %s is binary: %#', (_, start, expected) => {
    expect(isBinary(start)).toBe(expected);
  });
});

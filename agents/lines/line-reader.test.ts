import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, LineReader } from './line-reader.js';

function readAll(chunks: readonly Buffer[], lineBytesMax = 100): Line[] {
  const reader = new LineReader(lineBytesMax);
  const lines = chunks.flatMap((chunk) => reader.push(chunk));
  const rest = reader.end();
  return rest === undefined ? lines : [...lines, rest];
}

function texts(text: string, lineBytesMax?: number): string[] {
  return readAll([Buffer.from(text)], lineBytesMax).map((line) => line.text);
}

describe('the line reader', () => {
  it('ends lines at LF and CRLF, and keeps a lone CR', () => {
    expect(texts('one\ntwo\r\nth\rree\n\nrest')).toEqual(['one', 'two', 'th\rree', '', 'rest']);
  });

  it('knows where each line starts and ends in the file', () => {
    const reader = new LineReader(100, 1_000);
    expect(reader.push(Buffer.from('one\r\ntwo\nth'))).toEqual([
      { text: 'one', offset: 1_000, endOffset: 1_005, isCut: false },
      { text: 'two', offset: 1_005, endOffset: 1_009, isCut: false },
    ]);
    expect(reader.lineOffset).toBe(1_009);
    expect(reader.position).toBe(1_011);
  });

  it('cuts a line at the limit, marks it, and goes on with the next', () => {
    const lines = readAll([Buffer.from(`${'x'.repeat(11)}\n${'y'.repeat(10)}\r\nz\n`)], 10);
    expect(lines.map(({ text, isCut }) => [text, isCut])).toEqual([
      ['x'.repeat(10), true],
      ['y'.repeat(10), false],
      ['z', false],
    ]);
  });

  it('does not cut in the middle of a character', () => {
    expect(texts('ééééé\n', 5)).toEqual(['éé']);
    expect(texts('a😀😀\n', 6)).toEqual(['a😀']);
  });

  it('replaces bytes that are not UTF-8', () => {
    expect(readAll([Buffer.from([0x61, 0xff, 0x62, 0x0a])])[0]?.text).toBe('a\ufffdb');
  });

  it('skips the zero bytes that a truncation leaves under a writer that does not append', () => {
    const lines = readAll([Buffer.concat([Buffer.alloc(5_000), Buffer.from('next\n')])], 100);
    expect(lines).toEqual([{ text: 'next', offset: 0, endOffset: 5_005, isCut: false }]);
  });

  it('gives the same lines however the bytes are split', () => {
    const byte = fc.constantFrom(0x0a, 0x0d, 0x00, 0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80);
    const property = fc.property(
      fc.array(byte, { maxLength: 200 }),
      fc.array(fc.nat({ max: 200 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 12 }),
      (values, cuts, lineBytesMax) => {
        const bytes = Buffer.from(values);
        const ends = [...cuts, 0, bytes.length]
          .map((cut) => Math.min(cut, bytes.length))
          .sort((a, b) => a - b);
        const chunks = ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
        expect(readAll(chunks, lineBytesMax)).toEqual(readAll([bytes], lineBytesMax));
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it('covers every byte: each line ends where the next one starts', () => {
    const property = fc.property(fc.array(fc.constantFrom('\n', '\r', '\0', 'a', 'é')), (parts) => {
      const bytes = Buffer.from(parts.join(''));
      let offset = 0;
      for (const line of readAll([bytes], 3)) {
        expect(line.offset).toBe(offset);
        offset = line.endOffset;
      }
      // Only zero bytes at the very end belong to no line yet.
      expect(bytes.subarray(offset).every((value) => value === 0)).toBe(true);
    });
    fc.assert(property);
  });
});

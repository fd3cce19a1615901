import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentOptionError } from '../errors.js';
import type { LineGroup } from './line-group.js';
import { LineInput } from './line-input.js';
import type { MultilineOptions } from './multiline.js';

const origin = { service: { name: 'shop' }, hostname: 'web-1' };

function read(chunks: readonly Buffer[], multiline: MultilineOptions, lineBytesMax = 1_000): LineGroup[] {
  const reader = new LineInput({ multiline, lineBytesMax }, origin).open();
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

function events(text: string, multiline: MultilineOptions = {}): string[] {
  return read([Buffer.from(text)], multiline).map(({ lines }) => lines.map((line) => line.text).join('\n'));
}

const java = `ERROR late
java.lang.IllegalStateException: no
	at a.B.c(B.java:1)
	Suppressed: java.io.IOException
Caused by: java.io.IOException
	... 3 more`;
const python = `ERROR failed
Traceback (most recent call last):
  File "a.py", line 1, in <module>
    open('x')
FileNotFoundError: x

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
ValueError: bad`;
const go = `panic: runtime error: index out of range [5] with length 3
[signal SIGSEGV: segmentation violation]

goroutine 1 [running]:
main.(*Server).run(0xc000012345, 0x5)
	/src/main.go:8 +0x1d
main.main()
	/src/main.go:4 +0x20

goroutine 18 [chan receive, 2 minutes]:
net/http.(*conn).serve(...)
	/usr/lib/go/net.go:1 +0x5
created by net/http.(*Server).Serve in goroutine 1
	/usr/lib/go/net.go:2 +0x5
exit status 2`;
const node = `/app/server.js:3
throw new Error('boom', { cause: new Error('deep') })
^

Error: boom
    at Object.<anonymous> (/app/server.js:3:7)
    at node:internal/main:1:1 {
  [cause]: Error: deep
      at Object.<anonymous> (/app/server.js:3:34)
}

Node.js v20.20.2`;

describe('a stack trace', () => {
  it.each([
    ['java', java],
    ['python', python],
    ['go', go],
    ['node', node],
  ] as const)('of %s is one record, by its own preset and by that of all', (preset, trace) => {
    const text = `INFO before\n${trace}\nINFO after\n`;
    expect(events(text, { preset })).toEqual(['INFO before', trace, 'INFO after']);
    expect(events(text)).toEqual(['INFO before', trace, 'INFO after']);
  });

  it('after another is a record of its own', () => {
    expect(events(`${node}\n${go}\n`)).toEqual([node, go]);
  });

  it('of another language is not known to a preset', () => {
    expect(events('E\njava.io.IOException: x\n', { preset: 'go' })).toEqual(['E', 'java.io.IOException: x']);
  });

  it('is a record for each line where nothing is put together', () => {
    expect(events('E\n\tat a.B\n\nF\n', { preset: 'none' })).toEqual(['E', '\tat a.B', 'F']);
  });

  it('does not take the text that comes after its blank line', () => {
    expect(events(`${python}\n\nINFO on\n`)).toEqual([python, 'INFO on']);
  });
});

describe('a pattern of the user', () => {
  const text = 'b\nb\na\nc\nb\nb\nd\nb\n';
  // The four cases, as Filebeat's documentation defines them for the pattern ^b.
  it.each([
    [{}, ['b\nb', 'a', 'c\nb\nb', 'd\nb']],
    [{ match: 'before' }, ['b\nb\na', 'c', 'b\nb\nd', 'b']],
    [{ negate: true }, ['b', 'b\na\nc', 'b', 'b\nd', 'b']],
    [{ negate: true, match: 'before' }, ['b', 'b', 'a\nc\nb', 'b', 'd\nb']],
  ] as const)('with %j puts lines together', (options, expected) => {
    expect(events(text, { pattern: '^b', ...options })).toEqual(expected);
  });

  it('keeps blank lines that belong to a record', () => {
    expect(events('1 a\n\nb\n2 c\n', { pattern: '^\\d', negate: true })).toEqual(['1 a\n\nb', '2 c']);
  });

  it.each([
    { pattern: '(' },
    { pattern: 'a', preset: 'java' },
    { negate: true },
    { match: 'before' },
    { linesMax: 0 },
    { bytesMax: 0.5 },
  ] as MultilineOptions[])('that cannot be used is an error: %j', (multiline) => {
    expect(() => new LineInput({ multiline }, origin)).toThrow(AgentOptionError);
  });
});

describe('a record of several lines', () => {
  it('ends at the limit of lines, is marked, and goes on in the next: nothing is dropped', () => {
    const groups = read([Buffer.from('a\n b\n c\n d\n')], { linesMax: 3 });
    expect(groups.map(({ lines, isSplit }) => [lines.map((line) => line.text), isSplit])).toEqual([
      [['a', ' b', ' c'], true],
      [[' d'], false],
    ]);
    const records = new LineInput({}, origin).records(groups, () => 'id');
    expect(records.map(({ log }) => log.flags)).toEqual([['split'], undefined]);
  });

  it('ends at the limit of bytes', () => {
    expect(events('é\n éé\n é\n', { bytesMax: 7 })).toEqual(['é\n éé', ' é']);
    expect(events('a line that is longer than that\n b\n', { bytesMax: 7 })).toHaveLength(2);
  });

  const part = fc.constantFrom(
    ...['INFO a', ' at b', 'Caused by: c', 'Traceback (most recent call last):', '  File "x", line 1'],
    ...[
      'E: d',
      '',
      '{"a":1}',
      'panic: x',
      'goroutine 1 [running]:',
      'main.main()',
      '/a.js:1',
      '^',
      '}',
      'é😀',
    ],
    'a line that is longer than the limit of thirty bytes',
  );
  const options = fc.constantFrom<MultilineOptions>(
    {},
    { linesMax: 3, bytesMax: 40 },
    { pattern: '^[ \\t]' },
    { pattern: '^[A-Z]', negate: true, linesMax: 4 },
    { pattern: '[:a]$', match: 'before', bytesMax: 50 },
  );

  it('is the same however the bytes are split', () => {
    const property = fc.property(
      fc.array(part, { maxLength: 40 }),
      fc.constantFrom('\n', '\r\n'),
      fc.array(fc.nat({ max: 600 }), { maxLength: 20 }),
      options,
      (texts, lineEnd, cuts, multiline) => {
        const bytes = Buffer.from(texts.join(lineEnd));
        const ends = [...cuts, 0, bytes.length]
          .map((cut) => Math.min(cut, bytes.length))
          .sort((a, b) => a - b);
        const chunks = ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
        expect(read(chunks, multiline, 30)).toEqual(read([bytes], multiline, 30));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('loses, repeats and reorders no line that is not blank', () => {
    const property = fc.property(fc.array(part, { maxLength: 100 }), options, (texts, multiline) => {
      const groups = read([Buffer.from(texts.join('\n'))], multiline);
      const kept = groups.flatMap(({ lines }) => lines.map(({ text }) => text));
      expect(kept.filter((text) => text !== '')).toEqual(texts.filter((text) => text !== ''));
      const offsets = groups.flatMap(({ lines }) => lines.map(({ offset }) => offset));
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    });
    fc.assert(property, { numRuns: 500 });
  });
});

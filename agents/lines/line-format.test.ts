import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentOptionError } from '../errors.js';
import type { LogRecord } from '../record.js';
import { LineInput, type LineInputOptions } from './line-input.js';
import { parseLogfmt } from './logfmt.js';

const origin = { service: { name: 'shop' }, hostname: 'web-1' };

function recordOf(text: string, options: LineInputOptions): LogRecord {
  const input = new LineInput(options, origin);
  const reader = input.open();
  const records = input.records([...reader.push(Buffer.from(text)), ...reader.end()], () => 'id');
  expect(records).toHaveLength(1);
  return records[0] as LogRecord;
}

describe('logfmt', () => {
  it.each([
    ['a=1 b="two words" c d=', { a: '1', b: 'two words', c: true, d: '' }],
    ['msg="say \\"hi\\"\\n\\u00e9" x=a=b', { msg: 'say "hi"\né', x: 'a=b' }],
    ['  ts=1   ', { ts: '1' }],
    ['plain words only', undefined],
    ['a="open', undefined],
    ['=x', undefined],
    ['', undefined],
  ])('%j is %j', (line, fields) => {
    expect(parseLogfmt(line)).toEqual(fields);
  });

  it('gives back what was written', () => {
    const key = fc.stringMatching(/^[a-z][a-z.]{0,8}$/);
    const property = fc.property(
      fc.dictionary(key, fc.string(), { minKeys: 1, noNullPrototype: true }),
      (fields) => {
        const line = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
        // JSON's own escapes are those of logfmt, but for the two that nobody writes.
        fc.pre(!/\\[bf]/.test(line.join('')));
        expect(parseLogfmt(line.join(' '))).toEqual(fields);
      },
    );
    fc.assert(property);
  });

  it('is a record with each pair in its place', () => {
    const line = 'time=2026-01-31T10:20:30Z level=warning msg="no stock" order.id=7 pid=12\n  at x\n';
    expect(recordOf(line, { format: 'logfmt' })).toMatchObject({
      '@timestamp': '2026-01-31T10:20:30Z',
      message: 'no stock',
      log: { level: 'warn' },
      order: { id: '7' },
      process: { pid: 12 },
      error: { stack_trace: '  at x' },
    });
  });

  it('that it is not is a message, and marked', () => {
    const record = recordOf('Segmentation fault', { format: 'logfmt' });
    expect(record).toMatchObject({ message: 'Segmentation fault', log: { flags: ['unparsed'] } });
  });
});

describe('a regular expression', () => {
  const pattern = '^(?<ip>\\S+) \\S+ \\S+ \\[(?<time>[^\\]]+)\\] "(?<verb>\\w+) (?<path>\\S+)';
  const line = '10.0.0.1 - - [31/Jan/2026:10:20:30 +0100] "GET /cart HTTP/1.1" 200';

  it('gives its named groups as fields, and the whole line where it names no message', () => {
    expect(recordOf(line, { format: 'regex', pattern })).toMatchObject({
      '@timestamp': '2026-01-31T09:20:30.000Z',
      message: line,
      ip: '10.0.0.1',
      verb: 'GET',
      path: '/cart',
    });
  });

  it('knows the names of level, message and pid', () => {
    const short = '^(?<level>\\w+) \\[(?<pid>\\d+)\\] (?<message>.*)$';
    expect(recordOf('WARN [12] slow', { format: 'regex', pattern: short })).toMatchObject({
      message: 'slow',
      log: { level: 'warn' },
      process: { pid: 12 },
    });
  });

  it('that does not match leaves a message, and a mark', () => {
    const record = recordOf('something else', { format: 'regex', pattern });
    expect(record).toMatchObject({ message: 'something else', log: { flags: ['unparsed'] } });
  });

  it('that hangs is stopped, and the line is a message', () => {
    const text = `${'a'.repeat(60)}!`;
    expect(recordOf(text, { format: 'regex', pattern: '^(?<a>(a+)+)$' }).message).toBe(text);
  });
});

describe('a format', () => {
  it('of text leaves JSON alone', () => {
    expect(recordOf('{"msg":"a"}', { format: 'text' }).message).toBe('{"msg":"a"}');
  });

  it('of JSON marks what is none', () => {
    expect(recordOf('x', { format: 'json' }).log.flags).toEqual(['unparsed']);
    expect(recordOf('{"msg":"a"}', { format: 'json' })).toMatchObject({ message: 'a' });
  });

  it.each([
    { format: 'regex' },
    { pattern: 'a' },
    { format: 'regex', pattern: '(' },
    { timeZone: 'Mars/Base' },
  ] as const)('that cannot be used is an error: %j', (options) => {
    expect(() => new LineInput(options, origin)).toThrow(AgentOptionError);
  });
});

describe('a time without a zone', () => {
  it.each([
    ['2026-01-31 10:20:30 x', 'Europe/Berlin', '2026-01-31T09:20:30.000Z'],
    ['2026-07-31 10:20:30,5 x', 'Europe/Berlin', '2026-07-31T08:20:30.500Z'],
    ['2026/07/31 10:20:30 x', '+05:30', '2026-07-31T04:50:30.000Z'],
    ['2026-07-31T10:20:30 x', 'UTC', '2026-07-31T10:20:30.000Z'],
    // The hour before the clocks go forward, and the one after.
    ['2026-03-29 01:59:59 x', 'Europe/Berlin', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29 03:00:00 x', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    // A zone in the line counts more than the one of the settings.
    ['2026-07-31 10:20:30+02:00 x', 'America/New_York', '2026-07-31T08:20:30.000Z'],
  ])('%s in %s is %s', (text, timeZone, expected) => {
    expect(recordOf(text, { timeZone })['@timestamp']).toBe(expected);
  });

  it('is in the zone in a field too', () => {
    expect(recordOf('{"time":"2026-01-31 10:20:30","msg":"a"}', { timeZone: '-01:00' })['@timestamp']).toBe(
      '2026-01-31T11:20:30.000Z',
    );
  });
});

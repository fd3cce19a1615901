import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../record.js';
import { LineGrouper } from './line-group.js';
import { LineInput } from './line-input.js';
import { type Line, LineReader } from './line-reader.js';
import { levelOfText } from './line-record.js';

const origin = { service: { name: 'shop' }, hostname: 'web-1' };

function groups(text: string): string[] {
  const grouper = new LineGrouper();
  const reader = new LineReader(1_000);
  const complete = grouper.push(reader.push(Buffer.from(text)));
  return [...complete, grouper.flush()]
    .filter((group) => group !== undefined)
    .map((group) => group.lines.map((line) => line.text).join('|'));
}

function line(text: string): Line {
  return { text, offset: 0, endOffset: text.length + 1, isCut: false };
}

function recordOf(one: Line): LogRecord {
  const groups = [{ lines: [one], isSplit: false }];
  return new LineInput({}, origin).records(groups, () => 'id')[0] as LogRecord;
}

describe('lines', () => {
  it('of plain text are events of their own, and blank lines are none', () => {
    expect(groups('one\n\ntwo\n   \nthree\n')).toEqual(['one', 'two', 'three']);
  });

  it('of a Java stack trace are one event', () => {
    const trace =
      'ERROR late\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException\n\t... 3 more\nINFO on\n';
    expect(groups(trace)).toEqual([
      'ERROR late|java.lang.IllegalStateException: no|\tat a.B.c(B.java:1)|Caused by: java.io.IOException|\t... 3 more',
      'INFO on',
    ]);
  });

  it('of a Python traceback are one event, with the exception and its cause', () => {
    const trace =
      'ERROR failed\nTraceback (most recent call last):\n  File "a.py", line 1\nValueError: bad\nINFO on\n';
    expect(groups(trace)).toEqual([
      'ERROR failed|Traceback (most recent call last):|  File "a.py", line 1|ValueError: bad',
      'INFO on',
    ]);
  });

  it('that follow a line of JSON do not belong to it', () => {
    expect(groups('{"msg":"one"}\n  indented\n')).toEqual(['{"msg":"one"}', '  indented']);
  });

  it('are never lost, repeated or put in another order by grouping', () => {
    const text = fc.constantFrom(
      'INFO a',
      ' at b',
      'Caused by: c',
      'Traceback (most recent call last):',
      'E: d',
      '{"a":1}',
    );
    const property = fc.property(fc.array(text, { maxLength: 1_500 }), (lines) => {
      expect(groups(lines.map((one) => `${one}\n`).join('')).flatMap((group) => group.split('|'))).toEqual(
        lines,
      );
    });
    fc.assert(property, { numRuns: 50 });
  });
});

describe('the level of a line of text', () => {
  it.each([
    ['2026-01-31 10:20:30 ERROR no stock', 'error'],
    ['[warn] slow', 'warn'],
    ['<critical> down', 'fatal'],
    ['level=debug msg="x"', 'debug'],
    ['ts=1 level="error" msg="x"', 'error'],
    ['error: no such file', 'error'],
    ['Warning: deprecated', 'warn'],
    ['2026/01/31 10:20:30 [emerg] bind() failed', 'fatal'],
    ['no error was found', 'info'],
    ['the INFORMER came', 'info'],
    ['GET /error 200', 'info'],
    ['', 'info'],
    [`${'x'.repeat(200)} ERROR`, 'info'],
  ])('of %j is %s', (text, level) => {
    expect(levelOfText(text)).toBe(level);
  });
});

describe('the record of a line', () => {
  it('has the time that the line starts with', () => {
    const record = recordOf(line('2026-01-31T10:20:30.123456+01:00 hello'));
    expect(record['@timestamp']).toBe('2026-01-31T10:20:30.123456+01:00');
  });

  it('of JSON in the names of other loggers has them in their places', () => {
    const winston = '{"timestamp":"2026-01-31T10:20:30Z","level":"warning","message":"slow","ms":12}';
    expect(recordOf(line(winston))).toEqual({
      '@timestamp': '2026-01-31T10:20:30Z',
      message: 'slow',
      log: { level: 'warn' },
      labels: { level: 'warning' },
      service: { name: 'shop' },
      host: { hostname: 'web-1' },
      event: { id: 'id' },
      ms: 12,
    });
  });

  it('of ECS keeps its fields, nested or with dots, and the service it was given', () => {
    const ecs =
      '{"@timestamp":"2026-01-31T10:20:30Z","log.level":"error","message":"m","log":{"logger":"a"},"service.name":"x","service.version":"2","trace":{"id":"t"},"ecs.version":"8.10"}';
    expect(recordOf(line(ecs))).toMatchObject({
      log: { level: 'error', logger: 'a' },
      service: { name: 'shop', version: '2' },
      trace: { id: 't' },
      ecs: { version: '8.10' },
    });
  });

  it.each(['{"broken', '{not json}', '[1,2]', '42', 'null'])(
    'that only looks like JSON, %s, is a message',
    (text) => {
      expect(recordOf(line(text)).message).toBe(text);
    },
  );

  it('cannot be broken by any JSON object', () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
      const record = recordOf(line(JSON.stringify(fields)));
      expect(typeof record.message).toBe('string');
      expect(record.event.id).toBe('id');
      expect(record.service.name).toBe('shop');
      expect(Number.isNaN(Date.parse(record['@timestamp']))).toBe(false);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('cannot be broken by odd values of the fields it knows', () => {
    const names = [
      'level',
      'time',
      'msg',
      'message',
      'err',
      'error',
      'req',
      'res',
      'log',
      'event',
      'labels',
      'host',
    ];
    const more = [
      'service',
      'process',
      'pid',
      'trace',
      'stack',
      'http',
      '__proto__',
      'log.level',
      'event.id',
      'a.b',
    ];
    const property = fc.property(
      fc.dictionary(fc.constantFrom(...names, ...more), fc.jsonValue()),
      (fields) => {
        const record = recordOf(line(JSON.stringify(fields)));
        expect(typeof record.message).toBe('string');
        expect(record.event.id).toBe('id');
        expect(record.service.name).toBe('shop');
        expect(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).toContain(record.log.level);
        expect(Number.isNaN(Date.parse(record['@timestamp']))).toBe(false);
        for (const name of ['log', 'event', 'service', 'host', 'error', 'http', 'labels']) {
          expect(['object', 'undefined']).toContain(typeof record[name]);
        }
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});

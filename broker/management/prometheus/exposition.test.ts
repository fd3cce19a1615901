import { expect, test } from 'vitest';
import { Exposition, label } from './exposition.js';
import { negotiateFormat, wantsGzip } from './negotiation.js';

function written(format: 'text' | 'openmetrics'): string {
  const exposition = new Exposition(format);
  exposition.begin('made_total', 'counter', 'Things\nmade');
  exposition.sample(label('by', 'a "b" \\ \n c'), 3);
  exposition.begin('untold', 'untyped', 'A "thing"');
  exposition.sample('', Number.POSITIVE_INFINITY);
  exposition.begin('made', 'counter', 'Without the ending');
  exposition.sample('', 0.5);
  exposition.begin('size_bytes', 'histogram', 'Sizes');
  exposition.sample(label('le', '100'), 1, '_bucket');
  exposition.end();
  return exposition.take();
}

test('the text format names a counter as its samples are named', () => {
  expect(written('text')).toBe(
    [
      '# TYPE made_total counter',
      '# HELP made_total Things\\nmade',
      'made_total{by="a \\"b\\" \\\\ \\n c"} 3',
      '# TYPE untold untyped',
      '# HELP untold A "thing"',
      'untold +Inf',
      '# TYPE made counter',
      '# HELP made Without the ending',
      'made 0.5',
      '# TYPE size_bytes histogram',
      '# HELP size_bytes Sizes',
      'size_bytes_bucket{le="100"} 1',
      '',
    ].join('\n'),
  );
});

test('OpenMetrics names a counter without its ending, knows nothing untyped, and ends with EOF', () => {
  expect(written('openmetrics')).toBe(
    [
      '# TYPE made counter',
      '# HELP made Things\\nmade',
      'made_total{by="a \\"b\\" \\\\ \\n c"} 3',
      '# TYPE untold unknown',
      '# HELP untold A \\"thing\\"',
      'untold +Inf',
      '# TYPE made unknown',
      '# HELP made Without the ending',
      'made 0.5',
      '# TYPE size_bytes histogram',
      '# HELP size_bytes Sizes',
      'size_bytes_bucket{le="100"} 1',
      '# EOF',
      '',
    ].join('\n'),
  );
});

test('text is taken once', () => {
  const exposition = new Exposition('text');
  exposition.begin('a', 'gauge', 'b');
  expect(exposition.length).toBeGreaterThan(0);
  exposition.take();
  expect(exposition.length).toBe(0);
  expect(exposition.take()).toBe('');
});

test.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/*', 'text'],
  ['text/plain;version=0.0.4', 'text'],
  ['text/html, */*;q=0.1', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['application/openmetrics-text;q=0.2, text/plain;q=0.3', 'text'],
  ['application/openmetrics-text;q=0, text/plain', 'text'],
  ['application/json', undefined],
])('Accept: %s gets %s', (accept, format) => {
  expect(negotiateFormat(accept)).toBe(format);
});

test.each([
  [undefined, false],
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['gzip;q=0', false],
  ['identity', false],
  ['identity, gzip;q=0.5', false],
])('Accept-Encoding: %s is gzip: %s', (acceptEncoding, gzip) => {
  expect(wantsGzip(acceptEncoding)).toBe(gzip);
});

import { expect, test } from 'vitest';
import { isTooDeep, parseObject } from './json-body.js';

function nested(depth: number): string {
  return `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
}

test('what is nested deeper than any table may be is refused, and what is side by side is not', () => {
  expect(isTooDeep(nested(128))).toBe(false);
  expect(isTooDeep(nested(130))).toBe(true);
  expect(isTooDeep(`[${'[],{},'.repeat(1000)}1]`)).toBe(false);
});

test('brackets within texts are not nested, whatever is escaped there', () => {
  expect(parseObject(Buffer.from(JSON.stringify({ a: '['.repeat(1000), '{': '\\"[{\\' })))).toEqual({
    a: '['.repeat(1000),
    '{': '\\"[{\\',
  });
  expect(isTooDeep(`["\\\\",${nested(130)}]`)).toBe(true);
  expect(isTooDeep(`["\\"${'['.repeat(200)}"]`)).toBe(false);
});

test('millions of brackets are refused without being parsed', () => {
  const body = Buffer.from('['.repeat(9_000_000) + ']'.repeat(9_000_000));
  const startedAt = performance.now();
  expect(() => parseObject(body)).toThrow('not_json');
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

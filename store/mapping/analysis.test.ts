import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokens, tokenText } from './analysis.js';

test.each([
  ['Connection timeout', ['connection', 'timeout']],
  ['foo.bar a-b', ['foo.bar', 'a', 'b']],
  ["don't 3.14 1,000", ["don't", '3.14', '1,000']],
  ['/api/v1/users?id=7', ['api', 'v1', 'users', 'id', '7']],
  ['key:value user_id _x __', ['key:value', 'user_id', '_x']],
  ['x@y.com 10.0.0.1 e.g.', ['x', 'y.com', '10.0.0.1', 'e.g']],
  ['Größe naïve', ['größe', 'naïve']],
  ['日本語', ['日', '本', '語']],
  ['결제 실패', ['결제', '실패']],
  ['...', []],
])('splits %j as the standard analyser does', (text, expected) => {
  expect(tokens(text)).toEqual(expected);
});

test('every token stands between spaces in the column, and none has a space', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const column = tokenText(text);
      for (const token of tokens(text)) {
        expect(token).not.toMatch(/\s/);
        expect(column).toContain(` ${token} `);
      }
    }),
  );
});

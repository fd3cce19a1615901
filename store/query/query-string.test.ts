import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Query } from './ast.js';
import { parseQueryString, type QueryStringOptions } from './query-string.js';
import { QuerySyntaxError } from './query-string-lexer.js';

const OPTIONS: QueryStringOptions = { defaultFields: 'default', defaultOperator: 'or', isLenient: true };

function parse(text: string, options: Partial<QueryStringOptions> = {}): Query {
  return parseQueryString(text, { ...OPTIONS, ...options });
}

/** A query in a short form, for reading. */
function shown(query: Query): string {
  switch (query.kind) {
    case 'bool': {
      const parts = [
        ...query.all.map((each) => `+${shown(each)}`),
        ...query.any.map((each) => `${query.anyCountMin > 0 ? '|' : '?'}${shown(each)}`),
        ...query.none.map((each) => `-${shown(each)}`),
      ];
      return `(${parts.join(' ')})`;
    }
    case 'words':
    case 'phrase':
      return `${query.fields === 'default' ? '' : `${query.fields.join(',')}:`}${query.kind === 'phrase' ? '"' : ''}${query.text}${query.kind === 'phrase' ? '"' : ''}`;
    case 'exists':
      return `exists ${query.field}`;
    case 'pattern':
    case 'regexp':
      return `${query.kind} ${query.pattern}`;
    case 'range':
      return `${query.fields === 'default' ? '' : query.fields.join(',')}${query.low === undefined ? '' : `${query.low.isInclusive ? '>=' : '>'}${query.low.value}`}${query.high === undefined ? '' : `${query.high.isInclusive ? '<=' : '<'}${query.high.value}`}`;
    default:
      return query.kind;
  }
}

test.each([
  ['timeout', 'timeout'],
  ['a b', 'a b'],
  ['a AND b', '(+a +b)'],
  ['a b AND c', '(+b +c ?a)'],
  ['a OR b AND c', '(+b +c ?a)'],
  ['NOT a', '(-a)'],
  ['a -b', '(|a -b)'],
  ['+a b', '(+a ?b)'],
  ['level:error AND (x OR y)', '(+level:error +(|x |y))'],
  ['level:(a b)', 'level:a b'],
  ['k:"v w"', 'k:"v w"'],
  ['-k:"v"', '(-k:"v")'],
  ['k:[1 TO 2}', 'k>=1<2'],
  ['k:>5', 'k>5'],
  ['k:<=-5', 'k<=-5'],
  ['_exists_:k', 'exists k'],
  ['k:*', 'exists k'],
  ['*', 'all'],
  ['k:/a.*b/', 'regexp a.*b'],
  ['ti*ut', 'pattern ti*ut'],
  ['a\\:b', 'a:b'],
  ['my\\ field:x', 'my field:x'],
  ['\\*', '*'],
  ['', 'none'],
])('reads %j', (text, expected) => {
  expect(shown(parse(text))).toBe(expected);
});

test('with AND as the default operator a word without one is required and OR makes both optional', () => {
  expect(shown(parse('+a b', { defaultOperator: 'and' }))).toBe('(+a +b)');
  expect(shown(parse('a OR b', { defaultOperator: 'and' }))).toBe('(|a |b)');
});

test.each([
  'a:(',
  '"abc',
  '[1 TO',
  'a OR',
  'AND b',
  '()',
  'level:',
  '/abc',
  'a^b',
  'a -',
  'x\\',
  't*s:a',
  'a/b',
])('refuses %j and says where', (text) => {
  expect(() => parse(text)).toThrow(QuerySyntaxError);
});

test('parentheses nested a hundred thousand deep are refused, not a stack overflow', () => {
  expect(() => parse('('.repeat(100_000))).toThrow(QuerySyntaxError);
});

test('whatever is typed, the parser gives a query or a syntax error', () => {
  const piece = fc.constantFrom(
    'a',
    'b:',
    '"',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ' TO ',
    ' AND ',
    ' OR ',
    ' NOT ',
    '+',
    '-',
    '!',
    '*',
    '?',
    '~',
    '^2',
    '/',
    '\\',
    '>',
    '<=',
    ' ',
    '&&',
    '||',
    '_exists_:',
    '日本',
    '\u0000',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 30 }).map((all) => all.join('')),
      ),
      (text) => {
        try {
          parse(text);
        } catch (error) {
          if (!(error instanceof QuerySyntaxError)) throw error;
        }
      },
    ),
    { numRuns: 5000 },
  );
});

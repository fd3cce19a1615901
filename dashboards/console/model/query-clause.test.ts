import { describe, expect, it } from 'vitest';
import {
  clause,
  completionPlace,
  hasClause,
  markedWords,
  withClause,
  withoutClause,
} from './query-clause.js';

describe('a clause of a query', () => {
  it('is written bare where that is safe and in quotes where it is not', () => {
    expect(clause('log.level', 'error', false)).toBe('log.level:error');
    expect(clause('url.path', '/v1/orders', false)).toBe('url.path:"/v1/orders"');
    expect(clause('message', 'said "no" \\', true)).toBe('NOT message:"said \\"no\\" \\\\"');
    expect(clause('labels.a b', 'OR', false)).toBe('labels.a\\ b:"OR"');
  });

  it('is added to what stands there, in brackets where that has alternatives', () => {
    expect(withClause('', 'a', '1', false)).toBe('a:1');
    expect(withClause('timeout', 'a', '1', false)).toBe('timeout AND a:1');
    expect(withClause('x OR y', 'a', '1', true)).toBe('(x OR y) AND NOT a:1');
    expect(withClause('"this OR that"', 'a', '1', false)).toBe('"this OR that" AND a:1');
    expect(withClause('s:(x OR y)', 'a', '1', false)).toBe('s:(x OR y) AND a:1');
  });

  it('is not added twice, and takes the place of its opposite', () => {
    expect(withClause('x AND a:1', 'a', '1', false)).toBe('x AND a:1');
    expect(withClause('x AND a:1', 'a', '1', true)).toBe('x AND NOT a:1');
    expect(withClause('NOT a:1 AND x', 'a', '1', false)).toBe('a:1 AND x');
    expect(withClause('a:12', 'a', '1', false)).toBe('a:12 AND a:1');
  });

  it('can be taken out again, with the AND that joined it', () => {
    expect(withoutClause('x AND a:1', 'a', '1')).toBe('x');
    expect(withoutClause('a:1 AND x', 'a', '1')).toBe('x');
    expect(withoutClause('x AND a:1 AND y', 'a', '1')).toBe('x AND y');
    expect(withoutClause('x', 'a', '1')).toBe('x');
    expect(hasClause('x AND a:1', 'a', '1')).toBe(true);
    expect(hasClause('x AND NOT a:1', 'a', '1')).toBe(false);
  });
});

describe('completion', () => {
  it('completes a field at the start of a word and a value after the colon', () => {
    expect(completionPlace('log.l', 5)).toEqual({ kind: 'field', field: '', typed: 'log.l', start: 0 });
    expect(completionPlace('a AND (-serv', 12)).toEqual({
      kind: 'field',
      field: '',
      typed: 'serv',
      start: 8,
    });
    expect(completionPlace('log.level:err', 13)).toEqual({
      kind: 'value',
      field: 'log.level',
      typed: 'err',
      start: 10,
    });
  });

  it('completes a field after _exists_ and nothing inside a phrase', () => {
    expect(completionPlace('_exists_:err', 12)).toEqual({
      kind: 'field',
      field: '_exists_',
      typed: 'err',
      start: 9,
    });
    expect(completionPlace('"connection ref', 15)).toBeNull();
  });
});

describe('the words that are marked in a message', () => {
  it('are the words and phrases searched for, not fields’ values and not what is excluded', () => {
    expect(markedWords('timeout AND "connection refused" log.level:error NOT slow -x')).toEqual([
      'timeout',
      'connection refused',
    ]);
    expect(markedWords('message:declin* OR a')).toEqual(['declin']);
  });
});

import { describe, expect, it } from 'vitest';
import { bySeverity, levelKind } from './level.js';
import { fieldValue, filterValues, flatFields } from './record-fields.js';

describe('the fields of a record', () => {
  it('are found nested, dotted, and partly both', () => {
    expect(fieldValue({ log: { level: 'info' } }, 'log.level')).toBe('info');
    expect(fieldValue({ 'log.level': 'info' }, 'log.level')).toBe('info');
    expect(fieldValue({ 'http.response': { status: 200 } }, 'http.response.status')).toBe(200);
    expect(fieldValue({ log: 'x' }, 'log.level')).toBeUndefined();
  });

  it('are listed as leaves with dotted names', () => {
    expect(flatFields({ a: { b: 1, c: { d: [1, 2] } }, e: null, f: {} })).toEqual([
      ['a.b', 1],
      ['a.c.d', [1, 2]],
      ['e', null],
      ['f', {}],
    ]);
  });

  it('can be filtered by their scalar values only', () => {
    expect(filterValues([1, 'x', { y: 1 }, null])).toEqual(['1', 'x']);
    expect(filterValues({ y: 1 })).toEqual([]);
  });
});

describe('a level', () => {
  it('is recognised as people write it', () => {
    expect(['WARNING', 'Err', 'critical', 'verbose', null, 'odd'].map(levelKind)).toEqual([
      'warn',
      'error',
      'fatal',
      'debug',
      'none',
      'none',
    ]);
  });

  it('is ordered from the most to the least severe', () => {
    expect(['info', 'fatal', 'WARN', 'error'].sort(bySeverity)).toEqual(['fatal', 'error', 'WARN', 'info']);
  });
});

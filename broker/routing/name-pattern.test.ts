import { describe, expect, test } from 'vitest';
import { NamePattern, PatternError } from './name-pattern.js';

describe('a pattern for names', () => {
  test('matches anywhere in the name, as RabbitMQ’s does', () => {
    expect(new NamePattern('order').matches('app.order.error')).toBe(true);
    expect(new NamePattern('^order').matches('app.order.error')).toBe(false);
    expect(new NamePattern('').matches('anything')).toBe(true);
  });

  test('knows look-ahead, the anchors of PCRE and flags in front', () => {
    const notSystem = new NamePattern('^(?!amq\\.).*');
    expect(notSystem.matches('amq.topic')).toBe(false);
    expect(notSystem.matches('orders')).toBe(true);
    const whole = new NamePattern('(?i)\\Alogs\\z');
    expect(whole.matches('LOGS')).toBe(true);
    expect(whole.matches('logs.index')).toBe(false);
  });

  test('gives up on a name for which an expression explodes, and goes on with the next', () => {
    const explosive = new NamePattern('^(a+)+$');
    const started = performance.now();
    expect(explosive.matches(`${'a'.repeat(60)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(explosive.matches('aaa')).toBe(true);
    expect(explosive.matches('b')).toBe(false);
  });

  test('answers for many names at once, and for a bounded time', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `queue.${index}`);
    for (const pattern of ['7$', '^(queue|log)\\.(\\d*7)+$', '^((q|l)[a-z]*)+\\.\\d*7$']) {
      const one = new NamePattern(pattern);
      expect(one.matchEach(names)).toEqual(names.map((name) => name.endsWith('7')));
      expect(one.matchEach(names)).toEqual(names.map((name) => one.matches(name)));
    }
    const explosive = new NamePattern('^(a+)+$');
    const started = performance.now();
    const many = ['aa', ...Array.from({ length: 1_000 }, (_, index) => `${'a'.repeat(60)}${index}b`)];
    expect(explosive.matchEach(many)).toEqual([true, ...many.slice(1).map(() => false)]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('means by what only PCRE writes what PCRE does', () => {
    const cases: readonly [pattern: string, matches: string, doesNot: string][] = [
      ['^[[:alpha:]]+$', 'abc', 'a:'],
      ['^[[:digit:]_.]+$', '1_2.3', 'd'],
      ['^[^[:space:]]+$', 'a', ' '],
      ['^\\Qa.b(\\E[0-9]$', 'a.b(1', 'axb(1'],
      ['^\\Qa+', 'a+', 'aa'],
      ['^\\h$', ' ', 'h'],
      ['^\\x{41}$', 'A', 'x'],
      ['^[\\x{41}]$', 'A', 'x'],
      ['^[]a]+$', 'a]', 'b'],
      ['^[^]a]+$', 'b', ']'],
      ['^(?P<service>[a-z]+)(?# its name)\\.log$', 'order.log', 'log'],
      ['^\\[a\\]$', '[a]', 'a'],
    ];
    for (const [pattern, matches, doesNot] of cases) {
      expect([pattern, new NamePattern(pattern).matches(matches)]).toEqual([pattern, true]);
      expect([pattern, new NamePattern(pattern).matches(doesNot)]).toEqual([pattern, false]);
    }
  });

  test('refuses what JavaScript would take for something else', () => {
    for (const pattern of [
      '\\pL',
      'a\\Kb',
      '\\R',
      '[[:foo:]]',
      '[[:^alpha:]]',
      'a++',
      '(?>a)',
      '(?|a|b)',
      '\\X',
    ]) {
      expect(() => new NamePattern(pattern)).toThrow(PatternError);
    }
  });

  test('refuses what is no regular expression', () => {
    expect(() => new NamePattern('(')).toThrow(PatternError);
    expect(() => new NamePattern('*')).toThrow(PatternError);
  });
});

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

  test('refuses what is no regular expression', () => {
    expect(() => new NamePattern('(')).toThrow(PatternError);
    expect(() => new NamePattern('*')).toThrow(PatternError);
  });
});

import fastCheck from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../record.js';
import { Redaction } from './redaction.js';

function record(fields: Record<string, unknown>): LogRecord {
  return {
    '@timestamp': '2026-01-31T10:20:30.456Z',
    message: 'paid',
    log: { level: 'info' },
    service: { name: 'order' },
    event: { id: '4111111111111111' },
    ...fields,
  };
}

function message(text: string): string {
  return new Redaction({ patterns: ['card', 'token', 'email'] }).apply(record({ message: text })).message;
}

describe('redaction by look', () => {
  it.each([
    ['a Visa', '4111111111111111', '[Redacted]'],
    ['groups of digits', 'card 4111 1111 1111 1111, thanks', 'card [Redacted], thanks'],
    ['hyphens', '5555-5555-5555-4444', '[Redacted]'],
    ['American Express', '3782 822463 10005', '[Redacted]'],
    ['a card between other numbers', '2026-01-31 4111 1111 1111 1111 200', '2026-01-31 [Redacted] 200'],
    ['two cards', '4111111111111111 5555555555554444', '[Redacted] [Redacted]'],
    ['a bearer token', 'authorization: Bearer abc.def-123/=', 'authorization: Bearer [Redacted]'],
    ['basic credentials', 'basic dXNlcjpwYXNzd29yZA==', 'basic [Redacted]'],
    [
      'a JSON web token',
      'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U!',
      'got [Redacted]!',
    ],
    ['an e-mail address', 'to <jörg.o+x@mail.example.org>.', 'to <[Redacted]>.'],
  ])('takes %s', (_, text, redacted) => {
    expect(message(text)).toBe(redacted);
  });

  it.each([
    ['a wrong check digit', '4111111111111112'],
    ['milliseconds since the epoch', '1706693430456'],
    ['a number longer than any card', '41111111111111111111111'],
    ['a time', '2026-01-31 10:20:30.456'],
    ['an id', '018d5e0e-7c1b-7000-8000-41111111'],
    ['the word bearer', 'the bearer of this letter'],
    ['a decorator', 'uses @injectable here'],
  ])('leaves %s', (_, text) => {
    expect(message(text)).toBe(text);
  });

  it('finds a card wherever it is in a text', () => {
    const around = fastCheck.string().filter((text) => !/\d/.test(text));
    fastCheck.assert(
      fastCheck.property(around, around, (before, after) => {
        expect(message(`${before}|4111111111111111|${after}`)).not.toContain('4111111111111111');
      }),
    );
  });

  it('looks into everything that was logged, numbers too, and never at what identifies the record', () => {
    const given = record({
      order: { customers: ['a@b.example', 'none'], card: 4111111111111111, at: new Date(0) },
      error: { message: 'no card 4111111111111111', stack_trace: 'Error: a@b.example' },
    });
    const before = structuredClone(given);
    const redacted = new Redaction({ patterns: ['card', 'email', /none/g], censor: '***' }).apply(given);
    expect(redacted).toEqual({
      ...given,
      order: { customers: ['***', '***'], card: '***', at: '1970-01-01T00:00:00.000Z' },
      error: { message: 'no card ***', stack_trace: 'Error: ***' },
    });
    expect(given).toEqual(before);
  });

  it('takes as long as the text is, however it is made', () => {
    const startedMs = performance.now();
    for (const part of ['a', '1', '1 ', 'a.', 'eyJ', '@', 'a@', 'a@a.', 'bearer ', '4111-']) {
      message(part.repeat(100_000));
    }
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe('redaction by path', () => {
  it('takes fields, whole objects, one of any name, and any depth', () => {
    const redaction = new Redaction({
      paths: ['user.password', 'cards[*].number', '*.secret', '**.token', 'whole'],
    });
    const given = record({
      user: { password: 'x', name: 'ann', token: 1 },
      cards: [{ number: '1', kind: 'visa' }, { number: '2' }],
      one: { secret: 'x', two: { secret: 'stays', token: { deep: true } } },
      whole: { all: 'of it' },
      token: 'x',
    });
    const R = '[Redacted]';
    expect(redaction.apply(given)).toEqual({
      ...given,
      user: { password: R, name: 'ann', token: R },
      cards: [{ number: R, kind: 'visa' }, { number: R }],
      one: { secret: R, two: { secret: 'stays', token: R } },
      whole: R,
      token: R,
    });
  });

  it('gives back the very record where there is nothing to take', () => {
    const given = record({ list: [1, 2], nested: { text: 'x' } });
    expect(new Redaction({ paths: ['password'], patterns: ['card'] }).apply(given)).toBe(given);
  });

  it.each([
    ['a..b', 'must be names with dots'],
    ['**', 'must be names with dots'],
    ['a.**.b', 'must be names with dots'],
    ['event', 'would take event.id'],
    ['*.name', 'would take service.name'],
    ['**.level', 'would take log.level'],
    ['*', 'would take @timestamp'],
  ])('refuses the path %s', (path, text) => {
    expect(() => new Redaction({ paths: [path] })).toThrow(text);
  });

  it('refuses to do nothing, and patterns that it does not know', () => {
    expect(() => new Redaction({})).toThrow('must have a list of paths or of patterns');
    expect(() => new Redaction({ patterns: ['phone' as 'card'] })).toThrow('card, token, email');
  });
});

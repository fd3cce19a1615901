import { describe, expect, it } from 'vitest';
import { GuardedPattern } from './guarded-pattern.js';

/** Takes longer than the universe is old to not match this. */
const ENDLESS = `${'a'.repeat(60)}!`;

describe('a pattern that users write', () => {
  it('matches each of many lines', () => {
    const found = new GuardedPattern('^(?<word>\\w+)').matches(['one 1', '- two', 'three']);
    expect(found.map((match) => match?.groups?.['word'])).toEqual(['one', undefined, 'three']);
  });

  it('cannot hang the agent by a line; the lines around it are matched', () => {
    const told: string[] = [];
    const pattern = new GuardedPattern('^(a+)+$', {
      slow: (text) => told.push(text),
      givenUp: () => undefined,
    });
    const found = pattern.matches(['aaa', ENDLESS, 'aa', ENDLESS, 'b']);
    expect(found.map((match) => match?.[0])).toEqual(['aaa', undefined, 'aa', undefined, undefined]);
    expect(told).toEqual([ENDLESS]);
  });

  it('is given up when many lines are too slow, so that they cannot hang the agent together', () => {
    let givenUp = 0;
    const pattern = new GuardedPattern('^(a+)+$', { slow: () => undefined, givenUp: () => (givenUp += 1) });
    const startedAtMs = performance.now();
    expect(pattern.matches(Array.from({ length: 1_000 }, () => ENDLESS)).every((one) => one === null)).toBe(
      true,
    );
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    expect(givenUp).toBe(1);
    expect(pattern.matches(['aaa'])).toEqual([null]);
  });
});

import { describe, expect, it } from 'vitest';
import { intervalMs } from './interval.js';
import { ago, isMoving, localTime, rangeLabel, resolveRange, resolveTime } from './time-range.js';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');

describe('a time range', () => {
  it('is read from expressions relative to now', () => {
    expect(resolveTime('now', NOW)).toBe(NOW);
    expect(resolveTime('now-15m', NOW)).toBe(NOW - 900_000);
    expect(resolveTime(' now-2h ', NOW)).toBe(NOW - 7_200_000);
    expect(resolveTime('now+1d', NOW)).toBe(NOW + 86_400_000);
  });

  it('is read from dates with and without a time and a zone', () => {
    expect(resolveTime('2026-03-01T10:00:00Z', NOW)).toBe(NOW - 7_200_000);
    expect(resolveTime('2026-03-01 10:00', NOW)).toBe(new Date(2026, 2, 1, 10).getTime());
    expect(resolveTime('2026-03-01', NOW)).toBe(new Date(2026, 2, 1).getTime());
    expect(resolveTime(String(NOW), NOW)).toBe(NOW);
  });

  it('cannot be read from anything else', () => {
    for (const text of ['', 'yesterday', 'now-15', 'now-m', '2026-13-45', '12:00']) {
      expect(resolveTime(text, NOW)).toBeNull();
    }
    expect(resolveRange({ from: 'now', to: 'now-1h' }, NOW)).toBeNull();
  });

  it('moves with the clock when it ends now', () => {
    expect(isMoving({ from: 'now-1h', to: 'now' })).toBe(true);
    expect(isMoving({ from: 'now-1h', to: String(NOW) })).toBe(false);
  });

  it('is named in words where it is a usual one, else by its ends', () => {
    expect(rangeLabel({ from: 'now-15m', to: 'now' })).toBe('Last 15 minutes');
    expect(rangeLabel({ from: 'now-40m', to: 'now' })).toBe('now-40m to now');
    expect(rangeLabel({ from: String(NOW), to: 'now' })).toBe(`${localTime(NOW)} to now`);
  });

  it('gives an age in words', () => {
    expect(ago(NOW - 1000, NOW)).toBe('just now');
    expect(ago(NOW - 10_800_000, NOW)).toBe('3 h ago');
  });
});

describe('the histogram', () => {
  it('has at most 90 bars of a round width, whatever the range', () => {
    expect(intervalMs(0, 900_000)).toBe(10_000);
    expect(intervalMs(0, 86_400_000)).toBe(1_800_000);
    for (let width = 1; width < 1e12; width *= 3) {
      expect(width / intervalMs(0, width)).toBeLessThanOrEqual(90);
    }
  });
});

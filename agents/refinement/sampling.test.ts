import { describe, expect, it } from 'vitest';
import type { Level, LogRecord } from '../record.js';
import { Sampling } from './sampling.js';

const NOW_MS = 1_000_000;

function record(message: string, level: Level = 'info', trace?: string): LogRecord {
  return {
    '@timestamp': '2026-01-31T10:20:30.456Z',
    message,
    log: { level },
    service: { name: 'order' },
    event: { id: 'x' },
    ...(trace === undefined ? {} : { trace: { id: trace } }),
  };
}

describe('sampling', () => {
  it('keeps a share of a level, and all of the others', () => {
    const sampling = new Sampling({ levels: { debug: { share: 0.25 }, trace: { share: 0 } } });
    const kept = (level: Level) =>
      Array.from({ length: 10_000 }, () => sampling.leavesOut(record('x', level), NOW_MS)).filter(
        (reason) => reason === undefined,
      ).length;
    expect(kept('debug')).toBeGreaterThan(2_000);
    expect(kept('debug')).toBeLessThan(3_000);
    expect(kept('trace')).toBe(0);
    expect(kept('info')).toBe(10_000);
  });

  it('keeps the lines of a trace together, in every service', () => {
    const one = new Sampling({ levels: { info: { share: 0.5 } } });
    const other = new Sampling({ levels: { info: { share: 0.5 } } });
    const traces = Array.from({ length: 1_000 }, (_, n) => n.toString(16).padStart(32, '0'));
    const kept = traces.filter((trace) => one.leavesOut(record('a', 'info', trace), NOW_MS) === undefined);
    expect(kept.length).toBeGreaterThan(400);
    expect(kept.length).toBeLessThan(600);
    for (const trace of traces) {
      const isKept = other.leavesOut(record('b', 'info', trace), NOW_MS) === undefined;
      expect(isKept).toBe(kept.includes(trace));
    }
  });

  it('keeps so many of a level in each second', () => {
    const sampling = new Sampling({ levels: { info: { perSecond: 2 } } });
    const reasons = (nowMs: number) => [1, 2, 3].map(() => sampling.leavesOut(record('x'), nowMs));
    expect(reasons(NOW_MS)).toEqual([undefined, undefined, 'limited']);
    expect(reasons(NOW_MS + 999)).toEqual(['limited', 'limited', 'limited']);
    expect(reasons(NOW_MS + 1_000)).toEqual([undefined, undefined, 'limited']);
    expect(sampling.leavesOut(record('x', 'error'), NOW_MS)).toBe(undefined);
  });

  it('keeps so many of messages that differ in numbers and ids alone', () => {
    const sampling = new Sampling({ templates: { perSecond: 1 } });
    const reason = (message: string, level: Level = 'info') =>
      sampling.leavesOut(record(message, level), NOW_MS);
    expect(reason('order 17 took 3.5 ms')).toBe(undefined);
    expect(reason('order 18 took 12.25 ms')).toBe('limited');
    expect(reason('order 18 took 12.25 ms', 'warn')).toBe(undefined);
    expect(reason('user 018d5e0e-7c1b-7000-8000-0123456789ab left')).toBe(undefined);
    expect(reason('user 018d5e0f-0000-7000-8000-ba9876543210 left')).toBe('limited');
    expect(reason('commit deadbeef01')).toBe(undefined);
    expect(reason('commit 77aabbccdd')).toBe('limited');
    expect(reason('commit accepted')).toBe(undefined);
  });

  it('keeps a share of what is over the rate of a template, where one is given', () => {
    const sampling = new Sampling({ templates: { perSecond: 0, share: 0.5 } });
    const kept = Array.from({ length: 1_000 }, () => sampling.leavesOut(record('x'), NOW_MS)).filter(
      (reason) => reason === undefined,
    );
    expect(kept.length).toBeGreaterThan(350);
    expect(kept.length).toBeLessThan(650);
  });

  it.each([
    [{}, 'must have levels or templates'],
    [{ levels: { loud: {} } }, 'knows only trace'],
    [{ levels: { info: { share: 2 } } }, 'sampling.levels.info.share must be a number from 0 to 1'],
    [
      { levels: { info: { perSecond: -1 } } },
      'sampling.levels.info.perSecond must be a number of at least 0',
    ],
    [{ templates: {} }, 'sampling.templates.perSecond must be'],
  ])('refuses %j', (options, text) => {
    expect(() => new Sampling(options as ConstructorParameters<typeof Sampling>[0])).toThrow(text);
  });
});

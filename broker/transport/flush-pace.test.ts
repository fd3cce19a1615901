import { expect, test } from 'vitest';
import { FlushPace } from './flush-pace.js';

/** Turns at these times with so many bytes; whether each was sent at once. */
function play(pace: FlushPace, times: readonly number[], bytes = 100): boolean[] {
  return times.map((at) => pace.due(at, bytes));
}

test('turns that come now and then are sent at once, however many they are', () => {
  const times = Array.from({ length: 50 }, (_, n) => 1 + n * 0.5);
  expect(play(new FlushPace(), times)).toEqual(times.map(() => true));
});

test('after eight quick turns in a row output gathers, and goes on to while that is worth it', () => {
  const pace = new FlushPace();
  const quick = Array.from({ length: 10 }, (_, n) => 1 + n * 0.1);
  expect(play(pace, quick)).toEqual([...Array.from({ length: 8 }, () => true), false, false]);
  pace.gathered(2.9, 300);
  expect(pace.due(3, 100)).toBe(false);
  pace.gathered(4, 120);
  expect(pace.due(4.1, 100)).toBe(true);
});

test('a pause ends the gathering', () => {
  const pace = new FlushPace();
  play(
    pace,
    Array.from({ length: 9 }, (_, n) => 1 + n * 0.1),
  );
  pace.gathered(2.9, 1000);
  expect(pace.due(3.5, 100)).toBe(true);
});

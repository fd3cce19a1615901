/** How wide the histogram's intervals are. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths that read well on a time axis, ascending. */
const WIDTHS_MS = [
  10,
  50,
  100,
  250,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
] as const;

/** Bars a histogram has at most, unless the range is longer than 90 years. */
const BARS_MAX = 90;

/**
 * The width of an interval that gives a range at most {@link BARS_MAX} bars.
 *
 * @param from epoch ms
 * @param to epoch ms, not before `from`
 * @returns milliseconds
 */
export function intervalMs(from: number, to: number): number {
  const least = Math.max(0, to - from) / BARS_MAX;
  return WIDTHS_MS.find((width) => width >= least) ?? Math.ceil(least / DAY) * DAY;
}

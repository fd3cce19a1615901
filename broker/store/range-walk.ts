/** Reads as much of a range of ids as can be read. */
import { isUnreadable } from './salvage-source.js';

/**
 * Reads ranges of ids, in halves around what fails: the widest first, so that what can be read is found
 * however much cannot.
 *
 * @param read reads a range, and tells of each id that it has passed
 */
export function walk<Range extends { from: number; to: number }>(
  ranges: Range[],
  failuresMax: number,
  read: (range: Range, passed: (id: number) => void) => void,
): void {
  let failures = 0;
  for (const range of ranges) {
    let next = range.from;
    try {
      read(range, (id) => {
        next = id + 1;
      });
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      failures++;
      if (next >= range.to || failures > failuresMax) continue;
      const middle = Math.floor((next + range.to) / 2);
      // The loop comes to what is added to its end.
      ranges.push({ ...range, from: next, to: middle }, { ...range, from: middle + 1 });
    }
  }
}

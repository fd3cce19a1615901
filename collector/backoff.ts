/**
 * How long to wait before trying again: exponential, with jitter, so that many collectors that lost
 * the same server do not come back to it in step. Pure; waiting is the caller's.
 */

/** Bounds of a backoff, in milliseconds. */
export interface Backoff {
  /** The first wait. */
  delayMsMin: number;
  /** No wait is longer. */
  delayMsMax: number;
}

/**
 * The wait before attempt `attempt + 1`, half of it certain and half of it random.
 *
 * @param attempt how many attempts have failed in a row, from 1
 * @param random a number in [0, 1)
 */
export function backoffDelayMs(backoff: Backoff, attempt: number, random = Math.random()): number {
  const exponent = Math.min(Math.max(attempt - 1, 0), 30);
  const ceiling = Math.min(backoff.delayMsMax, backoff.delayMsMin * 2 ** exponent);
  return Math.round(ceiling / 2 + (random * ceiling) / 2);
}

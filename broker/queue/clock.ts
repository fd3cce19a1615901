/**
 * The broker's clock: milliseconds since 1970 that never run backwards, so that a change of the
 * machine's time neither expires messages nor keeps them.
 */
const origin = Date.now() - performance.now();

/** Milliseconds since 1970. */
export function now(): number {
  return Math.floor(origin + performance.now());
}

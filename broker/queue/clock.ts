/**
 * The broker's clock: milliseconds since 1970 that never run backwards, so that a change of the
 * machine's time neither expires messages nor keeps them. A queue takes its clock from its host, so
 * that a test can have time pass without waiting for it.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, `delayMs` from now; the longest delay is that of setTimeout. */
  start(delayMs: number, onElapsed: () => void): object;
  stop(timer: object): void;
}

const origin = Date.now() - performance.now();

export const systemClock: Clock = {
  now: () => Math.floor(origin + performance.now()),
  start(delayMs, onElapsed) {
    const timer = setTimeout(onElapsed, delayMs);
    // A broker that is only waiting does not keep its process.
    timer.unref();
    return timer;
  },
  stop: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/**
 * Ends the process in the normal way when a signal asks for its end, `warren/signals`.
 *
 * A signal that nobody handles ends a process at once, with its worker threads and what they have not
 * sent; an exit lets them end first. Only the main thread is told of signals, so a transport in a
 * worker cannot see to it by itself.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
let isOn = false;

/**
 * From now on SIGTERM, SIGINT and SIGHUP end the process by `process.exit`, with the code that a shell
 * gives to such an end (128 and the signal's number). Where the application has a handler of its own,
 * that one alone decides. May be called any number of times.
 */
export function endOnSignals(): void {
  if (isOn) return;
  isOn = true;
  for (const signal of SIGNALS) {
    // The first to be called: one that listens `once` is gone from the list when it has been called.
    process.prependListener(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}

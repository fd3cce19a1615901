/**
 * Standard error of a process whose main thread may be waiting for us: a worker's own `process.stderr`
 * goes through the main thread, so this writes to the descriptor itself.
 */
import { writeSync } from 'node:fs';

/** How long a full pipe is waited for, over all writes: who does not read his pipe misses the end. */
const FULL_PIPE_WAIT_MS_MAX = 1_000;
const FULL_PIPE_PAUSE_MS = 5;

const pause = new Int32Array(new SharedArrayBuffer(4));
let waitedMs = 0;

/** Prints all of a text; what cannot be printed is given up. Never throws. */
export function printToStandardError(text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!isFull || waitedMs >= FULL_PIPE_WAIT_MS_MAX) return;
      waitedMs += FULL_PIPE_PAUSE_MS;
      Atomics.wait(pause, 0, 0, FULL_PIPE_PAUSE_MS);
    }
  }
}

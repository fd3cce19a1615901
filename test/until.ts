/** Waiting for something that only asking can tell. */
import { setTimeout as wait } from 'node:timers/promises';

const ASK_EVERY_MS = 25;

/**
 * Asks until the answer is not `undefined`, and returns it.
 *
 * @throws Error with `what` in it after `msMax` milliseconds
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, msMax = 20_000): Promise<T> {
  const deadline = performance.now() + msMax;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${msMax} ms in vain: ${what}`);
    await wait(ASK_EVERY_MS);
  }
}

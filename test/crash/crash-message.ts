// The body of a message of the crash test: its number, and a filling that tells whether it is whole.
import type { Found } from './ledger.js';

const SMALL_BYTES_MAX = 300;
const LARGE_BYTES = 20_000;
const LARGE_EVERY = 50;

function fillingOf(id: number): string {
  const bytes = id % LARGE_EVERY === 0 ? LARGE_BYTES + id : (id * 7) % SMALL_BYTES_MAX;
  return String.fromCharCode(97 + (id % 26)).repeat(bytes);
}

export function bodyOf(id: number): Buffer {
  return Buffer.from(`${id} ${fillingOf(id)}`);
}

/**
 * Which message it is, and which queue it was published to.
 *
 * @throws Error when the body is not as it was published
 */
export function identify(
  queue: string,
  body: Buffer,
  headers: Record<string, unknown>,
  redelivered: boolean,
): Found {
  const text = body.toString();
  const id = Number.parseInt(text, 10);
  if (text !== `${id} ${fillingOf(id)}`) throw new Error(`a message in ${queue} is not whole: ${text}`);
  const firstQueue = headers['x-first-death-queue'];
  return { queue, id, origin: typeof firstQueue === 'string' ? firstQueue : queue, redelivered };
}

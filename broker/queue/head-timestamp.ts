/** The timestamp of the message that is next in a queue. */
import { propertiesOf } from './dead-letter.js';
import type { Queue } from './queue.js';

/** In seconds since 1970; undefined where it has none, or would have to be read for it. */
export function headTimestamp(queue: Queue): number | undefined {
  const message = queue.ready.peek()?.message;
  if (message?.buffer === undefined) return undefined;
  const { timestamp } = propertiesOf(message);
  return timestamp === undefined ? undefined : Number(timestamp);
}

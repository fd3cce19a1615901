/** The limits of a queue, as its policy sets them: how long it may be, and how long a message stays. */
import type { Message } from '../store/message.js';
import type { QueuePolicy } from './arguments.js';
import type { Clock } from './clock.js';

/** Whether one more message would be over a limit. */
export function isAtLimit(policy: QueuePolicy, length: number, bytes: number): boolean {
  const { lengthMax, lengthBytesMax } = policy;
  return (
    (lengthMax !== undefined && length >= lengthMax) ||
    (lengthBytesMax !== undefined && bytes >= lengthBytesMax)
  );
}

/** Whether there is more than a limit allows. */
export function isOverLimit(policy: QueuePolicy, length: number, bytes: number): boolean {
  const { lengthMax, lengthBytesMax } = policy;
  return (
    (lengthMax !== undefined && length > lengthMax) ||
    (lengthBytesMax !== undefined && bytes > lengthBytesMax)
  );
}

/** When a message that enters the queue now expires: the sooner of its own time and the queue's; 0 for never. */
export function expiryOf(policy: QueuePolicy, message: Message, clock: Clock): number {
  const { messageTtlMs } = policy;
  const { expirationMs } = message;
  if (messageTtlMs === undefined) return expirationMs < 0 ? 0 : clock.now() + expirationMs;
  return clock.now() + (expirationMs < 0 ? messageTtlMs : Math.min(messageTtlMs, expirationMs));
}

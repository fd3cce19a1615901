/** The limits of a queue, as its settings have them: how long it may be, and how long a message stays. */
import type { Message } from '../store/message.js';
import type { Clock } from './clock.js';
import type { QueueSettings } from './settings.js';

/** Whether one more message would be over a limit. */
export function isAtLimit(settings: QueueSettings, length: number, bytes: number): boolean {
  const { lengthMax, lengthBytesMax } = settings;
  return (
    (lengthMax !== undefined && length >= lengthMax) ||
    (lengthBytesMax !== undefined && bytes >= lengthBytesMax)
  );
}

/** Whether there is more than a limit allows. */
export function isOverLimit(settings: QueueSettings, length: number, bytes: number): boolean {
  const { lengthMax, lengthBytesMax } = settings;
  return (
    (lengthMax !== undefined && length > lengthMax) ||
    (lengthBytesMax !== undefined && bytes > lengthBytesMax)
  );
}

/** When a message that enters the queue now expires: the sooner of its own time and the queue's; 0 for never. */
export function expiryOf(settings: QueueSettings, message: Message, clock: Clock): number {
  const { messageTtlMs } = settings;
  const { expirationMs } = message;
  if (messageTtlMs === undefined) return expirationMs < 0 ? 0 : clock.now() + expirationMs;
  return clock.now() + (expirationMs < 0 ? messageTtlMs : Math.min(messageTtlMs, expirationMs));
}

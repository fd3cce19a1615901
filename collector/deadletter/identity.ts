/**
 * What a dead letter is called between two looks at the queue.
 *
 * AMQP gives a message no name: `message-id` is the publisher's, may be missing, and is the same for
 * two letters of one record. So the id is a fingerprint of all that a message carries: 16 hexadecimal
 * digits of a SHA-256 over exchange, routing key, properties, headers and body. It is the same in
 * every process and after every requeue. Letters that are equal in all of that are copies of each
 * other; the second one from the head of the queue is called `<id>-2`, the third `<id>-3`.
 */
import { createHash } from 'node:crypto';
import type { GetMessage } from 'amqplib';

const FINGERPRINT_LENGTH = 16;

/** Fingerprints remembered in one walk; beyond that, copies are no longer told apart. */
const REMEMBERED_MAX = 200_000;

/** Headers that the broker changes while the message lies in its queue. */
const CHANGING_HEADERS = new Set(['x-delivery-count', 'x-acquired-count']);

/** Whether a text can be an id made here (and not a `message-id`). */
export function isLetterId(text: string): boolean {
  return /^[0-9a-f]{16}(?:-[1-9][0-9]*)?$/.test(text);
}

/** Names the letters of one walk through a queue, from its head. */
export class LetterNames {
  readonly #copies = new Map<string, number>();

  /** The id of the next letter. */
  next(message: GetMessage): string {
    const name = fingerprint(message);
    const copy = (this.#copies.get(name) ?? 0) + 1;
    if (copy > 1 || this.#copies.size < REMEMBERED_MAX) this.#copies.set(name, copy);
    return copy === 1 ? name : `${name}-${copy}`;
  }
}

function fingerprint({ fields, properties, content }: GetMessage): string {
  const { headers, ...rest } = properties;
  const kept = Object.entries(headers ?? {}).filter(([name]) => !CHANGING_HEADERS.has(name));
  const described = JSON.stringify([fields.exchange, fields.routingKey, Object.entries(rest), kept]);
  return createHash('sha256')
    .update(described)
    .update('\0')
    .update(content)
    .digest('hex')
    .slice(0, FINGERPRINT_LENGTH);
}

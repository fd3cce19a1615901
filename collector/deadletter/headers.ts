/**
 * The headers that a dead letter carries besides the broker's own `x-death`. Body and properties of
 * the original message stay untouched.
 */

/** Why the sink, or the collector before it, would never take a record. */
export type DeadLetterReason =
  | 'mapping'
  | 'too-large'
  | 'malformed'
  | 'rejected'
  | 'expired'
  | 'delivery-limit';

/** One of {@link DeadLetterReason}. */
export const REASON_HEADER = 'x-warren-reason';

/** The error's type and reason as the sink gave them, `type: reason`. */
export const ERROR_HEADER = 'x-warren-error';

/** The HTTP status of the sink's verdict, a number; 0 where the sink was never asked. */
export const STATUS_HEADER = 'x-warren-status';

/** The index or data stream that the document was meant for. */
export const INDEX_HEADER = 'x-warren-index';

/** When it was dead-lettered, RFC 3339. */
export const FAILED_AT_HEADER = 'x-warren-failed-at';

/** How many times the sink was tried with it before the verdict, a number. */
export const ATTEMPTS_HEADER = 'x-warren-attempts';

/** How many times it has been replayed, a number; absent before the first replay. */
export const REPLAYS_HEADER = 'x-warren-replays';

/** The exchange that the original was published to: where a replay sends it again. */
export const EXCHANGE_HEADER = 'x-warren-exchange';

/** The document id of a message that came without `message-id`, so that a replay keeps it. */
export const EVENT_ID_HEADER = 'x-warren-event-id';

/**
 * The original's `expiration`, which must not tick on in the dead-letter queue: the letter itself
 * carries none, a replay gets it back. (The broker's own dead-lettering does the same.)
 */
export const EXPIRATION_HEADER = 'x-warren-expiration';

/**
 * The original's `user-id`. A broker refuses a message whose `user-id` is not the publishing
 * connection's own user, so the letter cannot carry it as a property.
 */
export const USER_ID_HEADER = 'x-warren-user-id';

/** What every header of this file begins with. */
export const WARREN_HEADER_PREFIX = 'x-warren-';

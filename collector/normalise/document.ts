/**
 * What normalising makes of a message: a document for the index, or the reason why there is none.
 */
import type { MessageProperties } from 'amqplib';

/** As much of a delivered message as normalising looks at. */
export interface IncomingMessage {
  content: Buffer;
  routingKey: string;
  properties: MessageProperties;
}

/** A document, ready for the index. */
export interface LogDocument {
  /** `_id`, and the record's `event.id`. */
  id: string;
  /** The service's word as it stands in a routing key: `[a-z0-9_-]+`. */
  service: string;
  /** The same of its environment; empty when the record names none. */
  environment: string;
  /** RFC 3339. */
  timestamp: string;
  /** The JSON of the document, UTF-8, on one line. */
  source: Buffer;
}

/** A body that nothing can be made of. */
export interface Malformed {
  /** One sentence for the dead letter. */
  malformed: string;
}

/** A parsed JSON object. */
export type JsonObject = { [key: string]: unknown };

/** Whether a value is a JSON object: not null and not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

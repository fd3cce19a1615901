/**
 * The one contract of the pipeline: what an agent publishes and a collector understands.
 *
 * Responsible for the shape of a record, the routing key, the exchange and the message properties.
 * Not responsible for sending it (publisher.ts) or for making sense of foreign messages
 * (collector/normalise).
 */

/** The durable topic exchange that every agent publishes to. */
export const LOGS_EXCHANGE = 'logs';

/** The levels a routing key may end in, from the least to the most severe. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** One of {@link LEVELS}. */
export type Level = (typeof LEVELS)[number];

/** The AMQP `content-type` of a record. */
export const RECORD_CONTENT_TYPE = 'application/json';

/** The AMQP `type` of a record. */
export const RECORD_MESSAGE_TYPE = 'log';

/**
 * One log event in the field names of the Elastic Common Schema 8, nested, UTF-8 JSON on the wire.
 * Whatever else the application logged stays under its own name.
 */
export interface LogRecord {
  /** RFC 3339 with milliseconds or finer. */
  '@timestamp': string;
  message: string;
  log: { level: Level; logger?: string; file?: { path: string }; offset?: number; flags?: string[] };
  service: { name: string; version?: string; environment?: string };
  host?: { hostname: string };
  process?: { pid: number };
  trace?: { id: string };
  span?: { id: string };
  error?: { type?: string; message?: string; stack_trace?: string; code?: string };
  /** `id` is a UUID made when the record is made; it becomes `message-id` and the document's id. */
  event: { id: string; action?: string; duration?: number };
  labels?: Record<string, string>;
  [field: string]: unknown;
}

/** A routing key's two variable words. */
export interface RoutingKeyParts {
  service: string;
  level: Level;
}

/** Octets a short string may have (AMQP 0-9-1, 4.2.5.3), less `app.`, a dot and the longest level. */
const SERVICE_LENGTH_MAX = 240;

/**
 * Turns a service's name into the word that stands for it in a routing key: lower case, every
 * character outside `[a-z0-9_-]` becomes `-`, at most 240 characters; an empty name becomes `unknown`.
 */
export function serviceWord(name: string): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '-')
    .slice(0, SERVICE_LENGTH_MAX);
  return word === '' ? 'unknown' : word;
}

/** The routing key `app.<service>.<level>` of a record of this service and level. */
export function routingKey(service: string, level: Level): string {
  return `app.${serviceWord(service)}.${level}`;
}

/** Reads a routing key; `undefined` when it is not of the form `app.<service>.<level>`. */
export function parseRoutingKey(key: string): RoutingKeyParts | undefined {
  const match = /^app\.([a-z0-9_-]+)\.([a-z]+)$/.exec(key);
  const service = match?.[1];
  const level = match?.[2];
  return service !== undefined && isLevel(level) ? { service, level } : undefined;
}

/** Whether a value is one of {@link LEVELS}. */
export function isLevel(value: unknown): value is Level {
  return typeof value === 'string' && (LEVELS as readonly string[]).includes(value);
}

/**
 * A broker's own account of a message's deaths, the `x-death` header, read with care: anybody can
 * publish a message with a header of that name.
 */
import type { Message } from 'amqplib';
import { isJsonObject } from '../normalise/document.js';

/** One entry of `x-death`: a queue, a reason, and how often. */
export interface Death {
  queue: string;
  /** `rejected`, `expired`, `maxlen` or `delivery_limit`. */
  reason: string;
  /** The exchange it had been published to. */
  exchange: string;
  routingKeys: string[];
  count: number;
  /** The first time, RFC 3339; `undefined` where it is not told. */
  time: string | undefined;
}

/** All deaths, the latest first. */
export function deathsOf(message: Message): Death[] {
  const entries: unknown = message.properties.headers?.['x-death'];
  if (!Array.isArray(entries)) return [];
  return entries.filter(isJsonObject).map((entry) => ({
    queue: text(entry['queue']),
    reason: text(entry['reason']),
    exchange: text(entry['exchange']),
    routingKeys: Array.isArray(entry['routing-keys']) ? entry['routing-keys'].map(String) : [],
    count: typeof entry['count'] === 'number' ? entry['count'] : 1,
    time: readTime(entry['time']),
  }));
}

/**
 * The death that took the message from where it was first published to. Not always the earliest entry
 * of `x-death`, since an entry moves to the front when its queue kills the message again; the broker
 * says which it was in `x-first-death-queue` and `x-first-death-reason`.
 */
export function originalDeath(message: Message): Death | undefined {
  const deaths = deathsOf(message);
  const headers = message.properties.headers;
  const queue = headers?.['x-first-death-queue'];
  const reason = headers?.['x-first-death-reason'];
  return deaths.find((death) => death.queue === queue && death.reason === reason) ?? deaths.at(-1);
}

/** The client gives a table's timestamp as `{'!': 'timestamp', value: seconds}`. */
function readTime(value: unknown): string | undefined {
  const seconds = isJsonObject(value) ? value['value'] : value;
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds < 8.64e12)) return undefined;
  return new Date(seconds * 1000).toISOString();
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * What a message tells about its record besides the body: the routing key, the properties, and the
 * headers, among them those of Spring AMQP's appender (`categoryName`, `level`, `thread`, and the MDC).
 */
import { v7 as uuidv7 } from 'uuid';
import { LEVELS, type Level, parseRoutingKey } from '../../agents/record.js';
import { EVENT_ID_HEADER } from '../deadletter/headers.js';
import type { IncomingMessage, JsonObject } from './document.js';
import { readLevel } from './level.js';
import { readTimestamp } from './timestamp.js';

/** Headers that become labels: at most so many, and of each at most so many characters. */
const LABELS_MAX = 32;
const LABEL_LENGTH_MAX = 1024;

/** Headers with a place of their own in the record. */
const PLACED_HEADERS = new Set(['categoryName', 'level', 'thread', 'applicationId']);

/** The id that a message brings along, or `undefined`. */
function messageId(message: IncomingMessage): string | undefined {
  const { messageId: id, headers } = message.properties;
  if (typeof id === 'string' && id !== '') return id;
  const kept: unknown = headers?.[EVENT_ID_HEADER];
  return typeof kept === 'string' && kept !== '' ? kept : undefined;
}

/** The message's own id, or a new one. */
export function messageIdOrNew(message: IncomingMessage): string {
  return messageId(message) ?? uuidv7();
}

/** The level that the headers or the routing key name. */
export function hintedLevel(message: IncomingMessage): Level | undefined {
  const fromKey = message.routingKey.slice(message.routingKey.lastIndexOf('.') + 1);
  return (
    readLevel(message.properties.headers?.['level']) ??
    LEVELS.find((level) => level === fromKey.toLowerCase())
  );
}

/** The service's name that the properties, the headers or the routing key give. */
export function hintedService(message: IncomingMessage): string | undefined {
  const { appId, headers } = message.properties;
  if (typeof appId === 'string' && appId !== '') return appId;
  const application: unknown = headers?.['applicationId'];
  if (typeof application === 'string' && application !== '') return application;
  const parts = parseRoutingKey(message.routingKey);
  if (parts !== undefined) return parts.service;
  const words = message.routingKey.split('.').filter((word) => word !== '');
  if (words[0] === 'app') words.shift();
  if (readLevel(words.at(-1)) !== undefined) words.pop();
  return words.length === 0 ? undefined : words.join('-');
}

/** When the message was published, as far as its properties tell. */
export function hintedTimestamp(message: IncomingMessage): string | undefined {
  return readTimestamp(message.properties.timestamp);
}

/** The logger's name and the thread that the headers give. */
export function hintedLogger(message: IncomingMessage): { logger?: string; thread?: string } {
  const headers = message.properties.headers;
  const hints: { logger?: string; thread?: string } = {};
  const logger: unknown = headers?.['categoryName'];
  if (typeof logger === 'string') hints.logger = logger;
  const thread: unknown = headers?.['thread'];
  if (typeof thread === 'string') hints.thread = thread;
  return hints;
}

/** The other headers that say something, as labels; transport headers (`x-…`) are left out. */
export function hintedLabels(message: IncomingMessage): JsonObject {
  const labels: JsonObject = {};
  let count = 0;
  for (const [key, value] of Object.entries(message.properties.headers ?? {})) {
    if (count === LABELS_MAX) break;
    if (PLACED_HEADERS.has(key) || /^x-/i.test(key) || key === 'CC' || key === 'BCC') continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    labels[key] = String(value).slice(0, LABEL_LENGTH_MAX);
    count += 1;
  }
  return labels;
}

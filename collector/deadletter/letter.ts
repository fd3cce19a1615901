/**
 * A dead letter as people see it, whoever made it one: Warren's collector, with reason headers, or a
 * broker, with `x-death`. Pure: a message in, a description out.
 */
import type { GetMessage } from 'amqplib';
import { isJsonObject, type JsonObject } from '../normalise/document.js';
import { hintedLevel, hintedService } from '../normalise/hints.js';
import { readLevel } from '../normalise/level.js';
import { type Death, deathsOf, originalDeath } from './deaths.js';
import {
  ATTEMPTS_HEADER,
  ERROR_HEADER,
  EXCHANGE_HEADER,
  FAILED_AT_HEADER,
  INDEX_HEADER,
  REASON_HEADER,
  REPLAYS_HEADER,
  STATUS_HEADER,
} from './headers.js';

/** Characters of a body that a list shows, and of the log message in it. */
const PREVIEW_LENGTH = 200;

/** Bytes of a body that are parsed for a list; a larger one is shown by its beginning alone. */
const PARSED_BYTES_MAX = 256 * 1024;

export interface DeadLetter {
  /** Names the letter between `list`, `show` and `replay`; see identity.ts. */
  id: string;
  /** The message's `message-id`, if it has one; names the letter as well, where it is unique. */
  messageId: string | undefined;
  /** Who made it a dead letter. */
  source: 'collector' | 'broker' | 'unknown';
  /** `mapping`, `too-large`, `malformed`, `rejected`, `expired`, `maxlen`, `delivery-limit` … */
  reason: string;
  /** What the index said, or what the broker's own death means. */
  error: string;
  /** The HTTP status that the index gave; 0 where it was not asked. */
  status: number;
  /** The index that it was meant for; empty where there was none. */
  index: string;
  /** RFC 3339; `undefined` where nothing tells. */
  failedAt: string | undefined;
  attempts: number;
  replays: number;
  /** Where the original was published to: a replay goes there. */
  exchange: string;
  routingKey: string;
  /** The queue it died in; empty where nothing tells. */
  queue: string;
  service: string;
  level: string;
  /** The log message in the body, or the body's beginning. */
  message: string;
  /** The body's beginning. */
  preview: string;
  bodyBytes: number;
}

export interface DeadLetterInFull extends DeadLetter {
  /** The body as text, bytes that are no UTF-8 replaced. */
  body: string;
  /** The body parsed, where it is JSON that can be written again. */
  json: unknown;
  /** Message properties without the headers, and without those that are not set. */
  properties: Record<string, unknown>;
  headers: Record<string, unknown>;
  /** The broker's account of its deaths, the latest first. */
  deaths: Death[];
}

/** Describes a letter in short. */
export function describeLetter(message: GetMessage, id: string): DeadLetter {
  const { content, properties } = message;
  const headers: Record<string, unknown> = properties.headers ?? {};
  const body = content.length <= PARSED_BYTES_MAX ? parseObject(content) : undefined;
  const preview = content.toString('utf8', 0, PREVIEW_LENGTH * 4).slice(0, PREVIEW_LENGTH);
  const origin = originOf(message);
  const incoming = { content, routingKey: origin?.routingKey ?? message.fields.routingKey, properties };
  const service = objectAt(body, 'service')['name'];
  const logMessage = body?.['message'];
  const messageId: unknown = properties.messageId;
  return {
    id,
    messageId: typeof messageId === 'string' && messageId !== '' ? messageId : undefined,
    ...diagnosis(message, headers),
    index: text(headers[INDEX_HEADER]),
    attempts: count(headers[ATTEMPTS_HEADER]),
    replays: count(headers[REPLAYS_HEADER]),
    exchange: origin?.exchange ?? '',
    routingKey: incoming.routingKey,
    service: typeof service === 'string' ? service : (hintedService(incoming) ?? 'unknown'),
    level: readLevel(objectAt(body, 'log')['level']) ?? hintedLevel(incoming) ?? 'info',
    message: typeof logMessage === 'string' ? logMessage.slice(0, PREVIEW_LENGTH) : preview,
    preview,
    bodyBytes: content.length,
  };
}

/** Describes a letter with everything it carries. */
export function describeLetterInFull(message: GetMessage, id: string): DeadLetterInFull {
  const { headers, ...properties } = message.properties;
  const body = message.content.toString('utf8');
  return {
    ...describeLetter(message, id),
    body,
    json: parseWritable(body),
    properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)),
    headers: { ...headers },
    deaths: deathsOf(message),
  };
}

/** Where the original was published to, or `undefined` where nothing tells. */
export function originOf(message: GetMessage): { exchange: string; routingKey: string } | undefined {
  const exchange: unknown = message.properties.headers?.[EXCHANGE_HEADER];
  if (typeof exchange === 'string') return { exchange, routingKey: message.fields.routingKey };
  const death = originalDeath(message);
  if (death === undefined) return undefined;
  // Through the default exchange a message goes to the queue that its routing key names.
  if (death.exchange === '') return { exchange: '', routingKey: death.queue };
  return { exchange: death.exchange, routingKey: death.routingKeys[0] ?? message.fields.routingKey };
}

type Diagnosis = Pick<DeadLetter, 'source' | 'reason' | 'error' | 'status' | 'failedAt' | 'queue'>;

function diagnosis(message: GetMessage, headers: Record<string, unknown>): Diagnosis {
  const latest = deathsOf(message)[0];
  const queue = latest?.queue ?? '';
  const reason = headers[REASON_HEADER];
  if (typeof reason === 'string') {
    const failedAt = headers[FAILED_AT_HEADER];
    return {
      source: 'collector',
      reason,
      error: text(headers[ERROR_HEADER]),
      status: count(headers[STATUS_HEADER]),
      failedAt: typeof failedAt === 'string' ? failedAt : undefined,
      queue,
    };
  }
  if (latest === undefined) {
    const error = 'it carries neither reason headers nor x-death: somebody published it here';
    return { source: 'unknown', reason: 'unknown', error, status: 0, failedAt: undefined, queue };
  }
  return {
    source: 'broker',
    reason: latest.reason.replaceAll('_', '-'),
    error: explanation(latest),
    status: 0,
    failedAt: latest.time,
    queue,
  };
}

function explanation({ reason, queue }: Death): string {
  switch (reason) {
    case 'rejected':
      return `a consumer of the queue "${queue}" rejected it`;
    case 'expired':
      return `it waited in the queue "${queue}" for longer than it was allowed to`;
    case 'maxlen':
      return `the queue "${queue}" was full`;
    case 'delivery_limit':
      return `the queue "${queue}" handed it out too often without an ack`;
    default:
      return `the broker dead-lettered it from the queue "${queue}": ${reason}`;
  }
}

function parseObject(content: Buffer): JsonObject | undefined {
  if (content[0] !== 0x7b) return undefined;
  const parsed = parse(content.toString('utf8'));
  return isJsonObject(parsed) ? parsed : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Nesting without end can be read, and then breaks whoever writes it: that is how some letters died. */
function parseWritable(body: string): unknown {
  const parsed = parse(body);
  try {
    JSON.stringify(parsed);
    return parsed;
  } catch {
    return undefined;
  }
}

function objectAt(body: JsonObject | undefined, key: string): JsonObject {
  const value = body?.[key];
  return isJsonObject(value) ? value : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

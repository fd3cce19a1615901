/**
 * Records in shapes that are not ours, brought into it: other loggers' JSON, plain text, and records
 * of ours that lack something. Off the hot path: a complete record never comes here.
 */

import { type IncomingMessage, isJsonObject, type JsonObject } from './document.js';
import { addLabel, expandDottedKeys } from './dotted-keys.js';
import {
  hintedLabels,
  hintedLevel,
  hintedLogger,
  hintedService,
  hintedTimestamp,
  messageIdOrNew,
} from './hints.js';
import { readLevel } from './level.js';
import { readTimestamp } from './timestamp.js';

/** Characters of a body that stand in for a missing `message`. */
const MESSAGE_FROM_BODY_LENGTH = 1024;

/** Where a field of another logger's belongs. The first name that is there wins. */
const ALIASES: readonly (readonly [target: readonly [string, string], names: readonly string[]])[] = [
  [
    ['log', 'level'],
    ['level', 'severity', 'levelname', 'loglevel', 'lvl'],
  ],
  [
    ['log', 'logger'],
    ['logger', 'logger_name', 'loggerName'],
  ],
  [
    ['service', 'name'],
    ['service', 'service_name', 'app', 'application'],
  ],
  [
    ['host', 'hostname'],
    ['hostname', 'host'],
  ],
  [
    ['process', 'pid'],
    ['pid', 'process'],
  ],
  [
    ['trace', 'id'],
    ['trace_id', 'traceId', 'trace'],
  ],
  [
    ['span', 'id'],
    ['span_id', 'spanId', 'span'],
  ],
  [['error', 'message'], ['error']],
  [
    ['error', 'stack_trace'],
    ['stack_trace', 'stack', 'stacktrace', 'exc_info'],
  ],
  [['event', 'action'], ['event']],
];

const TIMESTAMP_NAMES = ['timestamp', 'time', 'ts', 'asctime', 'datetime'];
const MESSAGE_NAMES = ['msg', 'short_message', 'log'];

/** Brings a parsed JSON body into the shape of a record. */
export function recordFromJson(body: JsonObject, message: IncomingMessage, receivedAtMs: number): JsonObject {
  const record = expandDottedKeys(body);
  placeMessage(record);
  placeTimestamp(record, message, receivedAtMs);
  placeError(record);
  for (const [[parent, child], names] of ALIASES) placeAlias(record, parent, child, names);
  complete(record, message);
  if (typeof record['message'] !== 'string') {
    const error = objectAt(record, 'error')['message'];
    record['message'] =
      typeof error === 'string' ? error : JSON.stringify(body).slice(0, MESSAGE_FROM_BODY_LENGTH);
  }
  for (const name of ['error', 'host', 'process']) {
    if (Object.keys(objectAt(record, name)).length === 0) delete record[name];
  }
  return record;
}

/** Makes a record of a line of text. */
export function recordFromText(text: string, message: IncomingMessage, receivedAtMs: number): JsonObject {
  const record: JsonObject = {
    '@timestamp': hintedTimestamp(message) ?? new Date(receivedAtMs).toISOString(),
    message: text.replace(/[\r\n]+$/, ''),
  };
  complete(record, message);
  return record;
}

/** Adds a tag that marks what was done to a record. */
export function addTag(record: JsonObject, tag: string): void {
  const tags = record['tags'];
  if (Array.isArray(tags)) tags.push(tag);
  else record['tags'] = tags === undefined ? [tag] : [tags, tag];
}

/** Fills what every record has: level, service and id, and what the headers tell. */
function complete(record: JsonObject, message: IncomingMessage): void {
  const log = objectAt(record, 'log');
  const level = readLevel(log['level']);
  if (level === undefined && log['level'] !== undefined) addLabel(record, 'level', log['level']);
  log['level'] = level ?? hintedLevel(message) ?? 'info';
  const { logger, thread } = hintedLogger(message);
  if (logger !== undefined) log['logger'] ??= logger;
  if (thread !== undefined) {
    const process = objectAt(record, 'process');
    if (process['thread'] === undefined) process['thread'] = { name: thread };
  }
  const service = objectAt(record, 'service');
  if (typeof service['name'] !== 'string' || service['name'] === '') {
    service['name'] = hintedService(message) ?? 'unknown';
  }
  const event = objectAt(record, 'event');
  if (typeof event['id'] !== 'string' || event['id'] === '') event['id'] = messageIdOrNew(message);
  for (const [key, value] of Object.entries(hintedLabels(message))) addLabel(record, key, value);
}

function placeMessage(record: JsonObject): void {
  for (const name of MESSAGE_NAMES) {
    if (record['message'] !== undefined) break;
    const value = record[name];
    if (typeof value !== 'string') continue;
    record['message'] = value;
    delete record[name];
  }
  const message = record['message'];
  if (message !== undefined && message !== null && typeof message !== 'string') {
    record['message'] = JSON.stringify(message);
  }
}

function placeTimestamp(record: JsonObject, message: IncomingMessage, receivedAtMs: number): void {
  const given = record['@timestamp'];
  let timestamp = readTimestamp(given);
  for (const name of TIMESTAMP_NAMES) {
    if (timestamp !== undefined) break;
    timestamp = readTimestamp(record[name]);
    if (timestamp !== undefined) delete record[name];
  }
  if (given !== undefined && readTimestamp(given) === undefined) {
    addLabel(record, 'timestamp', String(given).slice(0, 256));
    addTag(record, 'invalid_timestamp');
  }
  record['@timestamp'] = timestamp ?? hintedTimestamp(message) ?? new Date(receivedAtMs).toISOString();
}

/** pino's and bunyan's `err`: an error in an object of its own. */
function placeError(record: JsonObject): void {
  const cause = record['err'];
  if (!isJsonObject(cause) || record['error'] !== undefined) return;
  const { type, name, message, stack, ...rest } = cause;
  const error: JsonObject = {};
  if (typeof (type ?? name) === 'string') error['type'] = type ?? name;
  if (typeof message === 'string') error['message'] = message;
  if (typeof stack === 'string') error['stack_trace'] = stack;
  record['error'] = error;
  if (Object.keys(rest).length === 0) delete record['err'];
  else record['err'] = rest;
}

function placeAlias(record: JsonObject, parent: string, child: string, names: readonly string[]): void {
  for (const name of names) {
    const value = record[name];
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    if (isJsonObject(record[parent]) && record[parent][child] !== undefined) {
      // The name of an object of ECS's with a bare value in it would be refused: it cannot stay.
      if (name === parent) moveToLabel(record, name);
      continue;
    }
    if (child === 'level' && readLevel(value) === undefined) continue;
    if (child === 'pid' && typeof value !== 'number') continue;
    delete record[name];
    objectAt(record, parent)[child] = child === 'pid' ? value : String(value);
    if (child === 'level') objectAt(record, parent)[child] = readLevel(value);
  }
}

/** The object at a key of the record, made if there is none; a bare value there becomes a label. */
function objectAt(record: JsonObject, key: string): JsonObject {
  const present = record[key];
  if (isJsonObject(present)) return present;
  if (present !== undefined && present !== null) moveToLabel(record, key);
  const created: JsonObject = {};
  record[key] = created;
  return created;
}

function moveToLabel(record: JsonObject, key: string): void {
  const value = record[key];
  delete record[key];
  addLabel(record, key, value);
}

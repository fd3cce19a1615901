/**
 * Message → document. A complete record of ours goes through byte for byte; anything else is brought
 * into the record's shape with what the routing key, the properties and the headers tell.
 *
 * Pure, and the collector's hottest code: one JSON.parse and no serialising for a complete record.
 */
import { isUtf8 } from 'node:buffer';
import { isLevel, serviceWord } from '../../agents/record.js';
import {
  type IncomingMessage,
  isJsonObject,
  type JsonObject,
  type LogDocument,
  type Malformed,
} from './document.js';
import { hasDottedKeys } from './dotted-keys.js';
import { addTag, recordFromJson, recordFromText } from './foreign.js';
import { isTimestamp } from './timestamp.js';

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

/** What stands for bytes that are no character. */
const REPLACEMENT = '\uFFFD';

/** The index takes an id of at most 512 bytes. */
const ID_LENGTH_MAX = 128;

/** Objects of ECS that a record of ours may have; a bare value in their place is refused by the index. */
const OBJECTS = ['host', 'process', 'error', 'trace', 'span', 'labels'] as const;

/** Names of character sets are legion; those of compressions are known. */
const COMPRESSIONS = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'lz4', 'snappy', 'compress']);

/**
 * Makes a document of a message.
 *
 * @param receivedAtMs the time of a record that bears none, milliseconds since 1970
 */
export function normalise(message: IncomingMessage, receivedAtMs: number): LogDocument | Malformed {
  try {
    return read(message, receivedAtMs);
  } catch (error) {
    // Nesting that is too deep to write out again, for one. Were it thrown, the channel would end, the
    // broker would hand the same message out again, and one body would stop the whole pipeline.
    return {
      malformed: `the body cannot be brought into the shape of a record: ${(error as Error).message}`,
    };
  }
}

function read(message: IncomingMessage, receivedAtMs: number): LogDocument | Malformed {
  const { content, properties } = message;
  if (content.length === 0) return { malformed: 'the body is empty' };
  const encoding = typeof properties.contentEncoding === 'string' ? properties.contentEncoding : '';
  if (encoding !== '' && COMPRESSIONS.has(encoding.toLowerCase())) {
    return { malformed: `content-encoding "${encoding}" is not supported` };
  }
  const isValid = isUtf8(content);
  const decoded = isValid ? content.toString('utf8') : decode(content, encoding);
  const text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  const isJson = isJsonType(properties.contentType);
  const body = isJson || startsObject(text) ? parse(text) : undefined;
  if (isJsonObject(body)) {
    if (isValid && text === decoded && isComplete(body) && content.indexOf(LINE_FEED) === -1) {
      return documentOf(body, content);
    }
    return finish(recordFromJson(body, message, receivedAtMs), !isValid && text.includes(REPLACEMENT));
  }
  if (isJson && body === undefined) {
    return { malformed: `the body is not the JSON that its content-type promises: ${parseError(text)}` };
  }
  const line = typeof body === 'string' ? body : text;
  return finish(recordFromText(line, message, receivedAtMs), !isValid && text.includes(REPLACEMENT));
}

/** Whether the record can be indexed as it stands, byte for byte. */
function isComplete(record: JsonObject): boolean {
  const { event, log, service } = record;
  if (!isJsonObject(event) || !isJsonObject(log) || !isJsonObject(service)) return false;
  const id = event['id'];
  if (typeof id !== 'string' || id === '' || id.length > ID_LENGTH_MAX) return false;
  if (typeof record['message'] !== 'string' || !isLevel(log['level'])) return false;
  if (typeof service['name'] !== 'string' || !isTimestamp(record['@timestamp'])) return false;
  for (const name of OBJECTS) {
    const value = record[name];
    if (value !== undefined && !isJsonObject(value)) return false;
  }
  return !hasDottedKeys(record);
}

/** Serialises a record that was brought into shape. */
function finish(record: JsonObject, isMarked: boolean): LogDocument {
  if (isMarked) addTag(record, 'invalid_utf8');
  const event = record['event'] as JsonObject;
  const id = String(event['id']);
  if (id.length > ID_LENGTH_MAX) event['id'] = id.slice(0, ID_LENGTH_MAX);
  return documentOf(record, Buffer.from(JSON.stringify(record)));
}

function documentOf(record: JsonObject, source: Buffer): LogDocument {
  const service = record['service'] as JsonObject;
  const environment = service['environment'];
  return {
    id: (record['event'] as JsonObject)['id'] as string,
    service: word(service['name'] as string),
    environment: typeof environment === 'string' && environment !== '' ? word(environment) : '',
    timestamp: record['@timestamp'] as string,
    source,
  };
}

/** `serviceWord` costs three passes over a name, and there are few names. */
const words = new Map<string, string>();
const WORDS_MAX = 10_000;

function word(name: string): string {
  let found = words.get(name);
  if (found === undefined) {
    found = serviceWord(name);
    if (words.size >= WORDS_MAX) words.clear();
    words.set(name, found);
  }
  return found;
}

/** Reads bytes that are not UTF-8: in the character set that the message names, or with marks for them. */
function decode(content: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding === '' ? 'utf-8' : encoding).decode(content);
  } catch {
    return content.toString('utf8');
  }
}

function isJsonType(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType);
}

function startsObject(text: string): boolean {
  return /^\s*\{/.test(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseError(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return (error as Error).message.slice(0, 200);
  }
}

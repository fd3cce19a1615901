/** The body of a request as JSON, and the fields in it, checked as RabbitMQ checks them. */
import { badRequest, keysMissing } from './http-error.js';

export type JsonObject = { readonly [name: string]: unknown };

/** Deeper than any field table may be nested. */
const DEPTH_MAX = 128;
const DOUBLY_ENCODED =
  'invalid payload: the request body JSON-decoded to a string. Is the input doubly-JSON-encoded?';

/** A body that is an object; nothing, and null, is one without fields. @throws HttpError 400 */
export function parseObject(body: Buffer): JsonObject {
  const text = body.toString();
  if (text === '' || text === 'null' || text === 'undefined') return {};
  const value = parse(text);
  if (typeof value === 'string') throw badRequest(DOUBLY_ENCODED);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('not_json');
  return value as JsonObject;
}

function parse(text: string): unknown {
  if (isTooDeep(text)) throw badRequest('not_json');
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('not_json');
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/**
 * Whether what is in a text of JSON is nested too deep for whoever walks it. Asked of the text, since to
 * parse millions of brackets takes seconds; of what is no JSON the answer says nothing.
 */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted) at += code === BACKSLASH ? 1 : 0;
    else if (OPENING.includes(code) && ++depth > DEPTH_MAX) return true;
    else if (CLOSING.includes(code)) depth--;
  }
  return false;
}

/** A field of the body itself: a name such as `constructor` finds nothing of JavaScript's. */
export function fieldOf(body: JsonObject, name: string): unknown {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}

/** @throws HttpError 400 that names the fields that are missing */
export function requireFields(body: JsonObject, ...names: string[]): void {
  const missing = names.filter((name) => fieldOf(body, name) === undefined);
  if (missing.length > 0) throw keysMissing(missing);
}

/** A field that is a string. @throws HttpError 400 */
export function stringField(body: JsonObject, name: string): string {
  const value = fieldOf(body, name);
  if (typeof value !== 'string') throw badRequest(['not_string', name]);
  return value;
}

/** A field that is a boolean, or the text of one; undefined stands for what is missing. @throws HttpError 400 */
export function booleanField(body: JsonObject, name: string, missing: boolean): boolean {
  const value = fieldOf(body, name);
  if (value === undefined) return missing;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw badRequest(['not_boolean', value]);
}

/** A field that is an integer, or the text of one. @throws HttpError 400 */
export function integerField(body: JsonObject, name: string): number {
  const value = fieldOf(body, name);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^[+-]?\d{1,15}$/.test(value)) return Number(value);
  throw badRequest(['not_integer', value as string]);
}

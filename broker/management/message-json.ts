/** The properties and the body of a message as JSON, both ways. */
import { isUtf8 } from 'node:buffer';
import type { MessageProperties } from '../embedding/message.js';
import type { Properties } from '../protocol/properties.js';
import { requireName, toTable } from './amqp-request.js';
import { toJson } from './field-json.js';
import { badRequest } from './http-error.js';

type Kind = 'string' | 'octet' | 'integer';

const FIELDS: readonly (readonly [json: string, name: Exclude<keyof Properties, 'headers'>, kind: Kind])[] = [
  ['content_type', 'contentType', 'string'],
  ['content_encoding', 'contentEncoding', 'string'],
  ['delivery_mode', 'deliveryMode', 'octet'],
  ['priority', 'priority', 'octet'],
  ['correlation_id', 'correlationId', 'string'],
  ['reply_to', 'replyTo', 'string'],
  ['expiration', 'expiration', 'string'],
  ['message_id', 'messageId', 'string'],
  ['timestamp', 'timestamp', 'integer'],
  ['type', 'type', 'string'],
  ['user_id', 'userId', 'string'],
  ['app_id', 'appId', 'string'],
  ['cluster_id', 'clusterId', 'string'],
];

/** The properties that are set; none at all is an empty list, as RabbitMQ has it. */
export function propertiesToJson(properties: Properties): object {
  const shown: Record<string, unknown> = {};
  for (const [json, name] of FIELDS) {
    if (properties[name] !== undefined) shown[json] = properties[name];
  }
  if (properties.headers !== undefined) shown['headers'] = toJson(properties.headers);
  return Object.keys(shown).length === 0 ? [] : shown;
}

/** Properties to publish with; what is none is ignored. @throws HttpError 400 */
export function propertiesFromJson(value: unknown): MessageProperties {
  if (Array.isArray(value) && value.length === 0) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(['not_a_table', 'properties']);
  }
  const given = new Map<string, unknown>(Object.entries(value));
  const properties: Record<string, unknown> = {};
  for (const [json, name, kind] of FIELDS) {
    const one = given.get(json);
    if (one !== undefined) properties[name] = check(json, one, kind);
  }
  const headers = given.get('headers');
  if (headers !== undefined) properties['headers'] = toTable(headers);
  return properties as MessageProperties;
}

function check(name: string, value: unknown, kind: Kind): string | number {
  if (kind === 'string') {
    if (typeof value !== 'string') throw badRequest(['not_string', name]);
    return requireName(value);
  }
  const most = kind === 'octet' ? 255 : Number.MAX_SAFE_INTEGER;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw badRequest(['not_int', name]);
}

export type PayloadEncoding = 'auto' | 'base64';

/** A body, cut to so many bytes; as text where it is text and that will do. */
export function payloadToJson(
  body: Buffer,
  encoding: PayloadEncoding,
  truncate: number | undefined,
): { payload: string; payload_encoding: 'string' | 'base64' } {
  const shown = truncate === undefined ? body : body.subarray(0, Math.max(0, truncate));
  return encoding === 'auto' && isUtf8(shown)
    ? { payload: shown.toString(), payload_encoding: 'string' }
    : { payload: shown.toString('base64'), payload_encoding: 'base64' };
}

/** A body to publish. @throws HttpError 400 for an encoding that there is not, or that it is not in */
export function payloadFromJson(payload: string, encoding: unknown): Buffer {
  if (encoding === 'string') return Buffer.from(payload);
  if (encoding !== 'base64') throw badRequest(['unsupported_encoding', encoding as string]);
  // Without the white space first: an expression that took it in two places would take minutes for a lot.
  const text = payload.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw badRequest(['not_base64', payload]);
  }
  return Buffer.from(text, 'base64');
}

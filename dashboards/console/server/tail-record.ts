/** Makes a record of the live tail out of a message, whoever published it. */
import type { ConsumeMessage } from 'amqplib';
import { parseRoutingKey } from '../../../agents/record.js';
import type { TailRecord } from '../model/api.js';
import { rowParts } from './log-row.js';

/** A body larger than this is shown from its beginning only. */
const BODY_BYTES_MAX = 65_536;

/**
 * The record in a message. A body that is not a JSON object becomes the message; level and service
 * come from the routing key where the body has none.
 *
 * @param sequence numbers the records of one viewer
 */
export function tailRecord(message: ConsumeMessage, sequence: number): TailRecord {
  const { routingKey } = message.fields;
  const source = bodyObject(message.content);
  const parts = rowParts(source);
  const key = parseRoutingKey(routingKey);
  return {
    ...parts,
    id: String(sequence),
    routingKey,
    time: parts.time === '' ? new Date().toISOString() : parts.time,
    level: parts.level ?? key?.level ?? null,
    service: parts.service ?? key?.service ?? null,
    source,
  };
}

function bodyObject(content: Buffer): Record<string, unknown> {
  if (content.length > BODY_BYTES_MAX) {
    return { message: `${content.subarray(0, BODY_BYTES_MAX).toString('utf8')}…` };
  }
  const text = content.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Not JSON: it is text, and shown as such.
  }
  return { message: text };
}

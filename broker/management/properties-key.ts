/**
 * How a path names a binding among those between the same two ends: by its key, and where it has arguments
 * by a hash of them, which is RabbitMQ's, since whoever keeps such names keeps them across brokers.
 */
import type { FieldTable } from '../protocol/field-table.js';
import { erlangTableHash } from '../routing/erlang-hash.js';

/** `~` stands for no key, and stands before the hash. */
export function propertiesKey(routingKey: string, args: FieldTable): string {
  if (args.size === 0) return routingKey === '' ? '~' : quote(routingKey);
  const hash = Buffer.alloc(4);
  hash.writeUInt32BE(erlangTableHash(args));
  return `${quote(routingKey)}~${hash.toString('base64url')}`;
}

/** Percent-encoded but for letters, digits and `-_.`; a space is a plus. */
export function quote(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** What is compared: a client may have encoded more than it had to. */
export function canonicalKey(key: string): string {
  return key.split('~').map(requote).join('~');
}

function requote(part: string): string {
  try {
    return quote(decodeURIComponent(part.replaceAll('+', ' ')));
  } catch {
    return part;
  }
}

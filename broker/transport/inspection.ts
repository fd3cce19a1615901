/**
 * The properties of a publish that the broker itself acts on, other than persistence and priority:
 * user-id, expiration, CC and BCC, and reply-to when it asks for a direct reply.
 */
import { EMPTY_TABLE, type FieldTable, type FieldValue } from '../protocol/field-table.js';
import type { Properties } from '../protocol/properties.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import { copyKeys } from '../queue/dead-letter.js';
import type { Identity } from './gate.js';

/** RabbitMQ's longest timer. */
const EXPIRATION_MS_MAX = 4_294_967_295;

export interface Inspection {
  expirationMs: number;
  /** Routing keys from CC and BCC. */
  copies: string[];
  /** Those of BCC. */
  blindKeys: string[];
  /** The properties to store instead of those that came, if they have to change. */
  rewritten: Properties | undefined;
}

/**
 * Inspects the properties of a message.
 *
 * @throws ProtocolError 406 for what is malformed or not the user's
 */
export function inspect(properties: Properties, { user, tags }: Identity): Inspection {
  const { userId } = properties;
  if (userId !== undefined && userId !== user && !tags.includes('impersonator')) {
    const wrong = `user_id property set to '${userId}' but authenticated user was '${user}'`;
    throw new ProtocolError(406, wrong);
  }
  const headers = properties.headers ?? EMPTY_TABLE;
  requireKeys(headers, 'CC');
  requireKeys(headers, 'BCC');
  let rewritten: Properties | undefined;
  if (headers.has('BCC')) {
    const without = new Map(headers);
    without.delete('BCC');
    rewritten = { ...properties, headers: without };
  }
  const blindKeys = copyKeys(headers, 'BCC');
  return {
    expirationMs: properties.expiration === undefined ? -1 : parseExpiration(properties.expiration),
    copies: [...copyKeys(headers, 'CC'), ...blindKeys],
    blindKeys,
    rewritten,
  };
}

function requireKeys(headers: FieldTable, name: string): void {
  const value: FieldValue | undefined = headers.get(name);
  if (value === undefined) return;
  const wrong = value.type === 'array' ? value.value.find((key) => key.type !== 'longstr')?.type : value.type;
  if (wrong === undefined) return;
  throw new ProtocolError(406, `invalid message: {unacceptable_type_in_header,"${name}",${wrong}}`);
}

function parseExpiration(text: string): number {
  const fail = (why: string): ProtocolError => new ProtocolError(406, `invalid expiration '${text}': ${why}`);
  const digits = /^[+-]?\d+/.exec(text)?.[0];
  if (digits === undefined) throw fail('no_integer');
  if (digits.length < text.length) throw fail(`{leftover_string,"${text.slice(digits.length)}"}`);
  const value = Number(digits);
  if (value < 0) throw fail(`{value_negative,${value}}`);
  if (value > EXPIRATION_MS_MAX) throw fail(`{value_too_large,${digits}}`);
  return value;
}

/**
 * What a message looks like once it is dead-lettered: its x-death history, what is taken from its
 * properties, and which queues it must not go round to again. Where it goes is the virtual host's.
 */
import { HEADER_FIXED_BYTES } from '../protocol/content-assembler.js';
import {
  EMPTY_TABLE,
  type FieldTable,
  type FieldValue,
  longString,
  textOf,
} from '../protocol/field-table.js';
import { type Properties, readProperties, writeProperties } from '../protocol/properties.js';
import { WireReader } from '../protocol/wire-reader.js';
import { WireWriter } from '../protocol/wire-writer.js';
import { type Message, NO_TRAIL } from '../store/message.js';
import type { Queue } from './queue.js';
import type { DeathReason } from './queue-host.js';

export interface DeadLetter {
  /** The encoded content header payload, body size included. */
  header: Buffer;
  routingKeys: string[];
  /** Those of the routing keys that nobody may see. */
  blindKeys: readonly string[];
  headers: FieldTable;
  deaths: readonly FieldTable[];
  persistent: boolean;
}

/** The headers in which the broker keeps the history of a dead letter. */
const HISTORY = [
  'x-death',
  ...['first', 'last'].flatMap((position) =>
    ['reason', 'queue', 'exchange'].map((what) => `x-${position}-death-${what}`),
  ),
];

/** Decodes the properties of a message that is in memory. */
export function propertiesOf(message: Message): Properties {
  const start = message.offset + HEADER_FIXED_BYTES;
  const end = message.offset + message.headerBytes;
  return readProperties(new WireReader(message.buffer as Buffer, start, end));
}

/** Encodes a content header payload. */
export function encodeHeader(properties: Properties, bodyBytes: number): Buffer {
  const writer = new WireWriter();
  writer.short(60);
  writer.short(0);
  writer.longLong(bodyBytes);
  writeProperties(writer, properties);
  return writer.copy();
}

/** The routing keys in a CC or BCC header. */
export function copyKeys(headers: FieldTable | undefined, name: 'CC' | 'BCC'): string[] {
  const value = headers?.get(name);
  if (value?.type !== 'array') return [];
  return value.value.map((key) => textOf(key) ?? '');
}

/** Makes the dead letter of a message that leaves a queue. */
export function buryMessage(message: Message, queue: Queue, reason: DeathReason): DeadLetter {
  const properties = propertiesOf(message);
  const { died, blindKeys } = message.address.trail ?? NO_TRAIL;
  const before = historyOf(properties.headers ?? EMPTY_TABLE, died);
  const { deadLetterRoutingKey } = queue.settings;
  const ownKeys = [message.address.routingKey, ...copyKeys(before, 'CC')];
  const headers = new Map(before);
  const deaths = recordDeath(before, message, queue, reason, ownKeys, properties.expiration);
  headers.set('x-death', { type: 'array', value: deaths.map((value) => ({ type: 'table', value })) });
  const first = !headers.has('x-first-death-reason');
  for (const position of first ? ['first', 'last'] : ['last']) {
    headers.set(`x-${position}-death-reason`, longString(reason));
    headers.set(`x-${position}-death-queue`, longString(queue.name));
    headers.set(`x-${position}-death-exchange`, longString(message.address.exchange));
  }
  if (deadLetterRoutingKey !== undefined) headers.delete('CC');
  // It would expire again at once where it goes (RabbitMQ's guide to dead letter exchanges).
  const { expiration: _expired, ...kept } = properties;
  const keepsKeys = deadLetterRoutingKey === undefined;
  return {
    header: encodeHeader({ ...kept, headers }, message.bodyBytes),
    routingKeys: keepsKeys ? [...ownKeys, ...blindKeys] : [deadLetterRoutingKey],
    blindKeys: keepsKeys ? blindKeys : [],
    headers,
    deaths,
    // A quorum queue keeps what is not persistent, and a classic one that it goes to does not.
    persistent: properties.deliveryMode === 2,
  };
}

/** The headers without a history that is a client's own: RabbitMQ 4 goes by none but the broker's. */
function historyOf(headers: FieldTable, died: boolean): FieldTable {
  if (died || !HISTORY.some((name) => headers.has(name))) return headers;
  const without = new Map(headers);
  for (const name of HISTORY) without.delete(name);
  return without;
}

function recordDeath(
  headers: FieldTable,
  message: Message,
  queue: Queue,
  reason: DeathReason,
  routingKeys: readonly string[],
  expiration: string | undefined,
): FieldTable[] {
  const known = headers.get('x-death');
  const deaths =
    known?.type === 'array' ? known.value.flatMap((one) => (one.type === 'table' ? [one.value] : [])) : [];
  const same = deaths.findIndex(
    (death) => textOf(death.get('queue')) === queue.name && textOf(death.get('reason')) === reason,
  );
  const [again] = same === -1 ? [] : deaths.splice(same, 1);
  if (again !== undefined) {
    const count = again.get('count');
    const counted = new Map(again);
    counted.set('count', { type: 'long', value: count?.type === 'long' ? count.value + 1n : 1n });
    return [counted, ...deaths];
  }
  const death = new Map<string, FieldValue>([
    ['count', { type: 'long', value: 1n }],
    ['reason', longString(reason)],
    ['queue', longString(queue.name)],
    ['time', { type: 'timestamp', value: BigInt(Math.floor(queue.clock.now() / 1000)) }],
    ['exchange', longString(message.address.exchange)],
    ['routing-keys', { type: 'array', value: routingKeys.map(longString) }],
  ]);
  if (expiration !== undefined) death.set('original-expiration', longString(expiration));
  return [death, ...deaths];
}

/** Whether a dead letter has come round to a queue with nobody having rejected it on the way. */
export function isCycle(queue: Queue, deaths: readonly FieldTable[]): boolean {
  const last = deaths.findIndex((death) => textOf(death.get('queue')) === queue.name);
  if (last === -1) return false;
  return deaths.slice(0, last + 1).every((death) => textOf(death.get('reason')) !== 'rejected');
}

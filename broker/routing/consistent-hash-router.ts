/**
 * A consistent-hash exchange: a message goes to one destination, which its routing key, or a header or
 * property of its own, decides. A binding's key is its weight, the number of buckets it has on the ring:
 *
 *     bound in turn:   a (2)   b (1)   c (3)
 *     buckets:         0   1   2       3   4   5
 *
 * New bindings go to the end, so that only keys that are theirs move to them. As in RabbitMQ's plugin
 * a destination is on the ring once, with its first binding's weight, and leaves it with any of them.
 */

import { showBinary, showValue } from '../protocol/erlang-notation.js';
import { type FieldTable, textOf } from '../protocol/field-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Binding, Destination, MessageRouter } from './binding.js';
import { erlangHash } from './erlang-hash.js';
import { jumpHash } from './jump-hash.js';
import type { RoutedMessage } from './routed-message.js';

const PROPERTIES = ['correlation_id', 'message_id', 'timestamp'];

/**
 * Checks the arguments of a consistent-hash exchange.
 *
 * @throws ProtocolError 406
 */
export function checkHashArguments(args: FieldTable): void {
  const header = args.get('hash-header');
  const property = args.get('hash-property');
  for (const [name, value] of [
    ['hash-header', header],
    ['hash-property', property],
  ] as const) {
    if (value === undefined || value.type === 'longstr') continue;
    throw new ProtocolError(406, `Invalid argument ${showValue(value)}, '${name}' must be a string`);
  }
  if (header !== undefined && property !== undefined) {
    throw new ProtocolError(406, 'hash-header and hash-property are mutually exclusive');
  }
  const named = textOf(property);
  if (named !== undefined && !PROPERTIES.includes(named)) {
    throw new ProtocolError(406, `Unsupported property: ${named}`);
  }
}

/**
 * Checks the key of a binding to a consistent-hash exchange.
 *
 * @throws ProtocolError 406
 */
export function checkWeight(bindingKey: string): void {
  if (!/^[+-]?\d+$/.test(bindingKey)) {
    throw new ProtocolError(
      406,
      `The binding key must be an integer: ${showBinary(Buffer.from(bindingKey))}`,
    );
  }
  if (Number(bindingKey) < 1) throw new ProtocolError(406, 'The binding key must be greater than 0');
}

interface Stretch {
  readonly destination: Destination;
  readonly bucketCount: number;
}

export class ConsistentHashRouter implements MessageRouter {
  readonly by = 'message';
  private readonly header: string | undefined;
  private readonly property: string | undefined;
  private readonly ring: Stretch[] = [];
  private bucketCount = 0;

  constructor(args: FieldTable) {
    this.header = textOf(args.get('hash-header'));
    this.property = textOf(args.get('hash-property'));
  }

  add({ destination, routingKey }: Binding): void {
    if (this.ring.some((stretch) => stretch.destination === destination)) return;
    const bucketCount = Number(routingKey);
    this.ring.push({ destination, bucketCount });
    this.bucketCount += bucketCount;
  }

  remove({ destination }: Binding): void {
    const at = this.ring.findIndex((stretch) => stretch.destination === destination);
    if (at === -1) return;
    this.bucketCount -= (this.ring[at] as Stretch).bucketCount;
    this.ring.splice(at, 1);
  }

  match(message: RoutedMessage, into: Set<Destination>): void {
    if (this.ring.length === 0) return;
    let bucket = jumpHash(this.hash(message), this.bucketCount);
    for (const { destination, bucketCount } of this.ring) {
      if (bucket < bucketCount) {
        into.add(destination);
        return;
      }
      bucket -= bucketCount;
    }
  }

  private hash(message: RoutedMessage): number {
    if (this.header !== undefined) return erlangHash(message.headers.get(this.header));
    const text = this.property === undefined ? message.routingKeys[0] : propertyOf(message, this.property);
    return erlangHash(text === undefined ? undefined : Buffer.from(text));
  }
}

function propertyOf(message: RoutedMessage, property: string): string | undefined {
  const { correlationId, messageId, timestamp } = message.properties;
  if (property === 'correlation_id') return correlationId;
  if (property === 'message_id') return messageId;
  return timestamp?.toString();
}

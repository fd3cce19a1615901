/**
 * How an address and the trail after it stand on disk: the two short strings that go over the wire,
 * then, where there is a trail, an octet that is 1 for a dead letter, and a short string for each
 * routing key of its BCC.
 */
import { WireReader } from '../protocol/wire-reader.js';
import { WireWriter } from '../protocol/wire-writer.js';
import type { Address, Trail } from './message.js';

/** The address with its trail behind it. */
export function encodeTrail(address: Buffer, trail: Trail): Buffer {
  const writer = new WireWriter();
  writer.bytes(address, 0, address.length);
  writer.octet(trail.died ? 1 : 0);
  for (const key of trail.blindKeys) writer.shortString(key);
  return writer.copy();
}

/** The address as it was before it was written. */
export function decodeAddress(stored: Buffer): Address {
  const reader = new WireReader(stored);
  const exchange = reader.shortString();
  const routingKey = reader.shortString();
  if (reader.position === stored.length) return { exchange, routingKey, encoded: stored };
  const encoded = stored.subarray(0, reader.position);
  const died = reader.octet() === 1;
  const blindKeys: string[] = [];
  while (reader.position < stored.length) blindKeys.push(reader.shortString());
  return { exchange, routingKey, encoded, trail: { died, blindKeys } };
}

/**
 * What a channel remembers of the methods basic.publish it has seen: most publishes repeat one, byte
 * for byte, and then nothing of it is decoded again and nothing is routed again.
 */
import { ProtocolError } from '../protocol/protocol-error.js';
import { WireReader } from '../protocol/wire-reader.js';
import type { Queue } from '../queue/queue.js';
import type { Address } from '../store/message.js';
import type { PublishFlow } from './publish-flow.js';

/** Class, method and the ticket before the exchange's name. */
const PREFIX_BYTES = 6;
const REMEMBERED_MAX = 4096;

export interface PublishTarget {
  /** The method's bytes after the prefix. */
  readonly bytes: Buffer;
  readonly address: Address;
  readonly mandatory: boolean;
  /** Found at `version` of the topology. */
  flow: PublishFlow | undefined;
  /** Undefined when each message has to be routed by itself. */
  queues: readonly Queue[] | undefined;
  version: number;
}

export class PublishTargets {
  private last: PublishTarget | undefined;
  private known = new Map<string, PublishTarget>();

  /**
   * The target of a basic.publish.
   *
   * @throws ProtocolError 540 for `immediate`
   */
  find(buffer: Buffer, start: number, end: number): PublishTarget {
    const from = start + PREFIX_BYTES;
    const { last } = this;
    if (last !== undefined && sameBytes(last.bytes, buffer, from, end)) return last;
    const key = buffer.toString('latin1', from, end);
    let target = this.known.get(key);
    if (target === undefined) {
      target = decodeTarget(buffer, from, end);
      if (this.known.size >= REMEMBERED_MAX) this.known = new Map();
      this.known.set(key, target);
    }
    this.last = target;
    return target;
  }
}

function sameBytes(known: Buffer, buffer: Buffer, start: number, end: number): boolean {
  const { length } = known;
  if (length !== end - start) return false;
  // From the end: routing keys differ there first.
  for (let index = length - 1; index >= 0; index--) if (known[index] !== buffer[start + index]) return false;
  return true;
}

function decodeTarget(buffer: Buffer, from: number, end: number): PublishTarget {
  const reader = new WireReader(buffer, from, end);
  const exchange = reader.shortString();
  const routingKey = reader.shortString();
  const bits = reader.octet();
  if ((bits & 2) !== 0) throw new ProtocolError(540, 'immediate=true');
  const bytes = Buffer.from(buffer.subarray(from, end));
  const encoded = bytes.subarray(0, reader.position - 1 - from);
  return {
    bytes,
    address: { exchange, routingKey, encoded },
    mandatory: (bits & 1) !== 0,
    flow: undefined,
    queues: undefined,
    version: -1,
  };
}

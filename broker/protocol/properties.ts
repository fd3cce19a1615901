/**
 * The properties of a message (specification 1.8.1): the full codec, for whoever needs to read or
 * change them (headers exchanges, dead-lettering), and the quick scan of the hot path, which looks
 * only at what the broker itself acts on.
 */
import { type FieldTable, readTable, writeTable } from './field-table.js';
import { ProtocolError } from './protocol-error.js';
import { PLAIN, walkTable } from './table-walk.js';
import type { WireReader } from './wire-reader.js';
import type { WireWriter } from './wire-writer.js';

export interface Properties {
  contentType?: string;
  contentEncoding?: string;
  headers?: FieldTable;
  deliveryMode?: number;
  priority?: number;
  correlationId?: string;
  replyTo?: string;
  expiration?: string;
  messageId?: string;
  timestamp?: number;
  type?: string;
  userId?: string;
  appId?: string;
  clusterId?: string;
}

type PropertyKind = 'shortstr' | 'table' | 'octet' | 'timestamp';

/** In the order of their flags, the highest bit first. */
export const PROPERTIES: readonly (readonly [keyof Properties, PropertyKind])[] = [
  ['contentType', 'shortstr'],
  ['contentEncoding', 'shortstr'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'shortstr'],
  ['replyTo', 'shortstr'],
  ['expiration', 'shortstr'],
  ['messageId', 'shortstr'],
  ['timestamp', 'timestamp'],
  ['type', 'shortstr'],
  ['userId', 'shortstr'],
  ['appId', 'shortstr'],
  ['clusterId', 'shortstr'],
];

/** Reads the flags and the properties they announce. */
export function readProperties(reader: WireReader): Properties {
  const flags = readFlags(reader);
  const properties: Record<string, unknown> = {};
  for (const [index, [name, kind]] of PROPERTIES.entries()) {
    if ((flags & (0x8000 >> index)) === 0) continue;
    switch (kind) {
      case 'shortstr':
        properties[name] = reader.shortString();
        break;
      case 'table':
        properties[name] = readTable(reader);
        break;
      case 'octet':
        properties[name] = reader.octet();
        break;
      case 'timestamp':
        properties[name] = reader.longLong();
        break;
    }
  }
  return properties;
}

function readFlags(reader: WireReader): number {
  const flags = reader.short();
  // Bit 0 says that more flags follow; no property has one of those, so there is nothing to read.
  if ((flags & 1) !== 0) throw new ProtocolError(502, 'continued property flags are not supported');
  return flags;
}

/** Writes the flags and the properties that are set. */
export function writeProperties(writer: WireWriter, properties: Properties): void {
  let flags = 0;
  for (const [index, [name]] of PROPERTIES.entries()) {
    if (properties[name] !== undefined) flags |= 0x8000 >> index;
  }
  writer.short(flags);
  for (const [name, kind] of PROPERTIES) {
    const value = properties[name];
    if (value === undefined) continue;
    if (kind === 'shortstr') writer.shortString(value as string);
    else if (kind === 'table') writeTable(writer, value as FieldTable);
    else if (kind === 'octet') writer.octet(value as number);
    else writer.longLong(value as number);
  }
}

const FLAG_CONTENT_TYPE = 0x8000;
const FLAG_CONTENT_ENCODING = 0x4000;
const FLAG_HEADERS = 0x2000;
const FLAG_DELIVERY_MODE = 0x1000;
const FLAG_PRIORITY = 0x0800;
const FLAG_CORRELATION_ID = 0x0400;
const FLAG_REPLY_TO = 0x0200;
const FLAG_EXPIRATION = 0x0100;
const FLAG_TIMESTAMP = 0x0040;
const FLAG_USER_ID = 0x0010;
const FLAG_CLUSTER_ID = 0x0004;
/** Properties that make a publish take the slow path. */
const FLAGS_INSPECTED = FLAG_REPLY_TO | FLAG_EXPIRATION | FLAG_USER_ID;

/** All from the correlation-id on. */
const FLAGS_BEHIND = 2 * FLAG_CORRELATION_ID - FLAG_CLUSTER_ID;

/** What the broker itself acts on, of one content header. Reused: valid until the next scan. */
export class PropertyScan {
  persistent = false;
  priority = 0;
  /**
   * Whether the headers have CC or BCC, or reply-to, expiration or user-id are set, or something is
   * wrong: decoding it then says what.
   */
  needsInspection = false;

  /**
   * Looks at properties without decoding what it does not need.
   *
   * @param buffer holds the flags at `at`; nothing from `end` on belongs to the header
   */
  scan(buffer: Buffer, at: number, end: number): void {
    this.persistent = false;
    this.priority = 0;
    this.needsInspection = false;
    if (at + 2 > end) throw new ProtocolError(502, 'content header ends too early');
    const flags = ((buffer[at] as number) << 8) | (buffer[at + 1] as number);
    if ((flags & 1) !== 0) throw new ProtocolError(502, 'continued property flags are not supported');
    let position = at + 2;
    if ((flags & FLAG_CONTENT_TYPE) !== 0) position += 1 + (buffer[position] as number);
    if ((flags & FLAG_CONTENT_ENCODING) !== 0) position += 1 + (buffer[position] as number);
    if ((flags & FLAG_HEADERS) !== 0) {
      // A length that is not there is no number, which is in no range.
      if (!(position + 4 <= end)) throw new ProtocolError(502, 'content header ends too early');
      const tableEnd = position + 4 + buffer.readUInt32BE(position);
      if (tableEnd > end || walkTable(buffer, position + 4, tableEnd) !== PLAIN) this.needsInspection = true;
      position = tableEnd;
    }
    if ((flags & FLAG_DELIVERY_MODE) !== 0) this.persistent = buffer[position++] === 2;
    if ((flags & FLAG_PRIORITY) !== 0) this.priority = buffer[position++] as number;
    if ((flags & FLAGS_INSPECTED) !== 0) this.needsInspection = true;
    if ((flags & FLAGS_BEHIND) !== 0) {
      for (let flag = FLAG_CORRELATION_ID; flag >= FLAG_CLUSTER_ID; flag >>= 1) {
        if ((flags & flag) === 0) continue;
        position += flag === FLAG_TIMESTAMP ? 8 : 1 + (buffer[position] as number);
      }
    }
    if (!(position <= end)) throw new ProtocolError(502, 'content header ends too early');
  }
}

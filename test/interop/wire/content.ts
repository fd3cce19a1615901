// The content header's properties, and the frames a message is sent in.
import { encodeTable, type FieldTable, type FieldValue, WireReader } from './field-table.js';

export type Properties = Record<string, FieldValue>;

const properties = [
  ['contentType', 'shortstr'],
  ['contentEncoding', 'shortstr'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'shortstr'],
  ['replyTo', 'shortstr'],
  ['expiration', 'shortstr'],
  ['messageId', 'shortstr'],
  ['timestamp', 'longlong'],
  ['type', 'shortstr'],
  ['userId', 'shortstr'],
  ['appId', 'shortstr'],
  ['clusterId', 'shortstr'],
] as const;

export const frameMethod = 1;
export const frameHeader = 2;
export const frameBody = 3;
export const frameHeartbeat = 8;
const frameEnd = 0xce;

export function encodeFrame(type: number, channel: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(payload.length + 8);
  frame.writeUInt8(type, 0);
  frame.writeUInt16BE(channel, 1);
  frame.writeUInt32BE(payload.length, 3);
  payload.copy(frame, 7);
  frame.writeUInt8(frameEnd, payload.length + 7);
  return frame;
}

function encodeProperty(type: string, value: FieldValue): Buffer {
  if (type === 'table') return encodeTable(value as FieldTable);
  if (type === 'octet') return Buffer.of(Number(value));
  if (type === 'longlong') {
    const block = Buffer.alloc(8);
    block.writeBigUInt64BE(BigInt(Number(value)));
    return block;
  }
  const bytes = Buffer.from(String(value));
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** The payload of a content header frame for class basic. */
export function encodeHeader(values: Properties, bodySize: number, classId = 60): Buffer {
  const head = Buffer.alloc(14);
  head.writeUInt16BE(classId, 0);
  head.writeBigUInt64BE(BigInt(bodySize), 4);
  const parts: Buffer[] = [head];
  let flags = 0;
  for (const [index, [name, type]] of properties.entries()) {
    const value = values[name];
    if (value === undefined) continue;
    flags |= 1 << (15 - index);
    parts.push(encodeProperty(type, value));
  }
  head.writeUInt16BE(flags, 12);
  return Buffer.concat(parts);
}

/** Reads a content header frame's payload. */
export function decodeHeader(payload: Buffer): { properties: Properties; bodySize: number } {
  const reader = new WireReader(payload);
  reader.take(4);
  const bodySize = Number(reader.take(8).readBigUInt64BE());
  const flags = reader.unsigned(2);
  const values: Properties = {};
  for (const [index, [name, type]] of properties.entries()) {
    if ((flags & (1 << (15 - index))) === 0) continue;
    if (type === 'table') values[name] = reader.table();
    else if (type === 'octet') values[name] = reader.unsigned(1);
    else if (type === 'longlong') values[name] = Number(reader.take(8).readBigUInt64BE());
    else values[name] = reader.shortString();
  }
  if (reader.offset !== payload.length) throw new RangeError('the content header is followed by stray bytes');
  return { properties: values, bodySize };
}

/** The header frame and the body frames of one message, the body split so that no frame exceeds `frameMax`. */
export function contentFrames(channel: number, values: Properties, body: Buffer, frameMax: number): Buffer {
  const frames = [encodeFrame(frameHeader, channel, encodeHeader(values, body.length))];
  const chunk = frameMax - 8;
  for (let offset = 0; offset < body.length; offset += chunk) {
    frames.push(encodeFrame(frameBody, channel, body.subarray(offset, offset + chunk)));
  }
  return Buffer.concat(frames);
}

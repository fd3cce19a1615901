/**
 * The bytes of a segment file: a header, then records, each with its length and checksum.
 *
 *     header   "WRNSPOOL" | version u32 | CRC-32 of the twelve bytes before u32
 *     record   length u32 | CRC-32 of length and payload u32 | payload
 *     payload  id, routing key, service, each u8 + UTF-8 | timestamp in seconds f64 | body
 *
 * All numbers are big-endian. Pure: bytes in, values out, and no bytes make it throw. A record whose
 * checksum is wrong, and everything behind it, does not exist.
 */
import { crc32 } from 'node:zlib';
import type { OutgoingRecord } from '../record-queue.js';

const MAGIC = 'WRNSPOOL';
const VERSION = 1;
/** Bytes before the first record. */
export const HEADER_BYTES = 16;
/** Bytes before a record's payload. */
const PREFIX_BYTES = 8;
/** A short string of AMQP has at most this many bytes. */
const TEXT_BYTES_MAX = 255;

/** The first bytes of every segment file. */
export function segmentHeader(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32BE(VERSION, 8);
  header.writeUInt32BE(crc32(header.subarray(0, 12)), 12);
  return header;
}

/** Whether a file starts as a segment of a version that can be read. */
export function isSegmentHeader(bytes: Buffer): boolean {
  return bytes.length >= HEADER_BYTES && bytes.subarray(0, HEADER_BYTES).equals(segmentHeader());
}

/** A record as it is written. */
export function encodeFrame(record: OutgoingRecord): Buffer {
  const texts = [record.id, record.routingKey, record.service].map((text) =>
    Buffer.from(text).subarray(0, TEXT_BYTES_MAX),
  );
  const textBytes = texts.reduce((sum, text) => sum + 1 + text.length, 0);
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + textBytes + 8 + record.body.length);
  frame.writeUInt32BE(frame.length - PREFIX_BYTES, 0);
  let at = PREFIX_BYTES;
  for (const text of texts) {
    frame[at] = text.length;
    at += 1 + text.copy(frame, at + 1);
  }
  at = frame.writeDoubleBE(record.timestampSeconds, at);
  record.body.copy(frame, at);
  frame.writeUInt32BE(checksum(frame, 0, frame.length), 4);
  return frame;
}

/** A record that was read, and where the next one starts. */
export interface DecodedFrame {
  readonly record: OutgoingRecord;
  readonly end: number;
}

/** Reads the record at `offset`; `undefined` when it is not whole there, or damaged. */
export function decodeFrame(bytes: Buffer, offset: number): DecodedFrame | undefined {
  const end = frameEnd(bytes, offset);
  if (end === undefined || end > bytes.length) return undefined;
  if (checksum(bytes, offset, end) !== bytes.readUInt32BE(offset + 4)) return undefined;
  const texts: string[] = [];
  let at = offset + PREFIX_BYTES;
  for (let text = 0; text < 3; text += 1) {
    const length = bytes[at] ?? 0;
    texts.push(bytes.toString('utf8', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 8 > end) return undefined;
  const [id, routingKey, service] = texts as [string, string, string];
  const timestampSeconds = bytes.readDoubleBE(at);
  const body = bytes.subarray(at + 8, end);
  const state = {
    settled: undefined,
    returned: false,
    epoch: undefined,
    position: undefined,
    isInMemory: false,
  };
  return { record: { id, routingKey, service, timestampSeconds, body, ...state }, end };
}

/** Where the record at `offset` ends, if its length is right; `undefined` when the length is not there. */
export function frameEnd(bytes: Buffer, offset: number): number | undefined {
  if (offset + PREFIX_BYTES > bytes.length) return undefined;
  return offset + PREFIX_BYTES + bytes.readUInt32BE(offset);
}

/** All records up to the first that is damaged, and how many bytes they and the header take. */
export function readSegment(bytes: Buffer): { records: OutgoingRecord[]; goodBytes: number } {
  const records: OutgoingRecord[] = [];
  if (!isSegmentHeader(bytes)) return { records, goodBytes: 0 };
  let goodBytes = HEADER_BYTES;
  for (;;) {
    const decoded = decodeFrame(bytes, goodBytes);
    if (decoded === undefined) return { records, goodBytes };
    records.push(decoded.record);
    goodBytes = decoded.end;
  }
}

function checksum(bytes: Buffer, offset: number, end: number): number {
  const ofLength = crc32(bytes.subarray(offset, offset + 4));
  return crc32(bytes.subarray(offset + PREFIX_BYTES, end), ofLength);
}

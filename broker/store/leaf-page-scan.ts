/**
 * Finds rows of the messages' table in a database file page by page, past a tree that is damaged
 * (https://sqlite.org/fileformat2.html#b_tree_pages). Pages that are free are read as well: whoever
 * asks must know which rows are wanted, and check what comes.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { StoredMessage } from './stored-message.js';

const TABLE_LEAF = 0x0d;
const LEAF_HEADER_BYTES = 8;
/** More than any message: what asks for it is no message. */
const PAYLOAD_BYTES_MAX = 1 << 30;

/** Every row whose number is wanted and that can be read as a message. */
export function* scanMessages(
  path: string,
  pageBytes: number,
  wanted: (id: number) => boolean,
): Generator<StoredMessage> {
  const descriptor = openSync(path, 'r');
  try {
    const pages = Math.floor(fstatSync(descriptor).size / pageBytes);
    const page = Buffer.alloc(pageBytes);
    for (let number = 2; number <= pages; number++) {
      readSync(descriptor, page, 0, pageBytes, (number - 1) * pageBytes);
      if (page[0] !== TABLE_LEAF) continue;
      const cells = page.readUInt16BE(3);
      for (let cell = 0; cell < cells && LEAF_HEADER_BYTES + 2 * cell + 2 <= pageBytes; cell++) {
        const found = readCell(
          page,
          page.readUInt16BE(LEAF_HEADER_BYTES + 2 * cell),
          wanted,
          (next, to, at) => readSync(descriptor, to, at, pageBytes, (next - 1) * pageBytes),
        );
        if (found !== undefined) yield found;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

type ReadPage = (number: number, to: Buffer, at: number) => number;

function readCell(
  page: Buffer,
  at: number,
  wanted: (id: number) => boolean,
  readPage: ReadPage,
): StoredMessage | undefined {
  const [bytes, afterBytes] = varint(page, at);
  const [id, start] = varint(page, afterBytes);
  if (bytes < 6 || bytes > PAYLOAD_BYTES_MAX || start >= page.length || !wanted(id)) return undefined;
  const payload = readPayload(page, start, bytes, readPage);
  return payload && readRecord(id, payload);
}

/** The part of a row that is on its page, and what overflows into a chain of other pages. */
function readPayload(page: Buffer, start: number, bytes: number, readPage: ReadPage): Buffer | undefined {
  const usable = page.length;
  if (bytes <= usable - 35) return start + bytes <= usable ? page.subarray(start, start + bytes) : undefined;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((bytes - least) % (usable - 4));
  const local = fitting <= usable - 35 ? fitting : least;
  if (start + local + 4 > usable) return undefined;
  const payload = Buffer.alloc(bytes);
  page.copy(payload, 0, start, start + local);
  const overflow = Buffer.alloc(usable);
  let next = page.readUInt32BE(start + local);
  for (let at = local; at < bytes; at += usable - 4) {
    if (next === 0 || readPage(next, overflow, 0) < usable) return undefined;
    overflow.copy(payload, at, 4, 4 + Math.min(usable - 4, bytes - at));
    next = overflow.readUInt32BE(0);
  }
  return payload;
}

/** The columns of a message: its number (which the row has already), address, header size, content, checksum. */
function readRecord(id: number, payload: Buffer): StoredMessage | undefined {
  const [headerBytes, first] = varint(payload, 0);
  const types: number[] = [];
  let at = first;
  while (at < headerBytes && at < payload.length) {
    const [type, next] = varint(payload, at);
    types.push(type);
    at = next;
  }
  if (at !== headerBytes || types.length < 4) return undefined;
  const values: (Buffer | number | null)[] = [];
  for (const type of types) {
    const bytes = bytesOf(type);
    if (at + bytes > payload.length) return undefined;
    values.push(columnOf(type, payload.subarray(at, at + bytes)));
    at += bytes;
  }
  const [, address, header, content, checksum] = values;
  if (!Buffer.isBuffer(address) || typeof header !== 'number' || !Buffer.isBuffer(content)) return undefined;
  return {
    id,
    address,
    headerBytes: header,
    content,
    checksum: typeof checksum === 'number' ? checksum : null,
  };
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];

function bytesOf(type: number): number {
  return INTEGER_BYTES[type] ?? Math.floor((type - 12) / 2);
}

function columnOf(type: number, bytes: Buffer): Buffer | number | null {
  if (type >= 12) return type % 2 === 0 ? bytes : null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 6) return Number(bytes.readBigInt64BE(0));
  return type >= 1 && type <= 5 ? bytes.readIntBE(0, bytes.length) : null;
}

/** A number of SQLite's variable length, and where what follows it begins. */
function varint(buffer: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const octet = buffer[at + index] ?? 0;
    if (index === 8) return [value * 256 + octet, at + 9];
    value = value * 128 + (octet & 0x7f);
    if (octet < 0x80) return [value, at + index + 1];
  }
  return [value, at + 9];
}

/** Whether a message as it stands on disk can be what the broker wrote. */
import { CLASS_BASIC } from '../protocol/constants.js';
import { HEADER_FIXED_BYTES, imageBytes } from '../protocol/content-assembler.js';
import { readProperties } from '../protocol/properties.js';
import { WireReader } from '../protocol/wire-reader.js';
import { checksumOf } from './checksum.js';
import { decodeAddress } from './trail.js';

/** A row of the messages' table. */
export interface StoredMessage {
  id: number;
  address: Buffer;
  headerBytes: number;
  content: Buffer;
  /** Null where it was stored by a program that made none. */
  checksum: number | null;
}

/** What is wrong with a message, if anything. */
export function faultOfMessage({
  address,
  headerBytes,
  content,
  checksum,
}: StoredMessage): string | undefined {
  if (checksum !== null && checksum !== checksumOf(address, content)) return 'differs from its checksum';
  try {
    decodeAddress(address);
  } catch {
    return 'has an address that cannot be read';
  }
  if (headerBytes < HEADER_FIXED_BYTES + 2 || headerBytes > content.length)
    return 'has a header of a wrong size';
  if (content.readUInt16BE(0) !== CLASS_BASIC) return 'has a header of a wrong class';
  const bodyBytes = content.readUInt32BE(4) * 0x1_0000_0000 + content.readUInt32BE(8);
  if (imageBytes(headerBytes, bodyBytes) !== content.length) return 'has a body of a wrong size';
  try {
    const reader = new WireReader(content, HEADER_FIXED_BYTES, headerBytes);
    readProperties(reader);
    return reader.position === headerBytes ? undefined : 'has more in its header than its properties';
  } catch {
    return 'has properties that cannot be read';
  }
}

/** What was read of a message for an entry; null where there is none. */
interface ReadMessage {
  id: number;
  address: Buffer | null;
  content: Buffer | null;
  checksum: number | null;
}

/** @throws Error for a message that is not there, or is not what was stored */
export function requireWhole({ id, address, content, checksum }: ReadMessage): void {
  if (address === null || content === null) throw new Error(`message ${id} is missing from the database`);
  if (checksum === null || checksum === checksumOf(address, content)) return;
  throw new Error(`message ${id} differs from its checksum`);
}

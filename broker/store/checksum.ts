/** The checksum that a message is stored with. */
import { crc32 } from 'node:zlib';

/** The CRC-32 of a message as it stands on disk. */
export function checksumOf(address: Buffer, content: Buffer): number {
  return crc32(content, crc32(address));
}

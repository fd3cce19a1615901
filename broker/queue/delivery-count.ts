/** The header x-delivery-count, which a quorum queue sets on what it hands out. */

import { FRAME_OVERHEAD_BYTES } from '../protocol/constants.js';
import { buildImage } from '../protocol/content-assembler.js';
import { EMPTY_TABLE } from '../protocol/field-table.js';
import type { ContentImage } from '../protocol/frame-writer.js';
import type { Message } from '../store/message.js';
import { encodeHeader, propertiesOf } from './dead-letter.js';

/** The content of a message, which is in memory, with the header set to `count`. */
export function withDeliveryCount(message: Message, count: number): ContentImage {
  const { headerBytes, bodyBytes } = message;
  const properties = propertiesOf(message);
  const headers = new Map(properties.headers ?? EMPTY_TABLE);
  headers.set('x-delivery-count', { type: 'long', value: BigInt(count) });
  const header = encodeHeader({ ...properties, headers }, bodyBytes);
  const bodyStart = message.offset + headerBytes + FRAME_OVERHEAD_BYTES;
  const body = (message.buffer as Buffer).subarray(bodyStart, bodyStart + bodyBytes);
  return { buffer: buildImage(header, body), offset: 0, headerBytes: header.length, bodyBytes };
}

/**
 * Writes whole frames into one growing block. The hot methods (deliver, ack, nack) are written by
 * hand, everything else by the method table.
 */
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD, FRAME_OVERHEAD_BYTES } from './constants.js';
import { imageBytes } from './content-assembler.js';
import { encodeMethod, type MethodArguments } from './method-codec.js';
import type { MethodName } from './method-table.js';
import { WireWriter } from './wire-writer.js';

/** A content to write: see content-assembler.ts for the image. */
export interface ContentImage {
  readonly buffer: Buffer | undefined;
  readonly offset: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

const ACK_PAYLOAD_BYTES = 13;

export class FrameWriter extends WireWriter {
  /** Any method, by the table. */
  method<Name extends MethodName>(channel: number, name: Name, args: MethodArguments<Name>): void {
    this.prefix(FRAME_METHOD, channel, 0);
    const mark = this.length;
    encodeMethod(this, name, args);
    this.fillLength(mark);
    this.octet(FRAME_END);
  }

  /** basic.deliver with its content; tag and address are the encoded short strings. */
  deliver(
    channel: number,
    consumerTag: Buffer,
    deliveryTag: number,
    redelivered: boolean,
    address: Buffer,
    content: ContentImage,
    frameBytesMax: number,
  ): void {
    const payload = 4 + consumerTag.length + 9 + address.length;
    this.reserve(payload + FRAME_OVERHEAD_BYTES);
    this.prefix(FRAME_METHOD, channel, payload);
    const { buffer } = this;
    let at = this.length;
    buffer[at] = 0;
    buffer[at + 1] = 60;
    buffer[at + 2] = 0;
    buffer[at + 3] = 60;
    at = copyShort(consumerTag, buffer, at + 4);
    this.length = at;
    this.longLong(deliveryTag);
    at = this.length;
    buffer[at] = redelivered ? 1 : 0;
    at = copyShort(address, buffer, at + 1);
    buffer[at] = FRAME_END;
    this.length = at + 1;
    this.content(channel, content, frameBytesMax);
  }

  /** basic.ack (80) to a publisher. */
  ack(channel: number, deliveryTag: number, multiple: boolean): void {
    this.settle(channel, 80, deliveryTag, multiple);
  }

  /** basic.nack (120) to a publisher. */
  nack(channel: number, deliveryTag: number, multiple: boolean): void {
    this.settle(channel, 120, deliveryTag, multiple);
  }

  private settle(channel: number, methodId: number, deliveryTag: number, multiple: boolean): void {
    this.prefix(FRAME_METHOD, channel, ACK_PAYLOAD_BYTES);
    this.short(60);
    this.short(methodId);
    this.longLong(deliveryTag);
    this.octet(multiple ? 1 : 0);
    this.octet(FRAME_END);
  }

  heartbeat(): void {
    this.prefix(8, 0, 0);
    this.octet(FRAME_END);
  }

  /** Content header and body frames, the body cut to the peer's frame-max. */
  content(channel: number, content: ContentImage, frameBytesMax: number): void {
    const { buffer: source, offset, headerBytes, bodyBytes } = content;
    if (source === undefined) throw new Error('the content of a message is not in memory');
    const bodyMax = frameBytesMax - FRAME_OVERHEAD_BYTES;
    if (bodyBytes > bodyMax) {
      this.contentInParts(channel, content, source, bodyMax);
      return;
    }
    const image = imageBytes(headerBytes, bodyBytes);
    this.reserve(image + FRAME_OVERHEAD_BYTES);
    this.prefix(FRAME_HEADER, channel, headerBytes);
    source.copy(this.buffer, this.length, offset, offset + image);
    if (bodyBytes > 0) {
      this.buffer[this.length + headerBytes] = FRAME_END;
      this.prefixAt(this.length + headerBytes + 1, FRAME_BODY, channel, bodyBytes);
    }
    this.length += image;
    this.buffer[this.length++] = FRAME_END;
  }

  private contentInParts(channel: number, content: ContentImage, source: Buffer, bodyMax: number): void {
    const bodyStart = content.offset + content.headerBytes + FRAME_OVERHEAD_BYTES;
    const parts = Math.ceil(content.bodyBytes / bodyMax);
    this.reserve(content.headerBytes + content.bodyBytes + (parts + 1) * FRAME_OVERHEAD_BYTES);
    this.prefix(FRAME_HEADER, channel, content.headerBytes);
    this.bytes(source, content.offset, content.offset + content.headerBytes);
    this.octet(FRAME_END);
    for (let sent = 0; sent < content.bodyBytes; sent += bodyMax) {
      const bytes = Math.min(bodyMax, content.bodyBytes - sent);
      this.prefix(FRAME_BODY, channel, bytes);
      this.bytes(source, bodyStart + sent, bodyStart + sent + bytes);
      this.octet(FRAME_END);
    }
  }

  private prefix(type: number, channel: number, payloadBytes: number): void {
    this.reserve(FRAME_OVERHEAD_BYTES);
    this.prefixAt(this.length, type, channel, payloadBytes);
    this.length += 7;
  }

  private prefixAt(at: number, type: number, channel: number, payloadBytes: number): void {
    const { buffer } = this;
    buffer[at] = type;
    buffer[at + 1] = channel >>> 8;
    buffer[at + 2] = channel;
    buffer[at + 3] = payloadBytes >>> 24;
    buffer[at + 4] = payloadBytes >>> 16;
    buffer[at + 5] = payloadBytes >>> 8;
    buffer[at + 6] = payloadBytes;
  }
}

/** For a few dozen octets a loop beats the call into native code. */
function copyShort(source: Buffer, target: Buffer, at: number): number {
  for (let index = 0; index < source.length; index++) target[at + index] = source[index] as number;
  return at + source.length;
}

/** A short string as it goes over the wire. */
export function encodeShortString(text: string): Buffer {
  const writer = new WireWriter(Buffer.byteLength(text) + 1);
  writer.shortString(text);
  return writer.copy();
}

/**
 * Puts the content of a publish together from its header frame and body frames: a state machine for
 * one channel. The content comes out as an image, copied once out of the socket's chunk:
 *
 *     content header payload │ 8 octets, left free │ body
 *                            └── end octet of the header frame, prefix of the body frame
 *
 * so that a delivery is one copy of the image and a few octets patched. Without a body the image is
 * the header's payload alone.
 */
import { CLASS_BASIC, FRAME_BODY, FRAME_HEADER, FRAME_OVERHEAD_BYTES } from './constants.js';
import type { ContentSpace } from './content-space.js';
import { ProtocolError } from './protocol-error.js';

/** Class, weight and body size before the property flags. */
export const HEADER_FIXED_BYTES = 12;

/** Bodies up to this size get their room at once, larger ones as their frames arrive. */
const EAGER_BYTES_MAX = 128 * 1024;

const IDLE = 0;
const HEADER = 1;
const BODY = 2;

export class ContentAssembler {
  /** The image, when `accept` has returned true. */
  buffer: Buffer = Buffer.alloc(0);
  offset = 0;
  headerBytes = 0;
  bodyBytes = 0;

  private state = IDLE;
  private received = 0;
  private parts: Buffer[] | undefined;
  private readonly space: ContentSpace;
  private readonly bodyBytesMax: number;

  constructor(space: ContentSpace, bodyBytesMax: number) {
    this.space = space;
    this.bodyBytesMax = bodyBytesMax;
  }

  /** Whether a content has begun and its end has not come. */
  get busy(): boolean {
    return this.state !== IDLE;
  }

  /** A method that carries content was received: its header comes next. */
  begin(): void {
    this.state = HEADER;
  }

  /** The error for a method, or any frame out of turn, in the middle of a content. */
  unexpected(): ProtocolError {
    if (this.state === HEADER) {
      return new ProtocolError(
        505,
        `expected content header for class ${CLASS_BASIC}, got non content header frame instead`,
      );
    }
    if (this.state === BODY) {
      return new ProtocolError(505, 'expected content body, got non content body frame instead');
    }
    return new ProtocolError(505, 'expected method frame, got non method frame instead');
  }

  /**
   * Takes a header or body frame.
   *
   * @returns whether the content is complete; the image is then in the fields of this object
   * @throws ProtocolError 505 for a frame out of turn, 406 for a body beyond the limit
   */
  accept(type: number, buffer: Buffer, start: number, end: number): boolean {
    if (this.state === HEADER && type === FRAME_HEADER) return this.header(buffer, start, end);
    if (this.state === BODY && type === FRAME_BODY) return this.body(buffer, start, end);
    throw this.unexpected();
  }

  private header(buffer: Buffer, start: number, end: number): boolean {
    if (end - start < HEADER_FIXED_BYTES + 2) throw new ProtocolError(502, 'content header ends too early');
    const classId = buffer.readUInt16BE(start);
    if (classId !== CLASS_BASIC) {
      throw new ProtocolError(
        505,
        `expected content header for class ${CLASS_BASIC}, got one for class ${classId} instead`,
      );
    }
    const bodyBytes = buffer.readUInt32BE(start + 4) * 0x1_0000_0000 + buffer.readUInt32BE(start + 8);
    if (bodyBytes > this.bodyBytesMax) {
      throw new ProtocolError(
        406,
        `message size ${bodyBytes} is larger than configured max size ${this.bodyBytesMax}`,
      );
    }
    this.headerBytes = end - start;
    this.bodyBytes = bodyBytes;
    this.received = 0;
    const eager = bodyBytes <= EAGER_BYTES_MAX;
    this.allocate(imageBytes(this.headerBytes, eager ? bodyBytes : 0));
    buffer.copy(this.buffer, this.offset, start, end);
    this.parts = eager ? undefined : [];
    this.state = bodyBytes === 0 ? IDLE : BODY;
    return bodyBytes === 0;
  }

  private body(buffer: Buffer, start: number, end: number): boolean {
    const bytes = end - start;
    if (this.received + bytes > this.bodyBytes) {
      throw new ProtocolError(505, 'expected content body, got non content body frame instead');
    }
    if (this.parts === undefined) {
      const at = this.offset + this.headerBytes + FRAME_OVERHEAD_BYTES + this.received;
      buffer.copy(this.buffer, at, start, end);
    } else {
      this.parts.push(Buffer.from(buffer.subarray(start, end)));
    }
    this.received += bytes;
    if (this.received < this.bodyBytes) return false;
    if (this.parts !== undefined) this.join(this.parts);
    this.state = IDLE;
    return true;
  }

  private join(parts: readonly Buffer[]): void {
    const header = this.buffer;
    const headerOffset = this.offset;
    this.allocate(imageBytes(this.headerBytes, this.bodyBytes));
    header.copy(this.buffer, this.offset, headerOffset, headerOffset + this.headerBytes);
    let at = this.offset + this.headerBytes + FRAME_OVERHEAD_BYTES;
    for (const part of parts) at += part.copy(this.buffer, at);
    this.parts = undefined;
  }

  private allocate(bytes: number): void {
    this.offset = this.space.allocate(bytes);
    this.buffer = this.space.buffer;
  }
}

/** How long the image of a content is. */
export function imageBytes(headerBytes: number, bodyBytes: number): number {
  return bodyBytes === 0 ? headerBytes : headerBytes + FRAME_OVERHEAD_BYTES + bodyBytes;
}

/** Builds an image from parts, for messages that did not come from a socket. */
export function buildImage(header: Buffer, body: Buffer): Buffer {
  const image = Buffer.allocUnsafeSlow(imageBytes(header.length, body.length));
  header.copy(image, 0);
  if (body.length > 0) body.copy(image, header.length + FRAME_OVERHEAD_BYTES);
  return image;
}

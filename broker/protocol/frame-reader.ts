/**
 * Cuts a stream of bytes into frames, in place wherever a frame lies whole in one chunk. A frame that
 * is spread over chunks is gathered once, in a block that is never larger than the negotiated
 * frame-max. Does not know what is in a frame.
 */
import {
  FRAME_BODY,
  FRAME_END,
  FRAME_HEARTBEAT,
  FRAME_OVERHEAD_BYTES,
  FRAME_PREFIX_BYTES,
} from './constants.js';
import { showBinary } from './erlang-notation.js';
import { ProtocolError } from './protocol-error.js';

export interface FrameSink {
  /** The payload is `buffer` from `start` to `end`, valid only during the call. */
  frame(type: number, channel: number, buffer: Buffer, start: number, end: number): void;
}

export class FrameReader {
  /** The largest frame that is accepted, its eight octets of overhead included. */
  frameBytesMax: number;
  private pending: Buffer | undefined;
  private pendingLength = 0;

  constructor(frameBytesMax: number) {
    this.frameBytesMax = frameBytesMax;
  }

  /**
   * Hands every frame that is complete with this chunk to the sink, in order.
   *
   * @throws ProtocolError 501 for a frame that is too large, of no known type, or without its end
   */
  push(chunk: Buffer, sink: FrameSink): void {
    let at = this.pendingLength > 0 ? this.completePending(chunk, sink) : 0;
    const length = chunk.length;
    while (length - at >= FRAME_PREFIX_BYTES) {
      const type = chunk[at] as number;
      const size = this.payloadBytes(chunk, at);
      const end = at + FRAME_PREFIX_BYTES + size;
      if (end >= length) break;
      if (chunk[end] !== FRAME_END) throw badEnd(chunk, at, end);
      const channel = ((chunk[at + 1] as number) << 8) | (chunk[at + 2] as number);
      sink.frame(type, channel, chunk, at + FRAME_PREFIX_BYTES, end);
      at = end + 1;
    }
    if (at < length) this.keep(chunk, at, length);
  }

  /** The size a prefix announces, checked against the limit and the known types. */
  private payloadBytes(buffer: Buffer, at: number): number {
    const type = buffer[at] as number;
    const size =
      (buffer[at + 3] as number) * 0x100_0000 +
      (((buffer[at + 4] as number) << 16) | ((buffer[at + 5] as number) << 8) | (buffer[at + 6] as number));
    if (size > this.frameBytesMax - FRAME_OVERHEAD_BYTES) {
      const limit = this.frameBytesMax - FRAME_OVERHEAD_BYTES;
      throw new ProtocolError(501, `type ${type}, all octets = <<>>: {frame_too_large,${size},${limit}}`);
    }
    if (type === 0 || (type > FRAME_BODY && (type !== FRAME_HEARTBEAT || size > 0))) {
      const start = at + FRAME_PREFIX_BYTES;
      throw new ProtocolError(501, `${describe(type, buffer, start, start + size)}: unknown_frame`);
    }
    return size;
  }

  /** Fills the gathered frame from the chunk; returns how much of the chunk that took. */
  private completePending(chunk: Buffer, sink: FrameSink): number {
    let at = 0;
    if (this.pendingLength < FRAME_PREFIX_BYTES) {
      at = this.fill(chunk, 0, FRAME_PREFIX_BYTES);
      if (this.pendingLength < FRAME_PREFIX_BYTES) return at;
    }
    const pending = this.pending as Buffer;
    const total = this.payloadBytes(pending, 0) + FRAME_OVERHEAD_BYTES;
    at = this.fill(chunk, at, total);
    if (this.pendingLength < total) return at;
    const gathered = this.pending as Buffer;
    this.pendingLength = 0;
    this.pending = undefined;
    const end = total - 1;
    if (gathered[end] !== FRAME_END) throw badEnd(gathered, 0, end);
    sink.frame(gathered[0] as number, gathered.readUInt16BE(1), gathered, FRAME_PREFIX_BYTES, end);
    return at;
  }

  private fill(chunk: Buffer, at: number, upTo: number): number {
    const taken = Math.min(chunk.length - at, upTo - this.pendingLength);
    this.room(upTo);
    chunk.copy(this.pending as Buffer, this.pendingLength, at, at + taken);
    this.pendingLength += taken;
    return at + taken;
  }

  private keep(chunk: Buffer, at: number, end: number): void {
    const complete = end - at >= FRAME_PREFIX_BYTES;
    this.room(complete ? this.payloadBytes(chunk, at) + FRAME_OVERHEAD_BYTES : FRAME_PREFIX_BYTES);
    chunk.copy(this.pending as Buffer, this.pendingLength, at, end);
    this.pendingLength += end - at;
  }

  private room(bytes: number): void {
    if (this.pending !== undefined && this.pending.length >= bytes) return;
    const grown = Buffer.allocUnsafeSlow(bytes);
    this.pending?.copy(grown, 0, 0, this.pendingLength);
    this.pending = grown;
  }
}

/** Names the frames that a message about a frame names: by type and first octets. */
export function describe(type: number, buffer: Buffer, start: number, end: number): string {
  const bytes = buffer.subarray(start, Math.min(end, start + 16));
  const octets = showBinary(bytes);
  return end - start > 16
    ? `type ${type}, first 16 octets = ${octets}`
    : `type ${type}, all octets = ${octets}`;
}

function badEnd(buffer: Buffer, at: number, end: number): ProtocolError {
  const type = buffer[at] as number;
  const what = describe(type, buffer, at + FRAME_PREFIX_BYTES, end);
  return new ProtocolError(501, `${what}: {invalid_frame_end_marker,${buffer[end]}}`);
}

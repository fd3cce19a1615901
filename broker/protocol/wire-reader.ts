/**
 * Reads AMQP's elementary types (specification 4.2.5) from a span of bytes, in place. Reading past
 * the end of the span is the peer's mistake and throws 502.
 */
import { ProtocolError } from './protocol-error.js';

export class WireReader {
  buffer: Buffer;
  position: number;
  end: number;

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  private take(bytes: number): number {
    const at = this.position;
    if (at + bytes > this.end) throw new ProtocolError(502, 'arguments end too early');
    this.position = at + bytes;
    return at;
  }

  octet(): number {
    return this.buffer[this.take(1)] as number;
  }

  short(): number {
    return this.buffer.readUInt16BE(this.take(2));
  }

  long(): number {
    return this.buffer.readUInt32BE(this.take(4));
  }

  /** An unsigned 64-bit number; exact up to 2^53. */
  longLong(): number {
    const at = this.take(8);
    return this.buffer.readUInt32BE(at) * 0x1_0000_0000 + this.buffer.readUInt32BE(at + 4);
  }

  signedLongLong(): bigint {
    return this.buffer.readBigInt64BE(this.take(8));
  }

  float(): number {
    return this.buffer.readFloatBE(this.take(4));
  }

  double(): number {
    return this.buffer.readDoubleBE(this.take(8));
  }

  shortString(): string {
    const bytes = this.octet();
    const at = this.take(bytes);
    return this.buffer.toString('utf8', at, at + bytes);
  }

  /** A copy of the bytes: what it came in is overwritten or let go soon. */
  longString(): Buffer {
    const bytes = this.long();
    const at = this.take(bytes);
    return Buffer.from(this.buffer.subarray(at, at + bytes));
  }
}

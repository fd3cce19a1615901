/**
 * Writes AMQP's elementary types (specification 4.2.5) into one growing block of bytes. The block is
 * reused: whoever takes its bytes copies them or has them written before the next reset.
 */
import { SHORT_STRING_BYTES_MAX } from './constants.js';

const INITIAL_BYTES = 1024;

export class WireWriter {
  buffer: Buffer;
  length = 0;

  constructor(initialBytes = INITIAL_BYTES) {
    this.buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Makes room for so many bytes more. */
  reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  octet(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  short(value: number): void {
    this.reserve(2);
    this.buffer[this.length++] = value >>> 8;
    this.buffer[this.length++] = value;
  }

  long(value: number): void {
    this.reserve(4);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = value >>> 24;
    buffer[at++] = value >>> 16;
    buffer[at++] = value >>> 8;
    buffer[at++] = value;
    this.length = at;
  }

  longLong(value: number): void {
    this.long(Math.floor(value / 0x1_0000_0000));
    this.long(value >>> 0);
  }

  bigLongLong(value: bigint): void {
    this.reserve(8);
    this.buffer.writeBigUInt64BE(BigInt.asUintN(64, value), this.length);
    this.length += 8;
  }

  float(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeFloatBE(value, this.length);
  }

  double(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleBE(value, this.length);
  }

  /** Text longer than a short string can be is cut, as RabbitMQ cuts it, at 255 bytes with `...`. */
  shortString(text: string): void {
    this.reserve(SHORT_STRING_BYTES_MAX + 1);
    const bytes = Buffer.byteLength(text);
    if (bytes > SHORT_STRING_BYTES_MAX) {
      const cut = `${Buffer.from(text)
        .subarray(0, SHORT_STRING_BYTES_MAX - 3)
        .toString('latin1')}...`;
      this.buffer[this.length] = SHORT_STRING_BYTES_MAX;
      this.buffer.write(cut, this.length + 1, 'latin1');
      this.length += SHORT_STRING_BYTES_MAX + 1;
      return;
    }
    this.buffer[this.length] = bytes;
    this.buffer.write(text, this.length + 1, 'utf8');
    this.length += bytes + 1;
  }

  longString(value: Buffer | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.long(bytes.length);
    this.bytes(bytes, 0, bytes.length);
  }

  bytes(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    source.copy(this.buffer, this.length, start, end);
    this.length += end - start;
  }

  /** Leaves room for a length that is not known yet; `fillLength` writes it. */
  reserveLong(): number {
    this.long(0);
    return this.length;
  }

  fillLength(mark: number): void {
    this.buffer.writeUInt32BE(this.length - mark, mark - 4);
  }

  /** A copy of what has been written. */
  copy(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }
}

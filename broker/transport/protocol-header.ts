/** The eight octets a connection begins with (specification 4.2.2), which may come in pieces. */
import { PROTOCOL_HEADER } from '../protocol/constants.js';

export class ProtocolHeader {
  private received = 0;

  /**
   * Compares the next piece.
   *
   * @returns what comes after the header, undefined while it is not complete, 'wrong' when it is another's
   */
  push(chunk: Buffer): Buffer | undefined | 'wrong' {
    const taken = Math.min(chunk.length, PROTOCOL_HEADER.length - this.received);
    const expected = PROTOCOL_HEADER.subarray(this.received, this.received + taken);
    if (!chunk.subarray(0, taken).equals(expected)) return 'wrong';
    this.received += taken;
    return this.received === PROTOCOL_HEADER.length ? chunk.subarray(taken) : undefined;
  }
}

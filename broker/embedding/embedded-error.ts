/** What a program that embeds the broker is refused with: the reply a client would get. */
import type { ProtocolError } from '../protocol/protocol-error.js';

export class EmbeddedError extends Error {
  readonly code = 'ERR_WARREN_BROKER_REFUSED';
  /** As in channel.close or connection.close; 312 for a message that no queue took, 200 for an orderly end. */
  readonly replyCode: number;

  constructor(replyCode: number, replyText: string) {
    super(replyText);
    this.name = 'EmbeddedError';
    this.replyCode = replyCode;
  }

  static from(error: ProtocolError): EmbeddedError {
    return new EmbeddedError(error.replyCode, error.message);
  }
}

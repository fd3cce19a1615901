/**
 * A peer's mistake, as the close frame that answers it. Thrown anywhere below the transport; turned
 * into channel.close or connection.close in one place, the connection's read loop.
 */
import { REPLY_NAMES, type ReplyCode } from './constants.js';

/** Codes that RabbitMQ always answers with connection.close (specification 1.3: hard errors). */
const HARD_ERRORS: ReadonlySet<ReplyCode> = new Set([320, 402, 501, 502, 503, 504, 505, 530, 540, 541]);

export class ProtocolError extends Error {
  readonly replyCode: ReplyCode;
  readonly scope: 'channel' | 'connection';

  /**
   * @param replyCode decides, unless `scope` is given, whether the channel or the connection is closed
   * @param text what follows the code's name, as RabbitMQ words it
   */
  constructor(replyCode: ReplyCode, text: string, scope?: 'channel' | 'connection') {
    super(`${REPLY_NAMES[replyCode]} - ${text}`);
    this.name = 'ProtocolError';
    this.replyCode = replyCode;
    this.scope = scope ?? (HARD_ERRORS.has(replyCode) ? 'connection' : 'channel');
  }
}

/** `queue 'q' in vhost '/'`: how RabbitMQ's texts name a thing. */
export function named(kind: 'queue' | 'exchange', name: string): string {
  return `${kind} '${name}' in vhost '/'`;
}

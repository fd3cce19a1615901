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
  /** The method that failed, where it was one. */
  classId = 0;
  methodId = 0;

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

/** Notes on an error which method it was about, unless that is known already. */
export function blame(error: unknown, classId: number, methodId: number): void {
  if (!(error instanceof ProtocolError) || error.classId !== 0) return;
  error.classId = classId;
  error.methodId = methodId;
}

/** `queue 'q' in vhost '/'`: how RabbitMQ's texts name a thing. */
export function named(kind: 'queue' | 'exchange', name: string, virtualHost: string): string {
  return `${kind} '${name}' in vhost '${virtualHost}'`;
}

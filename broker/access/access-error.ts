/** Why access control refuses what an operator asks for, in RabbitMQ's words. */
export class AccessError extends Error {
  /** What it comes to over HTTP: 400 or 404. */
  readonly code: 'bad_request' | 'not_found';
  /** RabbitMQ's `reason`: a sentence, or a term as a list. */
  readonly reason: unknown;

  constructor(reason: unknown, code: AccessError['code'] = 'bad_request') {
    // Of a tuple what it is about, without the values after it, which may be somebody's password hash.
    super(String(Array.isArray(reason) ? reason[0] : reason));
    this.name = 'AccessError';
    this.code = code;
    this.reason = reason;
  }
}

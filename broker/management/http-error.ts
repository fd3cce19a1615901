/** What is answered to a request that cannot be met, in RabbitMQ's words and shapes. */

/** A reason is a text, or what stands for one of Erlang's tuples. */
export type Reason = string | readonly (string | number | boolean | null | object)[];

export class HttpError extends Error {
  readonly status: number;
  /** Undefined where the answer has no body. */
  readonly body: { readonly error: string; readonly reason: Reason } | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: { error: string; reason: Reason } | undefined,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(body === undefined ? String(status) : `${body.error}: ${nameOf(body.reason)}`);
    this.name = 'HttpError';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** For the log: what a tuple is about, without the values after it, which may be somebody's password hash. */
function nameOf(reason: Reason): string {
  return typeof reason === 'string' ? reason : String(reason[0]);
}

export function badRequest(reason: Reason): HttpError {
  return new HttpError(400, { error: 'bad_request', reason });
}

/** There is nothing under this path. */
export function absent(): HttpError {
  return new HttpError(404, { error: 'Object Not Found', reason: 'Not Found' });
}

/** What the request names besides is not there. */
export function notFound(reason: string): HttpError {
  return new HttpError(404, { error: 'not_found', reason });
}

/** The user is known, and may not: RabbitMQ answers 401, not 403. */
export function notAuthorised(reason: string): HttpError {
  return new HttpError(401, { error: 'not_authorised', reason });
}

const CHALLENGE = { 'www-authenticate': 'Basic realm="RabbitMQ Management"' };

/** The user did not show who they are. */
export function notAuthenticated(): HttpError {
  return new HttpError(401, { error: 'not_authorized', reason: 'Not_Authorized' }, CHALLENGE);
}

/** Fields that a body has to have, in Erlang's notation, which breaks lines at 80 characters. */
export function keysMissing(keys: readonly string[]): HttpError {
  const terms = keys.map((key) => `{key_missing,${/^[a-z]\w*$/.test(key) ? key : `'${key}'`}}`);
  const line = `[${terms.join(',')}]`;
  return badRequest(line.length < 80 ? line : `[${terms.join(',\n ')}]`);
}

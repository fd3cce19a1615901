/**
 * A client of the management HTTP API of RabbitMQ and Warren: what it asks, and what a person is told when
 * it is not answered as asked.
 */
import { reasonOf } from '../broker-connection.js';
import { EXIT, OperatingError } from '../failure.js';
import { AnswerTimeout, askByHttp, type HttpAnswer } from './http-exchange.js';

/** Who asks. */
export interface Credentials {
  user: string;
  password: string;
}

/** Where the API is, and how it is asked. */
export interface ManagementAddress {
  /** Without user and password: it is shown. */
  url: URL;
  credentials: Credentials;
  authority?: string | undefined;
  timeoutMs: number;
}

/** One request. */
export interface ManagementRequest {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** The path after `/api`, a segment an element, as they are called: they are encoded here. */
  path: readonly string[];
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** What is missing when there is nothing at the path: `there is no …`. */
  what?: string | undefined;
}

/** The broker's answer was no. */
export class ManagementError extends OperatingError {
  readonly status: number;
  /** The broker's own word for it. */
  readonly reason: string;
  /** The parsed body, if it was JSON. */
  readonly body: unknown;

  constructor(message: string, answer: { status: number; reason: string; body: unknown; exitCode: number }) {
    super(message, { exitCode: answer.exitCode });
    this.status = answer.status;
    this.reason = answer.reason;
    this.body = answer.body;
  }
}

/** What RabbitMQ says of a wrong name or password: since version 4, and before. */
const LOG_IN_FAILED: ReadonlySet<string> = new Set(['Not_Authorized', 'Login failed']);

export class ManagementClient {
  readonly #address: ManagementAddress;

  constructor(address: ManagementAddress) {
    this.#address = address;
  }

  /** The same API, asked as somebody else. */
  as(credentials: Credentials): ManagementClient {
    return new ManagementClient({ ...this.#address, credentials });
  }

  async get<Value = unknown>(
    path: readonly string[],
    options: { query?: Readonly<Record<string, string>>; what?: string | undefined } = {},
  ): Promise<Value> {
    return (await this.ask({ method: 'GET', path, ...options })).body as Value;
  }

  /**
   * @returns the status and the parsed body of an answer that was not no
   * @throws ManagementError when the broker says no, OperatingError when it does not answer
   */
  async ask(request: ManagementRequest): Promise<{ status: number; body: unknown }> {
    const answer = await this.#exchange(request);
    const body = parsed(answer);
    if (answer.status >= 200 && answer.status < 300) {
      if (body === undefined && request.method === 'GET') throw this.#stranger(answer);
      return { status: answer.status, body };
    }
    throw this.#refusal(request, answer, body);
  }

  /** The address as it may be shown. */
  get #place(): string {
    return this.#address.url.href.replace(/\/$/, '');
  }

  async #exchange({ method, path, query, body, headers }: ManagementRequest): Promise<HttpAnswer> {
    const { url, credentials, authority, timeoutMs } = this.#address;
    const parameters = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const token = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
    try {
      return await askByHttp({
        protocol: url.protocol as 'http:' | 'https:',
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
        method,
        path: `${url.pathname.replace(/\/$/, '')}/api/${path.map(encodeURIComponent).join('/')}${parameters}`,
        // No `accept`: RabbitMQ answers 406 where it has nothing but an empty body.
        headers: { ...headers, authorization: `Basic ${token}` },
        body: body === undefined ? undefined : JSON.stringify(body),
        authority,
        timeoutMs,
      });
    } catch (error) {
      throw new OperatingError(this.#silence(error), { cause: error, exitCode: EXIT.unreachable });
    }
  }

  #silence(error: unknown): string {
    const { timeoutMs } = this.#address;
    if (error instanceof AnswerTimeout) {
      return `${this.#place} does not answer within ${timeoutMs / 1000} s; wait longer with --timeout`;
    }
    const reason = reasonOf(error);
    if (/CERT|SIGNATURE|ERR_TLS/.test(reason)) {
      return `the certificate of ${this.#place} is not trusted (${reason}); name its authority with WARREN_MANAGEMENT_AUTHORITY or --management-authority`;
    }
    return `no management API answers at ${this.#place} (${reason}); start a broker, or name yours with WARREN_MANAGEMENT_URL or --management-url`;
  }

  #stranger({ status, contentType }: HttpAnswer): OperatingError {
    const what = `${status}, ${contentType === '' ? 'no content type' : contentType}`;
    return new OperatingError(
      `what answers at ${this.#place} is no management API (${what}); name yours with WARREN_MANAGEMENT_URL or --management-url`,
      { exitCode: EXIT.unreachable },
    );
  }

  #refusal(
    { method, path, what = `resource /api/${path.join('/')} in this broker` }: ManagementRequest,
    answer: HttpAnswer,
    body: unknown,
  ): Error {
    const { status } = answer;
    const { credentials } = this.#address;
    const reason = reasonIn(body) ?? 'no reason given';
    const no = (message: string, exitCode: number) =>
      new ManagementError(message, { status, reason, body, exitCode });
    switch (status) {
      case 401:
      case 403:
        return no(
          `${this.#place} refuses the user '${credentials.user}': ${LOG_IN_FAILED.has(reason) ? 'the name or the password is wrong' : reason}`,
          EXIT.refused,
        );
      case 404: {
        if (body === undefined) return this.#stranger(answer);
        if (/vhost_not_found/.test(reason)) return no('there is no such virtual host', EXIT.absent);
        return no(absence(reason, what), EXIT.absent);
      }
      case 400:
        // RabbitMQ tells of a missing exchange, of a user or of a virtual host in this way.
        return isAbsence(reason)
          ? no(absence(reason, what), EXIT.absent)
          : no(`the broker refuses: ${reason}`, EXIT.failed);
      case 405:
        return no(`this broker takes no ${method} at /api/${path.join('/')}`, EXIT.failed);
      default:
        return no(`the broker answered ${status}: ${reason}`, EXIT.failed);
    }
  }
}

function isAbsence(reason: string): boolean {
  return /\bNOT_FOUND\b|_not_found\b|\bno_such_/.test(reason);
}

/** What the broker misses, in its own words where it names it. */
function absence(reason: string, what: string): string {
  const named = /\bno (?:queue|exchange) '.*' in vhost '.*'/.exec(reason)?.[0];
  if (named !== undefined) return `there is ${named}`;
  return `there is no ${what}`;
}

function parsed({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // Not every answer has a body, and not everything that answers is what was expected.
    return undefined;
  }
}

/** Reasons are texts, and now and then a term of Erlang's as JSON. */
function reasonIn(body: unknown): string | undefined {
  const { reason } = (body ?? {}) as { reason?: unknown };
  if (reason === undefined) return undefined;
  const text = typeof reason === 'string' ? reason : JSON.stringify(reason);
  return text.trim().replace(/\s*\n+\s*/g, '; ');
}

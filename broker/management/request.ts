/** One request, as the resources see it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { Identity } from '../transport/gate.js';
import { absent, badRequest, HttpError, notFound } from './http-error.js';
import { type JsonObject, parseObject } from './json-body.js';
import { parseColumns, pick } from './listing.js';
import type { ManagedBroker } from './managed-broker.js';
import { InvalidRangeError, type Ranges, readRanges } from './rates/ranges.js';
import { type Answer, json } from './resource.js';
import type { Showing } from './shown/statistics.js';

/** In paths, where a name cannot be empty. */
const DEFAULT_EXCHANGE = 'amq.default';

export interface RequestParts {
  readonly broker: ManagedBroker;
  readonly parameters: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly identity: Identity;
  readonly remoteAddress: string;
  readonly body: Buffer;
  readonly isRead: boolean;
}

export class ManagementRequest {
  readonly broker: ManagedBroker;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly identity: Identity;
  readonly remoteAddress: string;
  /** Whether nothing is to be changed. */
  readonly isRead: boolean;
  body: Buffer;
  private readonly parameters: ReadonlyMap<string, string>;

  constructor(parts: RequestParts) {
    this.broker = parts.broker;
    this.parameters = parts.parameters;
    this.query = parts.query;
    this.headers = parts.headers;
    this.identity = parts.identity;
    this.remoteAddress = parts.remoteAddress;
    this.body = parts.body;
    this.isRead = parts.isRead;
  }

  /** What the path says in the place of a name. */
  parameter(name: string): string {
    return this.parameters.get(name) ?? '';
  }

  /** An exchange's name, where `amq.default` is that of the one without. */
  exchangeName(parameter: string): string {
    const name = this.parameter(parameter);
    return name === DEFAULT_EXCHANGE ? '' : name;
  }

  /** The virtual host that the path or, for pages that show one at a time, a header asks for. */
  get virtualHostName(): string | undefined {
    return this.parameters.get('vhost') ?? (this.header('x-vhost') || undefined);
  }

  /** A header that is there once. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** The virtual host of the path. @throws HttpError 404 when there is none */
  get virtualHost(): VirtualHost {
    return this.requireVirtualHost();
  }

  /** @throws HttpError 404 */
  requireVirtualHost(): VirtualHost {
    const found = this.broker.virtualHost(this.virtualHostName ?? '');
    if (found === undefined) throw absent();
    return found;
  }

  /** The same, where RabbitMQ says what was not found: of what is to be made. */
  get requiredVirtualHost(): VirtualHost {
    const found = this.broker.virtualHost(this.virtualHostName ?? '');
    if (found === undefined) throw notFound('vhost_not_found');
    return found;
  }

  /** The body as an object. @throws HttpError 400 */
  json(): JsonObject {
    return parseObject(this.body);
  }

  /** Answers with the columns of a thing that the query asks for. */
  pick(value: object): Answer {
    return json(pick(value, parseColumns(this.query.get('columns')) ?? 'all'));
  }

  /**
   * By what the query wants statistics shown.
   *
   * @param ahead whether lengths end with a step that is not over, as those of queues and connections do
   * @throws HttpError 400 for a range of time that is none
   */
  showing(ahead: boolean): Showing {
    const { broker, query } = this;
    const ranges = rangesOf(query, ahead);
    return { nodeName: broker.nodeName, rates: (of) => broker.rates(of, ranges) };
  }

  /** @throws HttpError 503 while publishers have to wait: a request is not kept waiting */
  requireUnblocked(): void {
    const { alarms } = this.broker.host;
    if (!alarms.any) return;
    throw new HttpError(503, {
      error: 'service_unavailable',
      reason: `publishers are blocked: ${alarms.reason}`,
    });
  }

  /** Whether a query has `name=true`. */
  asks(name: string): boolean {
    return this.query.get(name) === 'true';
  }
}

function rangesOf(query: URLSearchParams, ahead: boolean): Ranges {
  try {
    return readRanges(Object.fromEntries(query), Date.now(), ahead);
  } catch (error) {
    throw error instanceof InvalidRangeError ? badRequest(error.message) : error;
  }
}

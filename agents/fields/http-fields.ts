/** Requests and responses as pino's serializers and fastify write them, in ECS: `http`, `url`, `client`. */
import type { LogRecord } from '../record.js';
import { isObject, setNested } from './nesting.js';

/** Moves what ECS has a place for out of a request; returns what is left, or `undefined`. */
export function takeRequest(record: LogRecord, value: unknown): unknown {
  if (!isObject(value)) return value;
  const { method, url, id, remoteAddress, remotePort, host, hostname, ...rest } = value;
  if (typeof method === 'string') setNested(record, ['http', 'request', 'method'], method);
  if (typeof url === 'string') takeUrl(record, url);
  takeRequestId(record, id);
  if (typeof remoteAddress === 'string') setNested(record, ['client', 'ip'], remoteAddress);
  if (typeof remotePort === 'number') setNested(record, ['client', 'port'], remotePort);
  const authority = typeof host === 'string' ? host : hostname;
  if (typeof authority === 'string') setNested(record, ['url', 'domain'], authority.replace(/:\d+$/, ''));
  const { headers } = rest;
  if (isObject(headers) && typeof headers['user-agent'] === 'string') {
    const { 'user-agent': userAgent, ...others } = headers;
    setNested(record, ['user_agent', 'original'], userAgent);
    rest['headers'] = others;
  }
  return whatIsLeft(rest);
}

/** Moves what ECS has a place for out of a response; returns what is left, or `undefined`. */
export function takeResponse(record: LogRecord, value: unknown): unknown {
  if (!isObject(value)) return value;
  const { statusCode, ...rest } = value;
  if (typeof statusCode === 'number') setNested(record, ['http', 'response', 'status_code'], statusCode);
  return whatIsLeft(rest);
}

/** Sets `http.request.id`, when the id is one. */
export function takeRequestId(record: LogRecord, id: unknown): void {
  if (typeof id === 'string' || typeof id === 'number') {
    setNested(record, ['http', 'request', 'id'], String(id));
  }
}

function takeUrl(record: LogRecord, url: string): void {
  setNested(record, ['url', 'original'], url);
  const mark = url.indexOf('?');
  setNested(record, ['url', 'path'], mark < 0 ? url : url.slice(0, mark));
  if (mark >= 0) setNested(record, ['url', 'query'], url.slice(mark + 1));
}

function whatIsLeft(rest: Record<string, unknown>): unknown {
  // pino's request serializer writes empty objects for the query and the parameters of every request.
  const left = Object.entries(rest).filter(
    ([, value]) => !isObject(value) || Array.isArray(value) || Object.keys(value).length > 0,
  );
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

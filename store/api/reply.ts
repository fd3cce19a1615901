/**
 * The HTTP side of every reply: Elasticsearch's product header, its media types, and errors in its
 * shape. One place turns an error into a reply.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ApiError, illegalArgument } from '../errors.js';
import { isObject, type Json, type JsonObject } from '../json.js';

const VENDOR = /application\/vnd\.elasticsearch\+(?:json|x-ndjson)\s*;\s*compatible-with=(\d+)/;

/** Puts headers on every reply, parses bodies, and answers errors. */
export function setUpReplies(server: FastifyInstance, log: Logger | undefined): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('X-Elastic-Product', 'Elasticsearch');
    void reply.header('content-type', mediaType(request));
    done();
  });
  server.setErrorHandler((error, request, reply) => sendError(asApiError(error, log), request, reply));
  server.setNotFoundHandler((request, reply) => {
    sendError(illegalHandler(request), request, reply);
  });
}

function illegalHandler(request: FastifyRequest): ApiError {
  return illegalArgument(`no handler found for uri [${request.url}] and method [${request.method}]`);
}

/** The vendor media type of the version the client asked for, or plain JSON. */
function mediaType(request: FastifyRequest): string {
  const compatible = VENDOR.exec(String(request.headers.accept ?? ''))?.[1];
  return compatible === '8' || compatible === '9'
    ? `application/vnd.elasticsearch+json;compatible-with=${compatible}`
    : 'application/json';
}

function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply): void {
  const noHandler = /^no handler found/.test(error.message);
  const cause = error.toCause();
  const body = noHandler
    ? { error: error.message }
    : { error: { root_cause: [error.rootCause ?? withoutCause(cause)], ...cause }, status: error.status };
  void reply
    .code(error.status)
    .header('X-Elastic-Product', 'Elasticsearch')
    .header('content-type', mediaType(request))
    .send(JSON.stringify(body));
}

/** The body of an error within a larger answer (`_msearch`). */
export function errorBody(error: unknown, log: Logger | undefined): JsonObject {
  const known = asApiError(error, log);
  const cause = known.toCause();
  return { error: { root_cause: [known.rootCause ?? withoutCause(cause)], ...cause }, status: known.status };
}

function withoutCause(cause: JsonObject): JsonObject {
  const { caused_by: _, ...rest } = cause;
  return rest;
}

function asApiError(error: unknown, log: Logger | undefined): ApiError {
  if (error instanceof ApiError) return error;
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new ApiError(413, 'content_too_long_exception', 'the body is larger than this store takes');
  if (statusCode !== undefined && statusCode < 500)
    return new ApiError(statusCode, 'illegal_argument_exception', message ?? 'bad request');
  log?.error({ err: error }, 'a request failed for a reason of the store itself');
  return new ApiError(500, 'exception', message ?? String(error));
}

/** The body as a JSON object; an empty body is an empty object. @throws ApiError 400 */
export function bodyObject(request: FastifyRequest): JsonObject {
  const text = bodyText(request);
  if (text.trim() === '') return {};
  const value = parseJson(text);
  if (!isObject(value))
    throw new ApiError(400, 'parsing_exception', 'Expected [START_OBJECT] but found something else');
  return value;
}

/** The body as text. */
export function bodyText(request: FastifyRequest): string {
  return Buffer.isBuffer(request.body) ? request.body.toString() : '';
}

/** Parses JSON. @throws ApiError 400 */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new ApiError(400, 'x_content_parse_exception', 'Failed to parse the body', {
      type: 'json_parse_exception',
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

/** The query parameters of a request. */
export function query(request: FastifyRequest): Record<string, string | undefined> {
  return request.query as Record<string, string | undefined>;
}

/** Parameters that shape a reply or its timing and that every endpoint may get. */
const COMMON = new Set([
  'pretty',
  'human',
  'error_trace',
  'format',
  'timeout',
  'master_timeout',
  'wait_for_active_shards',
  'ignore_unavailable',
  'allow_no_indices',
  'expand_wildcards',
  'v',
  'h',
  's',
  'local',
  'flat_settings',
  'include_defaults',
  'include_type_name',
]);

/** Refuses a query parameter the endpoint does not know. @throws ApiError 400 */
export function checkQuery(request: FastifyRequest, known: readonly string[]): void {
  for (const key of Object.keys(query(request))) {
    if (COMMON.has(key) || known.includes(key)) continue;
    const path = request.url.split('?')[0] ?? '';
    throw illegalArgument(`request [${path}] contains unrecognized parameter: [${key}]`);
  }
}

/** Whether a flag is set: present and empty, or `true`. */
export function flag(value: string | undefined, otherwise = false): boolean {
  if (value === undefined) return otherwise;
  return value === '' || value === 'true';
}

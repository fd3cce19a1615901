/** `_msearch`: several searches in one request, each with an answer of its own. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { resolveIndices } from '../catalog/index-expression.js';
import { ApiError, illegalArgument } from '../errors.js';
import { asArray, isObject, type Json, type JsonObject } from '../json.js';
import { parseSearch, type SearchRequest } from '../search/request.js';
import { asSearchError } from '../search/search.js';
import type { ApiContext } from './context.js';
import { bodyText, checkQuery, errorBody, flag, parseJson, query } from './reply.js';

const SEARCHES_MAX = 1000;
/** Parameters of a search that say how a cluster should go about it, and change nothing here. */
export const NEUTRAL = [
  'search_type',
  'preference',
  'request_cache',
  'max_concurrent_shard_requests',
  'pre_filter_shard_size',
  'batched_reduce_size',
  'ccs_minimize_roundtrips',
  'typed_keys',
  'rest_total_hits_as_int',
  'ignore_throttled',
  'allow_partial_search_results',
];
/** Adds the endpoint. */
export function msearchRoutes(server: FastifyInstance, context: ApiContext): void {
  for (const url of ['/_msearch', '/:index/_msearch']) {
    server.route({
      method: ['GET', 'POST'],
      url,
      handler: (request, reply) => searchMany(request, reply, context),
    });
  }
}

/** Refuses what would shape the answer differently. @throws ApiError 400 */
export function refuseUnsupported(request: FastifyRequest): void {
  const parameters = query(request);
  if (flag(parameters['rest_total_hits_as_int']) || flag(parameters['typed_keys'])) {
    throw illegalArgument('[rest_total_hits_as_int] and [typed_keys] are not supported by this store');
  }
}

async function searchMany(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, [...NEUTRAL, 'max_concurrent_searches']);
  refuseUnsupported(request);
  const startedAt = performance.now();
  const { index } = request.params as { index?: string };
  const lines = bodyText(request).split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0)
    throw new ApiError(
      400,
      'action_request_validation_exception',
      'Validation Failed: 1: no requests added;',
    );
  if (lines.length > 2 * SEARCHES_MAX)
    throw illegalArgument(`an msearch may have at most ${SEARCHES_MAX} searches`);
  const pairs = Array.from(
    { length: Math.ceil(lines.length / 2) },
    (_, position) => [lines[2 * position] ?? '', lines[2 * position + 1] ?? ''] as const,
  );
  const read = pairs.map(([head, body]) => ({
    head: head.trim() === '' ? {} : parseJson(head),
    body: body.trim() === '' ? {} : parseJson(body),
  }));
  const searches = read.map(({ head, body }) => readOne(head, body, index ?? ''));
  const responses = await Promise.all(searches.map((each) => one(each, context)));
  return reply.send(
    `{"took":${Math.round(performance.now() - startedAt)},"responses":[${responses.join(',')}]}`,
  );
}

const HEADER_KEYS = new Set([
  'index',
  'ignore_unavailable',
  'allow_no_indices',
  'expand_wildcards',
  'search_type',
  'preference',
  'request_cache',
  'ccs_minimize_roundtrips',
  'allow_partial_search_results',
  'ignore_throttled',
  'max_concurrent_shard_requests',
]);

/** One search of an msearch; what only a shard could refuse is kept for its own answer. */
interface OneSearch {
  head: JsonObject;
  expression: string;
  request: SearchRequest | ApiError;
}

/** Reads a search. @throws ApiError when it cannot be understood, which refuses the whole request */
function readOne(head: Json, body: Json, defaultIndex: string): OneSearch {
  if (!isObject(head) || !isObject(body))
    throw illegalArgument('a search of an msearch is two lines, both JSON objects');
  const unknown = Object.keys(head).find((key) => !HEADER_KEYS.has(key));
  if (unknown !== undefined)
    throw illegalArgument(`key [${unknown}] is not supported in the metadata section`);
  const expression = head['index'] === undefined ? defaultIndex : asArray(head['index']).join(',');
  try {
    return { head, expression, request: parseSearch(body) };
  } catch (error) {
    if (error instanceof ApiError && error.type === 'query_shard_exception')
      return { head, expression, request: error };
    throw error;
  }
}

async function one({ head, expression, request }: OneSearch, context: ApiContext): Promise<string> {
  try {
    const indices = resolveIndices(context.catalog, expression, {
      ignoreUnavailable: head['ignore_unavailable'] === true || head['ignore_unavailable'] === 'true',
      allowNoIndices: head['allow_no_indices'] !== false,
    });
    if (request instanceof ApiError) throw asSearchError(request, indices);
    const answer = await context.searcher.search(indices, request);
    return `${answer.slice(0, -1)},"status":200}`;
  } catch (error) {
    return JSON.stringify(errorBody(error, context.log));
  }
}

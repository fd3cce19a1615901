/** `_search`, `_count` and `_delete_by_query`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Index } from '../catalog/catalog.js';
import { ApiError, illegalArgument } from '../errors.js';
import type { JsonObject } from '../json.js';
import { parseQuery } from '../query/dsl.js';
import { parseSearch } from '../search/request.js';
import { asSearchError } from '../search/search.js';
import { type ApiContext, indicesOf } from './context.js';
import { NEUTRAL, refuseUnsupported } from './msearch.js';
import { bodyObject, checkQuery, flag, query } from './reply.js';

const BODY_PARAMETERS = [
  'size',
  'from',
  'track_total_hits',
  'sort',
  '_source',
  '_source_includes',
  '_source_excludes',
  'q',
  'default_operator',
  'df',
  'analyze_wildcard',
  'lenient',
  'version',
  'seq_no_primary_term',
  'docvalue_fields',
];
const DELETES_A_ROUND = 10_000;

/** Adds the endpoints. */
export function searchRoutes(server: FastifyInstance, context: ApiContext): void {
  for (const prefix of ['', '/:index']) {
    server.route({
      method: ['GET', 'POST'],
      url: `${prefix}/_search`,
      handler: (request, reply) => search(request, reply, context),
    });
    server.route({
      method: ['GET', 'POST'],
      url: `${prefix}/_count`,
      handler: (request, reply) => count(request, reply, context),
    });
  }
  server.post('/:index/_delete_by_query', (request, reply) => deleteByQuery(request, reply, context));
}

async function search(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, [...NEUTRAL, ...BODY_PARAMETERS]);
  refuseUnsupported(request);
  const indices = indicesOf(context, request);
  const body = withParameters(bodyObject(request), query(request));
  const parsed = asShard(indices, () => parseSearch(body));
  return reply.send(await context.searcher.search(indices, parsed));
}

/** Reads a query; what Elasticsearch's shards would refuse comes wrapped as theirs do. */
function asShard<T>(indices: readonly Index[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ApiError && error.type === 'query_shard_exception'
      ? asSearchError(error, indices)
      : error;
  }
}

/** The body with what the URL says put in. */
function withParameters(body: JsonObject, parameters: Record<string, string | undefined>): JsonObject {
  const merged: JsonObject = { ...body };
  for (const key of ['size', 'from', 'track_total_hits'] as const)
    if (parameters[key] !== undefined) merged[key] = parameters[key];
  for (const key of ['version', 'seq_no_primary_term'] as const)
    if (parameters[key] !== undefined) merged[key] = flag(parameters[key]);
  if (parameters['sort'] !== undefined) merged['sort'] = parameters['sort'].split(',');
  if (parameters['docvalue_fields'] !== undefined)
    merged['docvalue_fields'] = parameters['docvalue_fields'].split(',');
  const source = parameters['_source'];
  if (source !== undefined)
    merged['_source'] = source === 'true' || source === 'false' ? source === 'true' : source.split(',');
  const includes = parameters['_source_includes'];
  const excludes = parameters['_source_excludes'];
  if (includes !== undefined || excludes !== undefined) {
    merged['_source'] = { includes: includes?.split(',') ?? [], excludes: excludes?.split(',') ?? [] };
  }
  const text = parameters['q'];
  if (text !== undefined) merged['query'] = { query_string: queryStringOf(text, parameters) };
  return merged;
}

function queryStringOf(text: string, parameters: Record<string, string | undefined>): JsonObject {
  const options: JsonObject = { query: text };
  if (parameters['default_operator'] !== undefined)
    options['default_operator'] = parameters['default_operator'];
  if (parameters['df'] !== undefined) options['default_field'] = parameters['df'];
  if (parameters['lenient'] !== undefined) options['lenient'] = flag(parameters['lenient']);
  return options;
}

async function count(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, [
    'q',
    'default_operator',
    'df',
    'lenient',
    'analyze_wildcard',
    'preference',
    'ignore_throttled',
  ]);
  const body = bodyObject(request);
  const unknown = Object.keys(body).find((key) => key !== 'query');
  if (unknown !== undefined)
    throw new ApiError(400, 'parsing_exception', `request does not support [${unknown}]`);
  const parameters = query(request);
  const text = parameters['q'];
  const indices = indicesOf(context, request);
  const parsed = asShard(indices, () =>
    parseQuery(text === undefined ? body['query'] : { query_string: queryStringOf(text, parameters) }),
  );
  const found = await context.searcher.count(indices, parsed);
  const shards = { total: indices.length, successful: indices.length, skipped: 0, failed: 0 };
  return reply.send(JSON.stringify({ count: found, _shards: shards }));
}

async function deleteByQuery(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
): Promise<FastifyReply> {
  checkQuery(request, [
    'refresh',
    'conflicts',
    'wait_for_completion',
    'slices',
    'q',
    'default_operator',
    'df',
    'lenient',
    'analyze_wildcard',
  ]);
  const startedAt = performance.now();
  const body = bodyObject(request);
  const unknown = Object.keys(body).find((key) => key !== 'query');
  if (unknown !== undefined)
    throw illegalArgument(`[${unknown}] in _delete_by_query is not supported by this store`);
  const parameters = query(request);
  const text = parameters['q'];
  if (body['query'] === undefined && text === undefined)
    throw new ApiError(400, 'action_request_validation_exception', 'Validation Failed: 1: query is missing;');
  const parsed = parseQuery(
    text === undefined ? body['query'] : { query_string: queryStringOf(text, parameters) },
  );
  const indices = indicesOf(context, request);
  let deleted = 0;
  for (;;) {
    await context.writer.refresh();
    const found = await context.searcher.ids(indices, parsed, DELETES_A_ROUND);
    if (found.length === 0) break;
    const outcomes = await context.writer.write(
      found.map(({ index, id }) => ({ action: 'delete', index: index.name, id })),
    );
    deleted += outcomes.filter((outcome) => outcome.result === 'deleted').length;
    if (found.length < DELETES_A_ROUND) break;
  }
  if (flag(parameters['refresh'])) await context.writer.refresh();
  const took = Math.round(performance.now() - startedAt);
  return reply.send(
    JSON.stringify({
      took,
      timed_out: false,
      total: deleted,
      deleted,
      batches: 1,
      version_conflicts: 0,
      noops: 0,
      retries: { bulk: 0, search: 0 },
      throttled_millis: 0,
      requests_per_second: -1,
      throttled_until_millis: 0,
      failures: [],
    }),
  );
}

/** Answers a search: hits, total and aggregations over the indices it names. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { aggregate } from '../aggregation/aggregate.js';
import type { Index } from '../catalog/catalog.js';
import { resultWindowMax } from '../catalog/settings.js';
import { ApiError } from '../errors.js';
import type { JsonObject } from '../json.js';
import type { Query } from '../query/ast.js';
import { both } from '../query/dsl.js';
import { Parameters } from '../query/parameters.js';
import type { Database } from '../segment/database.js';
import { countHits, findHits } from './hits.js';
import type { SearchRequest } from './request.js';
import { Scope } from './scope.js';

/** Errors that Elasticsearch's shards give, and that therefore come wrapped. */
const SHARD_ERRORS = new Set([
  'query_shard_exception',
  'illegal_argument_exception',
  'parse_exception',
  'too_many_buckets_exception',
  'aggregation_execution_exception',
]);

/** Searches. */
export class Searcher {
  private readonly database: Database;
  private readonly timeoutMs: number;

  constructor(database: Database, timeoutMs: number) {
    this.database = database;
    this.timeoutMs = timeoutMs;
  }

  /** The answer of a search as JSON text. @throws ApiError */
  async search(indices: readonly Index[], request: SearchRequest): Promise<string> {
    const startedAt = performance.now();
    checkWindow(indices, request);
    const answer = await this.withScope(indices, request.query, (scope) =>
      this.database.read(this.timeoutMs, async (connection) => {
        const { hits, total: told } = await findHits(connection, scope, request);
        const total =
          request.trackTotalHits === false
            ? undefined
            : (told ?? (await countFor(connection, scope, request)));
        const aggregations =
          request.aggregations.length === 0
            ? undefined
            : await aggregate(connection, scope, request.query, request.aggregations);
        return { total, hits, aggregations };
      }),
    );
    const took = Math.round(performance.now() - startedAt);
    return answerText(indices.length, took, request, answer);
  }

  /** How many documents match. */
  async count(indices: readonly Index[], query: Query): Promise<number> {
    return await this.withScope(indices, query, (scope) =>
      this.database.read(this.timeoutMs, (connection) => countHits(connection, scope, query)),
    );
  }

  /** The ids of what matches, index by index, for `_delete_by_query`. */
  async ids(indices: readonly Index[], query: Query, limit: number): Promise<{ index: Index; id: string }[]> {
    return await this.withScope(indices, query, (scope) =>
      this.database.read(this.timeoutMs, (connection) => matchingIds(connection, scope, query, limit)),
    );
  }

  private async withScope<T>(
    indices: readonly Index[],
    query: Query,
    use: (scope: Scope) => Promise<T>,
  ): Promise<T> {
    try {
      const scope = await Scope.open(this.database, indices, query, Date.now());
      try {
        return await use(scope);
      } finally {
        scope.release();
      }
    } catch (error) {
      throw asSearchError(error, indices);
    }
  }
}

/** Counts as far as the request wants it exact. */
function countFor(connection: DuckDBConnection, scope: Scope, request: SearchRequest): Promise<number> {
  const { trackTotalHits: track } = request;
  const query = request.postFilter === undefined ? request.query : both(request.query, request.postFilter);
  return countHits(connection, scope, query, typeof track === 'number' ? track + 1 : undefined);
}

async function matchingIds(
  connection: DuckDBConnection,
  scope: Scope,
  query: Query,
  limit: number,
): Promise<{ index: Index; id: string }[]> {
  const found: { index: Index; id: string }[] = [];
  for (const table of scope.tables) {
    const parameters = new Parameters();
    for (const { condition } of scope.matching(query, parameters, [table])) {
      const sql = `SELECT i FROM ${table.name} WHERE ${condition} LIMIT ${limit - found.length}`;
      const rows = await parameters.run(connection, sql);
      for (const [id] of rows) found.push({ index: table.index, id: String(id) });
    }
    if (found.length >= limit) break;
  }
  return found;
}

function checkWindow(indices: readonly Index[], request: SearchRequest): void {
  const max = Math.min(10_000, ...indices.map((index) => resultWindowMax(index.settings)));
  const wanted = request.from + request.size;
  if (wanted <= max) return;
  throw asSearchError(
    new ApiError(
      400,
      'illegal_argument_exception',
      `Result window is too large, from + size must be less than or equal to: [${max}] but was [${wanted}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.`,
    ),
    indices,
  );
}

/** An error as a search reports it: what a shard would have said, under `all shards failed`. */
export function asSearchError(error: unknown, indices: readonly Index[]): unknown {
  const known = error instanceof ApiError ? error : queryEngineError(error);
  if (known === undefined || !SHARD_ERRORS.has(known.type)) return known ?? error;
  const index = indices[0];
  const cause: JsonObject = {
    ...known.toCause(),
    ...(index === undefined ? {} : { index: index.name, index_uuid: index.uuid }),
  };
  const nested =
    known.type === 'illegal_argument_exception'
      ? { type: known.type, reason: known.message, caused_by: { type: known.type, reason: known.message } }
      : undefined;
  const wrapped = new ApiError(
    known.status,
    'search_phase_execution_exception',
    'all shards failed',
    nested,
    {
      phase: 'query',
      grouped: true,
      failed_shards: [{ shard: 0, index: index?.name ?? '', node: 'warren', reason: cause }],
    },
  );
  const { caused_by: _, ...root } = cause;
  wrapped.rootCause = root;
  return wrapped;
}

/** What the database says of a user's pattern or value that only it could judge. */
function queryEngineError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (/Out of Memory/i.test(error.message)) {
    return new ApiError(
      429,
      'circuit_breaking_exception',
      `the search needs more memory than the store may use: ${error.message.split('\n')[0]}`,
      undefined,
      { durability: 'TRANSIENT' },
    );
  }
  if (/regular expression|regexp|Conversion Error|Out of Range/i.test(error.message)) {
    return new ApiError(400, 'illegal_argument_exception', error.message.split('\n')[0] ?? error.message);
  }
  return undefined;
}

interface Answer {
  total: number | undefined;
  hits: string[];
  aggregations: JsonObject | undefined;
}

function answerText(
  shards: number,
  took: number,
  request: SearchRequest,
  { total, hits, aggregations }: Answer,
): string {
  const shardsText = `{"total":${shards},"successful":${shards},"skipped":0,"failed":0}`;
  const totalText = total === undefined ? '' : `"total":${totalJson(total, request.trackTotalHits)},`;
  const maxScore = request.sort === undefined && hits.length > 0 ? '1.0' : 'null';
  const aggregationsText =
    aggregations === undefined ? '' : `,"aggregations":${JSON.stringify(aggregations)}`;
  return `{"took":${took},"timed_out":false,"_shards":${shardsText},"hits":{${totalText}"max_score":${maxScore},"hits":[${hits.join(',')}]}${aggregationsText}}`;
}

function totalJson(total: number, track: boolean | number): string {
  const isCut = typeof track === 'number' && total > track;
  return isCut ? `{"value":${track},"relation":"gte"}` : `{"value":${total},"relation":"eq"}`;
}

/** Computes a tree of aggregations over what a query matches: one statement for each level, not each bucket. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { JsonObject } from '../json.js';
import type { Query } from '../query/ast.js';
import type { Scope } from '../search/scope.js';
import { Base } from './base.js';
import { emptyFilters, filters } from './filters.js';
import { emptyHistogram, histogram } from './histogram.js';
import { BucketCount, groupBy, type Level, type LevelResults, type Run, select, tupleKey } from './level.js';
import { metricJson, metricOf } from './metric.js';
import type { Aggregation } from './request.js';
import { terms } from './terms.js';

/** Statements over the same rows from which on they are read into a temporary table once. */
const MATERIALISE_FROM = 3;

/** The `aggregations` of a search. @throws ApiError */
export async function aggregate(
  connection: DuckDBConnection,
  scope: Scope,
  query: Query,
  aggregations: readonly Aggregation[],
): Promise<JsonObject> {
  const base = new Base(scope, query);
  for (const aggregation of aggregations) register(aggregation, base);
  const run: Run = {
    connection,
    base,
    buckets: new BucketCount(),
    descend: (children, level) => compute(children, level, run),
    empty: (children) => emptyResults(children, run),
  };
  if (statements(aggregations) >= MATERIALISE_FROM) await base.materialise(connection);
  try {
    const results = await compute(
      aggregations,
      { rows: (parameters) => base.rows(parameters), keys: [] },
      run,
    );
    return { ...emptyResults(aggregations, run), ...results.get('') };
  } finally {
    await base.drop(connection);
  }
}

function register(aggregation: Aggregation, base: Base): void {
  const field = aggregation.body['field'];
  const isFilter =
    aggregation.kind === 'bucket' && (aggregation.type === 'filter' || aggregation.type === 'filters');
  if (typeof field === 'string' && !isFilter) base.column(field);
  if (aggregation.kind === 'bucket') for (const { query } of aggregation.filters) base.condition(query);
  for (const child of aggregation.children) register(child, base);
}

function statements(aggregations: readonly Aggregation[]): number {
  const buckets = aggregations.filter((each) => each.kind === 'bucket');
  const own = buckets.length + (buckets.length < aggregations.length ? 1 : 0);
  return buckets.reduce(
    (sum, each) => sum + statements(each.children) * Math.max(1, each.filters.length),
    own,
  );
}

async function compute(aggregations: readonly Aggregation[], level: Level, run: Run): Promise<LevelResults> {
  const results: LevelResults = new Map();
  const put = (parent: string, name: string, value: JsonObject, meta: Aggregation['meta']): void => {
    const entry = results.get(parent) ?? {};
    entry[name] = meta === undefined ? value : { meta, ...value };
    results.set(parent, entry);
  };
  await metrics(aggregations, level, run, put);
  for (const aggregation of aggregations) {
    if (aggregation.kind === 'metric') continue;
    for (const [parent, value] of await bucketed(aggregation, level, run))
      put(parent, aggregation.name, value, aggregation.meta);
  }
  return results;
}

function emptyResults(aggregations: readonly Aggregation[], run: Run): JsonObject {
  const results: JsonObject = {};
  for (const aggregation of aggregations) {
    if (aggregation.kind === 'metric')
      results[aggregation.name] = metricJson(
        { aggregation, column: run.base.column(String(aggregation.body['field'])), expressions: [] },
        [],
      );
    else if (aggregation.type === 'terms')
      results[aggregation.name] = { doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets: [] };
    else if (aggregation.type === 'date_histogram' || aggregation.type === 'histogram')
      results[aggregation.name] = emptyHistogram(aggregation, run);
    else results[aggregation.name] = emptyFilters(aggregation, run);
  }
  return results;
}

function bucketed(
  aggregation: Aggregation & { kind: 'bucket' },
  level: Level,
  run: Run,
): Promise<LevelResults> {
  switch (aggregation.type) {
    case 'terms':
      return terms(aggregation, level, run);
    case 'date_histogram':
    case 'histogram':
      return histogram(aggregation, level, run);
    default:
      return filters(aggregation, level, run);
  }
}

async function metrics(
  aggregations: readonly Aggregation[],
  level: Level,
  run: Run,
  put: (parent: string, name: string, value: JsonObject, meta: Aggregation['meta']) => void,
): Promise<void> {
  const wanted = aggregations.filter(
    (each): each is Aggregation & { kind: 'metric' } => each.kind === 'metric',
  );
  if (wanted.length === 0) return;
  let prepared: ReturnType<typeof metricOf>[] = [];
  const rows = await select(run, (parameters) => {
    prepared = wanted.map((each) => metricOf(each, run.base, parameters));
    const columns = [...level.keys, ...prepared.flatMap(({ expressions }) => expressions)];
    return `SELECT ${columns.join(', ')} FROM ${level.rows(parameters)}${groupBy(level.keys)}`;
  });
  for (const row of rows) {
    const parent = tupleKey(row.slice(0, level.keys.length));
    let at = level.keys.length;
    for (const metric of prepared) {
      const values = row.slice(at, at + metric.expressions.length);
      at += metric.expressions.length;
      put(parent, metric.aggregation.name, metricJson(metric, values), metric.aggregation.meta);
    }
  }
}

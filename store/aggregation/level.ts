/**
 * One level of an aggregation tree: the rows it works on and the keys of the buckets around it. Results
 * are kept by the tuple of those keys, so that one statement serves every parent bucket at once.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { JsonObject } from '../json.js';
import { Parameters } from '../query/parameters.js';
import type { Base } from './base.js';
import { BUCKETS_MAX, tooManyBuckets } from './bucket-key.js';
import type { Aggregation } from './request.js';

/** The results of a level's aggregations for each parent bucket, by {@link tupleKey}. */
export type LevelResults = Map<string, JsonObject>;

/** What every level of one search shares. */
export interface Run {
  connection: DuckDBConnection;
  base: Base;
  buckets: BucketCount;
  /** Computes the aggregations of a level. */
  descend: (aggregations: readonly Aggregation[], level: Level) => Promise<LevelResults>;
  /** What aggregations answer for a bucket without rows. */
  empty: (aggregations: readonly Aggregation[]) => JsonObject;
}

/** One level. */
export interface Level {
  /** SQL for the rows, as something to select from. */
  rows: (parameters: Parameters) => string;
  /** The columns of the rows that hold the keys of the buckets around, outermost first. */
  keys: readonly string[];
}

/** Counts buckets against the limit. */
export class BucketCount {
  private count = 0;
  add(count: number): void {
    this.count += count;
    if (this.count > BUCKETS_MAX) throw tooManyBuckets();
  }
}

/** A tuple of keys as one text. */
export function tupleKey(values: readonly unknown[]): string {
  return values.map((value) => `${typeof value === 'string' ? 's' : 'n'}${String(value)}`).join('\u0001');
}

/** Runs a statement. */
export async function select(run: Run, build: (parameters: Parameters) => string): Promise<unknown[][]> {
  const parameters = new Parameters();
  const sql = build(parameters);
  return await parameters.run(run.connection, sql);
}

/** `GROUP BY` for some columns, or nothing. */
export function groupBy(columns: readonly string[]): string {
  return columns.length === 0 ? '' : ` GROUP BY ${columns.join(', ')}`;
}

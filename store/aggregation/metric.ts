/** Metrics as SQL aggregates, and their values as Elasticsearch answers them. */
import { illegalArgument } from '../errors.js';
import { asArray, type Json, type JsonObject } from '../json.js';
import { printDate } from '../mapping/date.js';
import { dateFormat } from '../mapping/field.js';
import type { Parameters } from '../query/parameters.js';
import type { Base, BaseColumn } from './base.js';
import type { Aggregation, MetricType } from './request.js';

/** A metric ready to be computed. */
export interface Metric {
  aggregation: Aggregation & { kind: 'metric' };
  column: BaseColumn;
  /** SQL expressions, whose results {@link metricJson} takes in order. */
  expressions: string[];
}

const PERCENTS = [1, 5, 25, 50, 75, 95, 99];
const NUMERIC_ONLY = new Set<MetricType>([
  'avg',
  'sum',
  'min',
  'max',
  'stats',
  'extended_stats',
  'percentiles',
]);

/** Prepares a metric over a base. @throws ApiError 400 when the field's type does not allow it */
export function metricOf(
  aggregation: Aggregation & { kind: 'metric' },
  base: Base,
  parameters: Parameters,
): Metric {
  const { type, body, name } = aggregation;
  const column = base.column(String(body['field']));
  if (NUMERIC_ONLY.has(type) && (column.type === 'text' || column.type === 'ip')) {
    throw illegalArgument(
      `Field [${String(body['field'])}] of type [${column.field?.type ?? 'keyword'}] is not supported for aggregation [${type}]`,
    );
  }
  const value = withMissing(body, column, parameters);
  return { aggregation, column, expressions: expressionsOf(type, name, body, column, value) };
}

function withMissing(body: JsonObject, column: BaseColumn, parameters: Parameters): string {
  const { missing } = body;
  const own = column.type === 'none' ? `${column.name}::DOUBLE` : column.name;
  if (missing === undefined || missing === null) return own;
  const isText = column.type === 'text' || column.type === 'ip';
  const place = isText ? parameters.add(String(missing)) : `${parameters.add(Number(missing))}::DOUBLE`;
  return column.isList ? `coalesce(${own}, [${place}])` : `coalesce(${own}, ${place})`;
}

function expressionsOf(
  type: MetricType,
  name: string,
  body: JsonObject,
  column: BaseColumn,
  value: string,
): string[] {
  const number = (sql: string): string => (column.type === 'boolean' ? `${sql}::INTEGER` : sql);
  const list = column.isList;
  const count = list ? `sum(coalesce(len(${value}), 0))::BIGINT` : `count(${value})`;
  const numbers =
    column.type === 'boolean' && list ? `list_transform(${value}, lambda x: x::INTEGER)` : value;
  const sum = list ? `sum(list_sum(${numbers}))::DOUBLE` : `sum(${number(value)})::DOUBLE`;
  const low = list ? `min(list_min(${numbers}))` : `min(${number(value)})`;
  const high = list ? `max(list_max(${numbers}))` : `max(${number(value)})`;
  const squares = list
    ? `sum(list_sum(list_transform(${numbers}, lambda x: x::DOUBLE * x::DOUBLE)))`
    : `sum(${number(value)}::DOUBLE * ${number(value)}::DOUBLE)`;
  switch (type) {
    case 'avg':
      return [sum, count];
    case 'sum':
      return [sum];
    case 'min':
      return [`${low}::DOUBLE`];
    case 'max':
      return [`${high}::DOUBLE`];
    case 'value_count':
      return [count];
    case 'stats':
      return [count, `${low}::DOUBLE`, `${high}::DOUBLE`, sum];
    case 'extended_stats':
      return [count, `${low}::DOUBLE`, `${high}::DOUBLE`, sum, squares];
    case 'cardinality':
      return [list ? `len(list_distinct(flatten(list(${value}))))` : `count(DISTINCT ${value})`];
    case 'percentiles': {
      const source = list ? `flatten(list(${numbers}))` : undefined;
      return percentsOf(name, body).map((percent) =>
        source === undefined
          ? `quantile_cont(${number(value)}::DOUBLE, ${percent / 100})`
          : `list_aggregate(list_transform(${source}, lambda x: x::DOUBLE), 'quantile_cont', ${percent / 100})`,
      );
    }
  }
}

/** The percents a percentiles aggregation gives. @throws ApiError 400 */
function percentsOf(name: string, body: JsonObject): number[] {
  if (body['percents'] === undefined) return PERCENTS;
  const percents = asArray(body['percents']).map(Number);
  if (percents.length === 0 || percents.some((each) => !(each >= 0 && each <= 100))) {
    throw illegalArgument(`percent must be in [0,100], in [${name}]`);
  }
  return percents;
}

function numberOrNull(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The answer of a metric from the results of its expressions. */
export function metricJson({ aggregation, column }: Metric, results: readonly unknown[]): JsonObject {
  const [first, second, third, fourth, fifth] = results.map(numberOrNull);
  const dated = (value: number | null | undefined, key = 'value_as_string'): JsonObject => {
    if (column.type !== 'date' || value === null || value === undefined) return {};
    return {
      [key]: printDate(
        Math.trunc(value),
        0,
        String(
          aggregation.body['format'] ??
            (column.field === undefined ? 'strict_date_optional_time' : dateFormat(column.field)),
        ),
      ),
    };
  };
  switch (aggregation.type) {
    case 'avg': {
      const value = second === 0 || second === null || second === undefined ? null : (first ?? 0) / second;
      return { value, ...dated(value) };
    }
    case 'sum':
      return { value: first ?? 0, ...dated(first) };
    case 'value_count':
    case 'cardinality':
      return { value: first ?? 0 };
    case 'min':
    case 'max':
      return { value: first ?? null, ...dated(first) };
    case 'stats':
    case 'extended_stats': {
      const stats = statsJson(first ?? 0, second ?? null, third ?? null, fourth ?? 0);
      return aggregation.type === 'stats'
        ? stats
        : {
            ...stats,
            ...deviations(first ?? 0, fourth ?? 0, fifth ?? 0, Number(aggregation.body['sigma'] ?? 2)),
          };
    }
    case 'percentiles': {
      const percents = percentsOf(aggregation.name, aggregation.body);
      const key = (percent: number): string =>
        Number.isInteger(percent) ? percent.toFixed(1) : String(percent);
      const values = results.map(numberOrNull);
      if (aggregation.body['keyed'] === false) {
        return { values: percents.map((percent, index) => ({ key: percent, value: values[index] ?? null })) };
      }
      return {
        values: Object.fromEntries(percents.map((percent, index) => [key(percent), values[index] ?? null])),
      };
    }
  }
}

function statsJson(count: number, min: number | null, max: number | null, sum: number): JsonObject {
  return {
    count,
    min: count === 0 ? null : min,
    max: count === 0 ? null : max,
    avg: count === 0 ? null : sum / count,
    sum,
  };
}

function deviations(count: number, sum: number, squares: number, sigma: number): JsonObject {
  const mean = sum / count;
  const variance = count === 0 ? null : Math.max(0, squares / count - mean * mean);
  const sampling = count < 2 || variance === null ? null : (variance * count) / (count - 1);
  const root = (value: number | null): number | null => (value === null ? null : Math.sqrt(value));
  const deviation = root(variance);
  const samplingDeviation = root(sampling);
  const bound = (by: number | null, direction: number): Json =>
    by === null ? null : mean + direction * sigma * by;
  return {
    sum_of_squares: count === 0 ? null : squares,
    variance,
    variance_population: variance,
    variance_sampling: sampling,
    std_deviation: deviation,
    std_deviation_population: deviation,
    std_deviation_sampling: samplingDeviation,
    std_deviation_bounds: {
      upper: bound(deviation, 1),
      lower: bound(deviation, -1),
      upper_population: bound(deviation, 1),
      lower_population: bound(deviation, -1),
      upper_sampling: bound(samplingDeviation, 1),
      lower_sampling: bound(samplingDeviation, -1),
    },
  };
}

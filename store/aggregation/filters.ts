/** The aggregations whose buckets are conditions: filter, filters, missing, range and date_range. */
import { parsingException } from '../errors.js';
import { asArray, isObject, type Json, type JsonObject } from '../json.js';
import { printDate } from '../mapping/date.js';
import { evaluateDate } from '../mapping/date-math.js';
import { dateFormat } from '../mapping/field.js';
import type { Parameters } from '../query/parameters.js';
import type { BaseColumn } from './base.js';
import { groupBy, type Level, type LevelResults, type Run, select, tupleKey } from './level.js';
import type { Aggregation } from './request.js';

/** One bucket: its condition over the rows and what its JSON begins with. */
interface Condition {
  name: string;
  sql: (parameters: Parameters) => string;
  json: JsonObject;
}

/** Computes the buckets for every parent bucket of a level. */
export async function filters(
  aggregation: Aggregation & { kind: 'bucket' },
  level: Level,
  run: Run,
): Promise<LevelResults> {
  const conditions = conditionsOf(aggregation, run);
  run.buckets.add(conditions.length);
  const keys = level.keys.map((key) => `${key}, `).join('');
  const rows = await select(run, (parameters) => {
    const counts = conditions.map(({ sql }) => `count(*) FILTER (WHERE ${sql(parameters)})`).join(', ');
    return `SELECT ${keys}${counts === '' ? '0' : counts} FROM ${level.rows(parameters)}${groupBy(level.keys)}`;
  });
  const nested: (LevelResults | undefined)[] = [];
  for (const { sql } of conditions) {
    const inner = (parameters: Parameters): string =>
      `(SELECT * FROM ${level.rows(parameters)} WHERE ${sql(parameters)})`;
    nested.push(
      aggregation.children.length === 0
        ? undefined
        : await run.descend(aggregation.children, { rows: inner, keys: level.keys }),
    );
  }
  const empty = run.empty(aggregation.children);
  const results: LevelResults = new Map();
  for (const row of rows) {
    const parent = tupleKey(row.slice(0, level.keys.length));
    const buckets = conditions.map(({ name, json }, index) => ({
      name,
      bucket: {
        ...json,
        doc_count: Number(row[level.keys.length + index] ?? 0),
        ...empty,
        ...nested[index]?.get(parent),
      } as JsonObject,
    }));
    results.set(parent, shaped(aggregation, buckets));
  }
  return results;
}

/** What the aggregation answers where there are no rows. */
export function emptyFilters(aggregation: Aggregation & { kind: 'bucket' }, run: Run): JsonObject {
  const empty = run.empty(aggregation.children);
  return shaped(
    aggregation,
    conditionsOf(aggregation, run).map(({ name, json }) => ({
      name,
      bucket: { ...json, doc_count: 0, ...empty },
    })),
  );
}

function shaped(
  aggregation: Aggregation & { kind: 'bucket' },
  buckets: { name: string; bucket: JsonObject }[],
): JsonObject {
  if (aggregation.type === 'filter' || aggregation.type === 'missing')
    return buckets[0]?.bucket ?? { doc_count: 0 };
  const isKeyed =
    aggregation.type === 'filters'
      ? !Array.isArray(aggregation.body['filters']) && aggregation.body['keyed'] !== false
      : aggregation.body['keyed'] === true;
  if (isKeyed) return { buckets: Object.fromEntries(buckets.map(({ name, bucket }) => [name, bucket])) };
  if (aggregation.type === 'filters') return { buckets: buckets.map(({ bucket }) => bucket) };
  return { buckets: buckets.map(({ name, bucket }) => ({ key: name, ...bucket })) };
}

function conditionsOf(aggregation: Aggregation & { kind: 'bucket' }, run: Run): Condition[] {
  const { type, body } = aggregation;
  if (type === 'filter' || type === 'filters') {
    const named = aggregation.filters.map(({ name, query }): Condition => {
      const column = run.base.condition(query);
      return { name, sql: () => column, json: {} };
    });
    if (type === 'filters' && (body['other_bucket'] === true || body['other_bucket_key'] !== undefined)) {
      const others = named.map(({ sql }) => sql);
      named.push({
        name: String(body['other_bucket_key'] ?? '_other_'),
        sql: (parameters) => `NOT (${others.map((sql) => sql(parameters)).join(' OR ') || 'FALSE'})`,
        json: {},
      });
    }
    return named;
  }
  const column = run.base.column(String(body['field']));
  if (type === 'missing')
    return [
      {
        name: '',
        sql: () => (column.isList ? `coalesce(len(${column.name}), 0) = 0` : `${column.name} IS NULL`),
        json: {},
      },
    ];
  return asArray(body['ranges']).map((range) =>
    rangeCondition(range, type === 'date_range', body, column, run),
  );
}

function rangeCondition(
  range: Json,
  isDate: boolean,
  body: JsonObject,
  column: BaseColumn,
  run: Run,
): Condition {
  if (!isObject(range)) throw parsingException('[range] needs an array of objects in [ranges]');
  const format = String(
    body['format'] ??
      (column.field?.storage === 'date'
        ? dateFormat(column.field)
        : 'strict_date_optional_time||epoch_millis'),
  );
  const zone = String(body['time_zone'] ?? 'UTC');
  const read = (value: Json | undefined): number | undefined => {
    if (value === undefined || value === null) return undefined;
    return isDate
      ? evaluateDate(String(value), { format, zone, nowMs: run.base.scope.nowMs, roundUp: false }).ms
      : Number(value);
  };
  const [from, to] = [read(range['from']), read(range['to'])];
  const text = (value: number | undefined): string =>
    value === undefined
      ? '*'
      : isDate
        ? printDate(value, 0, format, zone)
        : Number.isInteger(value)
          ? value.toFixed(1)
          : String(value);
  const test = (value: string, parameters: Parameters): string =>
    [
      `${value} IS NOT NULL`,
      ...(from === undefined ? [] : [`${value} >= ${parameters.add(from)}`]),
      ...(to === undefined ? [] : [`${value} < ${parameters.add(to)}`]),
    ].join(' AND ');
  return {
    name: range['key'] === undefined ? `${text(from)}-${text(to)}` : String(range['key']),
    sql: (parameters) =>
      column.isList
        ? `len(list_filter(${column.name}, lambda x: ${test('x', parameters)})) > 0`
        : `(${test(column.name, parameters)})`,
    json: {
      ...(from === undefined ? {} : { from, ...(isDate ? { from_as_string: text(from) } : {}) }),
      ...(to === undefined ? {} : { to, ...(isDate ? { to_as_string: text(to) } : {}) }),
    },
  };
}

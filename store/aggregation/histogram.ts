/** The date_histogram and histogram aggregations. */
import { illegalArgument } from '../errors.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import { printDate } from '../mapping/date.js';
import { evaluateDate } from '../mapping/date-math.js';
import { dateFormat } from '../mapping/field.js';
import type { Parameters } from '../query/parameters.js';
import type { BaseColumn } from './base.js';
import {
  BUCKETS_MAX,
  histogramStep,
  nextBucket,
  parseRounding,
  rounded,
  roundedSql,
  tooManyBuckets,
} from './bucket-key.js';
import { type Level, type LevelResults, type Run, select, tupleKey } from './level.js';
import type { Aggregation } from './request.js';

/** How a histogram makes keys of values. */
interface Steps {
  keySql: (value: string, parameters: Parameters) => string;
  floor: (value: number) => number;
  next: (key: number) => number;
  /** A bound or a missing value as the user wrote it. */
  read: (value: Json) => number;
  /** A key's JSON. */
  key: (key: number) => JsonObject;
}

/** Computes a histogram for every parent bucket of a level. */
export async function histogram(aggregation: Aggregation, level: Level, run: Run): Promise<LevelResults> {
  const { body, children } = aggregation;
  const column = run.base.column(String(body['field']));
  if (column.type === 'text' || column.type === 'ip') {
    throw illegalArgument(
      `Field [${String(body['field'])}] of type [${column.field?.type ?? 'keyword'}] is not supported for aggregation [${aggregation.kind === 'bucket' ? aggregation.type : ''}]`,
    );
  }
  const steps = stepsOf(aggregation, column, run);
  const name = `g${level.keys.length}`;
  const inner = (parameters: Parameters): string => innerSql(body, column, steps, name, level, parameters);
  const keys = level.keys.map((key) => `${key}, `).join('');
  const rows = await select(
    run,
    (parameters) =>
      `SELECT ${keys}${name}, count(*) FROM ${inner(parameters)} GROUP BY ${keys}${name} ORDER BY ${keys}${name} LIMIT ${BUCKETS_MAX + 1}`,
  );
  const counts = new Map<string, Map<number, number>>();
  if (level.keys.length === 0) counts.set('', new Map());
  for (const row of rows) {
    const parent = tupleKey(row.slice(0, level.keys.length));
    const [key, count] = row.slice(level.keys.length);
    const buckets = counts.get(parent) ?? new Map<number, number>();
    buckets.set(Number(key), Number(count));
    counts.set(parent, buckets);
  }
  const nested =
    children.length === 0 || rows.length === 0
      ? undefined
      : await run.descend(children, { rows: inner, keys: [...level.keys, name] });
  const empty = run.empty(children);
  const results: LevelResults = new Map();
  for (const [parent, buckets] of counts) {
    const childOf = (key: number): JsonObject => ({
      ...empty,
      ...nested?.get(`${parent === '' ? '' : `${parent}\u0001`}${tupleKey([key])}`),
    });
    results.set(parent, bucketsJson(body, buckets, steps, run, childOf));
  }
  return results;
}

function stepsOf(aggregation: Aggregation, column: BaseColumn, run: Run): Steps {
  const isDate = aggregation.kind === 'bucket' && aggregation.type === 'date_histogram';
  return isDate ? dateSteps(aggregation, column, run) : numberSteps(aggregation.body);
}

/** What a histogram answers where there are no rows: the buckets of its extended bounds. */
export function emptyHistogram(aggregation: Aggregation, run: Run): JsonObject {
  const column = run.base.column(String(aggregation.body['field']));
  return bucketsJson(aggregation.body, new Map(), stepsOf(aggregation, column, run), run, () =>
    run.empty(aggregation.children),
  );
}

function innerSql(
  body: JsonObject,
  column: BaseColumn,
  steps: Steps,
  name: string,
  level: Level,
  parameters: Parameters,
): string {
  const { missing } = body;
  const place =
    missing === undefined || missing === null
      ? undefined
      : parameters.add(steps.read(missing), Number.isInteger(steps.read(missing)));
  let value = steps.keySql(
    place === undefined ? column.name : `coalesce(${column.name}, ${place})`,
    parameters,
  );
  if (column.isList) {
    const list = place === undefined ? column.name : `coalesce(${column.name}, [${place}])`;
    value = `unnest(list_distinct(list_transform(${list}, lambda x: ${steps.keySql('x', parameters)})))`;
  }
  const bounds = isObject(body['hard_bounds']) ? body['hard_bounds'] : {};
  const within = [
    `${name} IS NOT NULL`,
    ...(bounds['min'] === undefined ? [] : [`${name} >= ${steps.floor(steps.read(bounds['min']))}`]),
    ...(bounds['max'] === undefined ? [] : [`${name} <= ${steps.read(bounds['max'])}`]),
  ];
  return `(SELECT * FROM (SELECT *, ${value} AS ${name} FROM ${level.rows(parameters)}) WHERE ${within.join(' AND ')})`;
}

function dateSteps(aggregation: Aggregation, column: BaseColumn, run: Run): Steps {
  const { body } = aggregation;
  const rounding = parseRounding(body);
  const format = String(
    body['format'] ??
      (column.field?.storage === 'date' ? dateFormat(column.field) : 'strict_date_optional_time'),
  );
  const zone = rounding.zone;
  return {
    keySql: (value, parameters) => roundedSql(rounding, value, parameters),
    floor: (value) => rounded(rounding, value),
    next: (key) => nextBucket(rounding, key),
    read: (value) =>
      typeof value === 'number'
        ? value
        : evaluateDate(String(value), {
            format: `${format}||strict_date_optional_time||epoch_millis`,
            zone,
            nowMs: run.base.scope.nowMs,
            roundUp: false,
          }).ms,
    key: (key) => ({ key_as_string: printDate(key, 0, format, zone), key }),
  };
}

function numberSteps(body: JsonObject): Steps {
  const { interval, offset } = histogramStep(body);
  const floor = (value: number): number => Math.floor((value - offset) / interval) * interval + offset;
  return {
    keySql: (value, parameters) => {
      const [size, shift] = [`${parameters.add(interval)}::DOUBLE`, `${parameters.add(offset)}::DOUBLE`];
      return `(floor((${value} - ${shift}) / ${size}) * ${size} + ${shift})`;
    },
    floor,
    next: (key) => floor(key + interval * 1.5),
    read: (value) => Number(value),
    key: (key) => ({ key }),
  };
}

/** The buckets in order, the empty ones between them filled in where `min_doc_count` is 0. */
function bucketsJson(
  body: JsonObject,
  counts: ReadonlyMap<number, number>,
  steps: Steps,
  run: Run,
  childOf: (key: number) => JsonObject,
): JsonObject {
  const countMin = Number(body['min_doc_count'] ?? 0);
  const keys =
    countMin === 0
      ? filled(body, [...counts.keys()], steps)
      : [...counts.keys()].filter((key) => (counts.get(key) ?? 0) >= countMin).sort((a, b) => a - b);
  run.buckets.add(keys.length);
  const order = isObject(body['order']) ? Object.entries(body['order'])[0] : undefined;
  if (order !== undefined) {
    const [by, direction] = order;
    if (by !== '_key' && by !== '_count')
      throw illegalArgument(`a histogram ordered by [${by}] is not supported by this store`);
    const sign = String(direction).toLowerCase() === 'desc' ? -1 : 1;
    keys.sort(
      (a, b) => sign * (by === '_key' ? a - b : (counts.get(a) ?? 0) - (counts.get(b) ?? 0)) || a - b,
    );
  }
  const buckets = keys.map((key) => ({
    ...steps.key(key),
    doc_count: counts.get(key) ?? 0,
    ...childOf(key),
  }));
  if (body['keyed'] !== true) return { buckets };
  return {
    buckets: Object.fromEntries(
      buckets.map((bucket) => [
        String((bucket as JsonObject)['key_as_string'] ?? (bucket as JsonObject)['key']),
        bucket,
      ]),
    ),
  };
}

function filled(body: JsonObject, present: readonly number[], steps: Steps): number[] {
  const bounds = isObject(body['extended_bounds']) ? body['extended_bounds'] : {};
  let low =
    present.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...present.slice(0, 1), ...present.slice(-1));
  let high =
    present.length === 0 ? Number.NEGATIVE_INFINITY : Math.max(...present.slice(0, 1), ...present.slice(-1));
  const [min, max] = [bounds['min'], bounds['max']];
  if (min !== undefined && min !== null) low = Math.min(low, steps.floor(steps.read(min)));
  if (max !== undefined && max !== null) high = Math.max(high, steps.floor(steps.read(max)));
  if (!Number.isFinite(low) && Number.isFinite(high)) low = high;
  if (!Number.isFinite(high) && Number.isFinite(low)) high = low;
  const keys: number[] = [];
  for (let key = low; key <= high; key = steps.next(key)) {
    keys.push(key);
    if (keys.length > BUCKETS_MAX) throw tooManyBuckets();
  }
  return keys;
}

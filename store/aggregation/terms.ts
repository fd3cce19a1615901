/** The terms aggregation. */
import { ApiError, illegalArgument } from '../errors.js';
import { asArray, isObject, type Json, type JsonObject } from '../json.js';
import { printDate } from '../mapping/date.js';
import { dateFormat } from '../mapping/field.js';
import { ipKey, ipText } from '../mapping/ip.js';
import type { Parameters } from '../query/parameters.js';
import { re2OfLucene } from '../query/regex.js';
import type { BaseColumn } from './base.js';
import { type Level, type LevelResults, type Run, select, tupleKey } from './level.js';
import { metricOf } from './metric.js';
import type { Aggregation } from './request.js';

interface Term {
  key: unknown;
  count: number;
}

interface Options {
  size: number;
  countMin: number;
  column: BaseColumn;
}

/** Computes a terms aggregation for every parent bucket of a level. */
export async function terms(aggregation: Aggregation, level: Level, run: Run): Promise<LevelResults> {
  const { body, children } = aggregation;
  const options = optionsOf(aggregation.name, body, run);
  const name = `g${level.keys.length}`;
  const inner = (parameters: Parameters): string => innerSql(body, options.column, name, level, parameters);
  const rows = await select(run, (parameters) =>
    ranked(aggregation, options, name, inner(parameters), level, run, parameters),
  );
  const found = new Map<string, { terms: Term[]; total: number }>();
  for (const row of rows) {
    const parent = tupleKey(row.slice(0, level.keys.length));
    const [key, count, total] = row.slice(level.keys.length);
    const entry = found.get(parent) ?? { terms: [], total: Number(total) };
    entry.terms.push({ key, count: Number(count) });
    found.set(parent, entry);
  }
  run.buckets.add(rows.length);
  const selected = [...new Set(rows.map((row) => row[level.keys.length]))];
  const nested =
    children.length === 0 || selected.length === 0
      ? undefined
      : await run.descend(children, {
          rows: (parameters) =>
            `(SELECT * FROM ${inner(parameters)} WHERE ${name} IN (${selected.map((key) => keyPlace(key, parameters)).join(',')}))`,
          keys: [...level.keys, name],
        });
  const extra = options.countMin === 0 ? await unmatched(body, options, run) : [];
  const empty = run.empty(children);
  const results: LevelResults = new Map();
  for (const [parent, { terms: chosen, total }] of found.size === 0 && level.keys.length === 0
    ? new Map([['', { terms: [] as Term[], total: 0 }]])
    : found) {
    const known = new Set(chosen.map((term) => String(term.key)));
    const unseen = extra
      .filter((key) => !known.has(String(key)))
      .slice(0, Math.max(0, options.size - chosen.length));
    const all = [...chosen, ...unseen.map((key): Term => ({ key, count: 0 }))];
    const shown = chosen.reduce((sum, term) => sum + term.count, 0);
    results.set(parent, {
      doc_count_error_upper_bound: 0,
      sum_other_doc_count: total - shown,
      buckets: all.map((term) => ({
        ...keyJson(term.key, options.column, body),
        doc_count: term.count,
        ...empty,
        ...nested?.get(`${level.keys.length === 0 ? '' : `${parent}\u0001`}${tupleKey([term.key])}`),
      })),
    });
  }
  return results;
}

/** The terms that an aggregation with `min_doc_count: 0` shows though no matching document has them. */
async function unmatched(body: JsonObject, { size, column }: Options, run: Run): Promise<unknown[]> {
  const values = await run.base.allValues(run.connection, String(body['field']), size);
  const { missing } = body;
  if (missing === undefined || missing === null || column.type !== 'text') return values;
  return [...new Set([...values.map(String), String(missing)])].sort();
}

function optionsOf(name: string, body: JsonObject, run: Run): Options {
  const size = Number(body['size'] ?? 10);
  if (!Number.isInteger(size) || size < 1)
    throw illegalArgument(`[size] must be greater than 0. Found [${String(body['size'])}] in [${name}]`);
  const countMin = Number(body['min_doc_count'] ?? 1);
  if (!Number.isInteger(countMin) || countMin < 0)
    throw illegalArgument(
      `[min_doc_count] must be greater than or equal to 0. Found [${String(body['min_doc_count'])}]`,
    );
  return { size, countMin, column: run.base.column(String(body['field'])) };
}

function keyPlace(key: unknown, parameters: Parameters): string {
  return parameters.add(
    typeof key === 'bigint' || typeof key === 'number' || typeof key === 'boolean' ? key : String(key),
  );
}

/** The rows with the term beside them. */
function innerSql(
  body: JsonObject,
  column: BaseColumn,
  name: string,
  level: Level,
  parameters: Parameters,
): string {
  const { missing } = body;
  const place =
    missing === undefined || missing === null ? undefined : missingPlace(missing, column, parameters);
  let value = column.name;
  if (column.isList)
    value = `unnest(list_distinct(${place === undefined ? value : `coalesce(${value}, [${place}])`}))`;
  else if (place !== undefined) value = `coalesce(${value}, ${place})`;
  const wanted = [
    `${name} IS NOT NULL`,
    ...chosen(body['include'], name, false, column, parameters),
    ...chosen(body['exclude'], name, true, column, parameters),
  ];
  return `(SELECT * FROM (SELECT *, ${value} AS ${name} FROM ${level.rows(parameters)}) WHERE ${wanted.join(' AND ')})`;
}

function missingPlace(missing: Json, column: BaseColumn, parameters: Parameters): string {
  switch (column.type) {
    case 'text':
    case 'none':
      return parameters.add(String(missing));
    case 'ip':
      return parameters.add(ipKey(String(missing)) ?? String(missing));
    case 'boolean':
      return parameters.add(missing === true || missing === 'true');
    case 'double':
      return parameters.add(Number(missing));
    default:
      if (!Number.isFinite(Number(missing)))
        throw illegalArgument(
          `failed to parse [missing] value [${String(missing)}]: For input string: "${String(missing)}"`,
        );
      return parameters.add(BigInt(Math.trunc(Number(missing))));
  }
}

function chosen(
  given: Json | undefined,
  name: string,
  isExclusion: boolean,
  column: BaseColumn,
  parameters: Parameters,
): string[] {
  if (given === undefined) return [];
  const negation = isExclusion ? 'NOT ' : '';
  if (typeof given === 'string') {
    if (column.type !== 'text' && column.type !== 'none')
      throw illegalArgument(
        `Aggregation cannot support regular expression style include/exclude settings as they can only be applied to string fields. Use an array of values for include/exclude clauses`,
      );
    return [`${negation}regexp_full_match(${name}, ${parameters.add(re2OfLucene(given, 'value'))})`];
  }
  if (isObject(given)) throw illegalArgument('partitioned terms are not supported by this store');
  const places = asArray(given).map((each) => missingPlace(each, column, parameters));
  return places.length === 0 ? [] : [`${name} ${negation}IN (${places.join(',')})`];
}

function ranked(
  aggregation: Aggregation,
  options: Options,
  name: string,
  inner: string,
  level: Level,
  run: Run,
  parameters: Parameters,
): string {
  const keys = level.keys.map((key) => `${key}, `).join('');
  const partition = level.keys.length === 0 ? '' : `PARTITION BY ${level.keys.join(', ')} `;
  const { expressions, order } = ordering(aggregation, name, run, parameters);
  const countMin = Math.max(1, options.countMin);
  const grouped = `SELECT ${keys}${name}, count(*) AS c${expressions.map((sql, index) => `, ${sql} AS o${index}`).join('')} FROM ${inner} GROUP BY ${keys}${name}`;
  const rank = `row_number() OVER (${partition}ORDER BY (c >= ${countMin}) DESC, ${order})`;
  const ranks = `SELECT *, sum(c) OVER (${level.keys.length === 0 ? '' : partition.trim()}) AS total, ${rank} AS r FROM (${grouped})`;
  return `SELECT ${keys}${name}, c, total FROM (${ranks}) WHERE r <= ${options.size} AND c >= ${countMin} ORDER BY ${keys}r`;
}

function ordering(
  aggregation: Aggregation,
  name: string,
  run: Run,
  parameters: Parameters,
): { expressions: string[]; order: string } {
  const given = aggregation.body['order'];
  const criteria =
    given === undefined
      ? [['_count', 'desc'] as const]
      : asArray(given).flatMap((each) => (isObject(each) ? Object.entries(each) : []));
  const expressions: string[] = [];
  const parts = criteria.map(([key, direction]) => {
    const way = String(direction).toLowerCase() === 'asc' ? 'ASC' : 'DESC';
    if (key === '_count') return `c ${way}`;
    if (key === '_key' || key === '_term') return `${name} ${way}`;
    expressions.push(orderExpression(aggregation, key, run, parameters));
    return `o${expressions.length - 1} ${way} NULLS LAST`;
  });
  return { expressions, order: [...parts, `${name} ASC`].join(', ') };
}

function orderExpression(aggregation: Aggregation, path: string, run: Run, parameters: Parameters): string {
  const match = /^([^.[\]>]+)(?:\.([\w.]+)|\[([\w.]+)\])?$/.exec(path);
  const child = aggregation.children.find((each) => each.name === match?.[1]);
  if (child === undefined || child.kind !== 'metric') {
    throw new ApiError(
      400,
      'aggregation_execution_exception',
      `Invalid aggregator order path [${path}]. The provided aggregation [${match?.[1] ?? path}] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.`,
    );
  }
  const property = match?.[2] ?? match?.[3];
  const chosenBody: JsonObject =
    child.type === 'percentiles' && property !== undefined
      ? { ...child.body, percents: [Number(property)] }
      : child.body;
  const { expressions } = metricOf({ ...child, body: chosenBody }, run.base, parameters);
  if (child.type === 'avg') return `(${expressions[0]}) / nullif(${expressions[1]}, 0)`;
  if (child.type === 'stats' || child.type === 'extended_stats') {
    const average = `(${expressions[3]}) / nullif(${expressions[0]}, 0)`;
    const index = ['count', 'min', 'max', 'sum'].indexOf(property ?? '');
    if (property === 'avg') return average;
    if (index < 0) throw illegalArgument(`cannot order by [${path}]`);
    return expressions[index] ?? average;
  }
  return expressions[0] ?? 'NULL';
}

function keyJson(key: unknown, column: BaseColumn, body: JsonObject): JsonObject {
  switch (column.type) {
    case 'boolean':
      return { key: key === true ? 1 : 0, key_as_string: key === true ? 'true' : 'false' };
    case 'date': {
      const format = String(
        body['format'] ??
          (column.field === undefined ? 'strict_date_optional_time' : dateFormat(column.field)),
      );
      return { key: Number(key), key_as_string: printDate(Number(key), 0, format) };
    }
    case 'long':
    case 'double':
      return { key: Number(key) };
    case 'ip':
      return { key: /^[0-9a-f]{32}$/.test(String(key)) ? ipText(String(key)) : String(key) };
    default:
      return { key: String(key) };
  }
}

/** Sort keys as SQL, the condition of `search_after`, and sort values as Elasticsearch answers them. */
import type { Index } from '../catalog/catalog.js';
import { ApiError, illegalArgument } from '../errors.js';
import type { Json } from '../json.js';
import { parseDate, printDate } from '../mapping/date.js';
import { type Field, hasDocValues } from '../mapping/field.js';
import { ipText } from '../mapping/ip.js';
import type { Parameters } from '../query/parameters.js';
import type { Table } from '../query/table.js';
import type { SortKey } from './request.js';

/** What a key's values are in SQL, over all indices. */
type SortType = 'integer' | 'double' | 'text' | 'ip' | 'constant';

/** A sort key whose type is known. */
export interface TypedKey extends SortKey {
  type: SortType;
  /** Whether every index keeps the field in nanoseconds. */
  isNanos: boolean;
  isDate: boolean;
}

const LONG_MAX = 9_223_372_036_854_775_807n;
const LONG_MIN = -9_223_372_036_854_775_808n;

/** The error for a text field where values are needed. */
export function noDocValues(field: Field, indexName: string): ApiError {
  if (field.storage !== 'tokens') {
    return illegalArgument(
      `Can't load fielddata on [${field.path}] because fielddata is unsupported on fields of type [${field.type}]. Use doc values instead.`,
    );
  }
  return illegalArgument(
    `Fielddata is disabled on [${field.path}] in [${indexName}]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [${field.path}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.`,
  );
}

/** Finds the types of sort keys. @throws ApiError when a field is unmapped or has no values to sort by */
export function typedKeys(keys: readonly SortKey[], indices: readonly Index[]): TypedKey[] {
  return keys.map((key) => {
    if (key.field === '_score') return { ...key, type: 'constant', isNanos: false, isDate: false };
    if (key.field === '_doc' || key.field === '_shard_doc')
      return { ...key, type: 'integer', isNanos: false, isDate: false };
    const fields = indices.flatMap((index) => {
      const field = index.mapping.fields.get(key.field);
      if (field === undefined && key.unmappedType === undefined) {
        throw new ApiError(
          400,
          'query_shard_exception',
          `No mapping found for [${key.field}] in order to sort on`,
          undefined,
          { index: index.name, index_uuid: index.uuid },
        );
      }
      if (field !== undefined && !hasDocValues(field)) throw noDocValues(field, index.name);
      return field === undefined ? [] : [field];
    });
    const storages = new Set(fields.map((field) => field.storage));
    const isDate = fields.length > 0 && fields.every((field) => field.storage === 'date');
    return {
      ...key,
      type: sortType(storages),
      isDate,
      isNanos: isDate && fields.every((field) => field.type === 'date_nanos'),
    };
  });
}

function sortType(storages: ReadonlySet<string>): SortType {
  if (storages.has('string') || storages.has('flattened')) return 'text';
  if (storages.has('ip')) return storages.size === 1 ? 'ip' : 'text';
  return storages.has('double') ? 'double' : 'integer';
}

/** The SQL of a key in one table, with missing values filled in where their type has a first and last. */
export function keyExpression(key: TypedKey, table: Table): string {
  if (key.type === 'constant') return '1.0';
  if (key.field === '_doc' || key.field === '_shard_doc') return 'q';
  const field = table.mapping.fields.get(key.field);
  const value = field === undefined ? 'NULL' : valueExpression(field, key, table);
  const missing = missingValue(key, table.parameters);
  switch (key.type) {
    case 'integer':
      return `coalesce(${scaled(value, field, key)}::BIGINT, ${missing})`;
    case 'double':
      return `coalesce(${value}::DOUBLE, ${missing})`;
    default:
      return missing === 'NULL' ? `${value}::VARCHAR` : `coalesce(${value}::VARCHAR, ${missing})`;
  }
}

function scaled(value: string, field: Field | undefined, key: TypedKey): string {
  return key.isDate && !key.isNanos && field?.type === 'date_nanos' ? `(${value} // 1000000)` : value;
}

function valueExpression(field: Field, key: TypedKey, table: Table): string {
  const { only, list } = table.columnsOf(field);
  const chosen = list === undefined ? undefined : `${key.isDescending ? 'list_max' : 'list_min'}(${list})`;
  if (only === undefined) return chosen ?? 'NULL';
  return chosen === undefined ? only : `coalesce(${only}, ${chosen})`;
}

function missingValue(key: TypedKey, parameters: Parameters): string {
  if (key.missing !== '_last' && key.missing !== '_first') {
    if (key.type === 'text' || key.type === 'ip') return parameters.add(String(key.missing));
    if (!Number.isFinite(Number(key.missing)))
      throw illegalArgument(`Failed to parse missing value [${String(key.missing)}]`);
    return key.type === 'integer'
      ? parameters.add(BigInt(Math.trunc(Number(key.missing))))
      : parameters.add(Number(key.missing));
  }
  const isHigh = (key.missing === '_last') !== key.isDescending;
  if (key.type === 'integer') return isHigh ? `${LONG_MAX}` : `(${LONG_MIN + 1n} - 1)`;
  if (key.type === 'double') return `'${isHigh ? '' : '-'}Infinity'::DOUBLE`;
  return 'NULL';
}

/** `ORDER BY` for keys named `k0`, `k1`, …, ties in the order of arrival. */
export function orderBy(keys: readonly TypedKey[]): string {
  const parts = keys.flatMap((key, position) => {
    if (key.type === 'constant') return [];
    return [
      `k${position} ${key.isDescending ? 'DESC' : 'ASC'} NULLS ${key.missing === '_first' ? 'FIRST' : 'LAST'}`,
    ];
  });
  return [...parts, 'q ASC'].join(', ');
}

/** The condition that a row comes after the sort values of another. */
export function afterCondition(
  keys: readonly TypedKey[],
  after: readonly Json[],
  parameters: Parameters,
): string {
  const alternatives: string[] = [];
  const equal: string[] = [];
  for (const [position, value] of after.entries()) {
    const key = keys[position];
    if (key === undefined || key.type === 'constant') continue;
    const name = `k${position}`;
    if (value === null) {
      if (key.missing === '_first') alternatives.push([...equal, `${name} IS NOT NULL`].join(' AND '));
      equal.push(`${name} IS NULL`);
      continue;
    }
    const place = afterPlace(key, value, parameters);
    const beyond = `${name} ${key.isDescending ? '<' : '>'} ${place}`;
    const nullsLater =
      key.type === 'text' && key.missing === '_last' ? `(${beyond} OR ${name} IS NULL)` : beyond;
    alternatives.push([...equal, nullsLater].join(' AND '));
    equal.push(`${name} = ${place}`);
  }
  return alternatives.length === 0 ? 'TRUE' : `(${alternatives.map((each) => `(${each})`).join(' OR ')})`;
}

function afterPlace(key: TypedKey, value: Json, parameters: Parameters): string {
  if (key.type === 'text' || key.type === 'ip') return parameters.add(String(value));
  if (key.type === 'double') return parameters.add(Number(value));
  const text = String(value);
  if (key.isDate && !/^-?\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(text)) {
    const instant = parseDate(text, key.format ?? 'strict_date_optional_time||epoch_millis');
    if (instant === undefined)
      throw illegalArgument(`Failed to parse search_after value [${text}] for field [${key.field}]`);
    return parameters.add(
      key.isNanos ? BigInt(instant.ms) * 1_000_000n + BigInt(instant.nanos) : BigInt(instant.ms),
    );
  }
  if (!Number.isFinite(Number(text)))
    throw illegalArgument(`Failed to parse search_after value for field [${key.field}].`);
  const exact = /^-?\d+$/.test(text) ? BigInt(text) : BigInt(Math.trunc(Number(text)));
  return parameters.add(exact > LONG_MAX ? LONG_MAX : exact < LONG_MIN ? LONG_MIN : exact);
}

/** A sort value as JSON text. */
export function sortValueText(key: TypedKey, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (key.type === 'ip') return JSON.stringify(ipText(String(value)));
  if (typeof value === 'bigint') {
    const isMissing = value === LONG_MAX || value === LONG_MIN;
    if (!key.isDate || key.format === undefined || isMissing) return String(value);
    const ms = key.isNanos ? Number(value / 1_000_000n) : Number(value);
    return JSON.stringify(printDate(ms, key.isNanos ? Number(value % 1_000_000n) : 0, key.format));
  }
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : `"${value > 0 ? '' : '-'}Infinity"`;
  return JSON.stringify(value);
}

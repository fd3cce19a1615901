/**
 * The field types the store knows and how each is kept in a column. Not responsible for reading
 * values into them (value.ts) nor for the tree of fields (mapping.ts).
 */
import type { JsonObject } from '../json.js';

/**
 * How a field's values are kept: `string` as they are, `tokens` as the analysed words of a text,
 * `ip` as 32 hexadecimal digits, `date` as an integer of milliseconds (nanoseconds for `date_nanos`),
 * `flattened` as `key NUL value`, `none` only in the source.
 */
export type Storage =
  | 'string'
  | 'tokens'
  | 'long'
  | 'double'
  | 'boolean'
  | 'date'
  | 'ip'
  | 'flattened'
  | 'none';

/** One mapped field. */
export interface Field {
  readonly path: string;
  readonly type: string;
  readonly storage: Storage;
  /** Names the field's columns; never reused within an index. */
  readonly number: number;
  /** The definition as the user gave it, without `type`, `fields` and `properties`. */
  parameters: JsonObject;
  /** The path of the field this is a multi-field of. */
  readonly parent?: string;
}

const STORAGE_BY_TYPE: Readonly<Record<string, Storage>> = {
  keyword: 'string',
  constant_keyword: 'string',
  wildcard: 'string',
  version: 'string',
  text: 'tokens',
  match_only_text: 'tokens',
  long: 'long',
  integer: 'long',
  short: 'long',
  byte: 'long',
  double: 'double',
  float: 'double',
  half_float: 'double',
  scaled_float: 'double',
  boolean: 'boolean',
  date: 'date',
  date_nanos: 'date',
  ip: 'ip',
  flattened: 'flattened',
  geo_point: 'none',
  binary: 'none',
};

/** The storage of a type; `undefined` for a type the store does not know. */
export function storageOf(type: string): Storage | undefined {
  return Object.hasOwn(STORAGE_BY_TYPE, type) ? STORAGE_BY_TYPE[type] : undefined;
}

/** The type of a field's column in DuckDB. */
export function columnType(storage: Storage): string {
  switch (storage) {
    case 'long':
    case 'date':
      return 'BIGINT';
    case 'double':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    default:
      return 'VARCHAR';
  }
}

/** The column that holds a document's only value of a field. */
export function columnName(field: Field): string {
  return `f${field.number}`;
}

/** The list column that holds the values of a document that has several. */
export function listColumnName(field: Field): string {
  return `m${field.number}`;
}

/** Whether the field can be searched; `index: false` keeps doc values, which the columns are. */
export function isSearchable(field: Field): boolean {
  return field.storage !== 'none';
}

/** Whether the field can be sorted by and aggregated over. */
export function hasDocValues(field: Field): boolean {
  return field.storage !== 'none' && field.storage !== 'tokens' && field.parameters['doc_values'] !== false;
}

/** The names of the types Elasticsearch calls a family in `_field_caps` and error texts. */
export function familyOf(type: string): string {
  return type === 'constant_keyword' || type === 'wildcard'
    ? 'keyword'
    : type === 'match_only_text'
      ? 'text'
      : type;
}

/** The date format in force for a field. */
export function dateFormat(field: Field): string {
  const format = field.parameters['format'];
  if (typeof format === 'string') return format;
  return field.type === 'date_nanos'
    ? 'strict_date_optional_time_nanos||epoch_millis'
    : 'strict_date_optional_time||epoch_millis';
}

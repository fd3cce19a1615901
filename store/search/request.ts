/** Reads the body of a search. What is not known is refused by name. Not responsible for the query itself. */

import { type Aggregation, parseAggregations } from '../aggregation/request.js';
import { ApiError, illegalArgument, parsingException } from '../errors.js';
import { asArray, isObject, type Json, type JsonObject } from '../json.js';
import type { Query } from '../query/ast.js';
import { parseQuery } from '../query/dsl.js';

/** A key to sort by. */
export interface SortKey {
  field: string;
  isDescending: boolean;
  missing: string | number | boolean;
  unmappedType: string | undefined;
  format: string | undefined;
}

/** A field asked for in `fields` or `docvalue_fields`. */
export interface FieldRequest {
  pattern: string;
  format: string | undefined;
}

/** What of the source is wanted. */
export type SourceRequest = boolean | { includes: string[]; excludes: string[] };

/** A search. */
export interface SearchRequest {
  query: Query;
  postFilter: Query | undefined;
  from: number;
  size: number;
  sort: SortKey[] | undefined;
  searchAfter: Json[] | undefined;
  /** How far to count; `true` to the end. */
  trackTotalHits: boolean | number;
  source: SourceRequest;
  fields: FieldRequest[];
  docvalueFields: FieldRequest[];
  aggregations: Aggregation[];
  highlight: JsonObject | undefined;
  withVersion: boolean;
  withSequence: boolean;
}

const KNOWN = new Set([
  'query',
  'post_filter',
  'from',
  'size',
  'sort',
  'search_after',
  'track_total_hits',
  '_source',
  'fields',
  'docvalue_fields',
  'aggs',
  'aggregations',
  'highlight',
  'version',
  'seq_no_primary_term',
  'timeout',
  'track_scores',
  'explain',
  'profile',
  'stats',
  'indices_boost',
  'ext',
  'script_fields',
  'runtime_mappings',
  'stored_fields',
  'terminate_after',
  'min_score',
]);
/** Keys that are taken only when they ask for nothing. */
const EMPTY_ONLY = [
  'script_fields',
  'runtime_mappings',
  'stored_fields',
  'terminate_after',
  'min_score',
  'explain',
  'profile',
];

/** Reads a search's body. @throws ApiError 400 */
export function parseSearch(body: JsonObject): SearchRequest {
  for (const [key, value] of Object.entries(body)) {
    if (!KNOWN.has(key)) throw parsingException(`Unknown key for a ${tokenName(value)} in [${key}].`);
  }
  for (const key of EMPTY_ONLY) {
    const value = body[key];
    const isEmpty =
      value === undefined ||
      value === false ||
      value === 0 ||
      value === '_none_' ||
      (isObject(value) && Object.keys(value).length === 0) ||
      (Array.isArray(value) && value.length === 0);
    if (!isEmpty) throw illegalArgument(`[${key}] is not supported by this store`);
  }
  const sort = body['sort'] === undefined ? undefined : parseSort(body['sort']);
  const searchAfter = parseSearchAfter(body, sort);
  return {
    query: parseQuery(body['query']),
    postFilter: body['post_filter'] === undefined ? undefined : parseQuery(body['post_filter']),
    from: count(body, 'from', 0),
    size: count(body, 'size', 10),
    sort: sort === undefined || sort.length === 0 ? undefined : sort,
    searchAfter,
    trackTotalHits: parseTrack(body['track_total_hits']),
    source: parseSource(body['_source']),
    fields: parseFields(body['fields']),
    docvalueFields: parseFields(body['docvalue_fields']),
    aggregations: parseAggregations(body['aggs'] ?? body['aggregations'], 1),
    highlight: isObject(body['highlight']) ? body['highlight'] : undefined,
    withVersion: body['version'] === true,
    withSequence: body['seq_no_primary_term'] === true,
  };
}

function tokenName(value: Json): string {
  if (Array.isArray(value)) return 'START_ARRAY';
  if (isObject(value)) return 'START_OBJECT';
  return typeof value === 'string'
    ? 'VALUE_STRING'
    : typeof value === 'number'
      ? 'VALUE_NUMBER'
      : 'VALUE_BOOLEAN';
}

function count(body: JsonObject, key: 'from' | 'size', otherwise: number): number {
  const value = body[key];
  if (value === undefined || value === null) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number))
    throw new ApiError(400, 'number_format_exception', `For input string: "${String(value)}"`);
  if (number < 0) throw illegalArgument(`[${key}] parameter cannot be negative, found [${number}]`);
  return number;
}

function parseTrack(value: Json | undefined): boolean | number {
  if (value === undefined || value === null) return 10_000;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  const number = Number(value);
  if (!Number.isInteger(number) || number < -1)
    throw illegalArgument(
      `[track_total_hits] parameter must be positive or equals to -1, got ${String(value)}`,
    );
  return number === -1 ? true : number;
}

function parseSearchAfter(body: JsonObject, sort: SortKey[] | undefined): Json[] | undefined {
  const value = body['search_after'];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw parsingException('Unknown key for a VALUE in [search_after].');
  if (sort === undefined || sort.length === 0) throw illegalArgument('Sort must contain at least one field.');
  if (value.length > sort.length)
    throw illegalArgument(`search_after has ${value.length} value(s) but sort has ${sort.length}.`);
  if (Number(body['from'] ?? 0) > 0) {
    throw new ApiError(
      400,
      'action_request_validation_exception',
      'Validation Failed: 1: `from` parameter must be set to 0 when `search_after` is used;',
    );
  }
  return value;
}

/** Reads `sort` in any of its forms. @throws ApiError 400 */
function parseSort(value: Json): SortKey[] {
  return asArray(value).flatMap((each) => {
    if (typeof each === 'string') {
      const [field = '', order] = each.split(':');
      return [sortKey(field, order === undefined ? {} : { order })];
    }
    if (!isObject(each))
      throw parsingException(
        'malformed sort format, within the sort array, an object, or an actual string are allowed',
      );
    return Object.entries(each).map(([field, options]) =>
      sortKey(field, isObject(options) ? options : { order: options }),
    );
  });
}

function sortKey(field: string, options: JsonObject): SortKey {
  const unknown = Object.keys(options).find(
    (key) => !['order', 'missing', 'unmapped_type', 'format', 'mode', 'numeric_type'].includes(key),
  );
  if (unknown !== undefined) throw parsingException(`[field_sort] unknown field [${unknown}]`);
  const mode = options['mode'];
  const order = String(options['order'] ?? (field === '_score' ? 'desc' : 'asc')).toLowerCase();
  if (order !== 'asc' && order !== 'desc')
    throw illegalArgument(`No enum constant org.elasticsearch.search.sort.SortOrder.${order.toUpperCase()}`);
  if (mode !== undefined && mode !== (order === 'asc' ? 'min' : 'max'))
    throw illegalArgument(`sort mode [${String(mode)}] is not supported by this store`);
  const missing = options['missing'];
  return {
    field,
    isDescending: order === 'desc',
    missing: missing === undefined || missing === null || typeof missing === 'object' ? '_last' : missing,
    unmappedType: options['unmapped_type'] === undefined ? undefined : String(options['unmapped_type']),
    format: options['format'] === undefined ? undefined : String(options['format']),
  };
}

/** Reads `_source`. */
export function parseSource(value: Json | undefined): SourceRequest {
  if (value === undefined || value === null || value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  if (isObject(value)) {
    const list = (...keys: string[]): string[] => keys.flatMap((key) => asArray(value[key])).map(String);
    return { includes: list('includes', 'include'), excludes: list('excludes', 'exclude') };
  }
  return { includes: asArray(value).map(String), excludes: [] };
}

function parseFields(value: Json | undefined): FieldRequest[] {
  return asArray(value).map((each) => {
    if (isObject(each)) {
      return {
        pattern: String(each['field']),
        format: each['format'] === undefined ? undefined : String(each['format']),
      };
    }
    return { pattern: String(each), format: undefined };
  });
}

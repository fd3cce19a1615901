/** Reads `aggs` into a tree, and refuses by name what the store cannot compute. */
import { ApiError, parsingException } from '../errors.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import type { Query } from '../query/ast.js';
import { parseQuery } from '../query/dsl.js';

/** Aggregations that make buckets. */
const BUCKET_TYPES = [
  'date_histogram',
  'histogram',
  'terms',
  'filters',
  'filter',
  'missing',
  'range',
  'date_range',
] as const;
/** Aggregations that give figures. */
const METRIC_TYPES = [
  'avg',
  'sum',
  'min',
  'max',
  'stats',
  'extended_stats',
  'value_count',
  'cardinality',
  'percentiles',
] as const;

/** The kind of a bucket aggregation. */
type BucketType = (typeof BUCKET_TYPES)[number];
/** The kind of a metric. */
export type MetricType = (typeof METRIC_TYPES)[number];

/** One aggregation with what is nested in it. */
export type Aggregation = {
  name: string;
  body: JsonObject;
  meta: Json | undefined;
  children: Aggregation[];
} & (
  | { kind: 'bucket'; type: BucketType; filters: { name: string; query: Query }[] }
  | { kind: 'metric'; type: MetricType }
);

const DEPTH_MAX = 20;
const KNOWN_BODY: Readonly<Record<BucketType | MetricType, readonly string[]>> = {
  date_histogram: [
    'field',
    'fixed_interval',
    'calendar_interval',
    'min_doc_count',
    'extended_bounds',
    'hard_bounds',
    'format',
    'time_zone',
    'offset',
    'missing',
    'order',
    'keyed',
  ],
  histogram: [
    'field',
    'interval',
    'min_doc_count',
    'extended_bounds',
    'hard_bounds',
    'offset',
    'missing',
    'order',
    'keyed',
  ],
  terms: [
    'field',
    'size',
    'shard_size',
    'order',
    'min_doc_count',
    'missing',
    'include',
    'exclude',
    'show_term_doc_count_error',
    'execution_hint',
    'collect_mode',
    'shard_min_doc_count',
    'value_type',
    'format',
  ],
  filters: ['filters', 'other_bucket', 'other_bucket_key', 'keyed'],
  filter: [],
  missing: ['field'],
  range: ['field', 'ranges', 'keyed'],
  date_range: ['field', 'ranges', 'format', 'time_zone', 'keyed'],
  avg: ['field', 'missing', 'format'],
  sum: ['field', 'missing', 'format'],
  min: ['field', 'missing', 'format'],
  max: ['field', 'missing', 'format'],
  stats: ['field', 'missing', 'format'],
  extended_stats: ['field', 'missing', 'format', 'sigma'],
  value_count: ['field', 'missing'],
  cardinality: ['field', 'missing', 'precision_threshold', 'execution_hint'],
  percentiles: ['field', 'missing', 'percents', 'keyed', 'tdigest', 'hdr', 'format'],
};

/** Reads an `aggs` object. @throws ApiError 400 */
export function parseAggregations(json: Json | undefined, depth: number): Aggregation[] {
  if (json === undefined || json === null) return [];
  if (!isObject(json)) throw parsingException('Found a non-object in [aggs]');
  if (depth > DEPTH_MAX)
    throw new ApiError(400, 'illegal_argument_exception', `aggregations are nested deeper than ${DEPTH_MAX}`);
  return Object.entries(json).map(([name, definition]) => parseOne(name, definition, depth));
}

function parseOne(name: string, definition: Json, depth: number): Aggregation {
  if (!/^[^[\]>]+$/.test(name))
    throw parsingException(
      `Invalid aggregation name [${name}]. Aggregation names can contain any character except '[', ']', and '>'`,
    );
  if (!isObject(definition))
    throw parsingException(
      `Aggregation definition for [${name} starts with a [VALUE], expected a [START_OBJECT].`,
    );
  const { aggs, aggregations, meta, ...rest } = definition;
  const types = Object.keys(rest);
  const [type] = types;
  if (type === undefined) throw parsingException(`Missing definition for aggregation [${name}]`);
  if (types.length > 1)
    throw parsingException(
      `Found two aggregation type definitions in [${name}]: [${types[0]}] and [${types[1]}]`,
    );
  const body = rest[type];
  const children = parseAggregations(aggs ?? aggregations, depth + 1);
  if (!isObject(body))
    throw parsingException(`Expected [START_OBJECT] under [${type}], but got a [VALUE] in [${name}]`);
  const base = { name, body, meta, children };
  if (isOneOf(BUCKET_TYPES, type)) {
    if (type !== 'filter') checkBody(type, body);
    checkField(type, body, type !== 'filter' && type !== 'filters');
    return { ...base, kind: 'bucket', type, filters: filtersOf(type, body) };
  }
  if (isOneOf(METRIC_TYPES, type)) {
    if (children.length > 0)
      throw new ApiError(
        400,
        'illegal_argument_exception',
        `Aggregator [${name}] of type [${type}] cannot accept sub-aggregations`,
      );
    checkBody(type, body);
    checkField(type, body, true);
    return { ...base, kind: 'metric', type };
  }
  throw parsingException(`Unknown aggregation type [${type}]`, {
    type: 'named_object_not_found_exception',
    reason: `unknown field [${type}]`,
  });
}

function isOneOf<T extends string>(types: readonly T[], type: string): type is T {
  return (types as readonly string[]).includes(type);
}

function checkBody(type: BucketType | MetricType, body: JsonObject): void {
  const unknown = Object.keys(body).find((key) => !KNOWN_BODY[type].includes(key));
  if (unknown === 'script')
    throw new ApiError(
      400,
      'illegal_argument_exception',
      `[script] in [${type}] is not supported by this store`,
    );
  if (unknown !== undefined)
    throw new ApiError(400, 'x_content_parse_exception', `[1:1] [${type}] unknown field [${unknown}]`);
}

function checkField(type: string, body: JsonObject, isNeeded: boolean): void {
  if (isNeeded && typeof body['field'] !== 'string') {
    throw new ApiError(
      400,
      'illegal_argument_exception',
      `Required one of fields [field, script], but none were specified. `,
      { type: 'illegal_argument_exception', reason: `in [${type}]` },
    );
  }
}

function filtersOf(type: BucketType, body: JsonObject): { name: string; query: Query }[] {
  if (type === 'filter') return [{ name: '', query: parseQuery(body) }];
  if (type !== 'filters') return [];
  const { filters } = body;
  if (Array.isArray(filters))
    return filters.map((each, index) => ({ name: String(index), query: parseQuery(each) }));
  if (!isObject(filters)) throw parsingException('[filters] requires [filters]');
  return Object.entries(filters).map(([name, each]) => ({ name, query: parseQuery(each) }));
}

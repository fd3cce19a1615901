/**
 * Elasticsearch's query DSL into the query tree. A query or parameter that is not known is refused by
 * name, never skipped; those that only touch the score (`boost`, `tie_breaker`, …) are accepted.
 */
import { ApiError, parsingException } from '../errors.js';
import { asArray, isObject, type Json, type JsonObject } from '../json.js';
import { allOf, anyOf, type Bound, type Query } from './ast.js';
import { checkParameters, countMin, onlyField, required, scalar } from './clause.js';
import { match, multiMatch, pattern, queryString } from './dsl-text.js';

const DEPTH_MAX = 30;
const TERMS_MAX = 65_536;
/** Reads a query. @throws ApiError 400 `parsing_exception` */
export function parseQuery(json: Json | undefined, depth = 0): Query {
  if (json === undefined || json === null) return { kind: 'all' };
  if (depth > DEPTH_MAX)
    throw new ApiError(
      400,
      'x_content_parse_exception',
      `The nested depth of the query exceeds the maximum nested depth for queries set in [${DEPTH_MAX}]`,
    );
  if (!isObject(json)) throw parsingException('[_na] query malformed, must start with start_object');
  const entries = Object.entries(json);
  const [entry, second] = entries;
  if (entry === undefined)
    throw parsingException('query malformed, empty clause found', {
      type: 'illegal_argument_exception',
      reason: 'query malformed, empty clause found',
    });
  if (second !== undefined)
    throw parsingException(`[${entry[0]}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`);
  const [name, body] = entry;
  if (!isObject(body)) throw parsingException(`[${name}] query malformed, no start_object after query name`);
  return parseNamed(name, body, depth);
}

function parseNamed(name: string, body: JsonObject, depth: number): Query {
  switch (name) {
    case 'match_all':
      checkParameters(name, body, []);
      return { kind: 'all' };
    case 'match_none':
      return { kind: 'none' };
    case 'bool':
      return bool(body, depth);
    case 'constant_score':
      return parseQuery(body['filter'], depth + 1);
    case 'dis_max':
      return anyOf(asArray(body['queries']).map((each) => parseQuery(each, depth + 1)));
    case 'term':
      return term(body);
    case 'terms':
      return terms(body);
    case 'range':
      return range(body);
    case 'exists':
      checkParameters(name, body, ['field']);
      return { kind: 'exists', field: required(name, body, 'field') };
    case 'ids':
      checkParameters(name, body, ['values']);
      return { kind: 'ids', values: asArray(body['values']).map(String) };
    case 'prefix':
    case 'wildcard':
    case 'regexp':
    case 'fuzzy':
      return pattern(name, body);
    case 'match':
    case 'match_phrase':
    case 'match_phrase_prefix':
    case 'match_bool_prefix':
      return match(name, body);
    case 'multi_match':
      return multiMatch(body);
    case 'query_string':
      return queryString(name, body);
    default:
      throw parsingException(`unknown query [${name}]`, {
        type: 'named_object_not_found_exception',
        reason: `[1:1] unknown field [${name}]`,
      });
  }
}

const BOOL_KEYS = new Set([
  'must',
  'filter',
  'should',
  'must_not',
  'minimum_should_match',
  'adjust_pure_negative',
  'boost',
  '_name',
]);

function refuseUnknownInBool(body: JsonObject): void {
  const unknown = Object.keys(body).find((key) => !BOOL_KEYS.has(key));
  if (unknown !== undefined)
    throw new ApiError(400, 'x_content_parse_exception', `[1:1] [bool] unknown field [${unknown}]`);
}

function bool(body: JsonObject, depth: number): Query {
  refuseUnknownInBool(body);
  const read = (key: string): Query[] => asArray(body[key]).map((each) => parseQuery(each, depth + 1));
  const all = [...read('must'), ...read('filter')];
  const any = read('should');
  const given = body['minimum_should_match'];
  const anyCountMin =
    given === undefined ? (all.length === 0 && any.length > 0 ? 1 : 0) : countMin(String(given), any.length);
  return { kind: 'bool', all, any, none: read('must_not'), anyCountMin };
}

function term(body: JsonObject): Query {
  const [field, given] = onlyField('term', body);
  if (!isObject(given)) return { kind: 'term', field, value: scalar('term', given), ignoreCase: false };
  checkParameters('term', given, ['value', 'case_insensitive']);
  return {
    kind: 'term',
    field,
    value: scalar('term', given['value']),
    ignoreCase: given['case_insensitive'] === true,
  };
}

function terms(body: JsonObject): Query {
  const [field, given] = onlyField('terms', body);
  if (!Array.isArray(given)) throw parsingException(`[terms] query does not support [${field}]`);
  if (given.length > TERMS_MAX)
    throw new ApiError(
      400,
      'illegal_argument_exception',
      `The number of terms [${given.length}] used in the Terms Query request has exceeded the allowed maximum of [${TERMS_MAX}]. This maximum can be set by changing the [index.max_terms_count] index level setting.`,
    );
  return { kind: 'terms', field, values: given.map((each) => scalar('terms', each)) };
}

function range(body: JsonObject): Query {
  const [field, given] = onlyField('range', body);
  if (!isObject(given)) throw parsingException(`[range] query malformed, no start_object after field name`);
  checkParameters('range', given, [
    'gt',
    'gte',
    'lt',
    'lte',
    'from',
    'to',
    'include_lower',
    'include_upper',
    'format',
    'time_zone',
  ]);
  const bound = (
    exclusive: string,
    inclusive: string,
    old: string,
    oldInclusive: string,
  ): Bound | undefined => {
    const value = given[exclusive] ?? given[inclusive] ?? given[old];
    if (value === undefined || value === null) return undefined;
    const isInclusive =
      (given[exclusive] ?? null) === null &&
      ((given[inclusive] ?? null) !== null || given[oldInclusive] !== false);
    return { value: scalar('range', value), isInclusive };
  };
  const low = bound('gt', 'gte', 'from', 'include_lower');
  const high = bound('lt', 'lte', 'to', 'include_upper');
  return {
    kind: 'range',
    fields: [field],
    isLenient: false,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    ...(given['format'] === undefined ? {} : { format: String(given['format']) }),
    ...(given['time_zone'] === undefined ? {} : { timeZone: String(given['time_zone']) }),
  };
}

/** A conjunction, for a search and what is filtered besides. */
export function both(first: Query, second: Query): Query {
  if (first.kind === 'all') return second;
  return second.kind === 'all' ? first : allOf([first, second]);
}

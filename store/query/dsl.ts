/**
 * Elasticsearch's query DSL into the query tree. A query or parameter that is not known is refused by
 * name, never skipped; those that only touch the score (`boost`, `tie_breaker`, …) are accepted.
 */
import { ApiError, parsingException } from '../errors.js';
import { asArray, isObject, type Json, type JsonObject } from '../json.js';
import { allOf, anyOf, type Bound, type Fields, type Query } from './ast.js';
import { parseQueryString } from './query-string.js';
import { QuerySyntaxError } from './query-string-lexer.js';

const DEPTH_MAX = 30;
const TERMS_MAX = 65_536;
/** Parameters that change scores or speed alone. */
const SCORE_ONLY = new Set([
  'boost',
  '_name',
  'rewrite',
  'tie_breaker',
  'type',
  'max_determinized_states',
  'max_expansions',
  'prefix_length',
  'fuzzy_transpositions',
  'fuzzy_rewrite',
  'auto_generate_synonyms_phrase_query',
  'zero_terms_query',
  'relation',
  'enable_position_increments',
  'quote_field_suffix',
  'flags',
  'flags_value',
]);

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

function checkParameters(query: string, body: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key) && !SCORE_ONLY.has(key));
  if (unknown !== undefined) throw parsingException(`[${query}] query does not support [${unknown}]`);
}

function required(query: string, body: JsonObject, key: string): string {
  const value = body[key];
  if (value === undefined || value === null || typeof value === 'object') {
    throw parsingException(`[${query}] requires '${key}' to be given`);
  }
  return String(value);
}

function bool(body: JsonObject, depth: number): Query {
  checkParameters('bool', body, [
    'must',
    'filter',
    'should',
    'must_not',
    'minimum_should_match',
    'adjust_pure_negative',
  ]);
  const read = (key: string): Query[] => asArray(body[key]).map((each) => parseQuery(each, depth + 1));
  const all = [...read('must'), ...read('filter')];
  const any = read('should');
  const given = body['minimum_should_match'];
  const anyCountMin =
    given === undefined ? (all.length === 0 && any.length > 0 ? 1 : 0) : countMin(String(given), any.length);
  return { kind: 'bool', all, any, none: read('must_not'), anyCountMin };
}

/** Reads `minimum_should_match`: `2`, `-1`, `75%`, `-25%`, `3<90%`. */
export function countMin(text: string, count: number): number {
  const conditional = /^(\d+)<(.+)$/.exec(text.trim());
  if (conditional !== null) {
    return count <= Number(conditional[1]) ? count : countMin(conditional[2] ?? '', count);
  }
  const match = /^(-?\d+)(%?)$/.exec(text.trim());
  if (match === null) throw parsingException(`Failed to parse minimum_should_match [${text}]`);
  const number = Number(match[1]);
  const wanted = match[2] === '%' ? Math.trunc((count * number) / 100) : number;
  return Math.max(0, wanted < 0 ? count + wanted : wanted);
}

function onlyField(query: string, body: JsonObject): [string, Json] {
  const entries = Object.entries(body).filter(([key]) => !SCORE_ONLY.has(key));
  const [first, second] = entries;
  if (first === undefined) throw parsingException(`[${query}] query malformed, no field given`);
  if (second !== undefined)
    throw parsingException(
      `[${query}] query doesn't support multiple fields, found [${first[0]}] and [${second[0]}]`,
    );
  return first;
}

function scalar(query: string, value: Json | undefined): string | number | boolean {
  if (value === undefined || value === null)
    throw new ApiError(400, 'illegal_argument_exception', 'value cannot be null');
  if (typeof value === 'object')
    throw parsingException(
      `[${query}] query does not support [${Array.isArray(value) ? 'array of values' : 'object'}]`,
    );
  return value;
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

function pattern(name: 'prefix' | 'wildcard' | 'regexp' | 'fuzzy', body: JsonObject): Query {
  const [field, given] = onlyField(name, body);
  const options = isObject(given) ? given : { value: given };
  checkParameters(name, options, ['value', 'wildcard', 'case_insensitive', 'fuzziness', 'transpositions']);
  const value = String(scalar(name, options['value'] ?? options['wildcard']));
  const ignoreCase = options['case_insensitive'] === true;
  const fields = [field];
  switch (name) {
    case 'prefix':
      return { kind: 'prefix', fields, value, ignoreCase };
    case 'wildcard':
      return { kind: 'pattern', fields, pattern: value, ignoreCase, isQueryString: false };
    case 'regexp':
      return { kind: 'regexp', fields, pattern: value, ignoreCase };
    default:
      return { kind: 'fuzzy', fields, value, distance: fuzziness(options['fuzziness'], value) };
  }
}

function fuzziness(given: Json | undefined, value: string): number {
  if (given === undefined || String(given).toUpperCase() === 'AUTO')
    return value.length < 3 ? 0 : value.length < 6 ? 1 : 2;
  const distance = Number(given);
  if (distance !== 0 && distance !== 1 && distance !== 2)
    throw parsingException(`fuzziness [${String(given)}] is not supported: use AUTO, 0, 1 or 2`);
  return distance;
}

function match(name: string, body: JsonObject): Query {
  const [field, given] = onlyField(name, body);
  const options = isObject(given) ? given : { query: given };
  checkParameters(name, options, [
    'query',
    'operator',
    'minimum_should_match',
    'lenient',
    'slop',
    'analyzer',
    'fuzziness',
  ]);
  refuse(name, options, ['analyzer', 'fuzziness']);
  return matching(name, [field], options);
}

function refuse(name: string, options: JsonObject, keys: readonly string[]): void {
  const refused = keys.find((key) => options[key] !== undefined);
  if (refused !== undefined)
    throw parsingException(`[${name}] query does not support [${refused}] in this store`);
}

function matching(name: string, fields: Fields, options: JsonObject): Query {
  const text = String(scalar(name, options['query']));
  const isLenient = options['lenient'] === true || fields === 'default' || fields.length > 1;
  if (name.includes('phrase')) {
    return {
      kind: 'phrase',
      fields,
      text,
      slop: Number(options['slop'] ?? 0),
      isPrefix: name.endsWith('prefix'),
      isLenient,
    };
  }
  const minimum = options['minimum_should_match'];
  return {
    kind: 'words',
    fields,
    text,
    operator: String(options['operator'] ?? 'or').toLowerCase() === 'and' ? 'and' : 'or',
    isLenient,
    isPhrasePrefix: name === 'match_bool_prefix',
    ...(minimum === undefined ? {} : { countMin: String(minimum) }),
  };
}

function fieldNames(given: Json | undefined): Fields {
  if (given === undefined || given === null) return 'default';
  return asArray(given).map((each) => String(each).replace(/\^[\d.]+$/, ''));
}

function multiMatch(body: JsonObject): Query {
  checkParameters('multi_match', body, [
    'query',
    'fields',
    'type',
    'operator',
    'minimum_should_match',
    'lenient',
    'slop',
    'analyzer',
    'fuzziness',
  ]);
  refuse('multi_match', body, ['analyzer', 'fuzziness']);
  const type = String(body['type'] ?? 'best_fields');
  if (type === 'cross_fields')
    throw parsingException('[multi_match] query does not support type [cross_fields] in this store');
  const name =
    type === 'phrase'
      ? 'match_phrase'
      : type === 'phrase_prefix'
        ? 'match_phrase_prefix'
        : type === 'bool_prefix'
          ? 'match_bool_prefix'
          : 'match';
  return matching(name, fieldNames(body['fields']), body);
}

function queryString(name: string, body: JsonObject): Query {
  checkParameters(name, body, [
    'query',
    'default_field',
    'fields',
    'default_operator',
    'analyze_wildcard',
    'allow_leading_wildcard',
    'lenient',
    'time_zone',
    'phrase_slop',
    'fuzziness',
    'minimum_should_match',
    'analyzer',
    'quote_analyzer',
    'fuzzy_max_expansions',
    'fuzzy_prefix_length',
    'escape',
  ]);
  refuse(name, body, ['analyzer', 'quote_analyzer', 'minimum_should_match']);
  const text = required(name, body, 'query');
  const fields =
    body['fields'] === undefined ? fieldNames(body['default_field']) : fieldNames(body['fields']);
  const isAll = Array.isArray(fields) && fields.length === 1 && fields[0] === '*';
  try {
    return parseQueryString(text, {
      defaultFields: isAll ? 'default' : fields,
      defaultOperator: String(body['default_operator'] ?? 'or').toLowerCase() === 'and' ? 'and' : 'or',
      isLenient: body['lenient'] === true,
      ...(body['time_zone'] === undefined ? {} : { timeZone: String(body['time_zone']) }),
      ...(body['phrase_slop'] === undefined ? {} : { phraseSlop: Number(body['phrase_slop']) }),
    });
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    throw new ApiError(400, 'query_shard_exception', `Failed to parse query [${text}]`, {
      type: 'parse_exception',
      reason: `Cannot parse '${text}': ${error.message} at line 1, column ${error.position}.`,
    });
  }
}

/** A conjunction, for a search and what is filtered besides. */
export function both(first: Query, second: Query): Query {
  if (first.kind === 'all') return second;
  return second.kind === 'all' ? first : allOf([first, second]);
}

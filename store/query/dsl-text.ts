/** The clauses of the query DSL that search for text: match and its kin, patterns, query_string. */
import { ApiError, parsingException } from '../errors.js';
import { asArray, isObject, type Json, type JsonObject } from '../json.js';
import type { Fields, Query } from './ast.js';
import { checkParameters, onlyField, required, scalar } from './clause.js';
import { parseQueryString } from './query-string.js';
import { QuerySyntaxError } from './query-string-lexer.js';

/** Reads prefix, wildcard, regexp and fuzzy. */
export function pattern(name: 'prefix' | 'wildcard' | 'regexp' | 'fuzzy', body: JsonObject): Query {
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

/** Reads match and its phrase and prefix forms. */
export function match(name: string, body: JsonObject): Query {
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

/** Reads multi_match. */
export function multiMatch(body: JsonObject): Query {
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

/** Reads query_string. @throws ApiError 400 `query_shard_exception` when it does not parse */
export function queryString(name: string, body: JsonObject): Query {
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
      isLenient:
        body['lenient'] === undefined
          ? fields === 'default' || body['fields'] === undefined
          : body['lenient'] === true,
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

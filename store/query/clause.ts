/** What the clauses of the query DSL have in common: parameters, fields, `minimum_should_match`. */
import { ApiError, parsingException } from '../errors.js';
import type { Json, JsonObject } from '../json.js';

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

/** Refuses a parameter the query does not know. @throws ApiError 400 */
export function checkParameters(query: string, body: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key) && !SCORE_ONLY.has(key));
  if (unknown !== undefined) throw parsingException(`[${query}] query does not support [${unknown}]`);
}

/** A parameter that has to be there, as text. @throws ApiError 400 */
export function required(query: string, body: JsonObject, key: string): string {
  const value = body[key];
  if (value === undefined || value === null || typeof value === 'object') {
    throw parsingException(`[${query}] requires '${key}' to be given`);
  }
  return String(value);
}

/** The one field a clause names, and what it says of it. @throws ApiError 400 */
export function onlyField(query: string, body: JsonObject): [string, Json] {
  const entries = Object.entries(body).filter(([key]) => !SCORE_ONLY.has(key));
  const [first, second] = entries;
  if (first === undefined) throw parsingException(`[${query}] query malformed, no field given`);
  if (second !== undefined)
    throw parsingException(
      `[${query}] query doesn't support multiple fields, found [${first[0]}] and [${second[0]}]`,
    );
  return first;
}

/** A value that must be a single one. @throws ApiError 400 */
export function scalar(query: string, value: Json | undefined): string | number | boolean {
  if (value === undefined || value === null)
    throw new ApiError(400, 'illegal_argument_exception', 'value cannot be null');
  if (typeof value === 'object')
    throw parsingException(
      `[${query}] query does not support ${Array.isArray(value) ? 'array of values' : '[object]'}`,
    );
  return value;
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

/**
 * What both query languages, the query DSL and query_string, are read into. Fields are named as the
 * user named them; what they are is decided for each index when the tree becomes SQL (predicate.ts).
 */

/** A bound of a range, not yet read by a field's type. */
export interface Bound {
  value: string | number | boolean;
  isInclusive: boolean;
}

/** The fields a text is searched in: names, patterns with `*`, or the index's default fields. */
export type Fields = readonly string[] | 'default';

/** A query. */
export type Query =
  | { kind: 'all' }
  | { kind: 'none' }
  | { kind: 'bool'; all: Query[]; any: Query[]; none: Query[]; anyCountMin: number }
  | { kind: 'term'; field: string; value: string | number | boolean; ignoreCase: boolean }
  | { kind: 'terms'; field: string; values: (string | number | boolean)[] }
  | {
      kind: 'range';
      fields: Fields;
      low?: Bound;
      high?: Bound;
      format?: string;
      timeZone?: string;
      isLenient: boolean;
    }
  | {
      kind: 'words';
      fields: Fields;
      text: string;
      operator: 'and' | 'or';
      countMin?: string;
      isLenient: boolean;
      isPhrasePrefix: boolean;
    }
  | { kind: 'phrase'; fields: Fields; text: string; slop: number; isPrefix: boolean; isLenient: boolean }
  | { kind: 'exists'; field: string }
  | { kind: 'ids'; values: string[] }
  | { kind: 'pattern'; fields: Fields; pattern: string; ignoreCase: boolean; isQueryString: boolean }
  | { kind: 'prefix'; fields: Fields; value: string; ignoreCase: boolean }
  | { kind: 'regexp'; fields: Fields; pattern: string; ignoreCase: boolean }
  | { kind: 'fuzzy'; fields: Fields; value: string; distance: number };

/** Every clause must match. */
export function allOf(queries: Query[]): Query {
  if (queries.length === 1 && queries[0] !== undefined) return queries[0];
  return { kind: 'bool', all: queries, any: [], none: [], anyCountMin: 0 };
}

/** At least one clause must match. */
export function anyOf(queries: Query[]): Query {
  if (queries.length === 1 && queries[0] !== undefined) return queries[0];
  return { kind: 'bool', all: [], any: queries, none: [], anyCountMin: 1 };
}

/** The clause must not match. */
export function not(query: Query): Query {
  return { kind: 'bool', all: [], any: [], none: [query], anyCountMin: 0 };
}

/** The clauses of a query string with what Lucene's parser says of each, and how they become one query. */
import { allOf, anyOf, not, type Query } from './ast.js';
import type { Token } from './query-string-lexer.js';

/** Whether a clause must, should or must not match. */
type Occurrence = 'must' | 'should' | 'mustNot';
/** A clause. */
export interface Clause {
  occurrence: Occurrence;
  query: Query;
}

/** One query of clauses side by side. */
export function combined(found: Clause[]): Query {
  const of = (occurrence: Occurrence): Query[] =>
    found.filter((each) => each.occurrence === occurrence).map((each) => each.query);
  const [all, any, none] = [of('must'), of('should'), of('mustNot')];
  if (none.length === 0 && any.length === 0) return allOf(all);
  if (none.length === 0 && all.length === 0) return anyOf(any);
  if (all.length === 0 && any.length === 0 && none.length === 1 && none[0] !== undefined) return not(none[0]);
  return { kind: 'bool', all, any, none, anyCountMin: all.length === 0 && any.length > 0 ? 1 : 0 };
}

/** A token as an error names it. */
export function spelled(token: Token): string {
  switch (token.kind) {
    case 'term':
    case 'phrase':
    case 'regex':
    case 'boost':
    case 'fuzzy':
      return token.text;
    case 'compare':
      return token.operator;
    case 'range':
      return `[${token.low} TO ${token.high}]`;
    case 'and':
      return 'AND';
    case 'or':
      return 'OR';
    case 'not':
      return 'NOT';
    default:
      return { plus: '+', minus: '-', open: '(', close: ')', colon: ':', star: '*' }[token.kind];
  }
}

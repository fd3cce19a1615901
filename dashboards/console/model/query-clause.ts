/**
 * Clauses of the query_string language, written into and taken out of what the user typed.
 *
 * The query box is the one place where a filter on a field lives: a button writes there what the user
 * could have typed.
 */

const RESERVED = /[+\-=&|><!(){}[\]^"~*?:\\/\s]/g;

/** A field's name as it must stand before the colon. */
export function escapedField(field: string): string {
  return field.replace(/[+=&|><!(){}[\]^"~*?:\\/\s]/g, '\\$&');
}

/** A value as it must stand after the colon: bare where that is safe, else in quotes. */
export function escapedValue(value: string): string {
  const bare = value !== '' && !/^(AND|OR|NOT)$/.test(value) && !new RegExp(RESERVED.source).test(value);
  return bare ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

/** `field:value`, or `NOT field:value`. */
export function clause(field: string, value: string, negated: boolean): string {
  return `${negated ? 'NOT ' : ''}${escapedField(field)}:${escapedValue(value)}`;
}

/** Whether a query has an OR outside quotes, so that adding to it needs brackets. */
function hasAlternatives(query: string): boolean {
  return /\bOR\b|\|\|/.test(query.replace(/"(?:\\.|[^"\\])*"/g, '""').replace(/\([^()]*\)/g, '()'));
}

/** Where a clause stands in a query as a whole word, or -1. */
function clausePosition(query: string, text: string): number {
  let at = query.indexOf(text);
  while (at >= 0) {
    const before = at === 0 ? ' ' : query[at - 1];
    const after = query[at + text.length] ?? ' ';
    if (/[\s(]/.test(before ?? ' ') && /[\s)]/.test(after)) return at;
    at = query.indexOf(text, at + 1);
  }
  return -1;
}

/** Whether a query has a clause as it stands, not negated. */
export function hasClause(query: string, field: string, value: string): boolean {
  const at = clausePosition(query, clause(field, value, false));
  return at >= 0 && !/\bNOT\s+$/.test(query.slice(0, at));
}

/** Takes a clause out again, with the AND that joined it. */
export function withoutClause(query: string, field: string, value: string): string {
  const text = clause(field, value, false);
  const at = clausePosition(query, text);
  if (at < 0) return query;
  const before = query.slice(0, at).replace(/\s*\bAND\s+$/, '');
  const after = query.slice(at + text.length);
  return (before.trim() === '' ? after.replace(/^\s*AND\s+/, '') : before + after).trim();
}

/**
 * Adds a clause to a query. The same clause is not added twice, and one that says the opposite is
 * replaced.
 */
export function withClause(query: string, field: string, value: string, negated: boolean): string {
  const wanted = clause(field, value, negated);
  const positive = clause(field, value, false);
  const negative = clause(field, value, true);
  const negativeAt = clausePosition(query, negative);
  if (negativeAt >= 0) {
    return negated ? query : query.slice(0, negativeAt) + wanted + query.slice(negativeAt + negative.length);
  }
  const positiveAt = clausePosition(query, positive);
  if (positiveAt >= 0) {
    return negated ? query.slice(0, positiveAt) + wanted + query.slice(positiveAt + positive.length) : query;
  }
  const trimmed = query.trim();
  if (trimmed === '') return wanted;
  return hasAlternatives(trimmed) ? `(${trimmed}) AND ${wanted}` : `${trimmed} AND ${wanted}`;
}

/** The word under the caret, as far as completion is concerned. */
export interface CompletionPlace {
  /** What to complete: a field's name, or a value of `field`. */
  kind: 'field' | 'value';
  field: string;
  typed: string;
  /** Where the typed part starts; it ends at the caret. */
  start: number;
}

/** What stands before the caret that can be completed; null inside a quoted phrase. */
export function completionPlace(query: string, caret: number): CompletionPlace | null {
  const before = query.slice(0, caret);
  if ((before.replace(/\\./g, '').match(/"/g) ?? []).length % 2 === 1) return null;
  const word = /[^\s()]*$/.exec(before)?.[0] ?? '';
  const colon = word.indexOf(':');
  if (colon < 0) {
    const typed = word.replace(/^[-+!]/, '');
    return { kind: 'field', field: '', typed, start: caret - typed.length };
  }
  const field = word
    .slice(0, colon)
    .replace(/^[-+!]/, '')
    .replace(/\\(.)/g, '$1');
  const typed = word.slice(colon + 1);
  if (field === '_exists_') return { kind: 'field', field, typed, start: caret - typed.length };
  return { kind: 'value', field, typed, start: caret - typed.length };
}

/** The words and phrases of a query that can be marked in a message; fields' clauses left out. */
export function markedWords(query: string): string[] {
  const words: string[] = [];
  const clean = query.replace(/\bNOT\s+("[^"]*"|\S+)/g, ' ').replace(/(^|\s)-("[^"]*"|\S+)/g, ' ');
  for (const match of clean.matchAll(/(?:([^\s():"]+):)?(?:"((?:\\.|[^"\\])*)"|([^\s()"]+))/g)) {
    const field = match[1];
    if (field !== undefined && field !== 'message') continue;
    const word = (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1').replace(/^[*?]+|[*?]+$/g, '');
    if (word.length >= 2 && !/^(AND|OR|NOT)$/.test(word) && !/[*?/:<>]/.test(word)) words.push(word);
  }
  return words.slice(0, 10);
}

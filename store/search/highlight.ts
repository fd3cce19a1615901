/** Marks what a query's words matched in the text of a hit, whole fields at a time. */
import type { Index } from '../catalog/catalog.js';
import { asArray, isObject, type JsonObject, matchesPattern } from '../json.js';
import { tokens } from '../mapping/analysis.js';
import type { Field } from '../mapping/field.js';
import type { Query } from '../query/ast.js';
import { wildcardPieces } from '../query/regex.js';
import { valuesAt } from './document-fields.js';

type Matcher = (token: string) => boolean;
/** Words that are sought, and in which fields; `undefined` stands for any. */
interface Sought {
  field: string | undefined;
  matches: Matcher;
  whole: Matcher;
}

/** Pieces of a wildcard pattern above which its matches are not marked: a bound on backtracking. */
const PIECES_MAX = 6;

const WORD = /[\p{L}\p{M}\p{N}_]+(?:['’.:][\p{L}\p{M}\p{N}_]+)*/gu;

/** A function that gives the `highlight` of a document, or `undefined` when nothing is marked. */
export function highlighter(
  options: JsonObject,
  query: Query,
): (index: Index, document: JsonObject) => JsonObject | undefined {
  const open = String(asArray(options['pre_tags'])[0] ?? '<em>');
  const close = String(asArray(options['post_tags'])[0] ?? '</em>');
  const requested = Array.isArray(options['fields'])
    ? options['fields'].flatMap((each) => (isObject(each) ? Object.keys(each) : []))
    : Object.keys(isObject(options['fields']) ? options['fields'] : {});
  const needsField = options['require_field_match'] !== false;
  const sought: Sought[] = [];
  collect(query, sought);
  return (index, document) => {
    const marked: JsonObject = {};
    for (const field of index.mapping.fields.values()) {
      if (field.storage !== 'tokens' && field.storage !== 'string') continue;
      if (!requested.some((pattern) => matchesPattern(pattern, field.path))) continue;
      const relevant = sought.filter(
        (each) => !needsField || each.field === undefined || matchesPattern(each.field, field.path),
      );
      if (relevant.length === 0) continue;
      const texts = valuesAt(document, field.parent ?? field.path).flatMap(
        (value) => mark(field, String(value), relevant, open, close) ?? [],
      );
      if (texts.length > 0) marked[field.path] = texts;
    }
    return Object.keys(marked).length === 0 ? undefined : marked;
  };
}

function mark(
  field: Field,
  text: string,
  sought: readonly Sought[],
  open: string,
  close: string,
): string | undefined {
  if (field.storage === 'string')
    return sought.some((each) => each.whole(text)) ? `${open}${text}${close}` : undefined;
  let isMarked = false;
  const result = text.replace(WORD, (word) => {
    const lower = word.toLowerCase();
    if (!sought.some((each) => each.matches(lower))) return word;
    isMarked = true;
    return `${open}${word}${close}`;
  });
  return isMarked ? result : undefined;
}

function collect(query: Query, sought: Sought[]): void {
  const add = (fields: readonly string[] | 'default', matches: Matcher, whole: Matcher): void => {
    for (const field of fields === 'default' ? [undefined] : fields) sought.push({ field, matches, whole });
  };
  switch (query.kind) {
    case 'bool':
      for (const each of [...query.all, ...query.any]) collect(each, sought);
      return;
    case 'words':
    case 'phrase': {
      const words = new Set(tokens(query.text));
      add(
        query.fields,
        (token) => words.has(token),
        (text) => text === query.text,
      );
      return;
    }
    case 'term':
      add(
        [query.field],
        (token) => token === String(query.value),
        (text) => text === String(query.value),
      );
      return;
    case 'prefix':
      add(
        query.fields,
        (token) => token.startsWith(query.value),
        (text) => text.startsWith(query.value),
      );
      return;
    case 'pattern': {
      const pieces = wildcardPieces(query.pattern);
      if (pieces.length > PIECES_MAX) return;
      const source = pieces
        .map((piece) =>
          typeof piece === 'string'
            ? piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
            : piece.wildcard === '*'
              ? '[^]*'
              : '[^]',
        )
        .join('');
      const regex = new RegExp(`^${source}$`, 'i');
      add(
        query.fields,
        (token) => token.length < 1000 && regex.test(token),
        (text) => text.length < 1000 && regex.test(text),
      );
      return;
    }
    default:
  }
}

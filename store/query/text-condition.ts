/** Conditions on keyword-like values and on the tokens of text. */
import { ApiError } from '../errors.js';
import { tokens } from '../mapping/analysis.js';
import { countMin } from './clause.js';
import type { Leaf, ValueCondition } from './leaf.js';
import { likeOf, re2OfLucene, tokenRegexOf, type WildcardPiece, wildcardPieces } from './regex.js';
import type { Table } from './table.js';

/** Conditions on a value as it was given: keyword, ids. */
export function stringCondition(leaf: Leaf, { parameters }: Table): ValueCondition {
  switch (leaf.kind) {
    case 'term': {
      const place = parameters.add(String(leaf.value));
      return leaf.ignoreCase
        ? (value) => `lower(${value}) = lower(${place})`
        : (value) => `${value} = ${place}`;
    }
    case 'terms': {
      const places = leaf.values.map((each) => parameters.add(String(each)));
      return (value) => (places.length === 0 ? 'FALSE' : `${value} IN (${places.join(',')})`);
    }
    case 'words':
    case 'phrase': {
      const place = parameters.add(leaf.text);
      return leaf.kind === 'phrase' && leaf.isPrefix
        ? (value) => `starts_with(${value}, ${place})`
        : (value) => `${value} = ${place}`;
    }
    case 'range': {
      const low = leaf.low && parameters.add(String(leaf.low.value));
      const high = leaf.high && parameters.add(String(leaf.high.value));
      return (value) => between(value, low, leaf.low?.isInclusive, high, leaf.high?.isInclusive);
    }
    case 'pattern': {
      const place = parameters.add(likeOf(wildcardPieces(leaf.pattern)));
      return (value) =>
        `${leaf.ignoreCase ? `lower(${value}) LIKE lower(${place})` : `${value} LIKE ${place}`} ESCAPE '\\'`;
    }
    case 'prefix': {
      const place = parameters.add(leaf.value);
      return leaf.ignoreCase
        ? (value) => `starts_with(lower(${value}), lower(${place}))`
        : (value) => `starts_with(${value}, ${place})`;
    }
    case 'regexp': {
      const place = parameters.add(re2OfLucene(leaf.pattern, 'value'));
      return (value) => `regexp_full_match(${value}, ${place}, '${leaf.ignoreCase ? 'is' : 's'}')`;
    }
    default: {
      const place = parameters.add(leaf.value);
      return (value) => `damerau_levenshtein(${value}, ${place}) <= ${Math.trunc(leaf.distance)}`;
    }
  }
}

/** A comparison with one or two bound places; TRUE when there is none. */
export function between(
  value: string,
  low: string | undefined,
  isLowInclusive: boolean | undefined,
  high: string | undefined,
  isHighInclusive: boolean | undefined,
): string {
  const parts: string[] = [];
  if (low !== undefined) parts.push(`${value} ${isLowInclusive === true ? '>=' : '>'} ${low}`);
  if (high !== undefined) parts.push(`${value} ${isHighInclusive === true ? '<=' : '<'} ${high}`);
  return parts.length === 0 ? `${value} IS NOT NULL` : `(${parts.join(' AND ')})`;
}

/** Conditions on a text kept as ` word word `. */
export function tokensCondition(leaf: Leaf, table: Table): ValueCondition | undefined {
  const { parameters } = table;
  const holding = (text: string): ValueCondition => {
    const place = parameters.add(text);
    return (value) => `contains(${value}, ${place})`;
  };
  const word = (text: string): ValueCondition | undefined =>
    text === '' || /\s/.test(text) ? undefined : holding(` ${text} `);
  switch (leaf.kind) {
    case 'term':
      return word(leaf.ignoreCase ? String(leaf.value).toLowerCase() : String(leaf.value));
    case 'terms':
      return joined(
        leaf.values.map((each) => word(String(each))),
        1,
      );
    case 'words':
      return words(leaf, holding);
    case 'phrase':
      return phrase(leaf, parameters.add.bind(parameters), holding);
    case 'pattern':
      return wildcard(
        wildcardPieces(leaf.isQueryString || leaf.ignoreCase ? leaf.pattern.toLowerCase() : leaf.pattern),
        parameters.add.bind(parameters),
        holding,
      );
    case 'prefix':
      return holding(` ${leaf.ignoreCase ? leaf.value.toLowerCase() : leaf.value}`);
    case 'regexp': {
      const place = parameters.add(` ${re2OfLucene(leaf.pattern, 'token')} `);
      return (value) => `regexp_matches(${value}, ${place}, '${leaf.ignoreCase ? 'i' : 'c'}')`;
    }
    case 'range': {
      const low = leaf.low && parameters.add(String(leaf.low.value).toLowerCase());
      const high = leaf.high && parameters.add(String(leaf.high.value).toLowerCase());
      return (value) =>
        anyToken(value, between('w', low, leaf.low?.isInclusive, high, leaf.high?.isInclusive));
    }
    default: {
      const place = parameters.add(leaf.value.toLowerCase());
      return (value) => anyToken(value, `damerau_levenshtein(w, ${place}) <= ${Math.trunc(leaf.distance)}`);
    }
  }
}

function anyToken(value: string, condition: string): string {
  return `len(list_filter(string_split(trim(${value}), ' '), lambda w: w <> '' AND ${condition})) > 0`;
}

function joined(conditions: (ValueCondition | undefined)[], least: number): ValueCondition | undefined {
  const possible = conditions.filter((each) => each !== undefined);
  if (possible.length === 0 || possible.length < least) return undefined;
  if (least === possible.length) return (value) => `(${possible.map((each) => each(value)).join(' AND ')})`;
  if (least <= 1) return (value) => `(${possible.map((each) => each(value)).join(' OR ')})`;
  return (value) =>
    `(${possible.map((each) => `CASE WHEN ${each(value)} THEN 1 ELSE 0 END`).join(' + ')}) >= ${least}`;
}

function words(
  leaf: Extract<Leaf, { kind: 'words' }>,
  holding: (text: string) => ValueCondition,
): ValueCondition | undefined {
  const found = tokens(leaf.text);
  const conditions = found.map((each, position) =>
    holding(leaf.isPhrasePrefix && position === found.length - 1 ? ` ${each}` : ` ${each} `),
  );
  const least =
    leaf.operator === 'and'
      ? conditions.length
      : leaf.countMin === undefined
        ? 1
        : Math.max(1, countMin(leaf.countMin, conditions.length));
  return joined(conditions, least);
}

function phrase(
  leaf: Extract<Leaf, { kind: 'phrase' }>,
  add: (text: string) => string,
  holding: (text: string) => ValueCondition,
): ValueCondition | undefined {
  const found = tokens(leaf.text);
  if (found.length === 0) return undefined;
  if (leaf.slop === 0 || found.length === 1) return holding(` ${found.join(' ')}${leaf.isPrefix ? '' : ' '}`);
  const [first = '', second = ''] = found;
  if (found.length > 2 || leaf.isPrefix) {
    throw new ApiError(
      400,
      'illegal_argument_exception',
      'a phrase of more than two words with slop is not supported by this store',
    );
  }
  const gap = (count: number): string => `(?:[^ ]+ ){0,${Math.min(1000, count)}}`;
  const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const inOrder = ` ${quoted(first)} ${gap(leaf.slop)}${quoted(second)} `;
  const reversed = leaf.slop >= 2 ? `| ${quoted(second)} ${gap(leaf.slop - 2)}${quoted(first)} ` : '';
  const place = add(inOrder + reversed);
  return (value) => `regexp_matches(${value}, ${place})`;
}

/** Plain substring search where the pattern allows it, else a regular expression over the tokens. */
function wildcard(
  pieces: readonly WildcardPiece[],
  add: (text: string) => string,
  holding: (text: string) => ValueCondition,
): ValueCondition {
  const isStar = (piece: WildcardPiece | undefined): boolean =>
    typeof piece === 'object' && piece.wildcard === '*';
  const literals = pieces.filter((piece): piece is string => typeof piece === 'string');
  const [literal] = literals;
  if (
    literals.length === 1 &&
    literal !== undefined &&
    !/\s/.test(literal) &&
    pieces.every((piece) => typeof piece === 'string' || isStar(piece))
  ) {
    return holding(`${isStar(pieces[0]) ? '' : ' '}${literal}${isStar(pieces.at(-1)) ? '' : ' '}`);
  }
  if (pieces.length === 1 && isStar(pieces[0])) return (value) => `${value} IS NOT NULL`;
  const place = add(tokenRegexOf(pieces));
  return (value) => `regexp_matches(${value}, ${place})`;
}

/** Lucene's regular expressions and wildcards as RE2 understands them, for whole values and for single tokens. */
import { ApiError } from '../errors.js';

const LENGTH_MAX = 1000;

/** A value or token that an expression is held against. */
export type Subject = 'value' | 'token';

/**
 * A Lucene regular expression in RE2's syntax. `^` and `$` are plain characters to Lucene; its
 * complement, intersection and interval operators have no counterpart and are refused.
 */
export function re2OfLucene(pattern: string, subject: Subject): string {
  if (pattern.length > LENGTH_MAX) {
    throw new ApiError(
      400,
      'illegal_argument_exception',
      `The length of regex [${pattern.length}] used in the Regexp Query request has exceeded the allowed maximum of [${LENGTH_MAX}]. This maximum can be set by changing the [index.max_regex_length] index level setting.`,
    );
  }
  let out = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '\\') {
      const next = pattern.charAt(++at);
      out += /[dwsDWS]/.test(next) ? `\\${next}` : escaped(next);
    } else if (char === '.') out += subject === 'token' ? '[^ ]' : '.';
    else if (char === '[') {
      const [piece, end] = characterClass(pattern, at, subject);
      out += piece;
      at = end;
    } else if (char === '"') {
      const end = pattern.indexOf('"', at + 1);
      if (end < 0) throw invalid(pattern);
      out += escaped(pattern.slice(at + 1, end));
      at = end;
    } else if (char === '@') out += subject === 'token' ? '[^ ]*' : '.*';
    else if (char === '~' || char === '&' || char === '<' || char === '#') {
      throw new ApiError(
        400,
        'illegal_argument_exception',
        `the operator [${char}] of regular expressions is not supported by this store`,
      );
    } else if (char === '^' || char === '$') out += `\\${char}`;
    else if (char === '(' && pattern.charAt(at + 1) === '?') throw invalid(pattern);
    else out += char;
  }
  try {
    new RegExp(out, 'u');
  } catch {
    throw invalid(pattern);
  }
  return `(?:${out})`;
}

function invalid(pattern: string): ApiError {
  return new ApiError(
    400,
    'query_shard_exception',
    `failed to create query: the regular expression [${pattern}] cannot be read`,
  );
}

function characterClass(pattern: string, start: number, subject: Subject): [string, number] {
  let at = start + 1;
  const isNegated = pattern.charAt(at) === '^';
  if (isNegated) at++;
  let inside = '';
  for (; at < pattern.length && pattern.charAt(at) !== ']'; at++) {
    const char = pattern.charAt(at);
    if (char === '\\') {
      const next = pattern.charAt(++at);
      inside += /[dws]/.test(next) ? `\\${next}` : classEscaped(next);
    } else inside += char === '-' ? '-' : classEscaped(char);
  }
  if (at >= pattern.length || inside === '') throw invalid(pattern);
  return [`[${isNegated ? '^' : ''}${inside}${isNegated && subject === 'token' ? ' ' : ''}]`, at];
}

function classEscaped(text: string): string {
  return text.replace(/[[\]\\^-]/g, '\\$&');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** A wildcard pattern taken apart: literal pieces, and `*` and `?` between them. */
export type WildcardPiece = string | { wildcard: '*' | '?' };

/** Takes a wildcard pattern apart; a backslash makes the next character literal. */
export function wildcardPieces(pattern: string): WildcardPiece[] {
  const pieces: WildcardPiece[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') pieces.push(literal);
    literal = '';
  };
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '\\' && at + 1 < pattern.length) literal += pattern.charAt(++at);
    else if (char === '*' || char === '?') {
      flush();
      const last = pieces.at(-1);
      if (char === '*' && typeof last === 'object' && last.wildcard === '*') continue;
      pieces.push({ wildcard: char });
    } else literal += char;
  }
  flush();
  return pieces;
}

/** A wildcard pattern for SQL's LIKE with `\` as its escape. */
export function likeOf(pieces: readonly WildcardPiece[]): string {
  return pieces
    .map((piece) =>
      typeof piece === 'string' ? piece.replace(/[%_\\]/g, '\\$&') : piece.wildcard === '*' ? '%' : '_',
    )
    .join('');
}

/** A wildcard pattern as a regular expression that matches one token between its spaces. */
export function tokenRegexOf(pieces: readonly WildcardPiece[]): string {
  const inner = pieces
    .map((piece) => (typeof piece === 'string' ? escaped(piece) : piece.wildcard === '*' ? '[^ ]*' : '[^ ]'))
    .join('');
  return ` ${inner} `;
}

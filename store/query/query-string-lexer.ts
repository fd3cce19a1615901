/** Splits a query_string into tokens by Lucene's classic grammar. Throws nothing but {@link QuerySyntaxError}. */

/** A query string that cannot be read, and where. */
export class QuerySyntaxError extends Error {
  readonly position: number;
  constructor(reason: string, position: number) {
    super(reason);
    this.position = position;
  }
}

/** A token; `text` is without quotes and, for terms, still escaped. */
export type Token =
  | { kind: 'and' | 'or' | 'not' | 'plus' | 'minus' | 'open' | 'close' | 'colon' | 'star'; position: number }
  | { kind: 'term' | 'phrase' | 'regex'; text: string; position: number }
  | { kind: 'compare'; operator: '>' | '>=' | '<' | '<='; position: number }
  | {
      kind: 'range';
      low: string;
      high: string;
      isLowInclusive: boolean;
      isHighInclusive: boolean;
      position: number;
    }
  | { kind: 'boost' | 'fuzzy'; text: string; position: number };

const BLANK = /[ \t\n\r\u3000]/;
const TERM_END = /[ \t\n\r\u3000:()"{}[\]^~/!]/;

/** The tokens of a query string. @throws QuerySyntaxError */
export function lex(text: string): Token[] {
  const lexed: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (BLANK.test(char)) {
      at++;
      continue;
    }
    const [token, next] = nextToken(text, at, lexed.at(-1));
    lexed.push(token);
    at = next;
  }
  return lexed;
}

function nextToken(text: string, at: number, before: Token | undefined): [Token, number] {
  const char = text.charAt(at);
  const pair = text.slice(at, at + 2);
  if (pair === '&&') return [{ kind: 'and', position: at }, at + 2];
  if (pair === '||') return [{ kind: 'or', position: at }, at + 2];
  switch (char) {
    case '(':
      return [{ kind: 'open', position: at }, at + 1];
    case ')':
      return [{ kind: 'close', position: at }, at + 1];
    case ':':
      return [{ kind: 'colon', position: at }, at + 1];
    case '+':
      return [{ kind: 'plus', position: at }, at + 1];
    case '-':
      return [{ kind: 'minus', position: at }, at + 1];
    case '!':
      return [{ kind: 'not', position: at }, at + 1];
    case '"':
      return phrase(text, at);
    case '/':
      return regex(text, at);
    case '[':
    case '{':
      return range(text, at);
    case '^':
    case '~':
      return suffix(text, at, char);
    case '>':
    case '<':
      if (before?.kind === 'colon' || !/^(?:$|[ \t\n\r\u3000])/.test(text.slice(at + 1, at + 2)))
        return comparison(text, at);
      break;
    case ']':
    case '}':
      throw new QuerySyntaxError(`Encountered " "${char}" "`, at);
  }
  return term(text, at);
}

function comparison(text: string, at: number): [Token, number] {
  const withEqual = text.charAt(at + 1) === '=';
  const operator = (text.charAt(at) + (withEqual ? '=' : '')) as '>' | '>=' | '<' | '<=';
  return [{ kind: 'compare', operator, position: at }, at + operator.length];
}

function phrase(text: string, at: number): [Token, number] {
  let end = at + 1;
  while (end < text.length && text.charAt(end) !== '"') end += text.charAt(end) === '\\' ? 2 : 1;
  if (end >= text.length) throw new QuerySyntaxError('Lexical error: the quote is not closed', at);
  return [{ kind: 'phrase', text: text.slice(at + 1, end), position: at }, end + 1];
}

function regex(text: string, at: number): [Token, number] {
  let end = at + 1;
  while (end < text.length && text.charAt(end) !== '/') end += text.charAt(end) === '\\' ? 2 : 1;
  if (end >= text.length)
    throw new QuerySyntaxError('Lexical error: the regular expression is not closed', at);
  return [{ kind: 'regex', text: text.slice(at + 1, end).replaceAll('\\/', '/'), position: at }, end + 1];
}

function suffix(text: string, at: number, char: string): [Token, number] {
  const number = /^\d*(?:\.\d+)?/.exec(text.slice(at + 1, at + 30))?.[0] ?? '';
  if (char === '^' && number === '') throw new QuerySyntaxError('Encountered "^" without a number', at);
  return [{ kind: char === '^' ? 'boost' : 'fuzzy', text: number, position: at }, at + 1 + number.length];
}

function range(text: string, at: number): [Token, number] {
  let end = at + 1;
  const words: string[] = [];
  for (;;) {
    while (BLANK.test(text.charAt(end))) end++;
    const char = text.charAt(end);
    if (char === '') throw new QuerySyntaxError('Lexical error: the range is not closed', at);
    if (char === ']' || char === '}') break;
    const start = end;
    if (char === '"') {
      const [quoted, next] = phrase(text, end);
      end = next;
      words.push(unescaped(quoted.kind === 'phrase' ? quoted.text : ''));
      continue;
    }
    while (end < text.length && !/[ \t\n\r\]}]/.test(text.charAt(end)))
      end += text.charAt(end) === '\\' ? 2 : 1;
    words.push(unescaped(text.slice(start, end)));
  }
  const [low, to, high] = words;
  if (words.length !== 3 || to !== 'TO' || low === undefined || high === undefined) {
    throw new QuerySyntaxError('Encountered a range that is not [low TO high]', at);
  }
  const token: Token = {
    kind: 'range',
    low,
    high,
    isLowInclusive: text.charAt(at) === '[',
    isHighInclusive: text.charAt(end) === ']',
    position: at,
  };
  return [token, end + 1];
}

function term(text: string, at: number): [Token, number] {
  let end = at;
  while (end < text.length && !TERM_END.test(text.charAt(end))) {
    if (text.charAt(end) === '\\') {
      if (end + 1 >= text.length)
        throw new QuerySyntaxError('Lexical error: nothing after the backslash', end);
      end++;
    }
    end++;
  }
  const word = text.slice(at, end);
  if (word === 'AND') return [{ kind: 'and', position: at }, end];
  if (word === 'OR') return [{ kind: 'or', position: at }, end];
  if (word === 'NOT') return [{ kind: 'not', position: at }, end];
  if (word === '*') return [{ kind: 'star', position: at }, end];
  return [{ kind: 'term', text: word, position: at }, end];
}

/** A term with its backslashes taken away; `\\u0041` is the character. */
export function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g,
    (_, code: string | undefined, char: string | undefined) =>
      code === undefined ? (char ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Whether a term has a wildcard that is not escaped. */
export function hasWildcard(text: string): boolean {
  return /^(?:[^\\*?]|\\[\s\S])*[*?]/.test(text);
}

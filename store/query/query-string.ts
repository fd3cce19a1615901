/**
 * Lucene's query_string language into the query tree, by the rules of Lucene's classic parser:
 * `AND`, `OR`, `NOT`, `+` and `-` mark the clauses beside them as must, should or must not.
 */
import { anyOf, type Fields, type Query } from './ast.js';
import { type Clause, combined, spelled } from './query-string-clause.js';
import { hasWildcard, lex, QuerySyntaxError, type Token, unescaped } from './query-string-lexer.js';

/** What a query string is read with. */
export interface QueryStringOptions {
  defaultFields: Fields;
  defaultOperator: 'and' | 'or';
  /** Unreadable values match nothing instead of failing the search. */
  isLenient: boolean;
  /** For dates in ranges. */
  timeZone?: string;
  phraseSlop?: number;
}

/** Elasticsearch's limit on clauses. */
const CLAUSES_MAX = 1024;
const DEPTH_MAX = 100;
/** What may not follow a run of words. */
const NOT_AFTER_RUN = new Set<Token['kind']>(['colon', 'star', 'fuzzy', 'boost', 'and', 'or']);

/** Reads a query string. @throws QuerySyntaxError and nothing else */
export function parseQueryString(text: string, options: QueryStringOptions): Query {
  const parser = new Parser(lex(text), text.length, options);
  return parser.whole();
}

class Parser {
  private readonly lexed: Token[];
  /** Where the text ends. */
  private readonly end: number;
  private readonly options: QueryStringOptions;
  private at = 0;
  private clauseCount = 0;

  constructor(lexed: Token[], end: number, options: QueryStringOptions) {
    this.end = end;
    this.lexed = lexed;
    this.options = options;
  }

  whole(): Query {
    if (this.lexed.length === 0) return { kind: 'none' };
    const query = this.clauses(this.options.defaultFields, 0);
    const left = this.peek();
    if (left !== undefined) throw new QuerySyntaxError(`Encountered " "${spelled(left)}" "`, left.position);
    return query;
  }

  private peek(ahead = 0): Token | undefined {
    return this.lexed[this.at + ahead];
  }

  private clauses(fields: Fields, depth: number): Query {
    if (depth > DEPTH_MAX)
      throw new QuerySyntaxError(
        `parentheses are nested deeper than ${DEPTH_MAX}`,
        this.peek()?.position ?? 0,
      );
    const found: Clause[] = [];
    for (let token = this.peek(); token !== undefined && token.kind !== 'close'; token = this.peek()) {
      const run = this.run(fields);
      if (run !== undefined) {
        found.push({ occurrence: this.options.defaultOperator === 'and' ? 'must' : 'should', query: run });
        continue;
      }
      const conjunction = this.conjunction(found.length > 0);
      const modifier = this.modifier();
      const query = this.clause(fields, depth);
      if (++this.clauseCount > CLAUSES_MAX)
        throw new QuerySyntaxError(`maxClauseCount is set to ${CLAUSES_MAX}`, token.position);
      this.add(found, conjunction, modifier, query);
    }
    if (found.length === 0) {
      const token = this.peek();
      throw new QuerySyntaxError(
        `Encountered "${token === undefined ? '<EOF>' : spelled(token)}"`,
        token?.position ?? this.end,
      );
    }
    return combined(found);
  }

  /**
   * Words side by side, with no operator between or after them, are one text (Lucene's `MultiTerm`):
   * a keyword field is compared with the whole of it, a text field with its words.
   */
  private run(fields: Fields): Query | undefined {
    const texts: string[] = [];
    for (
      let token = this.peek();
      token?.kind === 'term' && !hasWildcard(token.text);
      token = this.peek(texts.length)
    ) {
      const next = this.peek(texts.length + 1)?.kind;
      if (next !== undefined && NOT_AFTER_RUN.has(next)) break;
      texts.push(unescaped(token.text));
    }
    if (texts.length < 2) return undefined;
    this.at += texts.length;
    const text = texts.join(' ');
    return {
      kind: 'words',
      fields,
      text,
      operator: this.options.defaultOperator,
      isLenient: this.lenient(fields),
      isPhrasePrefix: false,
    };
  }

  private conjunction(hasBefore: boolean): 'and' | 'or' | undefined {
    const token = this.peek();
    if (token?.kind !== 'and' && token?.kind !== 'or') return undefined;
    if (!hasBefore)
      throw new QuerySyntaxError(`Encountered " <${token.kind.toUpperCase()}> "`, token.position);
    this.at++;
    return token.kind;
  }

  private modifier(): 'plus' | 'minus' | undefined {
    const token = this.peek();
    if (token?.kind === 'plus') {
      this.at++;
      return 'plus';
    }
    if (token?.kind === 'minus' || token?.kind === 'not') {
      this.at++;
      return 'minus';
    }
    return undefined;
  }

  /** Lucene's `addClause`: an AND also makes the clause before it a must. */
  private add(
    found: Clause[],
    conjunction: 'and' | 'or' | undefined,
    modifier: 'plus' | 'minus' | undefined,
    query: Query,
  ): void {
    const before = found.at(-1);
    const isAndDefault = this.options.defaultOperator === 'and';
    if (before !== undefined && before.occurrence !== 'mustNot') {
      if (conjunction === 'and') before.occurrence = 'must';
      if (isAndDefault && conjunction === 'or') before.occurrence = 'should';
    }
    const isRequired = isAndDefault
      ? modifier !== 'minus' && conjunction !== 'or'
      : modifier === 'plus' || (conjunction === 'and' && modifier !== 'minus');
    found.push({ occurrence: modifier === 'minus' ? 'mustNot' : isRequired ? 'must' : 'should', query });
  }

  private clause(fields: Fields, depth: number): Query {
    const token = this.peek();
    if (token === undefined) throw new QuerySyntaxError('Encountered "<EOF>"', this.end);
    if ((token.kind === 'term' || token.kind === 'star') && this.peek(1)?.kind === 'colon') {
      if (token.kind === 'term' && hasWildcard(token.text)) {
        throw new QuerySyntaxError('Encountered " ":" "', this.peek(1)?.position ?? this.end);
      }
      this.at += 2;
      const name = token.kind === 'term' ? unescaped(token.text) : '*';
      return this.value([name], depth, name);
    }
    return this.value(fields, depth, undefined);
  }

  private value(fields: Fields, depth: number, named: string | undefined): Query {
    const token = this.peek();
    if (token === undefined) throw new QuerySyntaxError('Encountered "<EOF>"', this.end);
    this.at++;
    switch (token.kind) {
      case 'open': {
        const inner = this.clauses(fields, depth + 1);
        const close = this.peek();
        if (close?.kind !== 'close')
          throw new QuerySyntaxError('Encountered "<EOF>": a parenthesis is not closed', this.end);
        this.at++;
        this.suffixes();
        return inner;
      }
      case 'star':
        this.suffixes();
        return named === undefined || named === '*' ? { kind: 'all' } : { kind: 'exists', field: named };
      case 'term':
        return named === '_exists_'
          ? { kind: 'exists', field: unescaped(token.text) }
          : this.term(fields, token.text);
      case 'phrase':
        if (named === '_exists_') return { kind: 'exists', field: unescaped(token.text) };
        return this.phrase(fields, token.text);
      case 'regex':
        this.suffixes();
        return { kind: 'regexp', fields, pattern: token.text, ignoreCase: false };
      case 'range':
        this.suffixes();
        return this.range(fields, token);
      case 'compare':
        return this.compare(fields, token.operator, token.position);
      default:
        throw new QuerySyntaxError(`Encountered " "${spelled(token)}" "`, token.position);
    }
  }

  private suffixes(): { fuzzy: string | undefined } {
    let fuzzy: string | undefined;
    for (let token = this.peek(); token?.kind === 'boost' || token?.kind === 'fuzzy'; token = this.peek()) {
      if (token.kind === 'fuzzy') fuzzy = token.text;
      this.at++;
    }
    return { fuzzy };
  }

  private term(fields: Fields, text: string): Query {
    const { fuzzy } = this.suffixes();
    if (fuzzy !== undefined) {
      const value = unescaped(text);
      const given = fuzzy === '' ? Number.NaN : Number(fuzzy);
      const automatic = value.length < 3 ? 0 : value.length < 6 ? 1 : 2;
      return {
        kind: 'fuzzy',
        fields,
        value,
        distance: Number.isInteger(given) ? Math.min(2, given) : automatic,
      };
    }
    if (hasWildcard(text)) {
      if (/^\*+$/.test(text) && fields !== 'default')
        return anyOf(fields.map((field) => ({ kind: 'exists', field })));
      return { kind: 'pattern', fields, pattern: text, ignoreCase: false, isQueryString: true };
    }
    return {
      kind: 'words',
      fields,
      text: unescaped(text),
      operator: this.options.defaultOperator,
      isLenient: this.lenient(fields),
      isPhrasePrefix: false,
    };
  }

  private phrase(fields: Fields, text: string): Query {
    const { fuzzy } = this.suffixes();
    const slop =
      fuzzy === undefined || fuzzy === '' ? (this.options.phraseSlop ?? 0) : Math.trunc(Number(fuzzy));
    return {
      kind: 'phrase',
      fields,
      text: unescaped(text),
      slop,
      isPrefix: false,
      isLenient: this.lenient(fields),
    };
  }

  private range(fields: Fields, token: Extract<Token, { kind: 'range' }>): Query {
    return {
      kind: 'range',
      fields,
      ...(token.low === '*' ? {} : { low: { value: token.low, isInclusive: token.isLowInclusive } }),
      ...(token.high === '*' ? {} : { high: { value: token.high, isInclusive: token.isHighInclusive } }),
      ...(this.options.timeZone === undefined ? {} : { timeZone: this.options.timeZone }),
      isLenient: this.lenient(fields),
    };
  }

  private compare(fields: Fields, operator: '>' | '>=' | '<' | '<=', position: number): Query {
    const token = this.peek();
    const isNegative = token?.kind === 'minus';
    const operand = isNegative ? this.peek(1) : token;
    if (operand?.kind !== 'term' && operand?.kind !== 'phrase')
      throw new QuerySyntaxError(`Encountered "${operator}" without a value`, position);
    this.at += isNegative ? 2 : 1;
    this.suffixes();
    const bound = {
      value: `${isNegative ? '-' : ''}${unescaped(operand.text)}`,
      isInclusive: operator.length === 2,
    };
    const timeZone = this.options.timeZone === undefined ? {} : { timeZone: this.options.timeZone };
    return {
      kind: 'range',
      fields,
      ...(operator.startsWith('>') ? { low: bound } : { high: bound }),
      ...timeZone,
      isLenient: this.lenient(fields),
    };
  }

  /** Several fields are always searched leniently: a word is no error because one of them is a number. */
  private lenient(fields: Fields): boolean {
    return (
      this.options.isLenient ||
      fields === 'default' ||
      fields.length > 1 ||
      fields.some((field) => field.includes('*'))
    );
  }
}

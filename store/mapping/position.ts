/**
 * Finds where a value stands in a document's JSON text, for the `[line:column]` of an error and for
 * numbers that JavaScript cannot hold. Slow, so used for those alone. The text is known to be valid.
 */

/** A value found in a text. */
export interface Located {
  line: number;
  column: number;
  /** Where its last character stands. */
  endLine: number;
  endColumn: number;
  /** The value as written, when it is a scalar. */
  literal: string;
}

/**
 * Finds the values of a dotted path in the order they stand; keys may themselves have dots.
 *
 * @param limit how many to find at most
 */
export function locate(source: string, path: string, limit = 1): Located[] {
  const scanner = new Scanner(source, path, limit);
  scanner.value('');
  return scanner.found;
}

class Scanner {
  readonly found: Located[] = [];
  private at = 0;
  private readonly source: string;
  private readonly path: string;
  private readonly limit: number;

  constructor(source: string, path: string, limit: number) {
    this.source = source;
    this.path = path;
    this.limit = limit;
  }

  value(path: string): void {
    this.skipSpace();
    const start = this.at;
    const first = this.source[start];
    if (first === '[') {
      this.items(path);
      return;
    }
    if (path === this.path && path !== '') this.keep(start);
    if (first === '{') this.members(path);
    else if (first === '"') this.string();
    else this.at = this.endOfWord();
    const last = this.found.at(-1);
    if (path !== this.path || last === undefined || last.endLine !== 0) return;
    if (first !== '{') last.literal = this.source.slice(start, this.at);
    ({ line: last.endLine, column: last.endColumn } = this.placeOf(this.at - 1));
  }

  private members(path: string): void {
    this.at++;
    for (;;) {
      this.skipSpace();
      const mark = this.source[this.at];
      if (mark === '}' || mark === undefined) {
        this.at++;
        return;
      }
      if (mark === ',') {
        this.at++;
        continue;
      }
      const key = JSON.parse(this.string()) as string;
      this.skipSpace();
      this.at++;
      this.value(path === '' ? key : `${path}.${key}`);
    }
  }

  private items(path: string): void {
    this.at++;
    for (;;) {
      this.skipSpace();
      const mark = this.source[this.at];
      if (mark === ']' || mark === undefined) {
        this.at++;
        return;
      }
      if (mark === ',') this.at++;
      else this.value(path);
    }
  }

  private string(): string {
    const start = this.at++;
    while (this.at < this.source.length && this.source[this.at] !== '"')
      this.at += this.source[this.at] === '\\' ? 2 : 1;
    this.at++;
    return this.source.slice(start, this.at);
  }

  private endOfWord(): number {
    let end = this.at;
    while (end < this.source.length && !',]} \n\r\t'.includes(this.source[end] ?? ' ')) end++;
    return Math.max(end, this.at + 1);
  }

  private skipSpace(): void {
    while (' \n\r\t'.includes(this.source[this.at] ?? 'x')) this.at++;
  }

  private keep(start: number): void {
    if (this.found.length >= this.limit) return;
    this.found.push({ ...this.placeOf(start), endLine: 0, endColumn: 0, literal: '' });
  }

  private placeOf(at: number): { line: number; column: number } {
    const before = this.source.slice(0, at);
    return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
  }
}

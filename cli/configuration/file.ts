/**
 * Reading warren.yaml so that every mistake in it can be told with its line.
 */
import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../failure.js';

/** A parsed file that still knows its lines. */
export class ConfigurationFile {
  readonly path: string;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /**
   * @throws UsageError when the file is not there, not readable or not YAML
   */
  constructor(path: string) {
    this.path = path;
    this.#document = parseDocument(read(path), { lineCounter: this.#lines, prettyErrors: false });
    const problem = this.#document.errors[0];
    if (problem !== undefined) {
      throw new UsageError(
        `${path}:${this.#lines.linePos(problem.pos[0]).line}: ${firstLine(problem.message)}`,
      );
    }
    if (this.#document.contents !== null && !isMap(this.#document.contents)) {
      throw new UsageError(`${path}:1: must hold settings, such as "host: 127.0.0.1"`);
    }
  }

  /** The values, nested as in the file. */
  values(): Record<string, unknown> {
    return (this.#document.toJS() ?? {}) as Record<string, unknown>;
  }

  /** The line (from 1) on which a setting stands, or the nearest that encloses it. */
  lineOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = this.#offsetOf(path.slice(0, length).map(String));
      if (offset !== undefined) return this.#lines.linePos(offset).line;
    }
    return 1;
  }

  #offsetOf(path: readonly string[]): number | undefined {
    const parent =
      path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === path.at(-1));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new UsageError(`${path}: ${why}`, { cause: error });
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

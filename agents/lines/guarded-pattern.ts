/**
 * A user's regular expression, run so that no line can hang the agent.
 *
 * Responsible for the time that a pattern may take. Lines are tried many at a time, since starting the
 * clock costs more than matching a line.
 */
import { createContext, Script } from 'node:vm';
import { AgentOptionError } from '../errors.js';

/** How long the lines of one batch may take until the one that is being tried is suspected. */
const BATCH_MS_MAX = 200;
/** How long one line may take. */
const LINE_MS_MAX = 50;
/** Lines that may take too long until the pattern is given up, so that many of them hang nothing either. */
const SLOW_LINES_MAX = 10;

/** What one run shares with the script. */
interface Batch {
  readonly pattern: RegExp;
  readonly texts: readonly string[];
  readonly found: (RegExpExecArray | null)[];
}

const context = createContext({ batch: undefined as Batch | undefined });
/** V8 looks at the clock's interrupt while it backtracks, so the pattern itself is stopped. */
const script = new Script(
  '{ const { pattern, texts, found } = batch; while (found.length < texts.length) found.push(pattern.exec(texts[found.length])); }',
);

/** What becomes of a pattern that is too slow. */
export interface SlowPattern {
  /** The first line that took too long; called once. */
  slow(text: string): void;
  /** The pattern is given up: from now on it matches nothing. */
  givenUp(): void;
}

/** A pattern with a bounded time for each line. */
export class GuardedPattern {
  readonly #pattern: RegExp;
  readonly #observer: SlowPattern | undefined;
  #slowLines = 0;

  /**
   * @param source a regular expression of ECMAScript, read with the flag `u` where that is possible
   * @throws AgentOptionError when it is none
   */
  constructor(source: string, observer?: SlowPattern) {
    this.#pattern = patternOf(source);
    this.#observer = observer;
  }

  /** The matches of each text; null where it does not match, or takes too long to say. */
  matches(texts: readonly string[]): (RegExpExecArray | null)[] {
    const found: (RegExpExecArray | null)[] = [];
    while (found.length < texts.length) {
      if (this.#slowLines >= SLOW_LINES_MAX) {
        found.push(null);
      } else if (!this.#run(texts, found, BATCH_MS_MAX)) {
        // The whole batch may just have been long: only a line that is too slow alone is one.
        const text = texts[found.length] as string;
        const alone: (RegExpExecArray | null)[] = [];
        if (!this.#run([text], alone, LINE_MS_MAX)) this.#slow(text);
        found.push(alone[0] ?? null);
      }
    }
    return found;
  }

  #run(texts: readonly string[], found: Batch['found'], timeout: number): boolean {
    context['batch'] = { pattern: this.#pattern, texts, found } satisfies Batch;
    try {
      script.runInContext(context, { timeout });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      return found.length === texts.length;
    } finally {
      context['batch'] = undefined;
    }
  }

  #slow(text: string): void {
    this.#slowLines += 1;
    if (this.#slowLines === 1) this.#observer?.slow(text);
    if (this.#slowLines === SLOW_LINES_MAX) this.#observer?.givenUp();
  }
}

/** Compiles a pattern. @throws AgentOptionError that quotes it */
function patternOf(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    // The flag `u` refuses escapes that are needless, such as `\-`, which other tools take.
  }
  try {
    return new RegExp(source);
  } catch (error) {
    throw new AgentOptionError(`The pattern ${source} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

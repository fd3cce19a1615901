/**
 * A regular expression that an operator writes for names of exchanges and queues: in policies, in
 * permissions, in listings.
 *
 * RabbitMQ takes PCRE, which gives up on what would take for ever; JavaScript's expressions are the same
 * for what is written in practice, look-ahead included, and are given up on after a time of their own.
 */
import { type Context, createContext, Script } from 'node:vm';
import { fromPcre } from './pcre.js';

/** Of one match; names are short, so that only an expression that explodes takes so long. */
const MATCH_MS_MAX = 50;
/** Names that are matched in one go while somebody watches the time. */
const WATCHED_AT_ONCE = 256;
/** Of all the names of a listing or of a virtual host together. */
const MATCH_EACH_MS_MAX = 1_000;
/** Names whose answer is remembered; when there are more, all are forgotten. */
const REMEMBERED_MAX = 10_000;

/** Why an expression is refused. */
export class PatternError extends Error {}

/** How long many names may be matched, in one go or in several. */
export class Patience {
  private leftMs: number;

  constructor(totalMs = MATCH_EACH_MS_MAX) {
    this.leftMs = totalMs;
  }

  /** Whether no more names are matched. */
  get isOver(): boolean {
    return this.leftMs <= 0;
  }

  /** Runs something, and has less left. */
  spend<Value>(run: () => Value): Value {
    const startedAt = performance.now();
    const value = run();
    this.leftMs -= performance.now() - startedAt;
    return value;
  }
}

export class NamePattern {
  readonly text: string;
  private readonly expression: RegExp;
  private readonly harmless: boolean;
  private readonly remembered = new Map<string, boolean>();

  /** @throws PatternError when the text is no regular expression */
  constructor(text: string) {
    this.text = text;
    const { expression, source } = compile(text);
    this.expression = expression;
    this.harmless = isHarmless(source);
  }

  /** Whether any part of the name matches; false as well where that would take too long to tell. */
  matches(name: string): boolean {
    const known = this.remembered.get(name);
    if (known !== undefined) return known;
    const bytes = bytesOf(name);
    const answer = this.harmless ? this.expression.test(bytes) : watch(this.expression, bytes) === true;
    if (this.remembered.size >= REMEMBERED_MAX) this.remembered.clear();
    this.remembered.set(name, answer);
    return answer;
  }

  /** The answers for many names; false for all that are left when the patience is over. */
  matchEach(names: readonly string[], patience = new Patience()): boolean[] {
    if (this.harmless) return names.map((name) => this.expression.test(bytesOf(name)));
    const answers: boolean[] = [];
    for (let at = 0; at < names.length; at += WATCHED_AT_ONCE) {
      const some = names.slice(at, at + WATCHED_AT_ONCE).map(bytesOf);
      answers.push(...this.watchSome(some, patience));
    }
    return answers;
  }

  private watchSome(names: readonly string[], patience: Patience): boolean[] {
    if (patience.isOver) return names.map(() => false);
    const together = patience.spend(() => watchEach(this.expression, names));
    if (together !== undefined) return together;
    return names.map(
      (name) => !patience.isOver && patience.spend(() => watch(this.expression, name)) === true,
    );
  }
}

/** All expressions that have to be watched are run in it, one at a time. */
const watched = createContext({ expression: /^/, names: [] }) as {
  expression: RegExp;
  names: readonly string[];
};
const script = new Script('Array.from(names, (name) => expression.test(name))');

/** Names are bytes to RabbitMQ: what is not ASCII is several of them, each a character of its own. */
function bytesOf(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}

function compile(text: string): { expression: RegExp; source: string } {
  const inline = /^\(\?([ims]+)\)/.exec(text);
  const flags = [...new Set(inline?.[1] ?? '')].join('');
  let source: string;
  let expression: RegExp;
  try {
    source = fromPcre(bytesOf(text.slice(inline?.[0].length ?? 0)));
    expression = new RegExp(source, flags);
  } catch (error) {
    throw new PatternError(`not a regular expression: ${text}`, { cause: error });
  }
  return { expression, source };
}

/**
 * Whether an expression cannot take long for a name, which has 255 bytes at most: two repetitions without a
 * bound, a few choices besides, and no repetition of a group.
 */
function isHarmless(source: string): boolean {
  if (/\\[\dk]/.test(source)) return false;
  const bare = source
    .replace(/\\[\s\S]/g, 'x')
    .replace(/\[[^\]]*\]/g, 'x')
    .replace(/\(\?(?:[:=!]|<[=!]|<\w+>)?/g, '(');
  const count = (what: RegExp): number => bare.match(what)?.length ?? 0;
  if (/\)(?:[*+]|\{)/.test(bare) || count(/[*+]|\{/g) > 2 || count(/\?/g) > 3) return false;
  return !bare.includes('|') || count(/\(/g) <= 2;
}

/** Undefined if it took too long. */
function watch(expression: RegExp, name: string): boolean | undefined {
  return watchEach(expression, [name])?.[0];
}

/** Undefined if it took too long for all of them together. */
function watchEach(expression: RegExp, names: readonly string[]): boolean[] | undefined {
  watched.expression = expression;
  watched.names = names;
  try {
    return script.runInContext(watched as object as Context, { timeout: MATCH_MS_MAX }) as boolean[];
  } catch (error) {
    // It comes from the other context, where Error is another.
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

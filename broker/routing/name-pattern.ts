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
/** Names whose answer is remembered; when there are more, all are forgotten. */
const REMEMBERED_MAX = 10_000;

/** Why an expression is refused. */
export class PatternError extends Error {}

export class NamePattern {
  readonly text: string;
  private readonly match: (name: string) => boolean;
  private readonly remembered = new Map<string, boolean>();

  /** @throws PatternError when the text is no regular expression */
  constructor(text: string) {
    this.text = text;
    this.match = compile(text);
  }

  /** Whether any part of the name matches; false as well where that would take too long to tell. */
  matches(name: string): boolean {
    const known = this.remembered.get(name);
    if (known !== undefined) return known;
    const answer = this.match(bytesOf(name));
    if (this.remembered.size >= REMEMBERED_MAX) this.remembered.clear();
    this.remembered.set(name, answer);
    return answer;
  }
}

/** All expressions that have to be watched are run in it, one at a time. */
const watched = createContext({ expression: /^/, name: '' }) as { expression: RegExp; name: string };
const script = new Script('expression.test(name)');

/** Names are bytes to RabbitMQ: what is not ASCII is several of them, each a character of its own. */
function bytesOf(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}

function compile(text: string): (name: string) => boolean {
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
  return isHarmless(source) ? (name) => expression.test(name) : (name) => watch(expression, name);
}

/** Whether an expression cannot take long: two repetitions at most, and none of a group. */
function isHarmless(source: string): boolean {
  const repetitions = source.replace(/\\[\s\S]|\(\?/g, '').match(/[*+{?]/g)?.length ?? 0;
  return repetitions <= 2 && !/\)[*+{?]/.test(source) && !/\\\d/.test(source);
}

function watch(expression: RegExp, name: string): boolean {
  watched.expression = expression;
  watched.name = name;
  try {
    return script.runInContext(watched as object as Context, { timeout: MATCH_MS_MAX }) as boolean;
  } catch (error) {
    // It comes from the other context, where Error is another.
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}

/**
 * Takes secrets out of records before they leave the process: by the path of a field, and by their look.
 *
 * The caller's record is not changed: what has to change is copied.
 */
import { AgentOptionError } from '../errors.js';
import type { LogRecord } from '../record.js';
import { PATTERN_NAMES, PATTERNS, type Pattern, type PatternName } from './patterns.js';

/** What is redacted; at least one of `paths` and `patterns`. */
export interface RedactionOptions {
  /**
   * Fields of the record, such as `user.password`. `*` stands for one name or place in a list, a leading
   * `**.` for any way there: `**.password`.
   */
  paths?: readonly string[];
  /** What is looked for in every text and number, by name or as an expression of one's own. */
  patterns?: readonly (PatternName | RegExp)[];
  /** What stands there instead. Default `[Redacted]`. */
  censor?: string;
}

const CENSOR = '[Redacted]';
const ANY_WAY = '**';
const ANY_NAME = '*';
/** What a record cannot be without, and what by chance may look like something else. */
const KEPT: readonly string[] = ['@timestamp', 'event.id', 'log.level', 'service.name'];
const NO_PATTERNS: ReadonlySet<string> = new Set(['@timestamp', 'event', 'trace', 'span', 'process']);
/** Whole numbers below are shorter than any card number. */
const LONG_NUMBER_MIN = 1e11;

type Path = readonly string[];

/** The redaction of one publisher. */
export class Redaction {
  readonly #paths: readonly Path[];
  readonly #patterns: readonly Pattern[];
  readonly #censor: string;

  /** @throws AgentOptionError for a path or a pattern that cannot be used */
  constructor({ paths = [], patterns = [], censor = CENSOR }: RedactionOptions) {
    if (!Array.isArray(paths) || !Array.isArray(patterns) || paths.length + patterns.length === 0) {
      throw new AgentOptionError('The option redaction must have a list of paths or of patterns.');
    }
    if (typeof censor !== 'string') throw new AgentOptionError('The option redaction.censor must be a text.');
    this.#paths = paths.map(pathOf);
    this.#patterns = patterns.map(patternOf);
    this.#censor = censor;
  }

  /** The record without its secrets; the very same one where it has none. */
  apply(record: LogRecord): LogRecord {
    let copy: LogRecord | undefined;
    for (const [name, value] of Object.entries(record)) {
      const patterns = NO_PATTERNS.has(name) ? [] : this.#patterns;
      const redacted = this.#field(name, value, this.#paths, patterns);
      if (redacted === value) continue;
      copy ??= { ...record };
      copy[name] = redacted;
    }
    return copy ?? record;
  }

  #field(name: string, value: unknown, paths: readonly Path[], patterns: readonly Pattern[]): unknown {
    const inside: Path[] = [];
    for (const path of paths) {
      const [first, ...rest] = path;
      if (first === ANY_WAY) {
        inside.push(path);
        if (rest[0] !== name && rest[0] !== ANY_NAME) continue;
        if (rest.length === 1) return this.#censor;
        inside.push(rest.slice(1));
      } else if (first === name || first === ANY_NAME) {
        if (rest.length === 0) return this.#censor;
        inside.push(rest);
      }
    }
    return this.#value(value, inside, patterns);
  }

  #value(value: unknown, paths: readonly Path[], patterns: readonly Pattern[]): unknown {
    if (typeof value === 'string') return this.#text(value, patterns);
    if (typeof value === 'number') {
      if (value < LONG_NUMBER_MIN || !Number.isInteger(value)) return value;
      const text = String(value);
      const redacted = this.#text(text, patterns);
      return redacted === text ? value : redacted;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (paths.length === 0 && patterns.length === 0) return value;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.#value(toJSON.call(value), paths, patterns);
    if (Array.isArray(value)) {
      const items = value.map((item, place) => this.#field(String(place), item, paths, patterns));
      return items.every((item, place) => item === value[place]) ? value : items;
    }
    let copy: Record<string, unknown> | undefined;
    for (const [name, child] of Object.entries(value)) {
      const redacted = this.#field(name, child, paths, patterns);
      if (redacted === child) continue;
      copy ??= { ...value };
      copy[name] = redacted;
    }
    return copy ?? value;
  }

  #text(text: string, patterns: readonly Pattern[]): string {
    let redacted = text;
    for (const pattern of patterns) redacted = pattern(redacted, this.#censor);
    return redacted;
  }
}

function pathOf(path: unknown): Path {
  const names = typeof path === 'string' ? path.replaceAll(/\[(\*|\d+)\]/g, '.$1').split('.') : [];
  if (names.length === 0 || names.includes('') || names.lastIndexOf(ANY_WAY) > 0 || path === ANY_WAY) {
    throw new AgentOptionError(
      `The path ${JSON.stringify(path)} of the option redaction must be names with dots between them, such as user.password, *.password or **.password.`,
    );
  }
  const kept = KEPT.find((field) => covers(names, field.split('.')));
  if (kept !== undefined) {
    throw new AgentOptionError(
      `The path ${JSON.stringify(path)} of the option redaction would take ${kept}, which a record needs.`,
    );
  }
  return names;
}

/** Whether a path takes a field away, alone or with what it is in. */
function covers(path: Path, field: Path): boolean {
  if (path[0] === ANY_WAY) return field.some((_, from) => covers(path.slice(1), field.slice(from)));
  return (
    path.length <= field.length && path.every((name, place) => name === ANY_NAME || name === field[place])
  );
}

function patternOf(pattern: unknown): Pattern {
  if (pattern instanceof RegExp) {
    const expression = new RegExp(pattern, [...new Set(`${pattern.flags.replace('y', '')}g`)].join(''));
    return (text, censor) => text.replace(expression, () => censor);
  }
  const known = PATTERN_NAMES.find((name) => name === pattern);
  if (known === undefined) {
    throw new AgentOptionError(
      `The patterns of the option redaction must be regular expressions, or of ${PATTERN_NAMES.join(', ')}.`,
    );
  }
  return PATTERNS[known];
}

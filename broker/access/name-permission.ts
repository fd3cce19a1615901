/** What a permission's regular expression allows. */
import { NamePattern, PatternError } from '../routing/name-pattern.js';
import { AccessError } from './access-error.js';

/** Longer ones are refused: each is compiled, and kept. */
const PATTERN_LENGTH_MAX = 4096;

/** An expression, compiled when it is first asked; one that is none after all allows nothing. */
export class NamePermission {
  private readonly text: string;
  private pattern: NamePattern | null | undefined;

  /** @param text as an operator writes it; an empty one allows the empty name alone, as RabbitMQ's does */
  constructor(text: string) {
    this.text = text === '' ? '^$' : text;
  }

  allows(name: string): boolean {
    if (this.pattern === undefined) this.pattern = compile(this.text);
    return this.pattern?.matches(name) ?? false;
  }
}

function compile(text: string): NamePattern | null {
  try {
    return new NamePattern(text);
  } catch (error) {
    if (error instanceof PatternError) return null;
    throw error;
  }
}

/** @throws AccessError when a permission is no text, or no regular expression */
export function checkPattern(name: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') throw new AccessError(`${name} should be a string`);
  if (text.length > PATTERN_LENGTH_MAX) {
    throw new AccessError(`${name} should be ${PATTERN_LENGTH_MAX} characters at most`);
  }
  try {
    new NamePattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new AccessError(['invalid_regexp', text, (error.cause as Error).message]);
  }
}

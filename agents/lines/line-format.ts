/** From the first line of an event to its fields, in the format that the user names. */
import { isObject } from '../fields/nesting.js';
import type { GuardedPattern } from './guarded-pattern.js';
import { parseLogfmt } from './logfmt.js';

/** The formats of a line: `auto` is JSON where it is an object, else text. */
export const LINE_FORMATS = ['auto', 'text', 'json', 'logfmt', 'regex'] as const;
/** One of {@link LINE_FORMATS}. */
export type LineFormatName = (typeof LINE_FORMATS)[number];

/** Fields that are numbers in a record, and text in logfmt and in what a pattern takes out of a line. */
const NUMBERS = ['pid', 'responseTime'] as const;

/** Reads the fields of lines. */
export class LineFormat {
  readonly name: LineFormatName;
  readonly #pattern: GuardedPattern | undefined;

  /** @param pattern for `regex`: its named groups are the fields */
  constructor(name: LineFormatName, pattern?: GuardedPattern) {
    this.name = name;
    this.#pattern = pattern;
  }

  /** Whether a line that has no fields is not as the user said. */
  get isStrict(): boolean {
    return this.name !== 'auto' && this.name !== 'text';
  }

  /** The fields of each line; `undefined` where it is not of the format. */
  fields(texts: readonly string[]): (Record<string, unknown> | undefined)[] {
    switch (this.name) {
      case 'text':
        return texts.map(() => undefined);
      case 'logfmt':
        return texts.map((text) => numbered(parseLogfmt(text)));
      case 'regex':
        return (this.#pattern?.matches(texts) ?? []).map((match) =>
          numbered(match === null ? undefined : { ...match.groups }),
        );
      default:
        return texts.map(parseObject);
    }
  }
}

function numbered(fields: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  for (const name of NUMBERS) {
    const value = fields?.[name];
    if (fields !== undefined && typeof value === 'string' && /^\d{1,15}$/.test(value))
      fields[name] = Number(value);
  }
  return fields;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // A line that merely looks like JSON is a message.
    return undefined;
  }
}

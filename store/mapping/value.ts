/**
 * Reads one JSON value of a document into a field's stored value, or says as Elasticsearch does why it
 * cannot. Not responsible for where in the document the value stood (document.ts).
 */
import type { ErrorCause } from '../errors.js';
import type { Json } from '../json.js';
import { tokenText } from './analysis.js';
import { parseDate } from './date.js';
import { dateFormat, type Field } from './field.js';
import { ipKey } from './ip.js';

/** A value as it is kept in a column. */
export type Stored = string | number | bigint | boolean;

/** A value that the field refuses. */
export class ValueError extends Error {
  readonly causedBy: ErrorCause;
  constructor(type: string, reason: string, causedBy?: ErrorCause) {
    super(reason);
    this.causedBy = { type, reason, ...(causedBy === undefined ? {} : { caused_by: causedBy }) };
  }
}

/** The scalars of JSON, and long numbers read without loss. */
export type Scalar = string | number | bigint | boolean;

const LONG_RANGES: Readonly<Record<string, [bigint, bigint]>> = {
  long: [-(2n ** 63n), 2n ** 63n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  short: [-32_768n, 32_767n],
  byte: [-128n, 127n],
};
/** Lucene's limit on a term. */
const KEYWORD_BYTES_MAX = 32_766;
const INTEGER_TEXT = /^[+-]?\d{1,40}$/;
const NUMBER_TEXT = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?[dDfF]?\s*$/;
const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /(?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])/g;

/**
 * The stored value of a scalar.
 *
 * @returns `undefined` when there is nothing to store (an `ignore_above`, an empty number)
 * @throws ValueError when the field's type cannot take it
 */
export function storedValue(field: Field, value: Scalar): Stored | undefined {
  switch (field.storage) {
    case 'string': {
      const text = wellFormed(String(value));
      const above = field.parameters['ignore_above'];
      if (typeof above === 'number' && text.length > above) return undefined;
      if (text.length > KEYWORD_BYTES_MAX / 3 && Buffer.byteLength(text) > KEYWORD_BYTES_MAX)
        throw immense(field, text);
      return text;
    }
    case 'tokens':
      return tokenText(wellFormed(String(value)));
    case 'long':
      return longValue(field, value);
    case 'double':
      return doubleValue(field, value);
    case 'boolean':
      return booleanValue(value);
    case 'date':
      return dateValue(field, value);
    case 'ip': {
      const key = typeof value === 'string' ? ipKey(value) : undefined;
      if (key === undefined)
        throw new ValueError('illegal_argument_exception', `'${value}' is not an IP string literal.`);
      return key;
    }
    default:
      return undefined;
  }
}

function immense(field: Field, text: string): ValueError {
  const prefix = [...Buffer.from(text).subarray(0, 30)].join(', ');
  return new ValueError(
    'illegal_argument_exception',
    `Document contains at least one immense term in field="${field.path}" (whose UTF8 encoding is longer than the max length ${KEYWORD_BYTES_MAX}), all of which were skipped. Please correct the analyzer to not produce such terms. The prefix of the first immense term is: '[${prefix}]...'`,
  );
}

/** A text without lone surrogates, which UTF-8 cannot hold. */
function wellFormed(text: string): string {
  return SURROGATE.test(text) ? text.replace(LONE_SURROGATE, '\ufffd') : text;
}

function longValue(field: Field, value: Scalar): number | bigint | undefined {
  const [low, high] = LONG_RANGES[field.type] ?? [0n, 0n];
  let exact: bigint;
  if (typeof value === 'boolean') throw notANumber('boolean');
  if (typeof value === 'bigint') exact = value;
  else if (typeof value === 'string') {
    if (value === '' && field.parameters['coerce'] !== false) return undefined;
    if (INTEGER_TEXT.test(value)) exact = BigInt(value.replace('+', ''));
    else {
      if (!NUMBER_TEXT.test(value))
        throw new ValueError('illegal_argument_exception', `For input string: "${value}"`);
      exact = BigInt(Math.trunc(Number.parseFloat(value)));
    }
  } else {
    if (!Number.isInteger(value) && field.parameters['coerce'] === false) {
      throw new ValueError(
        'illegal_argument_exception',
        `${value} cannot be converted to ${title(field.type)} without data loss`,
      );
    }
    exact = BigInt(Math.trunc(value));
  }
  if (exact < low || exact > high) {
    throw new ValueError(
      'illegal_argument_exception',
      `Value [${value}] is out of range for ${article(field.type)} ${field.type}`,
    );
  }
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

function article(type: string): string {
  return type === 'integer' ? 'an' : 'a';
}

function title(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}

function notANumber(kind: string): ValueError {
  return new ValueError(
    'x_content_parse_exception',
    `Current token (VALUE_${kind.toUpperCase()}) not numeric, can not use numeric value accessors`,
  );
}

function doubleValue(field: Field, value: Scalar): number | undefined {
  if (typeof value === 'boolean') throw notANumber('boolean');
  let number: number;
  if (typeof value === 'string') {
    if (value === '' && field.parameters['coerce'] !== false) return undefined;
    if (!NUMBER_TEXT.test(value))
      throw new ValueError('number_format_exception', `For input string: "${value}"`);
    number = Number.parseFloat(value);
  } else number = Number(value);
  return roundedTo(field, number);
}

/** A number in the precision of a field's type. @throws ValueError when it does not fit */
export function roundedTo(field: Field, number: number): number {
  let rounded = number;
  if (field.type === 'float') rounded = Math.fround(number);
  if (field.type === 'half_float')
    rounded = Math.abs(number) > 65_504 ? Number.POSITIVE_INFINITY : halfPrecision(number);
  if (field.type === 'scaled_float') {
    const factor = Number(field.parameters['scaling_factor']);
    rounded = Math.round(number * factor) / factor;
  }
  if (!Number.isFinite(rounded)) {
    throw new ValueError(
      'illegal_argument_exception',
      `[${field.type}] supports only finite values, but got [${rounded}]`,
    );
  }
  return rounded;
}

function halfPrecision(number: number): number {
  if (number === 0) return number;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(number))), -14);
  const step = 2 ** (exponent - 10);
  return Math.round(number / step) * step;
}

function booleanValue(value: Scalar): boolean | undefined {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false' || value === '') return false;
  if (typeof value === 'string') {
    throw new ValueError(
      'illegal_argument_exception',
      `Failed to parse value [${value}] as only [true] or [false] are allowed.`,
    );
  }
  throw new ValueError(
    'x_content_parse_exception',
    `Current token (VALUE_NUMBER_${Number.isInteger(value) ? 'INT' : 'FLOAT'}) not of boolean type`,
  );
}

function dateValue(field: Field, value: Scalar): number | bigint {
  const format = dateFormat(field);
  const instant = typeof value === 'boolean' ? undefined : parseDate(String(value), format);
  if (instant === undefined) {
    throw new ValueError(
      'illegal_argument_exception',
      `failed to parse date field [${value}] with format [${format}]`,
      {
        type: 'date_time_parse_exception',
        reason: format.includes('||')
          ? 'Failed to parse with all enclosed parsers'
          : `Text '${value}' could not be parsed at index 0`,
      },
    );
  }
  if (field.type !== 'date_nanos') return instant.ms;
  if (instant.ms < 0 || instant.ms > 9_223_372_036_854) {
    throw new ValueError(
      'illegal_argument_exception',
      `date[${value}] is outside the range that a nanosecond date can hold`,
    );
  }
  return BigInt(instant.ms) * 1_000_000n + BigInt(instant.nanos);
}

/** How Elasticsearch prints a refused value in an error: as Java prints maps and lists. */
export function preview(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(preview).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}=${preview(each)}`)
      .join(', ')}}`;
  }
  return String(value);
}

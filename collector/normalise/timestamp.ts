/**
 * Points in time as publishers write them, and as the index takes them (RFC 3339).
 */

/** What the index's `date` type takes as it is. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Numbers from here on are milliseconds: as seconds they would be in the year 5138. */
const MILLISECONDS_FROM = 1e11;

/** The largest number of milliseconds that a Date holds. */
const MILLISECONDS_MAX = 8.64e15;

/** Whether a value can go into `@timestamp` as it is. */
export function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && RFC_3339.test(value) && !Number.isNaN(Date.parse(value));
}

/**
 * Makes a timestamp of what a publisher wrote: RFC 3339 and its relatives (a space for the `T`, a
 * comma before the fraction), seconds or milliseconds since 1970, as a number or as text.
 *
 * @returns RFC 3339, or `undefined` when it is no point in time
 */
export function readTimestamp(value: unknown): string | undefined {
  if (isTimestamp(value)) return value;
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d{9,16}(?:\.\d+)?$/.test(text)) return fromNumber(Number(text));
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return undefined;
  const milliseconds = Date.parse(text.replace(' ', 'T').replace(',', '.'));
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

function fromNumber(value: number): string | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  const milliseconds = value < MILLISECONDS_FROM ? value * 1000 : value;
  return milliseconds > MILLISECONDS_MAX ? undefined : new Date(milliseconds).toISOString();
}

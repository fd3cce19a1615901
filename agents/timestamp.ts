/** The times of other people's logs, as the RFC 3339 timestamp of a record. */

/** The last millisecond a date can express (ECMAScript, Time Values and Time Range). */
const TIME_MS_MAX = 8.64e15;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const NEARLY_RFC_3339 =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads a time: seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by their
 * size, or an ISO 8601 text; one without a zone is local time. `undefined` for anything else.
 */
export function timestampOf(value: unknown): string | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,19}(\.\d+)?$/.test(value)) return fromNumber(Number(value));
  // Kept as it is, since it may be finer than milliseconds.
  if (RFC_3339.test(value)) return Number.isNaN(Date.parse(value)) ? undefined : value;
  const match = NEARLY_RFC_3339.exec(value);
  if (match === null) return undefined;
  const [, date, time, fraction, zone] = match;
  const milliseconds = (fraction ?? '').padEnd(3, '0').slice(0, 3);
  const seconds = time?.length === 5 ? `${time}:00` : time;
  return fromMs(Date.parse(`${date}T${seconds}.${milliseconds}${zone ?? ''}`));
}

function fromNumber(value: number): string | undefined {
  if (value < 1e11) return fromMs(value * 1e3);
  if (value < 1e14) return fromMs(value);
  return fromMs(value < 1e17 ? value / 1e3 : value / 1e6);
}

function fromMs(ms: number): string | undefined {
  return ms >= 0 && ms <= TIME_MS_MAX ? new Date(ms).toISOString() : undefined;
}

/** The times of other people's logs, as the RFC 3339 timestamp of a record. */
import type { TimeZone } from './time-zone.js';

/** The last millisecond a date can express (ECMAScript, Time Values and Time Range). */
const TIME_MS_MAX = 8.64e15;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const NEARLY_RFC_3339 =
  /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?$/;
/** The time of the Common Log Format: `31/Jan/2026:10:20:30 +0100`. */
const COMMON_LOG = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?: (Z|[+-]\d{4}))?$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Reads a time: seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by their
 * size, an ISO 8601 text, or the time of the Common Log Format. `undefined` for anything else.
 *
 * @param zone of a time that names none; without it that is local time
 */
export function timestampOf(value: unknown, zone?: TimeZone): string | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,19}(\.\d+)?$/.test(value)) return fromNumber(Number(value));
  // Kept as it is, since it may be finer than milliseconds.
  if (RFC_3339.test(value)) return Number.isNaN(Date.parse(value)) ? undefined : value;
  const match = NEARLY_RFC_3339.exec(value);
  if (match !== null) {
    const [, year, month, day, time, fraction, offset] = match;
    return fromClock(`${year}-${month}-${day}`, time ?? '', fraction, offset, zone);
  }
  const common = COMMON_LOG.exec(value);
  if (common === null) return undefined;
  const [, day, name, year, time, fraction, offset] = common;
  const month = String(MONTHS.indexOf(name ?? '') + 1).padStart(2, '0');
  return fromClock(`${year}-${month}-${day}`, time ?? '', fraction, offset, zone);
}

function fromClock(
  date: string,
  time: string,
  fraction: string | undefined,
  offset: string | undefined,
  zone: TimeZone | undefined,
): string | undefined {
  const milliseconds = (fraction ?? '').padEnd(3, '0').slice(0, 3);
  const clock = `${date}T${time.length === 5 ? `${time}:00` : time}.${milliseconds}`;
  if (offset === undefined && zone !== undefined) {
    const clockMs = Date.parse(`${clock}Z`);
    return Number.isNaN(clockMs) ? undefined : fromMs(zone.epochMs(clockMs));
  }
  // ECMAScript's own format has a colon in the offset.
  return fromMs(Date.parse(`${clock}${offset?.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2') ?? ''}`));
}

function fromNumber(value: number): string | undefined {
  if (value < 1e11) return fromMs(value * 1e3);
  if (value < 1e14) return fromMs(value);
  return fromMs(value < 1e17 ? value / 1e3 : value / 1e6);
}

function fromMs(ms: number): string | undefined {
  return ms >= 0 && ms <= TIME_MS_MAX ? new Date(ms).toISOString() : undefined;
}

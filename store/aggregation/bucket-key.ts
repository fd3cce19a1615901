/** The SQL that gives the bucket of a value: rounding to intervals, calendars and time zones. */
import { ApiError, illegalArgument, parsingException } from '../errors.js';
import type { JsonObject } from '../json.js';
import { addUnits, floorTo } from '../mapping/date-math.js';
import { isFixedZone, offsetMs } from '../mapping/time-zone.js';
import type { Parameters } from '../query/parameters.js';

/** How dates are rounded down to buckets. */
export interface Rounding {
  /** A fixed length, or a unit of the calendar. */
  unit: { ms: number } | { calendar: string };
  zone: string;
  offsetMs: number;
}

const FIXED_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const CALENDAR: Readonly<Record<string, string>> = {
  second: 's',
  '1s': 's',
  minute: 'm',
  '1m': 'm',
  hour: 'h',
  '1h': 'h',
  day: 'd',
  '1d': 'd',
  week: 'w',
  '1w': 'w',
  month: 'M',
  '1M': 'M',
  quarter: 'q',
  '1q': 'q',
  year: 'y',
  '1y': 'y',
};
const TRUNCATION: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  M: 'month',
  q: 'quarter',
  y: 'year',
};

/** A duration such as `1000ms` or `5m`, in ms; `undefined` when it is none. */
function durationMs(text: string): number | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = FIXED_UNITS[match?.[2] ?? ''];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

/** Reads how a date_histogram rounds. @throws ApiError 400 */
export function parseRounding(body: JsonObject): Rounding {
  const { fixed_interval: fixed, calendar_interval: calendar, interval, time_zone: zone, offset } = body;
  if ([fixed, calendar, interval].filter((each) => each !== undefined).length !== 1) {
    throw illegalArgument('Invalid interval specified, must be non-null and non-empty');
  }
  const shift = offset === undefined ? 0 : typeof offset === 'number' ? offset : durationMs(String(offset));
  if (shift === undefined)
    throw illegalArgument(`failed to parse setting [offset] with value [${String(offset)}]`);
  const base = { zone: zone === undefined ? 'UTC' : String(zone), offsetMs: shift };
  offsetMs(base.zone, 0, true);
  const unit = calendar === undefined ? undefined : CALENDAR[String(calendar)];
  if (calendar !== undefined) {
    if (unit === undefined)
      throw illegalArgument(
        `The supplied interval [${String(calendar)}] could not be parsed as a calendar interval.`,
      );
    return { ...base, unit: { calendar: unit } };
  }
  const text = String(fixed ?? interval);
  const ofCalendar = interval === undefined ? undefined : CALENDAR[text];
  if (ofCalendar !== undefined) return { ...base, unit: { calendar: ofCalendar } };
  const ms = durationMs(text);
  if (ms === undefined || !Number.isInteger(ms))
    throw illegalArgument(
      `failed to parse setting [date_histogram.fixedInterval] with value [${text}] as a time value: unit is missing or unrecognized`,
    );
  if (ms < 1) throw illegalArgument('Zero or negative time interval not supported');
  return { ...base, unit: { ms } };
}

/** The bucket a date in SQL falls into. */
export function roundedSql(rounding: Rounding, value: string, parameters: Parameters): string {
  const { unit, zone, offsetMs: shift } = rounding;
  const shifted = shift === 0 ? value : `(${value} - ${Math.trunc(shift)})`;
  const back = (sql: string): string => (shift === 0 ? sql : `(${sql} + ${Math.trunc(shift)})`);
  if (isFixedZone(zone)) {
    const zoneMs = offsetMs(zone, 0, true);
    const local = zoneMs === 0 ? shifted : `(${shifted} + ${zoneMs})`;
    const floor =
      'ms' in unit
        ? floorSql(local, unit.ms)
        : `epoch_ms(date_trunc('${TRUNCATION[unit.calendar] ?? 'day'}', make_timestamp((${local}) * 1000)))`;
    return back(zoneMs === 0 ? floor : `(${floor} - ${zoneMs})`);
  }
  const place = parameters.add(zone);
  const local = `timezone(${place}, make_timestamptz(((${shifted}) * 1000)::BIGINT))`;
  const floor =
    'ms' in unit
      ? `make_timestamp(${floorSql(`epoch_ms(${local})`, unit.ms)} * 1000)`
      : `date_trunc('${TRUNCATION[unit.calendar] ?? 'day'}', ${local})`;
  return back(`epoch_ms(timezone(${place}, ${floor}))`);
}

function floorSql(value: string, size: number): string {
  return `((${value}) - (((${value}) % ${size}) + ${size}) % ${size})`;
}

/** The bucket a moment falls into. */
export function rounded(rounding: Rounding, ms: number): number {
  const { unit, zone, offsetMs: shift } = rounding;
  if ('calendar' in unit) return floorTo(ms - shift, unit.calendar, zone) + shift;
  const local = ms - shift + offsetMs(zone, ms - shift, true);
  const floor = Math.floor(local / unit.ms) * unit.ms;
  return floor - offsetMs(zone, floor) + shift;
}

/** The bucket after one. */
export function nextBucket(rounding: Rounding, key: number): number {
  const { unit, zone, offsetMs: shift } = rounding;
  if ('calendar' in unit) return addUnits(key - shift, 1, unit.calendar, zone) + shift;
  if (isFixedZone(zone)) return key + unit.ms;
  const next = rounded(rounding, key + unit.ms);
  return next > key ? next : key + unit.ms;
}

/** The interval and offset of a plain histogram. @throws ApiError 400 */
export function histogramStep(body: JsonObject): { interval: number; offset: number } {
  const interval = Number(body['interval']);
  const offset = Number(body['offset'] ?? 0);
  if (!(interval > 0) || !Number.isFinite(interval))
    throw illegalArgument('[interval] must be >0 for histogram aggregation');
  if (!Number.isFinite(offset)) throw parsingException('[offset] of a histogram must be a number');
  return { interval, offset };
}

/** Elasticsearch's limit on the buckets of one answer. */
export const BUCKETS_MAX = 65_536;

/** The error for more. */
export function tooManyBuckets(): ApiError {
  return new ApiError(
    400,
    'too_many_buckets_exception',
    `Trying to create too many buckets. Must be less than or equal to: [${BUCKETS_MAX}] but this number of buckets was exceeded. This limit can be set by changing the [search.max_buckets] cluster level setting.`,
    undefined,
    { max_buckets: BUCKETS_MAX },
  );
}

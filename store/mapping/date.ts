/**
 * Instants as Elasticsearch's date fields read and print them: `strict_date_optional_time`, epoch
 * forms and Java patterns. Not responsible for date math (date-math.ts).
 */
import { illegalArgument } from '../errors.js';
import { patternFormatter, patternParser } from './date-pattern.js';
import { offsetMs } from './time-zone.js';

/** An instant, and how much of it was written, for rounding up an inclusive upper bound. */
export interface Instant {
  /** Milliseconds since the epoch. */
  ms: number;
  /** Nanoseconds within the millisecond, 0 to 999,999. */
  nanos: number;
  /** The last millisecond of the smallest unit that was written. */
  endMs: number;
}

const OPTIONAL_TIME =
  /^(-?\d{4,9})(?:-(\d{2})(?:-(\d{2})(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?)?$/;
const LENIENT_TIME =
  /^(-?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2})(?:T(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?)?$/;
const MS_MAX = 8.64e15;

type DateParser = (text: string, zone: string) => Instant | undefined;
const parsers = new Map<string, DateParser>();

/**
 * Reads a date by a format (`a||b` tries each).
 *
 * @param zone the time zone of a date that names none, `UTC` or an IANA name or an offset
 * @returns `undefined` when no format fits
 */
export function parseDate(text: string, format: string, zone = 'UTC'): Instant | undefined {
  for (const name of format.split('||')) {
    let parser = parsers.get(name);
    if (parser === undefined) {
      parser = parserOf(name);
      if (parsers.size < 1000) parsers.set(name, parser);
    }
    const instant = parser(text, zone);
    if (instant !== undefined && Math.abs(instant.ms) <= MS_MAX) return instant;
  }
  return undefined;
}

function parserOf(name: string): DateParser {
  switch (name) {
    case 'strict_date_optional_time':
    case 'strict_date_optional_time_nanos':
    case 'strict_date_time':
    case 'strict_date_time_no_millis':
    case 'strict_date':
    case 'iso8601':
      return (text, zone) => optionalTime(OPTIONAL_TIME, text, zone);
    case 'date_optional_time':
    case 'dateOptionalTime':
    case 'date_time':
    case 'date_time_no_millis':
    case 'date':
      return (text, zone) => optionalTime(LENIENT_TIME, text, zone);
    case 'epoch_millis':
      return (text) => epoch(text, 1);
    case 'epoch_second':
      return (text) => epoch(text, 1000);
    default:
      return patternParser(name);
  }
}

function epoch(text: string, unitMs: number): Instant | undefined {
  if (!/^-?\d{1,16}(?:\.\d{1,9})?$/.test(text)) return undefined;
  const exact = Number(text) * unitMs;
  const ms = Math.floor(exact);
  return { ms, nanos: Math.round((exact - ms) * 1e6), endMs: ms };
}

function optionalTime(pattern: RegExp, text: string, zone: string): Instant | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const parts = [year, month ?? '1', day ?? '1', hour ?? '0', minute ?? '0', second ?? '0'].map(Number);
  const local = utcMs(parts);
  if (local === undefined) return undefined;
  const nanosOfSecond = fraction === undefined ? 0 : Number(fraction.padEnd(9, '0'));
  const written = [month, day, hour, minute, second].filter((part) => part !== undefined).length;
  const shift = offset === undefined ? offsetMs(zone, local) : offsetOf(offset);
  const ms = local - shift + Math.floor(nanosOfSecond / 1e6);
  const endMs = fraction === undefined ? endOf(parts, written) - shift : ms;
  return { ms, nanos: nanosOfSecond % 1e6, endMs };
}

/** The UTC milliseconds of year, month, day, hour, minute, second; `undefined` when there is no such date. */
function utcMs(parts: readonly number[]): number | undefined {
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  if (month < 1 || month > 12 || day < 1 || hour > 24 || minute > 59 || second > 59) return undefined;
  if (hour === 24 && (minute !== 0 || second !== 0)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) return undefined;
  date.setUTCHours(hour, minute, second, 0);
  return date.getTime();
}

function endOf(parts: readonly number[], written: number): number {
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const next = [
    () => Date.UTC(year + 1, 0, 1),
    () => Date.UTC(year, month, 1),
    () => Date.UTC(year, month - 1, day + 1),
    () => Date.UTC(year, month - 1, day, hour + 1),
    () => Date.UTC(year, month - 1, day, hour, minute + 1),
    () => Date.UTC(year, month - 1, day, hour, minute, second + 1),
  ][written];
  return (next === undefined ? 0 : next()) - 1;
}

function offsetOf(text: string): number {
  if (text === 'Z') return 0;
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  const ms = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
  return text.startsWith('-') ? -ms : ms;
}

/** Prints an instant by a format; of several formats joined by `||` the first. */
export function printDate(ms: number, nanos: number, format: string, zone = 'UTC'): string {
  const name = format.split('||')[0] ?? '';
  switch (name) {
    case 'epoch_millis':
      return nanos === 0 ? String(ms) : `${ms}.${String(nanos).padStart(6, '0').replace(/0+$/, '')}`;
    case 'epoch_second':
      return ms % 1000 === 0 ? String(ms / 1000) : String(ms / 1000);
    case 'strict_date_optional_time_nanos':
    case 'strict_date_optional_time':
    case 'date_optional_time':
    case 'dateOptionalTime':
    case 'strict_date_time':
    case 'date_time':
    case 'iso8601':
      return isoText(ms, nanos, zone);
    case 'strict_date':
    case 'date':
      return isoText(ms, 0, zone).slice(0, 10);
    default:
      return patternFormatter(name)(ms, nanos, zone);
  }
}

function isoText(ms: number, nanos: number, zone: string): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > MS_MAX) throw illegalArgument(`date [${ms}] is out of range`);
  const shift = offsetMs(zone, ms, true);
  const local = new Date(ms + shift).toISOString().slice(0, -1);
  const fraction = nanos === 0 ? '' : String(nanos).padStart(6, '0').replace(/0+$/, '');
  return `${local}${fraction}${zone === 'UTC' || zone === 'Z' ? 'Z' : offsetText(shift)}`;
}

/** An offset as `+02:00`; `Z` for none. */
function offsetText(shiftMs: number): string {
  if (shiftMs === 0) return 'Z';
  const minutes = Math.round(Math.abs(shiftMs) / 60_000);
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  return `${shiftMs < 0 ? '-' : '+'}${hours}:${String(minutes % 60).padStart(2, '0')}`;
}

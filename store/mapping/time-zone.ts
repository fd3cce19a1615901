/** Time zones by IANA name or fixed offset, through the runtime's own tables. */
import { illegalArgument } from '../errors.js';

const FIXED = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Whether a zone never changes its offset. */
export function isFixedZone(zone: string): boolean {
  return zone === 'UTC' || zone === 'Z' || zone === 'GMT' || zone === 'Etc/UTC' || FIXED.test(zone);
}

/**
 * What has to be added to UTC to get the zone's local time.
 *
 * @param ms the moment, in the zone's local time unless `isUtc`
 * @throws ApiError for a zone that does not exist
 */
export function offsetMs(zone: string, ms: number, isUtc = false): number {
  if (zone === 'UTC' || zone === 'Z' || zone === 'GMT' || zone === 'Etc/UTC') return 0;
  const fixed = FIXED.exec(zone);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? '0');
    return (fixed[1] === '-' ? -minutes : minutes) * 60_000;
  }
  if (isUtc) return offsetAt(zone, ms);
  const guess = offsetAt(zone, ms);
  return offsetAt(zone, ms - guess);
}

function offsetAt(zone: string, utc: number): number {
  const parts = formatterOf(zone).formatToParts(new Date(utc));
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value ?? 0);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour') % 24,
    part('minute'),
    part('second'),
  );
  return local - Math.floor(utc / 1000) * 1000;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, made);
    return made;
  } catch {
    throw illegalArgument(`Unknown time-zone ID: ${zone}`);
  }
}

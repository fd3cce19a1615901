/** Date math: `now-15m/m`, `2026-11-23||+1d/d`, and the rounding that each range bound asks for. */
import { ApiError, type ErrorCause } from '../errors.js';
import { type Instant, parseDate } from './date.js';
import { offsetMs } from './time-zone.js';

const STEP = /([+-])(\d{1,10})?([yMwdhHms])|\/([yMwdhHms])/y;

/** Where a date expression stands: what it is read with. */
export interface DateMathContext {
  format: string;
  zone: string;
  nowMs: number;
  /** Whether the last moment of what was written is meant (`gt` and `lte`), not the first. */
  roundUp: boolean;
}

/** Evaluates a date expression. @throws ApiError 400 when it cannot be read */
export function evaluateDate(text: string, context: DateMathContext): Instant {
  let rest: string;
  let instant: Instant;
  if (text.startsWith('now')) {
    instant = { ms: context.nowMs, nanos: 0, endMs: context.nowMs };
    rest = text.slice(3);
  } else {
    const split = text.indexOf('||');
    const date = split < 0 ? text : text.slice(0, split);
    rest = split < 0 ? '' : text.slice(split + 2);
    const parsed = parseDate(date, context.format, context.zone);
    if (parsed === undefined) throw unreadable(date, context.format);
    instant = parsed;
    if (context.roundUp && rest === '') {
      return {
        ms: parsed.endMs,
        nanos: parsed.endMs === parsed.ms ? parsed.nanos : 999_999,
        endMs: parsed.endMs,
      };
    }
  }
  const ms = applySteps(instant.ms, rest, context, text);
  return { ms, nanos: rest === '' ? instant.nanos : 0, endMs: ms };
}

function unreadable(date: string, format: string): ApiError {
  const cause: ErrorCause = {
    type: 'date_time_parse_exception',
    reason: 'Failed to parse with all enclosed parsers',
  };
  return new ApiError(
    400,
    'parse_exception',
    `failed to parse date field [${date}] with format [${format}]`,
    {
      type: 'illegal_argument_exception',
      reason: `failed to parse date field [${date}] with format [${format}]`,
      caused_by: cause,
    },
  );
}

function applySteps(start: number, steps: string, context: DateMathContext, text: string): number {
  let ms = start;
  STEP.lastIndex = 0;
  while (STEP.lastIndex < steps.length) {
    const match = STEP.exec(steps);
    if (match === null)
      throw new ApiError(400, 'parse_exception', `operator not supported for date math [${text}]`);
    const [, sign, count, unit, rounding] = match;
    if (rounding !== undefined) ms = round(ms, rounding, context);
    else ms = add(ms, (sign === '-' ? -1 : 1) * Number(count ?? '1'), unit ?? 's', context.zone);
  }
  return ms;
}

const FIXED_MS: Readonly<Record<string, number>> = { h: 3_600_000, H: 3_600_000, m: 60_000, s: 1000 };

function add(ms: number, count: number, unit: string, zone: string): number {
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) return ms + count * fixed;
  const local = new Date(ms + offsetMs(zone, ms, true));
  if (unit === 'd') local.setUTCDate(local.getUTCDate() + count);
  else if (unit === 'w') local.setUTCDate(local.getUTCDate() + 7 * count);
  else {
    const day = local.getUTCDate();
    local.setUTCDate(1);
    local.setUTCMonth(local.getUTCMonth() + (unit === 'y' ? 12 * count : count));
    const last = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
    local.setUTCDate(Math.min(day, last));
  }
  return local.getTime() - offsetMs(zone, local.getTime());
}

function round(ms: number, unit: string, context: DateMathContext): number {
  const floor = floorTo(ms, unit, context.zone);
  return context.roundUp ? add(floor, 1, unit, context.zone) - 1 : floor;
}

/** The first moment of the unit (`y M w d h m s`, or `q`) that a moment lies in. Weeks start on Monday. */
export function floorTo(ms: number, unit: string, zone: string): number {
  const local = new Date(ms + offsetMs(zone, ms, true));
  switch (unit) {
    case 'y':
      local.setUTCMonth(0, 1);
      break;
    case 'q':
      local.setUTCMonth(local.getUTCMonth() - (local.getUTCMonth() % 3), 1);
      break;
    case 'M':
      local.setUTCDate(1);
      break;
    case 'w':
      local.setUTCDate(local.getUTCDate() - ((local.getUTCDay() + 6) % 7));
      break;
    case 'd':
      break;
    default: {
      const size = FIXED_MS[unit] ?? 1000;
      return ms - (((local.getTime() % size) + size) % size);
    }
  }
  local.setUTCHours(0, 0, 0, 0);
  return local.getTime() - offsetMs(zone, local.getTime());
}

/** A moment some units later; the units of {@link floorTo}. */
export function addUnits(ms: number, count: number, unit: string, zone: string): number {
  return unit === 'q' ? add(ms, 3 * count, 'M', zone) : add(ms, count, unit, zone);
}

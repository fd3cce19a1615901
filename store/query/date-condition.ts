/** Conditions on dates, and the span of time a query can match at all. */
import type { Index } from '../catalog/catalog.js';
import { ApiError } from '../errors.js';
import { evaluateDate } from '../mapping/date-math.js';
import { dateFormat, type Field } from '../mapping/field.js';
import type { Bound, Query } from './ast.js';
import { type Leaf, unsupported, type ValueCondition } from './leaf.js';
import type { Table } from './table.js';
import { between } from './text-condition.js';

interface DateReading {
  format: string;
  zone: string;
  nowMs: number;
}

/** A bound as the field stores dates: milliseconds, or nanoseconds. */
function stored(
  field: Field,
  given: string | number | boolean,
  reading: DateReading,
  roundUp: boolean,
): bigint {
  const { ms, nanos } = evaluateDate(String(given), { ...reading, roundUp });
  if (field.type === 'date_nanos') return clamped(BigInt(ms) * 1_000_000n + BigInt(nanos));
  return BigInt(ms);
}

function clamped(nanoseconds: bigint): bigint {
  const max = 2n ** 63n - 1n;
  return nanoseconds > max ? max : nanoseconds < -max ? -max : nanoseconds;
}

/** Conditions on dates. A term matches everything within what was written: `2026-11-23` the whole day. */
export function dateCondition(field: Field, leaf: Leaf, table: Table): ValueCondition {
  const zone = leaf.kind === 'range' ? (leaf.timeZone ?? 'UTC') : 'UTC';
  const format = (leaf.kind === 'range' ? leaf.format : undefined) ?? dateFormat(field);
  const reading = { format, zone, nowMs: table.nowMs };
  const place = (given: string | number | boolean, roundUp: boolean): string =>
    table.parameters.add(stored(field, given, reading, roundUp));
  const one = (given: string | number | boolean): ValueCondition => {
    const [low, high] = [place(given, false), place(given, true)];
    return (value) => between(value, low, true, high, true);
  };
  switch (leaf.kind) {
    case 'term':
      return one(leaf.value);
    case 'words':
    case 'phrase':
      return one(leaf.text);
    case 'terms': {
      const each = leaf.values.map(one);
      return (value) =>
        each.length === 0 ? 'FALSE' : `(${each.map((condition) => condition(value)).join(' OR ')})`;
    }
    case 'range': {
      const low = leaf.low && place(leaf.low.value, !leaf.low.isInclusive);
      const high = leaf.high && place(leaf.high.value, leaf.high.isInclusive);
      return (value) => between(value, low, leaf.low?.isInclusive, high, leaf.high?.isInclusive);
    }
    default:
      throw unsupported(field, leaf.kind === 'pattern' ? 'wildcard' : leaf.kind);
  }
}

/** A span of time in ms, both ends in it. */
export interface TimeSpan {
  lowMs: number;
  highMs: number;
}

const EVER: TimeSpan = { lowMs: Number.NEGATIVE_INFINITY, highMs: Number.POSITIVE_INFINITY };

/** The span outside which no document of an index matches; documents without a time aside. */
export function timeSpanOf(query: Query, index: Index, nowMs: number): TimeSpan {
  const field = index.mapping.fields.get('@timestamp');
  return field?.storage === 'date' ? spanOf(query, field, nowMs) : EVER;
}

function spanOf(query: Query, field: Field, nowMs: number): TimeSpan {
  if (
    query.kind === 'range' &&
    query.fields !== 'default' &&
    query.fields.length === 1 &&
    query.fields[0] === '@timestamp'
  ) {
    return rangeSpan(query, field, nowMs);
  }
  if (query.kind !== 'bool') return EVER;
  let span = EVER;
  for (const each of query.all) span = intersected(span, spanOf(each, field, nowMs));
  if (query.any.length > 0 && query.anyCountMin > 0) {
    const spans = query.any.map((each) => spanOf(each, field, nowMs));
    span = intersected(span, {
      lowMs: Math.min(...spans.map((each) => each.lowMs)),
      highMs: Math.max(...spans.map((each) => each.highMs)),
    });
  }
  return span;
}

function intersected(a: TimeSpan, b: TimeSpan): TimeSpan {
  return { lowMs: Math.max(a.lowMs, b.lowMs), highMs: Math.min(a.highMs, b.highMs) };
}

function rangeSpan(query: Extract<Query, { kind: 'range' }>, field: Field, nowMs: number): TimeSpan {
  const reading = { format: query.format ?? dateFormat(field), zone: query.timeZone ?? 'UTC', nowMs };
  const ms = (given: Bound | undefined, roundUp: boolean, otherwise: number): number => {
    if (given === undefined) return otherwise;
    try {
      return evaluateDate(String(given.value), { ...reading, roundUp }).ms;
    } catch (error) {
      if (error instanceof ApiError && query.isLenient) return otherwise;
      throw error;
    }
  };
  return { lowMs: ms(query.low, false, EVER.lowMs), highMs: ms(query.high, true, EVER.highMs) };
}

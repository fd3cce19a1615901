/** Conditions on numbers, booleans and addresses. */
import { ApiError } from '../errors.js';
import type { Field } from '../mapping/field.js';
import { cidrRange, ipKey } from '../mapping/ip.js';
import { roundedTo, ValueError } from '../mapping/value.js';
import type { Bound } from './ast.js';
import { type Leaf, unsupported, type ValueCondition } from './leaf.js';
import type { Table } from './table.js';
import { between } from './text-condition.js';

function failed(type: string, reason: string): ApiError {
  return new ApiError(400, 'query_shard_exception', `failed to create query: ${reason}`, { type, reason });
}

/** A number for a query. @throws ApiError when it is none */
function numberOf(value: string | number | boolean): number | bigint {
  if (typeof value === 'number') return value;
  const text = String(value).trim();
  if (/^[+-]?\d{16,19}$/.test(text)) return BigInt(text.replace('+', ''));
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/.test(text))
    throw failed('number_format_exception', `For input string: "${String(value)}"`);
  return Number(text);
}

/** Conditions on long and double fields. */
export function numberCondition(field: Field, leaf: Leaf, table: Table): ValueCondition | undefined {
  const isLong = field.storage === 'long';
  const exactly = (value: string | number | boolean): string | undefined => {
    const number = numberOf(value);
    if (!isLong) return table.parameters.add(inPrecision(field, Number(number)));
    if (typeof number === 'number' && !Number.isInteger(number)) return undefined;
    return inLongRange(number) ? table.parameters.add(number, true) : undefined;
  };
  switch (leaf.kind) {
    case 'term':
    case 'words':
    case 'phrase': {
      const place = exactly(leaf.kind === 'term' ? leaf.value : leaf.text);
      return place === undefined ? undefined : (value) => `${value} = ${place}`;
    }
    case 'terms': {
      const places = leaf.values.flatMap((each) => exactly(each) ?? []);
      return places.length === 0 ? undefined : (value) => `${value} IN (${places.join(',')})`;
    }
    case 'range': {
      const low = leaf.low && bound(field, leaf.low, table);
      const high = leaf.high && bound(field, leaf.high, table);
      return (value) => between(value, low, leaf.low?.isInclusive, high, leaf.high?.isInclusive);
    }
    case 'fuzzy':
      throw unsupported(field, 'fuzzy');
    default:
      throw unsupported(field, leaf.kind === 'pattern' ? 'wildcard' : leaf.kind);
  }
}

function bound(field: Field, given: Bound, table: Table): string {
  const number = numberOf(given.value);
  if (field.storage === 'double') return table.parameters.add(inPrecision(field, Number(number)));
  const isExact = typeof number === 'bigint' || Number.isInteger(number);
  return isExact && inLongRange(number)
    ? table.parameters.add(number, true)
    : table.parameters.add(Number(number));
}

function inPrecision(field: Field, number: number): number {
  try {
    return roundedTo(field, number);
  } catch (error) {
    if (error instanceof ValueError) return number;
    throw error;
  }
}

function inLongRange(number: number | bigint): boolean {
  const exact = BigInt(number);
  return exact >= -(2n ** 63n) && exact < 2n ** 63n;
}

/** Conditions on booleans. */
export function truthCondition(field: Field, leaf: Leaf, { parameters }: Table): ValueCondition {
  const truth = (value: string | number | boolean): boolean => {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false' || value === '') return false;
    throw failed(
      'illegal_argument_exception',
      `Can't parse boolean value [${String(value)}], expected [true] or [false]`,
    );
  };
  switch (leaf.kind) {
    case 'term':
    case 'words':
    case 'phrase': {
      const place = parameters.add(truth(leaf.kind === 'term' ? leaf.value : leaf.text));
      return (value) => `${value} = ${place}`;
    }
    case 'terms': {
      const places = leaf.values.map((each) => parameters.add(truth(each)));
      return (value) => (places.length === 0 ? 'FALSE' : `${value} IN (${places.join(',')})`);
    }
    case 'range': {
      const low = leaf.low && parameters.add(truth(leaf.low.value));
      const high = leaf.high && parameters.add(truth(leaf.high.value));
      return (value) => between(value, low, leaf.low?.isInclusive, high, leaf.high?.isInclusive);
    }
    default:
      throw unsupported(field, leaf.kind === 'pattern' ? 'wildcard' : leaf.kind);
  }
}

/** Conditions on addresses; a term may be a CIDR block. */
export function ipCondition(field: Field, leaf: Leaf, { parameters }: Table): ValueCondition {
  const key = (value: string | number | boolean): string => {
    const known = ipKey(String(value));
    if (known === undefined)
      throw failed('illegal_argument_exception', `'${String(value)}' is not an IP string literal.`);
    return parameters.add(known);
  };
  const one = (given: string | number | boolean): ValueCondition => {
    const block = cidrRange(String(given));
    if (block === undefined) {
      const place = key(given);
      return (value) => `${value} = ${place}`;
    }
    const [low, high] = block.map((each) => parameters.add(each));
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
      const low = leaf.low && key(leaf.low.value);
      const high = leaf.high && key(leaf.high.value);
      return (value) => between(value, low, leaf.low?.isInclusive, high, leaf.high?.isInclusive);
    }
    default:
      throw unsupported(field, leaf.kind === 'pattern' ? 'wildcard' : leaf.kind);
  }
}

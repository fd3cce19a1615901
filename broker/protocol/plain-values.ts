/**
 * Field tables as plain JavaScript values, for whoever uses the broker from within a program. What a
 * program gives gets the wire type that client libraries choose for it; what it gets back is the
 * nearest JavaScript has.
 */
import type { FieldTable, FieldValue } from './field-table.js';

type PlainValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

export type PlainTable = { readonly [name: string]: PlainValue };

/** A table of a program's: of plain values, or of values that have their wire types already. */
export type AnyTable = PlainTable | FieldTable;

const INT32_MAX = 0x7fff_ffff;

/** A table of wire types: integers are signedint or long, other numbers double, bytes binary, dates timestamp. */
export function toFieldTable(table: AnyTable): FieldTable {
  if (table instanceof Map) return table as FieldTable;
  return new Map(Object.entries(table).map(([name, value]) => [name, toFieldValue(value)]));
}

function toFieldValue(value: PlainValue): FieldValue {
  switch (typeof value) {
    case 'string':
      return { type: 'longstr', value: Buffer.from(value) };
    case 'boolean':
      return { type: 'bool', value };
    case 'bigint':
      return { type: 'long', value };
    case 'number':
      if (!Number.isSafeInteger(value)) return { type: 'double', value };
      return Math.abs(value) <= INT32_MAX
        ? { type: 'signedint', value }
        : { type: 'long', value: BigInt(value) };
    default:
      return toStructured(value);
  }
}

function toStructured(value: Exclude<PlainValue, string | number | bigint | boolean>): FieldValue {
  if (value === null) return { type: 'void', value: undefined };
  if (value instanceof Date) {
    return { type: 'timestamp', value: BigInt(Math.floor(value.getTime() / 1000)) };
  }
  if (value instanceof Uint8Array) return { type: 'binary', value: Buffer.from(value) };
  if (Array.isArray(value)) return { type: 'array', value: (value as PlainValue[]).map(toFieldValue) };
  return { type: 'table', value: toFieldTable(value as PlainTable) };
}

/** A table as an object without a prototype, so that no key of a peer's means anything to JavaScript. */
export function fromFieldTable(table: FieldTable): PlainTable {
  const plain: Record<string, PlainValue> = Object.create(null);
  for (const [name, value] of table) plain[name] = fromFieldValue(value);
  return plain;
}

/** Long integers beyond what a number holds exactly stay bigints. */
function fromFieldValue(field: FieldValue): PlainValue {
  switch (field.type) {
    case 'longstr':
      return field.value.toString();
    case 'long': {
      const number = Number(field.value);
      return Number.isSafeInteger(number) ? number : field.value;
    }
    case 'timestamp':
      return new Date(Number(field.value) * 1000);
    case 'decimal':
      return field.value.unscaled / 10 ** field.value.scale;
    case 'void':
      return null;
    case 'table':
      return fromFieldTable(field.value);
    case 'array':
      return field.value.map(fromFieldValue);
    default:
      return field.value;
  }
}

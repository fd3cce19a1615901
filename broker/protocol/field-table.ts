/**
 * Field tables (specification 4.2.5.5) with RabbitMQ's set of types. A value keeps its wire type:
 * equivalence checks, headers exchanges and re-encoding all depend on it. Tables are Maps, so that no
 * key of a peer's, `__proto__` among them, means anything to JavaScript.
 */
import { TABLE_DEPTH_MAX } from './constants.js';
import { ProtocolError } from './protocol-error.js';
import type { WireReader } from './wire-reader.js';
import type { WireWriter } from './wire-writer.js';

/** A value with its type under the name RabbitMQ's error texts use. */
export type FieldValue =
  | { readonly type: 'longstr' | 'binary'; readonly value: Buffer }
  | { readonly type: 'signedint' | 'byte' | 'short' | 'unsignedbyte'; readonly value: number }
  | { readonly type: 'unsignedshort' | 'unsignedint' | 'float' | 'double'; readonly value: number }
  | { readonly type: 'long' | 'timestamp'; readonly value: bigint }
  | { readonly type: 'decimal'; readonly value: { readonly scale: number; readonly unscaled: number } }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'void'; readonly value: undefined }
  | { readonly type: 'table'; readonly value: FieldTable }
  | { readonly type: 'array'; readonly value: readonly FieldValue[] };

export type FieldTable = ReadonlyMap<string, FieldValue>;

export const EMPTY_TABLE: FieldTable = new Map();

/** A long string value. */
export function longString(text: string): FieldValue {
  return { type: 'longstr', value: Buffer.from(text) };
}

/** The text of a long string, or undefined for a value of any other type. */
export function textOf(value: FieldValue | undefined): string | undefined {
  return value?.type === 'longstr' ? value.value.toString() : undefined;
}

/** The number in a value of any integer type, or undefined. */
export function integerOf(value: FieldValue | undefined): number | undefined {
  switch (value?.type) {
    case 'signedint':
    case 'byte':
    case 'short':
    case 'unsignedbyte':
    case 'unsignedshort':
    case 'unsignedint':
      return value.value;
    case 'long':
      return Number(value.value);
    default:
      return undefined;
  }
}

/** Reads a table: its length, then pairs. Throws 502 when it is malformed or nested too deep. */
export function readTable(reader: WireReader, depth = 0): FieldTable {
  const end = nested(reader, depth);
  if (reader.position === end) return EMPTY_TABLE;
  const table = new Map<string, FieldValue>();
  while (reader.position < end) {
    const name = reader.shortString();
    table.set(name, readValue(reader, depth));
  }
  if (reader.position !== end) throw malformed('table');
  return table;
}

function readArray(reader: WireReader, depth: number): FieldValue[] {
  const end = nested(reader, depth);
  const values: FieldValue[] = [];
  while (reader.position < end) values.push(readValue(reader, depth));
  if (reader.position !== end) throw malformed('array');
  return values;
}

function nested(reader: WireReader, depth: number): number {
  if (depth > TABLE_DEPTH_MAX) {
    throw new ProtocolError(502, `field table nested deeper than ${TABLE_DEPTH_MAX}`);
  }
  const bytes = reader.long();
  const end = reader.position + bytes;
  if (end > reader.end) throw malformed('table');
  return end;
}

function malformed(what: string): ProtocolError {
  return new ProtocolError(502, `malformed field ${what}`);
}

function readValue(reader: WireReader, depth: number): FieldValue {
  const tag = reader.octet();
  switch (tag) {
    case 0x53: // S
      return { type: 'longstr', value: reader.longString() };
    case 0x78: // x
      return { type: 'binary', value: reader.longString() };
    case 0x49: // I
      return { type: 'signedint', value: reader.long() | 0 };
    case 0x69: // i
      return { type: 'unsignedint', value: reader.long() };
    case 0x62: // b
      return { type: 'byte', value: (reader.octet() << 24) >> 24 };
    case 0x42: // B
      return { type: 'unsignedbyte', value: reader.octet() };
    case 0x73: // s
      return { type: 'short', value: (reader.short() << 16) >> 16 };
    case 0x75: // u
      return { type: 'unsignedshort', value: reader.short() };
    case 0x6c: // l
    case 0x4c: // L: RabbitMQ reads it as signed as well
      return { type: 'long', value: reader.signedLongLong() };
    case 0x54: // T
      return { type: 'timestamp', value: BigInt.asUintN(64, reader.signedLongLong()) };
    case 0x74: // t
      return { type: 'bool', value: reader.octet() !== 0 };
    case 0x66: // f
      return { type: 'float', value: reader.float() };
    case 0x64: // d
      return { type: 'double', value: reader.double() };
    case 0x44: // D
      return { type: 'decimal', value: { scale: reader.octet(), unscaled: reader.long() } };
    case 0x56: // V
      return { type: 'void', value: undefined };
    case 0x46: // F
      return { type: 'table', value: readTable(reader, depth + 1) };
    case 0x41: // A
      return { type: 'array', value: readArray(reader, depth + 1) };
    default:
      throw new ProtocolError(502, `unknown field type ${tag}`);
  }
}

/** Writes a table with its length before it. */
export function writeTable(writer: WireWriter, table: FieldTable): void {
  const mark = writer.reserveLong();
  for (const [name, value] of table) {
    writer.shortString(name);
    writeValue(writer, value);
  }
  writer.fillLength(mark);
}

function writeValue(writer: WireWriter, field: FieldValue): void {
  switch (field.type) {
    case 'longstr':
      writer.octet(0x53);
      writer.longString(field.value);
      return;
    case 'binary':
      writer.octet(0x78);
      writer.longString(field.value);
      return;
    case 'signedint':
      writer.octet(0x49);
      writer.long(field.value);
      return;
    case 'unsignedint':
      writer.octet(0x69);
      writer.long(field.value);
      return;
    case 'byte':
      writer.octet(0x62);
      writer.octet(field.value);
      return;
    case 'unsignedbyte':
      writer.octet(0x42);
      writer.octet(field.value);
      return;
    case 'short':
      writer.octet(0x73);
      writer.short(field.value);
      return;
    case 'unsignedshort':
      writer.octet(0x75);
      writer.short(field.value);
      return;
    case 'long':
      writer.octet(0x6c);
      writer.bigLongLong(field.value);
      return;
    case 'timestamp':
      writer.octet(0x54);
      writer.bigLongLong(field.value);
      return;
    default:
      writeStructured(writer, field);
      return;
  }
}

function writeStructured(writer: WireWriter, field: FieldValue): void {
  switch (field.type) {
    case 'bool':
      writer.octet(0x74);
      writer.octet(field.value ? 1 : 0);
      return;
    case 'float':
      writer.octet(0x66);
      writer.float(field.value);
      return;
    case 'double':
      writer.octet(0x64);
      writer.double(field.value);
      return;
    case 'decimal':
      writer.octet(0x44);
      writer.octet(field.value.scale);
      writer.long(field.value.unscaled);
      return;
    case 'void':
      writer.octet(0x56);
      return;
    case 'table':
      writer.octet(0x46);
      writeTable(writer, field.value);
      return;
    case 'array': {
      writer.octet(0x41);
      const mark = writer.reserveLong();
      for (const value of field.value) writeValue(writer, value);
      writer.fillLength(mark);
      return;
    }
  }
}

/** Equal in keys, and for each in type and value. */
function tablesEqual(left: FieldTable, right: FieldTable): boolean {
  if (left.size !== right.size) return false;
  for (const [name, value] of left) {
    const other = right.get(name);
    if (other === undefined || !valuesEqual(value, other)) return false;
  }
  return true;
}

/** Equal in type and value. */
export function valuesEqual(left: FieldValue, right: FieldValue): boolean {
  if (left.type === 'longstr' || left.type === 'binary') {
    return left.type === right.type && left.value.equals(right.value as Buffer);
  }
  if (left.type === 'table') return right.type === 'table' && tablesEqual(left.value, right.value);
  if (left.type === 'array') {
    if (right.type !== 'array' || left.value.length !== right.value.length) return false;
    return left.value.every((value, index) => valuesEqual(value, right.value[index] as FieldValue));
  }
  if (left.type === 'decimal') {
    if (right.type !== 'decimal') return false;
    return left.value.scale === right.value.scale && left.value.unscaled === right.value.unscaled;
  }
  return left.type === right.type && left.value === right.value;
}

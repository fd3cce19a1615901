/**
 * Encodes and decodes the arguments of any method by the method table. The methods of the hot path
 * (publish, deliver, ack) have their own code beside it; a test holds the two to the same bytes.
 */
import { type FieldTable, readTable, writeTable } from './field-table.js';
import { type ArgumentKind, METHODS, type MethodName } from './method-table.js';
import { blame, ProtocolError } from './protocol-error.js';
import type { WireReader } from './wire-reader.js';
import type { WireWriter } from './wire-writer.js';

interface KindValue {
  bit: boolean;
  octet: number;
  short: number;
  long: number;
  longlong: number;
  timestamp: number;
  shortstr: string;
  longstr: Buffer;
  table: FieldTable;
}

type Pairs<Name extends MethodName> = Extract<
  (typeof METHODS)[Name][number],
  readonly [string, ArgumentKind]
>;

/** The arguments of a method by name. */
export type MethodArguments<Name extends MethodName> = {
  [Pair in Pairs<Name> as Pair[0]]: KindValue[Pair[1]];
};

/** A method with its arguments: what a frame of type 1 holds. */
export type Method = { [Name in MethodName]: { name: Name; args: MethodArguments<Name> } }[MethodName];

type Plan = { readonly name: MethodName; readonly fields: readonly (readonly [string, ArgumentKind])[] };

/** More does not fit into the reply text. */
const SHOWN_BYTES_MAX = 256;

const plans = new Map<number, Plan>();
for (const name of Object.keys(METHODS) as MethodName[]) {
  const [classId, methodId, ...fields] = METHODS[name];
  plans.set((classId << 16) | methodId, { name, fields });
}

/** The class and method identifiers of a method. */
export function methodIds(name: MethodName): readonly [classId: number, methodId: number] {
  return [METHODS[name][0], METHODS[name][1]];
}

/**
 * Decodes the method at the reader's position, identifiers first.
 *
 * @throws ProtocolError 503 for a method that is not in the table, 501 for malformed arguments
 */
export function decodeMethod(reader: WireReader): Method {
  const classId = reader.short();
  const methodId = reader.short();
  const plan = plans.get((classId << 16) | methodId);
  if (plan === undefined) {
    throw new ProtocolError(503, `unknown method ${classId}.${methodId}`);
  }
  const start = reader.position;
  try {
    return { name: plan.name, args: readArguments(reader, plan) } as unknown as Method;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const bytes = Array.from(reader.buffer.subarray(start, Math.min(reader.end, start + SHOWN_BYTES_MAX)));
    const undecodable = new ProtocolError(501, `cannot decode <<${bytes.join(',')}>>`);
    blame(undecodable, classId, methodId);
    throw undecodable;
  }
}

function readArguments(reader: WireReader, plan: Plan): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  let bits = 0;
  let mask = 0x100;
  for (const [name, kind] of plan.fields) {
    if (kind === 'bit') {
      // Neighbouring bits share an octet, the first in its lowest place (specification 4.2.5.2).
      if (mask === 0x100) {
        bits = reader.octet();
        mask = 1;
      }
      args[name] = (bits & mask) !== 0;
      mask <<= 1;
    } else {
      mask = 0x100;
      args[name] = readArgument(reader, kind);
    }
  }
  return args;
}

function readArgument(reader: WireReader, kind: ArgumentKind): unknown {
  switch (kind) {
    case 'octet':
      return reader.octet();
    case 'short':
      return reader.short();
    case 'long':
      return reader.long();
    case 'longlong':
    case 'timestamp':
      return reader.longLong();
    case 'shortstr':
      return reader.shortString();
    case 'longstr':
      return reader.longString();
    case 'table':
      return readTable(reader);
    case 'bit':
      throw new Error('bits are read by their octet');
  }
}

/** Writes a method's identifiers and arguments. */
export function encodeMethod<Name extends MethodName>(
  writer: WireWriter,
  name: Name,
  args: MethodArguments<Name>,
): void {
  const [classId, methodId, ...fields] = METHODS[name];
  writer.short(classId);
  writer.short(methodId);
  let bits = 0;
  let mask = 0;
  for (const [field, kind] of fields as readonly (readonly [string, ArgumentKind])[]) {
    const value = (args as Record<string, unknown>)[field];
    if (kind === 'bit') {
      mask = mask === 0 ? 1 : mask << 1;
      if (value === true) bits |= mask;
      continue;
    }
    if (mask !== 0) writer.octet(bits);
    bits = 0;
    mask = 0;
    writeArgument(writer, kind, value);
  }
  if (mask !== 0) writer.octet(bits);
}

function writeArgument(writer: WireWriter, kind: ArgumentKind, value: unknown): void {
  switch (kind) {
    case 'octet':
      writer.octet(value as number);
      return;
    case 'short':
      writer.short(value as number);
      return;
    case 'long':
      writer.long(value as number);
      return;
    case 'longlong':
    case 'timestamp':
      writer.longLong(value as number);
      return;
    case 'shortstr':
      writer.shortString(value as string);
      return;
    case 'longstr':
      writer.longString(value as Buffer);
      return;
    case 'table':
      writeTable(writer, value as FieldTable);
      return;
    case 'bit':
      throw new Error('bits are written by their octet');
  }
}

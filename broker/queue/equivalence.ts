/** What is said when something is declared again with other arguments, in RabbitMQ's words. */
import { type FieldTable, type FieldValue, integerOf, valuesEqual } from '../protocol/field-table.js';
import { named, ProtocolError } from '../protocol/protocol-error.js';

/**
 * Refuses a field of a declaration that differs from what is there.
 *
 * @throws ProtocolError 406
 */
export function requireEqual(
  kind: 'queue' | 'exchange',
  name: string,
  field: string,
  received: string | boolean,
  current: string | boolean,
): void {
  if (received === current) return;
  const what = `inequivalent arg '${field}' for ${named(kind, name)}`;
  throw new ProtocolError(406, `${what}: received '${received}' but current is '${current}'`);
}

/**
 * Refuses arguments that differ from what is there, among those that matter.
 *
 * @throws ProtocolError 406
 */
export function requireEqualArguments(
  kind: 'queue' | 'exchange',
  name: string,
  keys: readonly string[],
  received: FieldTable,
  current: FieldTable,
): void {
  for (const key of keys) {
    const left = received.get(key);
    const right = current.get(key);
    if (left === undefined && right === undefined) continue;
    if (left !== undefined && right !== undefined && equal(left, right)) continue;
    const what = `inequivalent arg '${key}' for ${named(kind, name)}`;
    if (left !== undefined && right !== undefined) {
      throw new ProtocolError(406, `${what}: received '${show(left)}' but current is '${show(right)}'`);
    }
    const describe = (value: FieldValue | undefined): string =>
      value === undefined ? 'none' : `the value '${show(value)}' of type '${value.type}'`;
    throw new ProtocolError(406, `${what}: received ${describe(left)} but current is ${describe(right)}`);
  }
}

function equal(left: FieldValue, right: FieldValue): boolean {
  const number = integerOf(left);
  if (number !== undefined) return number === integerOf(right);
  return valuesEqual(left, right);
}

function show(value: FieldValue): string {
  return String(value.value);
}

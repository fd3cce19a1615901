/** What is said when something is declared again with other arguments, in RabbitMQ's words. */
import { type FieldTable, type FieldValue, integerOf, valuesEqual } from '../protocol/field-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';

/**
 * Refuses a field of a declaration that differs from what is there.
 *
 * @param what how the text names it
 * @throws ProtocolError 406
 */
export function requireEqual(
  what: string,
  field: string,
  received: string | boolean,
  current: string | boolean,
): void {
  if (received === current) return;
  const wrong = `inequivalent arg '${field}' for ${what}`;
  throw new ProtocolError(406, `${wrong}: received '${received}' but current is '${current}'`);
}

/**
 * Refuses arguments that differ from what is there, among those that matter.
 *
 * @param what how the text names it
 * @throws ProtocolError 406
 */
export function requireEqualArguments(
  what: string,
  keys: readonly string[],
  received: FieldTable,
  current: FieldTable,
): void {
  for (const key of keys) {
    const left = received.get(key);
    const right = current.get(key);
    if (left === undefined && right === undefined) continue;
    if (left !== undefined && right !== undefined && equal(left, right)) continue;
    const wrong = `inequivalent arg '${key}' for ${what}`;
    if (left !== undefined && right !== undefined) {
      throw new ProtocolError(406, `${wrong}: received '${show(left)}' but current is '${show(right)}'`);
    }
    const describe = (value: FieldValue | undefined): string =>
      value === undefined ? 'none' : `the value '${show(value)}' of type '${value.type}'`;
    throw new ProtocolError(406, `${wrong}: received ${describe(left)} but current is ${describe(right)}`);
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

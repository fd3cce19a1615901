/**
 * A headers exchange: a binding's arguments are compared with the message's headers, by value; a void
 * argument asks only that the header be there. `x-match` is all, any, all-with-x or any-with-x; without
 * `-with-x` arguments that begin with `x-` are left out.
 */
import { type FieldTable, type FieldValue, integerOf, textOf, valuesEqual } from '../protocol/field-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Binding, Destination, MessageRouter } from './binding.js';
import type { RoutedMessage } from './routed-message.js';

const MODES = ['all', 'any', 'all-with-x', 'any-with-x'];

/**
 * Checks the arguments of a binding to a headers exchange.
 *
 * @throws ProtocolError 406
 */
export function checkHeadersBinding(args: FieldTable): void {
  const mode = args.get('x-match');
  if (mode === undefined) return;
  const text = textOf(mode);
  if (text === undefined) {
    const shown = mode.type === 'void' ? 'undefined' : String(mode.value);
    throw new ProtocolError(
      406,
      `Invalid x-match field type ${mode.type} (value ${shown}); expected longstr`,
    );
  }
  if (!MODES.includes(text)) {
    const expected = 'expected all, any, all-with-x, or any-with-x';
    throw new ProtocolError(406, `Invalid x-match field value <<"${text}">>; ${expected}`);
  }
}

export class HeadersRouter implements MessageRouter {
  readonly by = 'message';
  private readonly bindings = new Set<Binding>();

  add(binding: Binding): void {
    this.bindings.add(binding);
  }

  remove(binding: Binding): void {
    this.bindings.delete(binding);
  }

  match(message: RoutedMessage, into: Set<Destination>): void {
    const { headers } = message;
    for (const binding of this.bindings) {
      if (!into.has(binding.destination) && matches(binding.args, headers)) into.add(binding.destination);
    }
  }
}

function matches(args: FieldTable, headers: FieldTable): boolean {
  const mode = textOf(args.get('x-match')) ?? 'all';
  const withX = mode.endsWith('-with-x');
  const any = mode.startsWith('any');
  for (const [name, wanted] of args) {
    if (name === 'x-match' || (!withX && name.startsWith('x-'))) continue;
    const found = headers.get(name);
    const match = found !== undefined && (wanted.type === 'void' || same(wanted, found));
    if (match && any) return true;
    if (!match && !any) return false;
  }
  return !any;
}

/** Values are compared whatever their type: 1 is 1.0, and a string is bytes (Erlang's `==`). */
function same(left: FieldValue, right: FieldValue): boolean {
  const number = numberOf(left);
  if (number !== undefined) return number === numberOf(right);
  if (left.type === 'longstr' || left.type === 'binary') {
    return (right.type === 'longstr' || right.type === 'binary') && left.value.equals(right.value);
  }
  return valuesEqual(left, right);
}

function numberOf(value: FieldValue): number | undefined {
  if (value.type === 'float' || value.type === 'double') return value.value;
  return value.type === 'timestamp' ? Number(value.value) : integerOf(value);
}

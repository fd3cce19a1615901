/**
 * A recent-history exchange: a fanout exchange that keeps the last messages it has routed, for whoever
 * is bound to it later. What it keeps is in memory, even where it is durable, and begins anew with the
 * broker, as in RabbitMQ's plugin. A message with a true header `x-recent-history-no-store` is not kept.
 */

import { showValue } from '../protocol/erlang-notation.js';
import { type FieldTable, integerOf } from '../protocol/field-table.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Binding, Destination, MessageRouter } from './binding.js';
import { History } from './history.js';
import type { RoutedMessage } from './routed-message.js';

const LENGTH = 'x-recent-history-length';
const LENGTH_TYPES = ['byte', 'short', 'signedint', 'long'];
const LENGTH_WHEN_NONE_IS_GIVEN = 20;

/**
 * Checks the arguments of a recent-history exchange.
 *
 * @throws ProtocolError 406
 */
export function checkHistoryArguments(args: FieldTable): void {
  const length = args.get(LENGTH);
  if (length === undefined) return;
  if (LENGTH_TYPES.includes(length.type) && (integerOf(length) as number) > 0) return;
  throw new ProtocolError(
    406,
    `Invalid argument ${showValue(length)}, '${LENGTH}' must be a positive integer`,
  );
}

export class RecentHistoryRouter implements MessageRouter {
  readonly by = 'message';
  readonly history: History;
  private readonly bindings = new Set<Binding>();

  constructor(args: FieldTable) {
    this.history = new History(integerOf(args.get(LENGTH)) ?? LENGTH_WHEN_NONE_IS_GIVEN);
  }

  add(binding: Binding): void {
    this.bindings.add(binding);
  }

  remove(binding: Binding): void {
    this.bindings.delete(binding);
  }

  match(message: RoutedMessage, into: Set<Destination>): void {
    const noStore = message.headers.get('x-recent-history-no-store');
    if (noStore?.type !== 'bool' || !noStore.value) this.history.keep(message);
    for (const binding of this.bindings) into.add(binding.destination);
  }
}

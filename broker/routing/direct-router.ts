/** A direct exchange: the binding key is the routing key. */
import type { FieldTable } from '../protocol/field-table.js';
import type { Binding, Destination, Router } from './binding.js';

export class DirectRouter implements Router {
  private readonly byKey = new Map<string, Binding[]>();

  add(binding: Binding): void {
    const bindings = this.byKey.get(binding.routingKey);
    if (bindings === undefined) this.byKey.set(binding.routingKey, [binding]);
    else bindings.push(binding);
  }

  remove(binding: Binding): void {
    const bindings = this.byKey.get(binding.routingKey);
    const at = bindings?.indexOf(binding) ?? -1;
    if (bindings === undefined || at === -1) return;
    bindings.splice(at, 1);
    if (bindings.length === 0) this.byKey.delete(binding.routingKey);
  }

  match(routingKey: string, _headers: FieldTable, into: Set<Destination>): void {
    for (const binding of this.byKey.get(routingKey) ?? []) into.add(binding.destination);
  }
}

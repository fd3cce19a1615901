/** A direct exchange: the binding key is the routing key. */
import type { Binding, Destination, KeyRouter } from './binding.js';

export class DirectRouter implements KeyRouter {
  readonly by = 'key';
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

  match(routingKeys: readonly string[], into: Set<Destination>): void {
    for (const key of routingKeys) {
      for (const binding of this.byKey.get(key) ?? []) into.add(binding.destination);
    }
  }
}

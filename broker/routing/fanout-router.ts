/** A fanout exchange: every binding matches. */
import type { Binding, Destination, KeyRouter } from './binding.js';

export class FanoutRouter implements KeyRouter {
  readonly by = 'key';
  private readonly bindings = new Set<Binding>();

  add(binding: Binding): void {
    this.bindings.add(binding);
  }

  remove(binding: Binding): void {
    this.bindings.delete(binding);
  }

  match(_routingKeys: readonly string[], into: Set<Destination>): void {
    for (const binding of this.bindings) into.add(binding.destination);
  }
}

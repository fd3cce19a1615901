/** A fanout exchange: every binding matches. */
import type { FieldTable } from '../protocol/field-table.js';
import type { Binding, Destination, Router } from './binding.js';

export class FanoutRouter implements Router {
  private readonly bindings = new Set<Binding>();

  add(binding: Binding): void {
    this.bindings.add(binding);
  }

  remove(binding: Binding): void {
    this.bindings.delete(binding);
  }

  match(_routingKey: string, _headers: FieldTable, into: Set<Destination>): void {
    for (const binding of this.bindings) into.add(binding.destination);
  }
}

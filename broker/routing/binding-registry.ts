/** All bindings of a virtual host, findable from either end. */
import type { FieldTable } from '../protocol/field-table.js';
import { writeTable } from '../protocol/field-table.js';
import { WireWriter } from '../protocol/wire-writer.js';
import { Queue } from '../queue/queue.js';
import type { BindingRow } from '../store/store.js';
import type { Binding, Destination } from './binding.js';
import type { Exchange } from './exchange.js';

export class BindingRegistry {
  private readonly byDestination = new Map<Destination, Map<string, Binding>>();

  /** Adds a binding; undefined when it was there already. */
  add(source: Exchange, destination: Destination, routingKey: string, args: FieldTable): Binding | undefined {
    const encodedArgs = encodeTable(args);
    let bindings = this.byDestination.get(destination);
    if (bindings === undefined) {
      bindings = new Map();
      this.byDestination.set(destination, bindings);
    }
    const id = identify(source, routingKey, encodedArgs);
    if (bindings.has(id)) return undefined;
    const binding: Binding = { source, destination, routingKey, args, encodedArgs };
    bindings.set(id, binding);
    source.add(binding);
    return binding;
  }

  /** Finds a binding by what it was made with. */
  find(
    source: Exchange,
    destination: Destination,
    routingKey: string,
    args: FieldTable,
  ): Binding | undefined {
    return this.byDestination.get(destination)?.get(identify(source, routingKey, encodeTable(args)));
  }

  remove(binding: Binding): void {
    binding.source.remove(binding);
    const bindings = this.byDestination.get(binding.destination);
    bindings?.delete(identify(binding.source, binding.routingKey, binding.encodedArgs));
    if (bindings?.size === 0) this.byDestination.delete(binding.destination);
  }

  /** The bindings that lead to a queue or exchange. */
  to(destination: Destination): Binding[] {
    return [...(this.byDestination.get(destination)?.values() ?? [])];
  }
}

function identify(source: Exchange, routingKey: string, encodedArgs: string): string {
  return JSON.stringify([source.name, routingKey, encodedArgs]);
}

/** A table in base64, as it is stored. */
export function encodeTable(table: FieldTable): string {
  const writer = new WireWriter();
  writeTable(writer, table);
  return writer.copy().toString('base64');
}

/** Whether a binding outlives a restart: both of its ends do. */
export function isDurable(binding: Binding): boolean {
  const { source, destination } = binding;
  return source.durable && destination.durable && !(destination instanceof Queue && destination.owner);
}

/** A binding as it is stored. */
export function toRow(binding: Binding, virtualHost: string): BindingRow {
  return {
    virtualHost,
    source: binding.source.name,
    kind: binding.destination instanceof Queue ? 'queue' : 'exchange',
    destination: binding.destination.name,
    routingKey: binding.routingKey,
    args: binding.encodedArgs,
  };
}

/** A binding, and what every kind of exchange does with its bindings. */
import type { FieldTable } from '../protocol/field-table.js';
import type { Queue } from '../queue/queue.js';
import type { Exchange } from './exchange.js';

export type Destination = Queue | Exchange;

export interface Binding {
  readonly source: Exchange;
  readonly destination: Destination;
  readonly routingKey: string;
  readonly args: FieldTable;
  /** The encoded arguments in base64: with source, destination and key it identifies the binding. */
  readonly encodedArgs: string;
}

/** An exchange kind's index of its bindings. */
export interface Router {
  add(binding: Binding): void;
  remove(binding: Binding): void;
  /** Collects the destinations of a message. */
  match(routingKey: string, headers: FieldTable, into: Set<Destination>): void;
}

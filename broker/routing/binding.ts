/** A binding, and what every kind of exchange does with its bindings. */
import type { FieldTable } from '../protocol/field-table.js';
import type { Queue } from '../queue/queue.js';
import type { Exchange } from './exchange.js';
import type { RoutedMessage } from './routed-message.js';

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
interface BindingIndex {
  add(binding: Binding): void;
  remove(binding: Binding): void;
}

/** Of a kind where a key leads to the same destinations for as long as the bindings stay. */
export interface KeyRouter extends BindingIndex {
  readonly by: 'key';
  /** Collects the destinations of a message. */
  match(routingKeys: readonly string[], into: Set<Destination>): void;
}

/** Of a kind that has to see each message by itself. */
export interface MessageRouter extends BindingIndex {
  readonly by: 'message';
  /** Collects the destinations of a message. */
  match(message: RoutedMessage, into: Set<Destination>): void;
}

export type Router = KeyRouter | MessageRouter;

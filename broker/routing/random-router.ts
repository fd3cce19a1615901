/** A random exchange: each message takes one of the bindings, all of them being equally likely. */
import type { Binding, Destination, MessageRouter } from './binding.js';
import type { RoutedMessage } from './routed-message.js';

export class RandomRouter implements MessageRouter {
  readonly by = 'message';
  private readonly bindings: Binding[] = [];

  add(binding: Binding): void {
    this.bindings.push(binding);
  }

  remove(binding: Binding): void {
    const at = this.bindings.indexOf(binding);
    if (at !== -1) this.bindings.splice(at, 1);
  }

  match(_message: RoutedMessage, into: Set<Destination>): void {
    const binding = this.bindings[Math.floor(Math.random() * this.bindings.length)];
    if (binding !== undefined) into.add(binding.destination);
  }
}

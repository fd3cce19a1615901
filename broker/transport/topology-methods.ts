/** The methods of the classes exchange and queue, for one channel. */
import type { MethodArguments } from '../protocol/method-codec.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Queue } from '../queue/queue.js';
import type { Exchange } from '../routing/exchange.js';
import { refuseDefault } from '../routing/exchange-registry.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import { REPLY_QUEUE } from './direct-replies.js';
import type { Wire } from './wire.js';

type BindArguments = MethodArguments<'exchange.bind'>;

export class TopologyMethods {
  private readonly wire: Wire;
  private readonly virtualHost: VirtualHost;
  private lastQueue = '';

  constructor(wire: Wire) {
    this.wire = wire;
    this.virtualHost = wire.virtualHost;
  }

  /** A queue by name; no name means the one this channel declared last. */
  queue(name: string): Queue {
    return this.virtualHost.requireQueue(this.queueName(name), this.wire);
  }

  private queueName(name: string): string {
    if (name !== '') return name;
    if (this.lastQueue === '') throw new ProtocolError(404, 'no previously declared queue');
    return this.lastQueue;
  }

  declareExchange(args: MethodArguments<'exchange.declare'>): void {
    if (args.passive) {
      refuseDefault(args.exchange);
      this.virtualHost.exchanges.require(args.exchange);
      return;
    }
    this.virtualHost.declareExchange({ ...args, name: args.exchange, args: args.arguments });
    this.wire.holdUntilWritten();
  }

  deleteExchange(args: MethodArguments<'exchange.delete'>): void {
    this.virtualHost.deleteExchange(args.exchange, args.ifUnused);
    this.wire.holdUntilWritten();
  }

  bindExchange(args: BindArguments): void {
    const [source, destination] = this.exchangePair(args);
    this.virtualHost.bind(source, destination, args.routingKey, args.arguments);
    this.wire.holdUntilWritten();
  }

  unbindExchange(args: BindArguments): void {
    refuseDefault(args.source);
    refuseDefault(args.destination);
    const source = this.virtualHost.exchange(args.source);
    const destination = this.virtualHost.exchange(args.destination);
    if (source === undefined || destination === undefined) return;
    this.virtualHost.unbind(source, destination, args.routingKey, args.arguments);
    this.wire.holdUntilWritten();
  }

  private exchangePair(args: BindArguments): [source: Exchange, destination: Exchange] {
    refuseDefault(args.source);
    refuseDefault(args.destination);
    const { exchanges } = this.virtualHost;
    return [exchanges.require(args.source), exchanges.require(args.destination)];
  }

  declareQueue(args: MethodArguments<'queue.declare'>): MethodArguments<'queue.declare-ok'> {
    const { wire, virtualHost } = this;
    if (args.queue.startsWith(REPLY_QUEUE)) return this.declareReplyQueue(args.queue);
    let queue: Queue;
    if (args.passive) {
      queue = virtualHost.requireQueue(args.queue, wire);
      queue.touch();
    } else {
      const { durable, exclusive, autoDelete } = args;
      const rest = { durable, exclusive, autoDelete, args: args.arguments, connection: wire };
      queue = virtualHost.declareQueue({ name: args.queue, ...rest });
      wire.holdUntilWritten();
    }
    this.lastQueue = queue.name;
    return { queue: queue.name, messageCount: queue.readyCount, consumerCount: queue.consumerCount };
  }

  /** A server may ask whether whoever waits for its reply is still there. */
  private declareReplyQueue(queue: string): MethodArguments<'queue.declare-ok'> {
    if (queue !== REPLY_QUEUE && !this.wire.directReplies.has(queue)) {
      throw new ProtocolError(404, `no queue '${queue}' in vhost '/'`);
    }
    return { queue, messageCount: 0, consumerCount: 1 };
  }

  bindQueue(args: MethodArguments<'queue.bind'>): void {
    const name = this.queueName(args.queue);
    const routingKey = args.queue === '' && args.routingKey === '' ? name : args.routingKey;
    refuseDefault(args.exchange);
    const source = this.virtualHost.exchanges.require(args.exchange);
    const queue = this.virtualHost.requireQueue(name, this.wire);
    this.virtualHost.bind(source, queue, routingKey, args.arguments);
    this.wire.holdUntilWritten();
  }

  unbindQueue(args: MethodArguments<'queue.unbind'>): void {
    const name = this.queueName(args.queue);
    const routingKey = args.queue === '' && args.routingKey === '' ? name : args.routingKey;
    refuseDefault(args.exchange);
    const source = this.virtualHost.exchange(args.exchange);
    const bound = this.virtualHost.queue(name);
    if (source === undefined || bound === undefined) return;
    // Whose the queue is matters only where there is something to unbind.
    if (this.virtualHost.bindings.find(source, bound, routingKey, args.arguments) === undefined) return;
    const queue = this.virtualHost.requireQueue(name, this.wire);
    this.virtualHost.unbind(source, queue, routingKey, args.arguments);
    this.wire.holdUntilWritten();
  }

  purge(args: MethodArguments<'queue.purge'>): number {
    const count = this.queue(args.queue).purge();
    this.wire.holdUntilWritten();
    return count;
  }

  /** Deletes a queue; one that is not there had no messages. The answer goes before any basic.cancel. */
  deleteQueue(args: MethodArguments<'queue.delete'>, answer: (messageCount: number) => void): void {
    const name = this.queueName(args.queue);
    if (this.virtualHost.queue(name) === undefined) {
      answer(0);
      return;
    }
    const queue = this.virtualHost.requireQueue(name, this.wire);
    this.virtualHost.deleteQueue(queue, args.ifUnused, args.ifEmpty, answer);
    this.wire.holdUntilWritten();
  }
}

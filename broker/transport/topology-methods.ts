/** The methods of the classes exchange and queue, for one channel. */
import type { MethodArguments } from '../protocol/method-codec.js';
import { named, ProtocolError } from '../protocol/protocol-error.js';
import type { Queue } from '../queue/queue.js';
import type { Exchange } from '../routing/exchange.js';
import { refuseDefault, refuseSystemExchange, requireExchangeType } from '../routing/exchange-registry.js';
import { newQueueName } from '../routing/queue-declaration.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import { REPLY_QUEUE } from './direct-replies.js';
import { Rights } from './rights.js';
import type { Wire } from './wire.js';

type BindArguments = MethodArguments<'exchange.bind'>;

export class TopologyMethods {
  private readonly wire: Wire;
  private readonly virtualHost: VirtualHost;
  private readonly rights: Rights;
  private lastQueue = '';

  constructor(wire: Wire) {
    this.wire = wire;
    this.virtualHost = wire.virtualHost;
    this.rights = new Rights(wire);
  }

  /**
   * A queue to take messages from, by name; no name means the one this channel declared last.
   *
   * @throws ProtocolError 403, 404, 405
   */
  readable(name: string): Queue {
    const actual = this.queueName(name);
    this.rights.require('read', 'queue', actual);
    return this.virtualHost.requireQueue(actual, this.wire);
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
    this.admitExchange(args);
    this.virtualHost.declareExchange({ ...args, name: args.exchange, args: args.arguments });
    this.wire.holdUntilWritten();
  }

  private admitExchange({
    exchange: name,
    type,
    arguments: args,
  }: MethodArguments<'exchange.declare'>): void {
    requireExchangeType(type);
    refuseDefault(name);
    this.rights.require('configure', 'exchange', name);
    if (this.virtualHost.exchange(name) !== undefined) return;
    this.rights.requireHandingOn('exchange', name, args, 'alternate-exchange');
  }

  deleteExchange(args: MethodArguments<'exchange.delete'>): void {
    refuseDefault(args.exchange);
    refuseSystemExchange(args.exchange, this.virtualHost.name);
    this.rights.require('configure', 'exchange', args.exchange);
    this.virtualHost.deleteExchange(args.exchange, args.ifUnused);
    this.wire.holdUntilWritten();
  }

  bindExchange(args: BindArguments): void {
    this.admitBinding(args, 'exchange', args.destination, args.source);
    const [source, destination] = this.exchangePair(args);
    this.virtualHost.bind(source, destination, args.routingKey, args.arguments);
    this.wire.holdUntilWritten();
  }

  unbindExchange(args: BindArguments): void {
    this.admitBinding(args, 'exchange', args.destination, args.source);
    const source = this.virtualHost.exchange(args.source);
    const destination = this.virtualHost.exchange(args.destination);
    if (source === undefined || destination === undefined) return;
    this.virtualHost.unbind(source, destination, args.routingKey, args.arguments);
    this.wire.holdUntilWritten();
  }

  /** Asks for what making and taking away a binding takes alike. @throws ProtocolError 403 */
  private admitBinding(
    { routingKey }: { routingKey: string },
    kind: 'queue' | 'exchange',
    destination: string,
    source: string,
  ): void {
    this.rights.require('write', kind, destination);
    if (kind === 'exchange') refuseDefault(destination);
    refuseDefault(source);
    this.rights.require('read', 'exchange', source);
    const exchange = this.virtualHost.exchange(source);
    if (exchange !== undefined) this.rights.requireTopic('read', exchange, routingKey);
  }

  private exchangePair(args: BindArguments): [source: Exchange, destination: Exchange] {
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
      const name = args.queue === '' ? newQueueName() : args.queue;
      this.rights.require('configure', 'queue', name);
      if (virtualHost.queue(name) === undefined) {
        this.rights.requireHandingOn('queue', name, args.arguments, 'x-dead-letter-exchange');
      }
      const rest = { durable, exclusive, autoDelete, args: args.arguments, connection: wire };
      queue = virtualHost.declareQueue({ name, serverNamed: args.queue === '', ...rest });
      wire.holdUntilWritten();
    }
    this.lastQueue = queue.name;
    return { queue: queue.name, messageCount: queue.readyCount, consumerCount: queue.consumerCount };
  }

  /** A server may ask whether whoever waits for its reply is still there. */
  private declareReplyQueue(queue: string): MethodArguments<'queue.declare-ok'> {
    if (queue !== REPLY_QUEUE && !this.wire.directReplies.has(queue)) {
      throw new ProtocolError(404, `no ${named('queue', queue, this.virtualHost.name)}`);
    }
    return { queue, messageCount: 0, consumerCount: 1 };
  }

  bindQueue(args: MethodArguments<'queue.bind'>): void {
    const name = this.queueName(args.queue);
    const routingKey = args.queue === '' && args.routingKey === '' ? name : args.routingKey;
    this.admitBinding({ routingKey }, 'queue', name, args.exchange);
    const source = this.virtualHost.exchanges.require(args.exchange);
    const queue = this.virtualHost.requireQueue(name, this.wire);
    this.virtualHost.bind(source, queue, routingKey, args.arguments);
    this.wire.holdUntilWritten();
  }

  unbindQueue(args: MethodArguments<'queue.unbind'>): void {
    const name = this.queueName(args.queue);
    const routingKey = args.queue === '' && args.routingKey === '' ? name : args.routingKey;
    this.admitBinding({ routingKey }, 'queue', name, args.exchange);
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
    const count = this.readable(args.queue).purge();
    this.wire.holdUntilWritten();
    return count;
  }

  /** Deletes a queue; one that is not there had no messages. The answer goes before any basic.cancel. */
  deleteQueue(args: MethodArguments<'queue.delete'>, answer: (messageCount: number) => void): void {
    const name = this.queueName(args.queue);
    this.rights.require('configure', 'queue', name);
    if (this.virtualHost.queue(name) === undefined) {
      answer(0);
      return;
    }
    const queue = this.virtualHost.requireQueue(name, this.wire);
    this.virtualHost.deleteQueue(queue, args.ifUnused, args.ifEmpty, answer);
    this.wire.holdUntilWritten();
  }
}

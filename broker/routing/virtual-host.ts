/**
 * The registry of a virtual host: its exchanges, queues and bindings, and the way of a message
 * through them. Every durable change is passed on to the store; who may make it is not decided here.
 */
import type { FieldTable } from '../protocol/field-table.js';
import { named, ProtocolError } from '../protocol/protocol-error.js';
import { admitDeletion } from '../queue/admission.js';
import { parseQueueArguments } from '../queue/arguments.js';
import { Changes } from '../queue/changes.js';
import { systemClock } from '../queue/clock.js';
import type { Entry } from '../queue/entry.js';
import { HostCounters } from '../queue/host-counters.js';
import type { PageBudget } from '../queue/page-budget.js';
import { Queue } from '../queue/queue.js';
import type { Attempt, DeathReason, QueueHost } from '../queue/queue-host.js';
import { QuorumQueue, refuseForQuorum } from '../queue/quorum-queue.js';
import type { Message } from '../store/message.js';
import type { Store } from '../store/store.js';
import type { Binding, Destination } from './binding.js';
import { BindingRegistry, encodeTable, isDurable, toRow } from './binding-registry.js';
import { DeadLettering } from './dead-lettering.js';
import { checkBinding, type Exchange } from './exchange.js';
import { type ExchangeDeclaration, ExchangeRegistry, refuseReserved } from './exchange-registry.js';
import { type History, newCopy } from './history.js';
import { Policies } from './policies.js';
import {
  lockedQueue,
  type QueueDeclaration,
  requireSameQueue,
  withDefaultType,
} from './queue-declaration.js';
import { type RouteMap, route } from './route.js';
import type { Ids, VirtualHostGround, VirtualHostMetadata } from './virtual-host-ground.js';

export class VirtualHost implements QueueHost, RouteMap {
  readonly name: string;
  metadata: VirtualHostMetadata;
  readonly store: Store;
  readonly ids: Ids;
  readonly clock = systemClock;
  readonly queues = new Map<string, Queue>();
  readonly policies: Policies;
  readonly exchanges: ExchangeRegistry;
  readonly bindings = new BindingRegistry();
  readonly tally = new HostCounters();
  readonly changes = new Changes();
  private readonly deadLetters = new DeadLettering(this);
  private readonly exclusive = new Map<object, Set<Queue>>();
  version = 0;
  /** The most queues and connections it may have, as an operator limits them. */
  queuesMax = Number.POSITIVE_INFINITY;
  connectionsMax = Number.POSITIVE_INFINITY;
  readonly pageBudget: PageBudget;
  /** Told of queues that come and go. */
  onQueue: ((what: 'created' | 'deleted', queue: Queue) => void) | undefined = undefined;
  /** Told of a queue whose settings are other ones now. */
  onSettings: ((queue: Queue) => void) | undefined = undefined;

  constructor(ground: VirtualHostGround, name: string, metadata: VirtualHostMetadata) {
    this.name = name;
    this.metadata = metadata;
    this.store = ground.store;
    this.pageBudget = ground.pageBudget;
    this.ids = ground.ids;
    this.policies = new Policies(this, ground.policies);
    this.exchanges = new ExchangeRegistry(name, (exchange) => this.policies.of('exchange', exchange));
  }

  private label(name: string): string {
    return named('queue', name, this.name);
  }

  /** What was counted in it, its queues and exchanges that are gone included; made anew each time. */
  get counters(): HostCounters {
    const total = new HostCounters();
    total.add(this.tally);
    for (const queue of this.queues.values()) total.addQueue(queue);
    for (const exchange of this.exchanges.byName.values()) total.addExchange(exchange);
    return total;
  }

  queue(name: string): Queue | undefined {
    return this.queues.get(name);
  }

  exchange(name: string): Exchange | undefined {
    return this.exchanges.byName.get(name);
  }

  /**
   * Finds a queue that a connection may use.
   *
   * @throws ProtocolError 404 when there is none, 405 when it is another connection's
   */
  requireQueue(name: string, connection: object): Queue {
    const queue = this.queues.get(name);
    if (queue === undefined) throw new ProtocolError(404, `no ${this.label(name)}`);
    if (queue.owner !== undefined && queue.owner !== connection) throw lockedQueue(this.label(name));
    return queue;
  }

  declareExchange(declaration: ExchangeDeclaration): void {
    const { exchange, made } = this.exchanges.declare(declaration);
    if (!made) return;
    this.version++;
    if (!exchange.durable) return;
    const { name, type, autoDelete, internal } = exchange;
    this.store.change({
      do: 'put-exchange',
      virtualHost: this.name,
      name,
      type,
      autoDelete,
      internal,
      args: encodeTable(exchange.args),
    });
  }

  deleteExchange(name: string, ifUnused: boolean): void {
    const exchange = this.exchanges.deletable(name, ifUnused);
    if (exchange !== undefined) this.removeExchange(exchange);
  }

  private removeExchange(exchange: Exchange): void {
    exchange.deleted = true;
    this.tally.addExchange(exchange);
    this.exchanges.byName.delete(exchange.name);
    this.version++;
    for (const binding of [...exchange.bindings]) this.removeBinding(binding);
    for (const binding of this.bindings.to(exchange)) this.removeBinding(binding);
    if (exchange.durable) {
      this.store.change({ do: 'drop-exchange', virtualHost: this.name, name: exchange.name });
    }
  }

  /** Binds a queue or exchange; twice is once. */
  bind(source: Exchange, destination: Destination, routingKey: string, args: FieldTable): void {
    checkBinding(source.type, routingKey, args);
    const binding = this.bindings.add(source, destination, routingKey, args);
    if (binding === undefined) return;
    this.version++;
    if (isDurable(binding)) this.store.change({ do: 'put-binding', ...toRow(binding, this.name) });
    if (source.history !== undefined) this.replay(source.history, destination);
  }

  /** Hands a history on to what was just bound; by way of an exchange the newest comes first, as in RabbitMQ. */
  private replay(history: History, destination: Destination): void {
    const toQueue = destination instanceof Queue;
    for (const kept of toQueue ? history.messages() : history.messages().toReversed()) {
      const routed = newCopy(kept, this.ids.nextMessage++);
      this.publish(routed.message, toQueue ? [destination] : route(this, destination, routed));
    }
  }

  /** Takes a binding away; one that is not there is none the less gone. */
  unbind(source: Exchange, destination: Destination, routingKey: string, args: FieldTable): void {
    const binding = this.bindings.find(source, destination, routingKey, args);
    if (binding !== undefined) this.removeBinding(binding);
  }

  private removeBinding(binding: Binding): void {
    const { source } = binding;
    this.bindings.remove(binding);
    this.version++;
    if (isDurable(binding)) this.store.change({ do: 'drop-binding', ...toRow(binding, this.name) });
    const unused = source.autoDelete && source.bindings.size === 0;
    if (unused && this.exchange(source.name) === source) this.removeExchange(source);
  }

  /**
   * Finds the queue as declared, or makes it.
   *
   * @throws ProtocolError 405, 406, 403 for a name that is the broker's own
   */
  declareQueue(declaration: QueueDeclaration): Queue {
    const { name, connection } = declaration;
    const args = withDefaultType(declaration, this.metadata.defaultQueueType);
    const what = this.label(name);
    const owner = declaration.exclusive ? connection : undefined;
    this.tally.queuesDeclared++;
    if (!declaration.serverNamed) refuseReserved('queue', name);
    const known = this.queues.get(name);
    if (known !== undefined) {
      requireSameQueue(known, { ...declaration, args });
      known.touch();
      return known;
    }
    if (parseQueueArguments(what, args).type === 'quorum') refuseForQuorum(what, declaration);
    if (this.queues.size >= this.queuesMax) {
      const limit = `queue limit in vhost '${this.name}' (${this.queuesMax}) is reached`;
      throw new ProtocolError(406, `cannot declare queue '${name}': ${limit}`);
    }
    const queue = this.addQueue({ ...declaration, args, id: this.ids.nextQueue++, owner });
    this.tally.queuesCreated++;
    if (queue.durable && owner === undefined) {
      const { id, autoDelete } = queue;
      this.store.change({
        do: 'put-queue',
        virtualHost: this.name,
        id,
        name,
        autoDelete,
        args: encodeTable(args),
      });
    }
    return queue;
  }

  /** Puts a queue into the registry. */
  addQueue(
    options: Omit<QueueDeclaration, 'connection' | 'exclusive' | 'serverNamed'> & {
      id: number;
      owner: object | undefined;
    },
  ): Queue {
    const { name, owner, args } = options;
    const { type } = parseQueueArguments(this.label(name), args);
    const kind = type === 'quorum' ? QuorumQueue : Queue;
    const policies = this.policies.of(type, name);
    const queue = new kind(this, { ...options, virtualHost: this.name, type, policies });
    this.queues.set(name, queue);
    this.version++;
    if (owner !== undefined) {
      const owned = this.exclusive.get(owner);
      if (owned === undefined) this.exclusive.set(owner, new Set([queue]));
      else owned.add(queue);
    }
    this.onQueue?.('created', queue);
    return queue;
  }

  /**
   * Deletes a queue.
   *
   * @param deletable told how many ready messages it has, before its consumers are told anything
   * @throws ProtocolError 406 when it is in use or not empty and that matters
   */
  deleteQueue(
    queue: Queue,
    ifUnused: boolean,
    ifEmpty: boolean,
    deletable?: (readyCount: number) => void,
  ): void {
    admitDeletion(queue, ifUnused, ifEmpty);
    if (queue.deleted) return;
    deletable?.(queue.readyCount);
    this.queues.delete(queue.name);
    if (queue.owner !== undefined) this.exclusive.get(queue.owner)?.delete(queue);
    this.version++;
    for (const binding of this.bindings.to(queue)) this.removeBinding(binding);
    queue.close();
    this.tally.addQueue(queue);
    this.tally.queuesDeleted++;
    this.onQueue?.('deleted', queue);
    if (queue.durable && queue.owner === undefined) this.store.change({ do: 'drop-queue', id: queue.id });
  }

  /** Ends it with all that is in it; its connections have been closed. */
  clear(): void {
    this.policies.clear();
    for (const queue of [...this.queues.values()]) this.remove(queue);
    for (const exchange of [...this.exchanges.byName.values()]) this.removeExchange(exchange);
  }

  /** A connection is gone: so are the queues that were its own. */
  removeExclusive(owner: object): void {
    const owned = this.exclusive.get(owner);
    this.exclusive.delete(owner);
    for (const queue of owned ?? []) this.remove(queue);
  }

  remove(queue: Queue): void {
    this.deleteQueue(queue, false, false);
  }

  /** Puts a message into its queues; false if one of them refused it. */
  publish(message: Message, queues: readonly Queue[]): boolean {
    let refusing: Queue[] | undefined;
    if (queues.length > 1) message.shared = true;
    for (const queue of queues) {
      if (!queue.refusesPublish) queue.publish(message);
      else if (refusing === undefined) refusing = [queue];
      else refusing.push(queue);
    }
    // Dead letters are newer than the message: where both go, they have to stand behind it.
    for (const queue of queues) queue.dropExcess();
    if (refusing === undefined) return true;
    for (const queue of refusing) {
      if (queue.settings.overflow !== 'reject-publish-dlx') continue;
      const letter = this.deadLetters.publish(message, queue, 'maxlen');
      queue.countLetter('maxlen', letter === undefined ? 'disabled' : 'at_most_once');
    }
    return false;
  }

  deadLetter(entry: Entry, reason: DeathReason): Message | undefined {
    return this.deadLetters.publish(entry.message, entry.queue, reason);
  }

  handOver(entry: Entry, reason: DeathReason, settled: ReadonlySet<Queue>): Attempt {
    return this.deadLetters.handOver(entry, reason, settled);
  }
}

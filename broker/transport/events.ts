/**
 * What a broker tells its embedder: connections, channels, queues and alarms as they come and go, under
 * the names of RabbitMQ's event exchange.
 *
 * Listeners run in a microtask of their own, so that a listener that throws fails its own process and
 * not the connection that the event is about, and so that a broker nobody listens to pays nothing.
 */
import { EventEmitter } from 'node:events';

export interface ConnectionEvent {
  /** Counts from 1 in the life of a broker. */
  readonly connection: number;
  readonly user: string;
  /** As the socket gives it; empty for a connection inside the process. */
  readonly remoteAddress: string;
  readonly tls: boolean;
}

interface ChannelEvent {
  readonly connection: number;
  readonly channel: number;
}

interface QueueEvent {
  readonly virtualHost: string;
  readonly queue: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly exclusive: boolean;
}

/** What a broker can run short of. */
export type Resource = 'disk' | 'memory';

interface AlarmEvent {
  readonly resource: Resource;
}

export interface BrokerEventMap {
  'connection.created': [ConnectionEvent];
  'connection.closed': [ConnectionEvent];
  'channel.created': [ChannelEvent];
  'channel.closed': [ChannelEvent];
  'queue.created': [QueueEvent];
  'queue.deleted': [QueueEvent];
  'alarm.set': [AlarmEvent];
  'alarm.cleared': [AlarmEvent];
}

export class BrokerEvents {
  readonly emitter = new EventEmitter<BrokerEventMap>();

  tell<Name extends keyof BrokerEventMap>(name: Name, event: BrokerEventMap[Name][0]): void {
    const emitter = this.emitter as EventEmitter;
    if (emitter.listenerCount(name) > 0) queueMicrotask(() => emitter.emit(name, event));
  }
}

/** The connections that are open, with a socket or without, and the way from each to its channels and consumers. */
import type { FieldTable } from '../protocol/field-table.js';
import type { ProtocolError } from '../protocol/protocol-error.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { Channel } from './channel.js';
import type { Endpoint, TlsFacts } from './socket-facts.js';
import type { Traffic } from './traffic.js';

/** Whether a publisher is made to wait, or would be: by an alarm, or by a disk that is behind. */
export type ListedState = 'running' | 'blocking' | 'blocked' | 'flow' | 'closing';

export interface ListedConnection {
  /** Counts from 1 in the life of the broker. */
  readonly id: number;
  readonly name: string;
  readonly user: string;
  readonly virtualHost: VirtualHost;
  readonly protocol: 'AMQP 0-9-1' | 'Direct 0-9-1';
  readonly listedState: ListedState;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly peer: Endpoint;
  readonly local: Endpoint;
  readonly tls: TlsFacts | undefined;
  readonly clientProperties: FieldTable;
  /** Of SASL; empty where nobody logged in. */
  readonly mechanism: string;
  readonly channelsMax: number;
  readonly frameBytesMax: number;
  /** 0 for none. */
  readonly heartbeatSeconds: number;
  readonly traffic: Traffic;
  /** What the system has not taken from us yet. */
  readonly sendPendingBytes: number;
  readonly openChannels: IterableIterator<Channel>;
  readonly channelCount: number;
  /** Closes it, with an error that is told to the client. */
  disconnect(reason: ProtocolError): void;
}

export class ConnectionRegistry {
  /** Since the broker started; those that were closed may never have been opened. */
  connectionsCreated = 0;
  connectionsClosed = 0;
  channelsCreated = 0;
  channelsClosed = 0;
  private readonly byName = new Map<string, ListedConnection>();

  get size(): number {
    return this.byName.size;
  }

  add(connection: ListedConnection): void {
    this.connectionsCreated++;
    this.byName.set(connection.name, connection);
  }

  remove(connection: ListedConnection): void {
    const { name } = connection;
    if (this.byName.get(name) === connection) this.byName.delete(name);
  }

  get(name: string): ListedConnection | undefined {
    return this.byName.get(name);
  }

  /** Closes those for which it is true. */
  disconnectWhere(isMeant: (connection: ListedConnection) => boolean, reason: ProtocolError): void {
    for (const connection of [...this]) if (isMeant(connection)) connection.disconnect(reason);
  }

  [Symbol.iterator](): IterableIterator<ListedConnection> {
    return this.byName.values();
  }

  /** The channels of all of them. */
  *channels(): IterableIterator<Channel> {
    for (const connection of this) yield* connection.openChannels;
  }
}

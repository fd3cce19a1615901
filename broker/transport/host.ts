/** What the connections of a broker share. */
import type { Logger } from 'pino';
import type { ContentSpace } from '../protocol/content-space.js';
import type { VirtualHosts } from '../routing/virtual-hosts.js';
import type { Store } from '../store/store.js';
import type { Alarms } from './alarms.js';
import type { ConnectionRegistry } from './connection-registry.js';
import type { ConsumerTimeouts } from './consumer-timeouts.js';
import type { DirectReplies } from './direct-replies.js';
import type { BrokerEvents } from './events.js';
import type { Gate } from './gate.js';
import type { Limits } from './handshake.js';
import type { TlsOptions } from './tls.js';
import type { Turn } from './turn.js';

export interface Host {
  readonly virtualHosts: VirtualHosts;
  readonly store: Store;
  readonly gate: Gate;
  readonly limits: Limits;
  readonly messageBytesMax: number;
  /** Of one channel. */
  readonly consumersMax: number;
  readonly handshakeMs: number;
  readonly tls: TlsOptions | undefined;
  readonly space: ContentSpace;
  readonly directReplies: DirectReplies;
  readonly consumerTimeouts: ConsumerTimeouts;
  readonly turn: Turn;
  readonly alarms: Alarms;
  readonly connections: ConnectionRegistry;
  readonly events: BrokerEvents;
  readonly log: Logger | undefined;
  /** The broker is about to stop: nothing is delivered any more. */
  draining: boolean;
  /** A number for each connection, from 1. */
  nextConnectionId(): number;
}

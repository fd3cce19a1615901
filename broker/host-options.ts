/** What clients are offered and allowed, and what their connections share. */
import type { Access } from './access/access.js';
import type { ListeningOptions } from './listening.js';
import type { OpenedStore } from './opened-store.js';
import { ContentSpace } from './protocol/content-space.js';
import { Alarms } from './transport/alarms.js';
import { ConnectionRegistry } from './transport/connection-registry.js';
import { ConsumerTimeouts } from './transport/consumer-timeouts.js';
import { DirectReplies } from './transport/direct-replies.js';
import { BrokerEvents } from './transport/events.js';
import type { Host } from './transport/host.js';
import { Turn } from './transport/turn.js';

export interface HostOptions {
  /** Offered to clients; 0 for none. */
  heartbeatSeconds?: number;
  /** Offered to clients: the largest frame. */
  frameBytesMax?: number;
  /** Offered to clients: the most channels of one connection. */
  channelsMax?: number;
  /** The largest body of a message. */
  messageBytesMax?: number;
  /** The most consumers of one channel. */
  consumersMax?: number;
  /** How long a client has from being accepted, TLS included, to connection.open-ok. */
  handshakeMs?: number;
  /** How long a delivery may be unacked where its queue says nothing else; 0 for as long as it takes. */
  consumerTimeoutMs?: number;
}

/** RabbitMQ has no limit here; who has so many leaks them. */
const CONSUMERS_MAX = 10_000;
/** RabbitMQ's default: half an hour. */
const CONSUMER_TIMEOUT_MS = 1_800_000;

/** What the connections of a broker share. */
export function hostFor(
  options: HostOptions & ListeningOptions,
  { store, virtualHosts }: OpenedStore,
  gate: Access,
): Host {
  let connections = 0;
  return {
    virtualHosts,
    store,
    gate,
    limits: {
      channelsMax: options.channelsMax ?? 2047,
      frameBytesMax: options.frameBytesMax ?? 131_072,
      heartbeatSeconds: options.heartbeatSeconds ?? 60,
    },
    messageBytesMax: options.messageBytesMax ?? 16 * 1024 * 1024,
    consumersMax: options.consumersMax ?? CONSUMERS_MAX,
    handshakeMs: options.handshakeMs ?? 10_000,
    tls: options.tls,
    space: new ContentSpace(),
    directReplies: new DirectReplies(),
    consumerTimeouts: new ConsumerTimeouts(options.consumerTimeoutMs ?? CONSUMER_TIMEOUT_MS),
    turn: new Turn(),
    alarms: new Alarms(),
    connections: new ConnectionRegistry(),
    events: new BrokerEvents(),
    log: options.log,
    draining: false,
    nextConnectionId: () => ++connections,
  };
}

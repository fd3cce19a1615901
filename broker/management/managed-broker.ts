/** What a broker hands over to be managed. */
import type { Access } from '../access/access.js';
import type { EmbeddedConnection } from '../embedding/embedded-connection.js';
import type { VirtualHost } from '../routing/virtual-host.js';
import type { Identity } from '../transport/gate.js';
import type { Host } from '../transport/host.js';
import type { Ranges } from './rates/ranges.js';
import type { AllDetails } from './shown/statistics.js';

/** A port that the broker listens on. */
export interface ListenerFacts {
  /** `amqp`, `amqp/ssl`, `http`: RabbitMQ's names of protocols. */
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/** What the broker may use, and what there is. */
export interface ResourceFacts {
  /** 0 for no limit. */
  readonly memoryBytesMax: number;
  /** 0 for no limit. */
  readonly diskFreeBytesMin: number;
  /** Undefined where nothing is kept on a disk. */
  readonly diskFreeBytes: number | undefined;
  readonly dataDirectory?: string | undefined;
}

export interface ManagedBroker {
  readonly host: Host;
  readonly access: Access;
  /** When it was started, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly nodeName: string;
  readonly listeners: readonly ListenerFacts[];
  readonly resources: ResourceFacts;
  virtualHost(name: string): VirtualHost | undefined;
  /** Whether clients are taken in: not before the start is over, nor once the broker is drained or stops. */
  isReady(): boolean;
  /** Sockets of AMQP, and the most there may be: the next is turned away. */
  sockets(): { readonly used: number; readonly most: number };
  /** Begins to stop gently, as told in broker.ts; without a limit of time by the usual one. */
  drain(limits: { timeoutMs?: number }): void;
  /** Reads the certificates anew; undefined where no TLS is spoken. @throws TlsError */
  readonly reloadCertificates: (() => void) | undefined;
  /** How much the counters of an object grow, and in some range of time grew, by their names. */
  rates(of: object | readonly object[], ranges?: Ranges): AllDetails;
  /** The certificates that listeners show. */
  certificates(): readonly { protocol: string; port: number; pem: string | Buffer }[];
  /** Resolves when all that was changed so far is on disk. */
  written(): Promise<void>;
  /** A connection without a socket, for the time of a request. */
  connect(identity: Identity, virtualHost: string): EmbeddedConnection;
}

/**
 * The broker: an embeddable AMQP 0-9-1 server with RabbitMQ's semantics. This file composes its parts
 * and starts, recovers and stops them; it knows nothing of the process it is in.
 */
import type { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Access, FirstRunAdministrator } from './access/access.js';
import { isLoopback } from './access/addresses.js';
import { unrestricted } from './access/unrestricted.js';
import { EmbeddedConnection } from './embedding/embedded-connection.js';
import { EmbeddedError } from './embedding/embedded-error.js';
import { type Connect, startManagement } from './managed.js';
import type { ManagementOptions, ManagementServer } from './management/server.js';
import { type AccessSettings, openAccess } from './opened-access.js';
import { type OpenedStore, openStore } from './opened-store.js';
import { ContentSpace } from './protocol/content-space.js';
import { ProtocolError } from './protocol/protocol-error.js';
import { type ResourceLimits, ResourceMonitor } from './resource-monitor.js';
import { DEFAULT_VIRTUAL_HOST } from './routing/virtual-hosts.js';
import { Alarms } from './transport/alarms.js';
import { ConnectionRegistry } from './transport/connection-registry.js';
import { ConsumerTimeouts } from './transport/consumer-timeouts.js';
import { DirectReplies } from './transport/direct-replies.js';
import { type BrokerEventMap, BrokerEvents, type Resource } from './transport/events.js';
import type { Identity } from './transport/gate.js';
import type { Host } from './transport/host.js';
import { Listener } from './transport/listener.js';
import { checkTls, type TlsOptions } from './transport/tls.js';
import { Turn } from './transport/turn.js';

export interface BrokerOptions extends AccessSettings {
  /** The address to listen on; with 127.0.0.1, ::1 too where the machine has it. */
  host?: string;
  /** 0 takes a free one. */
  port?: number;
  /** Where durable things are kept; without it they live as long as the broker. */
  dataDirectory?: string | undefined;
  log?: Logger | undefined;
  /** Offered to clients; 0 for none. */
  heartbeatSeconds?: number;
  /** Offered to clients: the largest frame. */
  frameBytesMax?: number;
  /** Offered to clients: the most channels of one connection. */
  channelsMax?: number;
  /** The largest body of a message. */
  messageBytesMax?: number;
  /** How long a client has for the opening handshake. */
  handshakeMs?: number;
  /** Speak TLS as well, on a port of its own. */
  tls?: TlsOptions | undefined;
  /** How long a delivery may be unacked where its queue says nothing else; 0 for as long as it takes. */
  consumerTimeoutMs?: number;
  /** Above so much memory publishers are blocked; by default 60 % of what the machine allows. 0 for no limit. */
  memoryBytesMax?: number;
  /** Ready messages kept in memory, of all queues; beyond it long queues leave their middle to the disk. */
  residentMessagesMax?: number;
  /** Below so much free space in the data directory's file system publishers are blocked. 0 for no limit. */
  diskFreeBytesMin?: number;
  /** Listen for who manages, by RabbitMQ's HTTP interface. */
  management?: ManagementOptions | undefined;
  /**
   * Told when the broker had to stop because its disk is damaged: its connections are closed with 541
   * by then. Without it the error is thrown where nothing catches it, and ends the process.
   */
  onFailure?: (error: Error) => void;
}

export type { FirstRunAdministrator } from './access/access.js';
export type { EmbeddedChannel } from './embedding/embedded-channel.js';
export type { EmbeddedConnection } from './embedding/embedded-connection.js';
export { EmbeddedError } from './embedding/embedded-error.js';
export type { Delivery, MessageProperties, ReceivedMessage } from './embedding/message.js';

/** RabbitMQ's default: half an hour. */
const CONSUMER_TIMEOUT_MS = 1_800_000;
const FAILED = 'INTERNAL_ERROR - the broker cannot use its disk any more';
const SHUTDOWN = "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'";

export class BrokerError extends Error {
  readonly code: 'ERR_WARREN_BROKER_GUEST_EXPOSED';

  constructor(code: BrokerError['code'], message: string) {
    super(message);
    this.name = 'BrokerError';
    this.code = code;
  }
}

export class Broker {
  readonly host: string;
  readonly port: number;
  /** Where TLS is spoken, if it is. */
  readonly tlsPort: number | undefined;
  /** Set when this start was the first on its data directory: the only time the password is told. */
  readonly firstRunAdministrator: FirstRunAdministrator | undefined;
  private readonly shared: Host;
  private readonly listener: Listener;
  private readonly monitor: ResourceMonitor;
  private readonly embedded = new Set<EmbeddedConnection>();
  private readonly onFailure: (error: Error) => void;
  private management: ManagementServer | undefined;
  private stopping: Promise<void> | undefined;

  private constructor(
    shared: Host,
    listener: Listener,
    options: ResourceLimits & Pick<BrokerOptions, 'onFailure'>,
    firstRunAdministrator: FirstRunAdministrator | undefined,
  ) {
    this.host = listener.host;
    this.port = listener.port;
    this.tlsPort = listener.tlsPort;
    this.shared = shared;
    this.listener = listener;
    this.firstRunAdministrator = firstRunAdministrator;
    this.onFailure = options.onFailure ?? raise;
    this.connectParts();
    this.monitor = new ResourceMonitor(shared.alarms, options);
  }

  /**
   * Starts a broker: recovers what is on disk, then listens.
   *
   * Rejects with the system's error when the port is taken, with a DataDirectoryError
   * (`ERR_WARREN_DATA_DIRECTORY…`, `ERR_WARREN_DATABASE_…`) when the directory cannot be used, with a
   * BrokerError when the user guest would be exposed to a network, and with OpenSSL's error when
   * certificate and key do not fit.
   */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const { host = '127.0.0.1', allowGuestFromAnywhere = false, tls } = options;
    if (!isLoopback(host) && !allowGuestFromAnywhere) {
      throw new BrokerError(
        'ERR_WARREN_BROKER_GUEST_EXPOSED',
        `refusing to listen on ${host} while the user guest is there; listen on 127.0.0.1, or allow guest from anywhere in so many words`,
      );
    }
    if (tls !== undefined) checkTls(tls);
    const opened = await openStore(options);
    const { store } = opened;
    try {
      const failed = new Promise<never>((_, reject) => {
        store.onFatal = reject;
      });
      return await Promise.race([failed, Broker.open(options, opened)]);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private static async open(options: BrokerOptions, opened: OpenedStore): Promise<Broker> {
    const { host = '127.0.0.1', port = 5672, log } = options;
    const { access, administrator } = await openAccess(options, opened);
    const shared = hostFor(options, opened, access);
    access.onUserDeleted = (user) => {
      const reason = new ProtocolError(320, `user '${user}' is deleted`);
      shared.connections.disconnectWhere((connection) => connection.user === user, reason);
    };
    const listener = await Listener.open(shared, host, port);
    log?.info({ host, port: listener.port }, 'The broker listens');
    const broker = new Broker(shared, listener, options, administrator);
    await broker.manage(options.management, access);
    return broker;
  }

  private async manage(options: ManagementOptions | undefined, access: Access): Promise<void> {
    if (options === undefined) return;
    const connect: Connect = (identity, virtualHost) => this.attach(identity, virtualHost);
    const parts = { host: this.shared, access, amqp: this.listener, resources: this.monitor, connect };
    this.management = await startManagement(options, parts).catch(async (error) => {
      await this.closeConnections(320, SHUTDOWN);
      throw error;
    });
  }

  /** Where who manages is listened for, if that is asked for. */
  get managementPort(): number | undefined {
    return this.management?.port;
  }

  private connectParts(): void {
    const { virtualHosts, store, events, alarms, connections } = this.shared;
    alarms.onChange = (resource, set) => this.alarmChanged(resource, set);
    store.onFailing = (failing) => this.monitor.storeFails(failing);
    store.onFatal = (error) => {
      this.stopping ??= this.fail(error);
    };
    virtualHosts.onVirtualHost = (what, virtualHost) => {
      if (what !== 'deleting') return;
      const reason = new ProtocolError(320, `vhost '${virtualHost.name}' is deleted`);
      connections.disconnectWhere((connection) => connection.virtualHost === virtualHost, reason);
    };
    virtualHosts.onSettings = ({ settings }) => {
      if (settings.consumerTimeoutMs) this.shared.consumerTimeouts.notice(settings.consumerTimeoutMs);
    };
    virtualHosts.onQueue = (what, queue, virtualHost) => {
      const { name, durable, autoDelete, owner } = queue;
      const exclusive = owner !== undefined;
      events.tell(`queue.${what}`, {
        virtualHost: virtualHost.name,
        queue: name,
        durable,
        autoDelete,
        exclusive,
      });
    };
  }

  /** `amqp://guest:guest@127.0.0.1:<port>`: what a client of this broker is given. */
  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `amqp://guest:guest@${host}:${this.port}`;
  }

  /** What happens to connections, channels, queues and alarms. */
  get events(): EventEmitter<BrokerEventMap> {
    return this.shared.events.emitter;
  }

  /**
   * A connection without a socket, for the program that the broker is in, which may do everything.
   *
   * @throws EmbeddedError 530 when there is no such virtual host, 320 when the broker stops
   */
  connect({ user = 'guest', virtualHost: name = DEFAULT_VIRTUAL_HOST } = {}): EmbeddedConnection {
    return this.attach(unrestricted(user), name);
  }

  private attach(identity: Identity, name: string): EmbeddedConnection {
    if (this.stopping !== undefined) throw new EmbeddedError(320, SHUTDOWN);
    const virtualHost = this.shared.virtualHosts.get(name);
    if (virtualHost === undefined) throw new EmbeddedError(530, `NOT_ALLOWED - vhost ${name} not found`);
    const connection = new EmbeddedConnection(this.shared, identity, virtualHost, (closed) =>
      this.embedded.delete(closed),
    );
    this.embedded.add(connection);
    return connection;
  }

  private alarmChanged(resource: Resource, set: boolean): void {
    const { events, log, virtualHosts } = this.shared;
    if (set) log?.warn({ resource }, 'The broker is short of a resource and blocks publishers');
    else log?.info({ resource }, 'The broker has enough of a resource again');
    events.tell(set ? 'alarm.set' : 'alarm.cleared', { resource });
    // So that the next publish of each channel is looked at again.
    virtualHosts.changed();
    this.listener.alarmsChanged();
    for (const connection of this.embedded) connection.resumeReading();
  }

  /**
   * Stops: listens no more, closes every connection with 320, writes what is left and closes the
   * files. May be called again, and then waits for the same end.
   */
  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  private async stopOnce(): Promise<void> {
    await this.closeConnections(320, SHUTDOWN);
    await this.closeStore();
  }

  /** Takes nothing in any more, and lets the process know once every peer has been told. */
  private async fail(error: Error): Promise<void> {
    // Not in the middle of what has failed.
    await new Promise((resolve) => setImmediate(resolve));
    await this.closeConnections(541, FAILED);
    // What is wrong with the files may keep them from being closed in order.
    await this.closeStore().catch(() => undefined);
    this.onFailure(error);
  }

  private async closeConnections(replyCode: 320 | 541, text: string): Promise<void> {
    this.monitor.stop();
    this.shared.consumerTimeouts.stop();
    await this.management?.stop();
    for (const connection of [...this.embedded]) connection.close(new EmbeddedError(replyCode, text));
    await this.listener.close(new ProtocolError(replyCode, text.slice(text.indexOf(' - ') + 3)));
  }

  private async closeStore(): Promise<void> {
    for (const { queues } of this.shared.virtualHosts) for (const queue of queues.values()) queue.suspend();
    await this.shared.store.close();
  }
}

/** For the process: there is nobody to catch it. */
function raise(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

function hostFor(options: BrokerOptions, { store, virtualHosts }: OpenedStore, gate: Access): Host {
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
    nextConnectionId: () => ++connections,
  };
}

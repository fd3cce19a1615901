/**
 * The broker: an embeddable AMQP 0-9-1 server with RabbitMQ's semantics. This file composes its parts
 * and starts, recovers and stops them; it knows nothing of the process it is in.
 */
import type { EventEmitter } from 'node:events';
import type { Access, FirstRunAdministrator } from './access/access.js';
import { unrestricted } from './access/unrestricted.js';
import { closeWhatIsDeleted } from './departures.js';
import { Drain } from './drain.js';
import { EmbeddedConnection } from './embedding/embedded-connection.js';
import { EmbeddedError } from './embedding/embedded-error.js';
import { type HostOptions, hostFor } from './host-options.js';
import { type ListeningOptions, listenOptionsFor, requireGuestHidden } from './listening.js';
import {
  importDefinitions,
  type ManagedOptions,
  type ManagedSettings,
  type Management,
  startManagement,
} from './managed.js';
import { type AccessSettings, makeUsers, openAccess } from './opened-access.js';
import { type OpenedStore, openStore } from './opened-store.js';
import { ProtocolError } from './protocol/protocol-error.js';
import { tellOfQueues } from './queue-events.js';
import { type ResourceLimits, ResourceMonitor } from './resource-monitor.js';
import { DEFAULT_VIRTUAL_HOST } from './routing/virtual-hosts.js';
import type { CertificateSource } from './transport/certificate-files.js';
import type { BrokerEventMap, Resource } from './transport/events.js';
import type { Identity } from './transport/gate.js';
import type { Host } from './transport/host.js';
import { Listener, type ListenOptions } from './transport/listener.js';

export interface BrokerOptions extends AccessSettings, ListeningOptions, HostOptions, ManagedSettings {
  /** Where durable things are kept; without it they live as long as the broker. */
  dataDirectory?: string | undefined;
  /** Above so much memory publishers are blocked; by default 60 % of what the machine allows. 0 for no limit. */
  memoryBytesMax?: number;
  /** Ready messages kept in memory, of all queues; beyond it long queues leave their middle to the disk. */
  residentMessagesMax?: number;
  /** Below so much free space in the data directory's file system publishers are blocked. 0 for no limit. */
  diskFreeBytesMin?: number;
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
export { BrokerError } from './listening.js';
export { TlsError } from './transport/certificate-files.js';

const DRAIN_MS = 30_000;
const FAILED = 'INTERNAL_ERROR - the broker cannot use its disk any more';
const SHUTDOWN = "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'";

/** What a broker is doing; it is fit for work while it runs. */
export type BrokerState = 'running' | 'draining' | 'stopping' | 'stopped';

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
  private management: Management | undefined;
  private settleDrained: () => void = () => undefined;
  /** Fulfilled once a drain is over, whoever asked for it, and the broker has stopped. */
  readonly drained = new Promise<void>((resolve) => {
    this.settleDrained = resolve;
  });
  private draining: Drain | undefined;
  private stopping: Promise<void> | undefined;
  private stopped = false;

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
   * BrokerError when the user guest or plain connections would be exposed to a network, and with a
   * TlsError (`ERR_WARREN_TLS`) when the certificate cannot be used.
   */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const listening = listenOptionsFor(options);
    const opened = await openStore(options);
    const { store } = opened;
    try {
      const failed = new Promise<never>((_, reject) => {
        store.onFatal = reject;
      });
      return await Promise.race([failed, Broker.open(options, listening, opened)]);
    } catch (error) {
      listening.certificate?.stop();
      await store.close();
      throw error;
    }
  }

  private static async open(
    options: BrokerOptions,
    listening: ListenOptions,
    opened: OpenedStore,
  ): Promise<Broker> {
    const access = openAccess(options, opened);
    await importDefinitions(options.definitionsFile, { virtualHosts: opened.virtualHosts, access });
    requireGuestHidden(options, access.users.list());
    const administrator = await makeUsers(access, options);
    const shared = hostFor(options, opened, access);
    closeWhatIsDeleted(shared, access);
    const listener = await Listener.open(shared, listening);
    const { host, port, tlsPort } = listener;
    shared.log?.info({ host, port, tlsPort }, 'The broker listens');
    const broker = new Broker(shared, listener, options, administrator);
    await broker.manage(options.management, access);
    return broker;
  }

  private async manage(options: ManagedOptions | undefined, access: Access): Promise<void> {
    if (options === undefined) return;
    this.management = await startManagement(options, {
      host: this.shared,
      access,
      amqp: this.listener,
      resources: this.monitor,
      connect: (identity, virtualHost) => this.attach(identity, virtualHost),
      isReady: () => this.state === 'running',
      drain: (limits) => void this.drain(limits).catch(raise),
    }).catch(async (error) => {
      await this.closeConnections(320, SHUTDOWN);
      throw error;
    });
  }

  /** Where who manages is listened for, if that is asked for. */
  get managementPort(): number | undefined {
    return this.management?.port;
  }

  /** Where it is managed from by HTTPS, if it is. */
  get managementTlsPort(): number | undefined {
    return this.management?.tlsPort;
  }

  /** Where metrics are listened for besides, if that is asked for. */
  get metricsPort(): number | undefined {
    return this.management?.metricsPort;
  }

  private connectParts(): void {
    const { virtualHosts, store, alarms } = this.shared;
    alarms.onChange = (resource, set) => this.alarmChanged(resource, set);
    store.onFailing = (failing) => this.monitor.storeFails(failing);
    store.onFatal = (error) => {
      this.stopping ??= this.fail(error);
    };
    virtualHosts.onSettings = ({ settings }) => {
      if (settings.consumerTimeoutMs) this.shared.consumerTimeouts.notice(settings.consumerTimeoutMs);
    };
    tellOfQueues(this.shared);
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
    if (this.state !== 'running') throw new EmbeddedError(320, SHUTDOWN);
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

  get state(): BrokerState {
    if (this.stopped) return 'stopped';
    if (this.stopping !== undefined) return 'stopping';
    return this.draining === undefined ? 'running' : 'draining';
  }

  /**
   * Loads the TLS certificate anew, from its files or from what is given instead. Connections that stand
   * go on.
   *
   * @throws TlsError when it cannot be used; the old one then stays in force
   */
  reloadTls(replacement?: CertificateSource): void {
    this.listener.certificate?.reload(replacement);
  }

  /**
   * Stops gently: listens no more, cancels consumers, and closes each connection once it has nothing under
   * way, the others after `timeoutMs`. Of two drains the one whose time is up first holds.
   */
  async drain({ timeoutMs = DRAIN_MS } = {}): Promise<void> {
    const { shared, listener, embedded } = this;
    if (this.state === 'draining') this.draining?.within(timeoutMs);
    if (this.state === 'running') {
      shared.log?.info({ timeoutMs }, 'The broker drains');
      shared.draining = true;
      listener.stopListening();
      const reason = new ProtocolError(320, textOf(SHUTDOWN));
      this.draining = new Drain(() => [...listener.connections, ...embedded], reason, timeoutMs);
    }
    const left = await this.draining?.over;
    if (left) shared.log?.warn({ connections: left }, 'The drain took too long for some connections');
    await this.stop();
    this.settleDrained();
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
    this.draining?.stop();
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
    await this.listener.close(new ProtocolError(replyCode, textOf(text)));
  }

  private async closeStore(): Promise<void> {
    for (const { queues } of this.shared.virtualHosts) for (const queue of queues.values()) queue.suspend();
    await this.shared.store.close();
    this.stopped = true;
  }
}

/** What follows the name of the code. */
function textOf(replyText: string): string {
  return replyText.slice(replyText.indexOf(' - ') + 3);
}

/** For the process: there is nobody to catch it. */
function raise(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

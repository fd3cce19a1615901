/**
 * The broker: an embeddable AMQP 0-9-1 server with RabbitMQ's semantics. This file composes its parts
 * and starts, recovers and stops them; it knows nothing of the process it is in.
 */
import type { Logger } from 'pino';
import { type FirstRunAdministrator, isLoopback, Users } from './access/users.js';
import { ContentSpace } from './protocol/content-space.js';
import { restoreTopology } from './routing/restore.js';
import { VirtualHost } from './routing/virtual-host.js';
import { DataDirectory } from './store/data-directory.js';
import { DiskStore } from './store/disk-store.js';
import { recover } from './store/recovery.js';
import { MemoryStore, type Store, type UserRow } from './store/store.js';
import { DirectReplies } from './transport/direct-replies.js';
import type { Host } from './transport/host.js';
import { Listener } from './transport/listener.js';
import { Turn } from './transport/turn.js';

export interface BrokerOptions {
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
  /** Listen on an address that is not the loopback's although the user guest is there. */
  allowGuestFromAnywhere?: boolean;
}

export type { FirstRunAdministrator } from './access/users.js';

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
  /** Set when this start was the first on its data directory: the only time the password is told. */
  readonly firstRunAdministrator: FirstRunAdministrator | undefined;
  private readonly listener: Listener;
  private readonly virtualHost: VirtualHost;
  private stopping: Promise<void> | undefined;

  private constructor(
    listener: Listener,
    virtualHost: VirtualHost,
    firstRunAdministrator: FirstRunAdministrator | undefined,
  ) {
    this.host = listener.host;
    this.port = listener.port;
    this.listener = listener;
    this.virtualHost = virtualHost;
    this.firstRunAdministrator = firstRunAdministrator;
  }

  /**
   * Starts a broker: recovers what is on disk, then listens.
   *
   * Rejects with the system's error when the port is taken, with a DataDirectoryError
   * (`ERR_WARREN_DATA_DIRECTORY…`, `ERR_WARREN_DATABASE_…`) when the directory cannot be used, and with
   * a BrokerError when the user guest would be exposed to a network.
   */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const { host = '127.0.0.1', port = 5672, log, allowGuestFromAnywhere = false } = options;
    if (!isLoopback(host) && !allowGuestFromAnywhere) {
      throw new BrokerError(
        'ERR_WARREN_BROKER_GUEST_EXPOSED',
        `refusing to listen on ${host} while the user guest is there; listen on 127.0.0.1, or allow guest from anywhere in so many words`,
      );
    }
    const opened = openStore(options.dataDirectory, log);
    const { virtualHost } = opened;
    try {
      const users = new Users(opened.store, opened.users, allowGuestFromAnywhere);
      const administrator = await firstUsers(users, opened.users, options.dataDirectory);
      const listener = await Listener.open(hostFor(options, virtualHost, users), host, port);
      log?.info({ host, port: listener.port }, 'The broker listens');
      return new Broker(listener, virtualHost, administrator);
    } catch (error) {
      await opened.store.close();
      throw error;
    }
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
    await this.listener.close();
    for (const queue of this.virtualHost.queues.values()) queue.suspend();
    await this.virtualHost.store.close();
  }
}

/** Without a directory every run is the first, and guest is enough. */
async function firstUsers(
  users: Users,
  known: readonly UserRow[],
  dataDirectory: string | undefined,
): Promise<FirstRunAdministrator | undefined> {
  if (dataDirectory !== undefined) return known.length === 0 ? users.makeFirst() : undefined;
  await users.makeGuest();
  return undefined;
}

function openStore(
  dataDirectory: string | undefined,
  log: Logger | undefined,
): { store: Store; virtualHost: VirtualHost; users: UserRow[] } {
  if (dataDirectory === undefined) {
    const store = new MemoryStore();
    return { store, virtualHost: new VirtualHost(store), users: [] };
  }
  const directory = DataDirectory.open(dataDirectory);
  const recovered = recover(directory.database);
  const store = new DiskStore(directory, log);
  const virtualHost = new VirtualHost(store);
  restoreTopology(virtualHost, recovered);
  return { store, virtualHost, users: recovered.users };
}

function hostFor(options: BrokerOptions, virtualHost: VirtualHost, gate: Users): Host {
  return {
    virtualHost,
    gate,
    limits: {
      channelsMax: options.channelsMax ?? 2047,
      frameBytesMax: options.frameBytesMax ?? 131_072,
      heartbeatSeconds: options.heartbeatSeconds ?? 60,
    },
    messageBytesMax: options.messageBytesMax ?? 16 * 1024 * 1024,
    handshakeMs: options.handshakeMs ?? 10_000,
    space: new ContentSpace(),
    directReplies: new DirectReplies(),
    turn: new Turn(),
    log: options.log,
  };
}

/**
 * Accepts connections, on `::1` besides `127.0.0.1` where the machine has it: clients that are told
 * `localhost` dial either. Who is let in is the entrance's to say.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { ProtocolError } from '../protocol/protocol-error.js';
import { Connection } from './connection.js';
import { type ConnectionLimits, Entrance, type Visit } from './entrance.js';
import type { Host } from './host.js';
import type { ServerCertificate } from './server-certificate.js';
import { passesVerification } from './tls.js';

/** How often a free port is looked for that is free on both addresses. */
const PORT_ATTEMPTS = 20;
const BACKLOG = 1024;
/** A peer that asks for no heartbeats is asked by TCP instead, once nothing has come for so long. */
const KEEP_ALIVE_MS = 60_000;

/** Where to listen, and how. */
export interface ListenOptions {
  /** For connections without TLS. */
  readonly host: string;
  readonly port: number;
  /** For those with it, on the port that the shared options say. */
  readonly tlsHost: string;
  readonly certificate: ServerCertificate | undefined;
  readonly limits: ConnectionLimits;
}

export class Listener {
  readonly host: string;
  readonly port: number;
  /** Where TLS is spoken. */
  readonly tlsHost: string;
  readonly tlsPort: number | undefined;
  readonly connections: ReadonlySet<Connection>;
  private readonly servers: Server[];
  private readonly entrance: Entrance;
  readonly certificate: ServerCertificate | undefined;
  /** The next is turned away. */
  readonly connectionsMax: number;
  private onIdle: (() => void) | undefined;
  private closed: Promise<unknown> | undefined;

  private constructor(options: ListenOptions, plain: Server[], tls: Server[], door: Door) {
    this.host = options.host;
    this.tlsHost = options.tlsHost;
    this.certificate = options.certificate;
    this.connectionsMax = options.limits.connectionsMax;
    this.port = portOf(plain) as number;
    this.tlsPort = portOf(tls);
    this.servers = [...plain, ...tls];
    this.connections = door.connections;
    this.entrance = door.entrance;
    door.onIdle = () => this.onIdle?.();
  }

  /** Listens; port 0 takes a free one. Rejects with the system's error. */
  static async open(shared: Host, options: ListenOptions): Promise<Listener> {
    const { host, port, tlsHost, certificate } = options;
    const door = new Door(shared, options.limits);
    const plain = await listenEverywhere(() => door.plainServer(), host, port);
    let listener: Listener;
    try {
      const { tls } = shared;
      const secured = tls && certificate && door.secureServer(certificate);
      const secure = secured && (await listenEverywhere(() => door.serverBefore(secured), tlsHost, tls.port));
      listener = new Listener(options, plain, secure ?? [], door);
    } catch (error) {
      for (const server of plain) server.close();
      throw error;
    }
    for (const server of listener.servers) {
      // Out of file descriptors, say: those who are connected go on.
      server.on('error', (error) => shared.log?.error({ err: error }, 'A connection could not be accepted'));
    }
    return listener;
  }

  /** Those that count towards `connectionsMax`: open connections, and what is not one yet. */
  get socketCount(): number {
    return this.entrance.sockets;
  }

  /** There is an alarm, or there is none any more. */
  alarmsChanged(): void {
    for (const connection of this.connections) connection.alarmsChanged();
  }

  /** Listens no more, and cuts what is not a connection yet. */
  stopListening(): void {
    if (this.closed !== undefined) return;
    this.closed = Promise.all(
      this.servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    this.entrance.stop();
    this.certificate?.stop();
  }

  /** Stops listening, tells every peer, and waits for them, though not for long. */
  async close(reason: ProtocolError): Promise<void> {
    this.stopListening();
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve;
      if (this.connections.size === 0) resolve();
    });
    for (const connection of this.connections) connection.disconnect(reason);
    await idle;
    await this.closed;
  }
}

/** From accepted sockets to connections. */
class Door {
  readonly connections = new Set<Connection>();
  readonly entrance: Entrance;
  onIdle: () => void = () => undefined;
  private readonly shared: Host;
  /** Sockets in their TLS handshake, by what tells them apart from within TLS. */
  private readonly securing = new Map<string, Visit>();

  constructor(shared: Host, limits: ConnectionLimits) {
    this.shared = shared;
    this.entrance = new Entrance(limits, shared.handshakeMs, shared.log);
  }

  plainServer(): Server {
    return createServer({ pauseOnConnect: true }, (accepted) => {
      this.entrance.enter(accepted, (visit) => {
        this.connect(visit.socket, visit);
        accepted.resume();
      });
    });
  }

  /** Accepts for a server that only speaks TLS: the entrance comes before what a handshake costs. */
  serverBefore(secured: TlsServer): Server {
    return createServer({ pauseOnConnect: true }, (accepted) => {
      const ends = endsOf(accepted);
      this.entrance.enter(accepted, (visit) => {
        this.securing.set(ends, visit);
        accepted.on('close', () => this.securing.delete(ends));
        secured.emit('connection', accepted);
      });
    });
  }

  secureServer(certificate: ServerCertificate): TlsServer {
    const { shared } = this;
    const options = { ...certificate.serverOptions, handshakeTimeout: shared.handshakeMs };
    const server = createTlsServer(options, (socket) => this.secured(socket));
    server.on('tlsClientError', (error, socket) => {
      shared.log?.warn({ err: error, remoteAddress: socket.remoteAddress }, 'A TLS handshake failed');
    });
    certificate.attach(server);
    return server;
  }

  private secured(socket: TLSSocket): void {
    const visit = this.securing.get(endsOf(socket));
    const { tls } = this.shared;
    if (visit === undefined || tls === undefined || !passesVerification(socket, tls)) socket.destroy();
    else this.connect(socket, visit);
  }

  private connect(socket: Socket, visit: Visit): void {
    visit.taken = true;
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const connection = new Connection(this.shared, socket, {
      opened: () => visit.opened(),
      closed: () => {
        this.connections.delete(connection);
        if (this.connections.size === 0) this.onIdle();
      },
    });
    this.connections.add(connection);
  }
}

/** Both ends of a socket, which no other has at the same time. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

function portOf(servers: readonly Server[]): number | undefined {
  const address = servers[0]?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

async function listenEverywhere(make: () => Server, host: string, port: number): Promise<Server[]> {
  for (let attempt = 1; ; attempt++) {
    const first = await listen(make(), host, port);
    if (host !== '127.0.0.1') return [first];
    try {
      return [first, await listen(make(), '::1', portOf([first]) as number)];
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EADDRINUSE') return [first];
      await new Promise<void>((resolve) => first.close(() => resolve()));
      if (port !== 0 || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

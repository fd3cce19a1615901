/**
 * Accepts connections, on `::1` besides `127.0.0.1` where the machine has it: clients that are told
 * `localhost` dial either.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ProtocolError } from '../protocol/protocol-error.js';
import { Connection } from './connection.js';
import type { Host } from './host.js';
import type { TlsOptions } from './tls.js';

/** How often a free port is looked for that is free on both addresses. */
const PORT_ATTEMPTS = 20;
const BACKLOG = 1024;

export class Listener {
  readonly host: string;
  readonly port: number;
  /** Where TLS is spoken. */
  readonly tlsPort: number | undefined;
  private readonly servers: Server[];
  private readonly connections: Set<Connection>;
  /** Sockets that have not got through TLS. */
  private readonly handshaking: Set<Socket>;
  private onIdle: (() => void) | undefined;

  private constructor(
    host: string,
    plain: Server[],
    tls: Server[],
    connections: Set<Connection>,
    handshaking: Set<Socket>,
  ) {
    this.host = host;
    this.port = portOf(plain) as number;
    this.tlsPort = portOf(tls);
    this.servers = [...plain, ...tls];
    this.connections = connections;
    this.handshaking = handshaking;
  }

  /** Listens; port 0 takes a free one. Rejects with the system's error. */
  static async open(shared: Host, host: string, port: number): Promise<Listener> {
    const connections = new Set<Connection>();
    let listener: Listener | undefined;
    const accept = (socket: Socket): void => {
      const connection = new Connection(shared, socket, (closed) => {
        connections.delete(closed);
        if (connections.size === 0) listener?.onIdle?.();
      });
      connections.add(connection);
    };
    const plain = await listenEverywhere(() => createServer({ allowHalfOpen: false }, accept), host, port);
    const handshaking = new Set<Socket>();
    try {
      const { tls } = shared;
      const makeSecure = (options: TlsOptions) => () => tlsServer(shared, options, handshaking, accept);
      const secure = tls && (await listenEverywhere(makeSecure(tls), host, tls.port));
      listener = new Listener(host, plain, secure ?? [], connections, handshaking);
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

  /** There is an alarm, or there is none any more. */
  alarmsChanged(): void {
    for (const connection of this.connections) connection.alarmsChanged();
  }

  /** Stops listening, tells every peer, and waits for them, though not for long. */
  async close(reason: ProtocolError): Promise<void> {
    const closed = this.servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve;
      if (this.connections.size === 0) resolve();
    });
    for (const connection of this.connections) connection.disconnect(reason);
    for (const socket of this.handshaking) socket.destroy();
    await idle;
    await Promise.all(closed);
  }
}

function portOf(servers: readonly Server[]): number | undefined {
  const address = servers[0]?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

function tlsServer(
  shared: Host,
  tls: TlsOptions,
  handshaking: Set<Socket>,
  accept: (socket: Socket) => void,
): Server {
  const { verifyPeer = false, failIfNoPeerCertificate = false } = tls;
  const server = createTlsServer(
    {
      cert: tls.certificate,
      key: tls.key,
      ca: tls.authority,
      minVersion: 'TLSv1.2',
      handshakeTimeout: shared.handshakeMs,
      requestCert: verifyPeer,
      rejectUnauthorized: verifyPeer && failIfNoPeerCertificate,
    },
    (socket) => {
      // A certificate that nobody vouches for is worse than none.
      const shown = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
      if (verifyPeer && shown && !socket.authorized) socket.destroy();
      else accept(socket);
    },
  );
  server.on('connection', (socket: Socket) => {
    handshaking.add(socket);
    socket.on('close', () => handshaking.delete(socket));
  });
  server.on('tlsClientError', (error, socket) => {
    shared.log?.warn({ err: error, remoteAddress: socket.remoteAddress }, 'A TLS handshake failed');
  });
  return server;
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

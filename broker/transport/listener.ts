/**
 * Accepts connections, on `::1` besides `127.0.0.1` where the machine has it: clients that are told
 * `localhost` dial either.
 */
import { createServer, type Server } from 'node:net';
import { ProtocolError } from '../protocol/protocol-error.js';
import { Connection } from './connection.js';
import type { Host } from './host.js';

/** How often a free port is looked for that is free on both addresses. */
const PORT_ATTEMPTS = 20;
const BACKLOG = 1024;

export class Listener {
  readonly host: string;
  readonly port: number;
  private readonly servers: Server[];
  private readonly connections: Set<Connection>;
  private onIdle: (() => void) | undefined;

  private constructor(host: string, port: number, servers: Server[], connections: Set<Connection>) {
    this.host = host;
    this.port = port;
    this.servers = servers;
    this.connections = connections;
  }

  /** Listens; port 0 takes a free one. Rejects with the system's error. */
  static async open(shared: Host, host: string, port: number): Promise<Listener> {
    const connections = new Set<Connection>();
    let listener: Listener | undefined;
    const accept = (): Server =>
      createServer({ allowHalfOpen: false }, (socket) => {
        const connection = new Connection(shared, socket, (closed) => {
          connections.delete(closed);
          if (connections.size === 0) listener?.onIdle?.();
        });
        connections.add(connection);
      });
    const servers = await listenEverywhere(accept, host, port);
    const address = servers[0]?.address();
    const actual = typeof address === 'object' && address !== null ? address.port : port;
    for (const server of servers) {
      // Out of file descriptors, say: those who are connected go on.
      server.on('error', (error) => shared.log?.error({ err: error }, 'A connection could not be accepted'));
    }
    listener = new Listener(host, actual, servers, connections);
    shared.virtualHost.store.onRelieved = () => {
      for (const connection of connections) connection.resumeReading();
    };
    return listener;
  }

  /** Stops listening, tells every peer, and waits for them, though not for long. */
  async close(): Promise<void> {
    const closed = this.servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    const reason = new ProtocolError(320, "broker forced connection closure with reason 'shutdown'");
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve;
      if (this.connections.size === 0) resolve();
    });
    for (const connection of this.connections) connection.close(reason);
    await idle;
    await Promise.all(closed);
  }
}

async function listenEverywhere(make: () => Server, host: string, port: number): Promise<Server[]> {
  for (let attempt = 1; ; attempt++) {
    const first = await listen(make(), host, port);
    if (host !== '127.0.0.1') return [first];
    const address = first.address();
    const actual = typeof address === 'object' && address !== null ? address.port : port;
    try {
      return [first, await listen(make(), '::1', actual)];
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

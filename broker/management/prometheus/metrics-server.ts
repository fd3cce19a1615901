/**
 * The metrics on a port of their own, as RabbitMQ has them on 15692: a scraper then needs no way to the
 * interface that the broker is managed by.
 */
import fastify, { type FastifyInstance } from 'fastify';
import type { MeteredBroker } from './readings.js';
import { addMetrics } from './routes.js';

export interface MetricsOptions {
  /** The address to listen on. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
}

/** RabbitMQ's. */
const PORT = 15_692;
const CONNECTIONS_MAX = 64;
const HEADERS_MS = 10_000;
/** How often Node looks who has taken too long; its own 30 s would make more of 10. */
const LOOK_MS = 1_000;

export class MetricsServer {
  readonly host: string;
  readonly port: number;
  private readonly server: FastifyInstance;

  private constructor(server: FastifyInstance, host: string, port: number) {
    this.server = server;
    this.host = host;
    this.port = port;
  }

  /** Listens. Rejects with the system's error when it cannot. */
  static async start(options: MetricsOptions, broker: MeteredBroker): Promise<MetricsServer> {
    const { host = '127.0.0.1', port = PORT } = options;
    const server = fastify({
      http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: LOOK_MS },
      forceCloseConnections: true,
      routerOptions: { ignoreTrailingSlash: true },
    });
    server.setNotFoundHandler((request, reply) =>
      request.method === 'GET'
        ? reply.code(404).send({ error: 'Object Not Found', reason: 'Not Found' })
        : reply.code(405).header('allow', 'HEAD, GET, OPTIONS').send(),
    );
    addMetrics(server, broker);
    await server.listen({ host, port });
    server.server.maxConnections = CONNECTIONS_MAX;
    const address = server.server.address();
    return new MetricsServer(server, host, typeof address === 'object' && address ? address.port : port);
  }

  /** Listens no more, and ends the connections there are. */
  async stop(): Promise<void> {
    await this.server.close();
  }
}

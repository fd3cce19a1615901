/** The live tail's endpoint: Server-Sent Events, one viewer a request. */
import type { FastifyInstance } from 'fastify';
import { ALL_RECORDS } from '../../../collector/topology.js';
import { SECURITY_HEADERS } from './access-guard.js';
import type { BrokerLink } from './broker-link.js';
import { ConsoleError } from './console-error.js';
import { TailViewer } from './tail-viewer.js';

/** Viewers at once; each costs the broker a queue. */
const VIEWERS_MAX = 20;

/** A browser that lost the stream tries again after this time. */
const RETRY_MS = 2000;

/** Keeps the viewers that are there, so that they can be ended together. */
export class LiveTail {
  readonly #viewers = new Set<TailViewer>();
  readonly #link: BrokerLink;

  constructor(link: BrokerLink) {
    this.#link = link;
  }

  /** Adds `GET /api/tail?key=<binding key>`. */
  addRoutes(server: FastifyInstance): void {
    server.get<{ Querystring: { key: string } }>(
      '/api/tail',
      {
        schema: {
          querystring: {
            type: 'object',
            properties: { key: { type: 'string', minLength: 1, maxLength: 255, default: ALL_RECORDS } },
          },
        },
      },
      async (request, reply) => {
        if (this.#viewers.size >= VIEWERS_MAX) {
          const message = `There are ${VIEWERS_MAX} live tails already: close one, then try again.`;
          throw new ConsoleError('ERR_WARREN_TAILS_MAX', 503, message);
        }
        const viewer = new TailViewer(await this.#link.channel(), reply.raw);
        this.#viewers.add(viewer);
        reply.raw.on('close', () => {
          viewer.end();
          this.#viewers.delete(viewer);
        });
        try {
          await viewer.open(request.query.key);
        } catch (error) {
          this.#viewers.delete(viewer);
          throw error;
        }
        reply.hijack();
        reply.raw.writeHead(200, {
          ...SECURITY_HEADERS,
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        reply.raw.write(`retry: ${RETRY_MS}\n\n`);
        viewer.greet(request.query.key);
      },
    );
  }

  /** Ends every viewer. */
  end(): void {
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
  }
}

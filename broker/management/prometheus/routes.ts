/**
 * The metrics over HTTP, at RabbitMQ's paths: `/metrics`, `/metrics/per-object`, `/metrics/detailed` and
 * `/metrics/memory-breakdown`. Whoever reaches the port may read them, as in RabbitMQ.
 */
import { pipeline, Readable, Transform } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CONTENT_TYPES } from './exposition.js';
import { negotiateFormat, wantsGzip } from './negotiation.js';
import { watchProcess } from './process-metrics.js';
import type { MeteredBroker } from './readings.js';
import { ENDPOINTS, type Endpoint, type Scraped, type Selection, scrape } from './scrape.js';
import { Telemetry } from './telemetry.js';

/** Scrapes at once; more are answered with 503. */
const SCRAPES_MAX = 8;
/** How long a scrape may take, however slowly its client reads. */
const SCRAPE_MS_MAX = 120_000;

const DEFAULT = 'default';

/** Adds the routes to an HTTP server. */
export function addMetrics(server: FastifyInstance, broker: MeteredBroker): void {
  watchProcess();
  const scraped = new Map<string, Scraped>();
  for (const endpoint of ENDPOINTS) {
    const registry = registryOf(endpoint);
    scraped.set(registry, { broker, endpoint, telemetry: new Telemetry(registry) });
  }
  const running = { count: 0 };
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { registry = DEFAULT } = request.params as { registry?: string };
    const found = scraped.get(registry === '' ? DEFAULT : registry);
    if (found === undefined) return reply.code(404).type('text/plain').send('Unknown Registry');
    return send(request, reply, found, running);
  };
  for (const path of ['/metrics', '/metrics/:registry']) {
    // RabbitMQ's answer, and one that costs nothing.
    server.head(path, (_request, reply) => reply.code(204).send());
    server.get(path, answer);
  }
}

/** What RabbitMQ calls the endpoint in a path and in a label. */
function registryOf(endpoint: Endpoint): string {
  return endpoint === 'aggregated' ? DEFAULT : endpoint;
}

function send(
  { raw: { url = '' }, headers }: FastifyRequest,
  reply: FastifyReply,
  scraped: Scraped,
  running: { count: number },
): FastifyReply {
  const format = negotiateFormat(headers.accept);
  if (format === undefined) return reply.code(406).send();
  if (running.count >= SCRAPES_MAX) return reply.code(503).header('retry-after', '1').send();
  running.count++;
  const startedAt = performance.now();
  const encoding = wantsGzip(headers['accept-encoding']) ? 'gzip' : 'identity';
  const text = new Counted();
  const encoded = new Counted();
  const source = Readable.from(scrape(scraped, format, selectionOf(url)));
  // A client that is gone, or too slow, must not keep a scrape from ending.
  const tooLate = setTimeout(() => source.destroy(new Error('The scrape took too long')), SCRAPE_MS_MAX);
  tooLate.unref();
  const stages =
    encoding === 'gzip'
      ? [source, text, createGzip({ level: constants.Z_BEST_SPEED }), encoded]
      : [source, text, encoded];
  pipeline(stages, (error) => {
    clearTimeout(tooLate);
    running.count--;
    if (error) {
      // A client that goes away is its own affair.
      const gone = error.code === 'ERR_STREAM_PREMATURE_CLOSE';
      if (!gone) scraped.broker.host.log?.error({ err: error }, 'A scrape of metrics did not get to its end');
      return;
    }
    const duration = (performance.now() - startedAt) / 1000;
    scraped.telemetry.observe(CONTENT_TYPES[format], encoding, {
      duration,
      size: text.bytes,
      encoded: encoded.bytes,
    });
  });
  if (encoding === 'gzip') reply.header('content-encoding', encoding);
  return reply.header('vary', 'accept, accept-encoding').type(CONTENT_TYPES[format]).send(encoded);
}

/** `?family=…&family=…&vhost=…` of /metrics/detailed. */
function selectionOf(url: string): Selection {
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  return {
    families: query.getAll('family'),
    virtualHosts: query.has('vhost') ? query.getAll('vhost') : undefined,
  };
}

/** Passes bytes on and counts them. */
class Counted extends Transform {
  bytes = 0;

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: null, chunk: Buffer) => void,
  ): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}

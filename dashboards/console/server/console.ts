/**
 * The console: one HTTP server for the page and its API.
 *
 * Responsible for putting the parts together, starting and stopping. It reaches the pipeline only by
 * Elasticsearch's HTTP API and by AMQP, so that it works the same on a cluster of either.
 */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import { DeadLetterQueue } from '../../../collector/deadletter/dead-letter-queue.js';
import type { ApiError } from '../model/api.js';
import { AccessGuard } from './access-guard.js';
import { BrokerLink } from './broker-link.js';
import { ConsoleError, shownUrl } from './console-error.js';
import { addHealthRoutes } from './health-routes.js';
import { LetterDesk } from './letter-desk.js';
import { addLetterRoutes } from './letter-routes.js';
import { LogSearch } from './log-search.js';
import { addSearchRoutes } from './search-routes.js';
import { LiveTail } from './tail-routes.js';

/** The built page, beside the compiled server. */
const PAGE_DIRECTORY = fileURLToPath(new URL('../web/', import.meta.url));

/** A request's body is a list of ids at most. */
const BODY_BYTES_MAX = 1_048_576;

/** What a console is started with. */
export interface ConsoleOptions {
  /** Address to listen on; `127.0.0.1` by default. */
  host?: string;
  /** 5601 by default; 0 takes a free one. */
  port?: number;
  brokerUrl: string;
  elasticsearchUrl: string;
  /** An API key; user and password go into the URL. */
  elasticsearchApiKey?: string;
  /** Index pattern that is searched; `logs-*` by default. */
  index?: string;
  /** Further names it may be reached by, when it stands behind a proxy. */
  hostNames?: readonly string[];
  log?: Logger;
}

/** A running console. */
export class Console {
  readonly host: string;
  readonly port: number;
  readonly #server: FastifyInstance;
  readonly #tail: LiveTail;
  readonly #link: BrokerLink;
  readonly #search: LogSearch;
  #stopping: Promise<void> | undefined;

  private constructor(
    server: FastifyInstance,
    parts: { tail: LiveTail; link: BrokerLink; search: LogSearch },
    address: { host: string; port: number },
  ) {
    this.#server = server;
    this.#tail = parts.tail;
    this.#link = parts.link;
    this.#search = parts.search;
    this.host = address.host;
    this.port = address.port;
  }

  /**
   * Starts listening. The broker and the store need not be there yet: the page says so until they are.
   *
   * @throws Node's own error with `code`, `address` and `port` when it cannot listen
   */
  static async start(options: ConsoleOptions): Promise<Console> {
    const { host = '127.0.0.1', port = 5601, brokerUrl, elasticsearchUrl, index = 'logs-*', log } = options;
    const server = fastify({ bodyLimit: BODY_BYTES_MAX });
    const link = new BrokerLink(brokerUrl, log);
    const search = new LogSearch(elasticsearchUrl, index, options.elasticsearchApiKey);
    const tail = new LiveTail(link);
    server.setErrorHandler((error: FastifyError, _request, reply) => {
      const told = toldError(error, log);
      void reply.code(told.statusCode).send(errorBody(told));
    });
    new AccessGuard(host, options.hostNames ?? []).protect(server);
    addSearchRoutes(server, search);
    const desk = new LetterDesk(new DeadLetterQueue({ brokerUrl }));
    addLetterRoutes(server, desk, search);
    addHealthRoutes(server, { search, link, desk });
    tail.addRoutes(server);
    await addPage(server);
    try {
      await server.listen({ host, port });
    } catch (error) {
      await server.close();
      throw error;
    }
    const address = server.server.address() as AddressInfo;
    log?.info(
      { host, port: address.port, broker: shownUrl(brokerUrl), store: shownUrl(elasticsearchUrl), index },
      'The console listens',
    );
    return new Console(server, { tail, link, search }, { host, port: address.port });
  }

  /** Ends every viewer, answers what is under way, and closes. Safe to call again. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      this.#tail.end();
      await this.#server.close();
      await this.#link.close();
      await this.#search.close();
    })();
    return this.#stopping;
  }
}

async function addPage(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, {
    root: PAGE_DIRECTORY,
    cacheControl: false,
    setHeaders(reply, path) {
      const named = path.includes('/assets/');
      reply.header('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  server.setNotFoundHandler((request, reply) => {
    const unbuilt = 'The page is not built: run `npm run build:console`, then load it again.';
    const message = request.url === '/' ? unbuilt : `There is nothing at ${request.url.slice(0, 200)}.`;
    void reply.code(404).send(errorBody(new ConsoleError('ERR_WARREN_NOT_FOUND', 404, message)));
  });
}

/** What the page is told of an error; a fault of our own is logged, and shown without its inside. */
function toldError(error: FastifyError, log: Logger | undefined): ConsoleError {
  if (error instanceof ConsoleError) return error;
  if (error.code?.startsWith('ERR_WARREN_')) {
    return new ConsoleError(error.code, 502, error.message, { cause: error });
  }
  const status = error.statusCode ?? 500;
  if (error.validation || (status >= 400 && status < 500)) {
    return new ConsoleError('ERR_WARREN_REQUEST', status, error.message, { cause: error });
  }
  log?.error({ err: error }, 'A request to the console failed');
  const message = 'The console failed at this request; its log has the reason.';
  return new ConsoleError('ERR_WARREN_CONSOLE', 500, message, { cause: error });
}

function errorBody(error: ConsoleError): ApiError {
  const column = error.column === undefined ? {} : { column: error.column };
  return { error: { code: error.code, message: error.message, ...column } };
}

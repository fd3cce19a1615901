/**
 * The embedded log store: Elasticsearch's HTTP API over DuckDB files by day. The composition root:
 * opens the directory, replays the journal, listens; and takes all that down again in order.
 */
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { bulkRoutes } from './api/bulk.js';
import { clusterRoutes } from './api/cluster.js';
import type { ApiContext } from './api/context.js';
import { dataStreamRoutes } from './api/data-streams.js';
import { documentRoutes } from './api/document.js';
import { fieldCapsRoutes } from './api/field-caps.js';
import { indexRoutes } from './api/indices.js';
import { msearchRoutes } from './api/msearch.js';
import { setUpReplies } from './api/reply.js';
import { searchRoutes } from './api/search.js';
import { templateRoutes } from './api/templates.js';
import { Catalog } from './catalog/catalog.js';
import { StoreError } from './errors.js';
import { Searcher } from './search/search.js';
import { Database } from './segment/database.js';
import { Writer } from './segment/writer.js';

/** Options of {@link LogStore.start}. */
export interface LogStoreOptions {
  /** The address to listen on; `127.0.0.1` when not given. */
  host?: string;
  /** The port; 9200 when not given, 0 for any. */
  port?: number;
  /** Where everything is kept; made when it is not there. One store at a time may use it. */
  dataDirectory: string;
  log?: Logger;
  /** Memory DuckDB may use, in bytes; a quarter of the machine's, at most 512 MiB, when not given. */
  memoryBytesMax?: number;
  /** Threads DuckDB may use; the machine's when not given. */
  threads?: number;
  /** The largest request body, in bytes; 100 MiB when not given, as Elasticsearch's. */
  bodyBytesMax?: number;
  /** Searches that run at once, the others wait; 4 when not given. */
  searchesMax?: number;
  /** How long a search may take, in ms, before it is stopped with 408; 30 s when not given. */
  searchTimeoutMs?: number;
  /** How long an acknowledged document may wait until searches find it, in ms; 400 when not given. */
  flushMs?: number;
}

/** DuckDB's memory when nothing else is said; what needs more spills to the data directory. */
const MEMORY_BYTES_DEFAULT = 512 * 1024 ** 2;

/** A running log store. */
export class LogStore {
  readonly host: string;
  readonly port: number;
  private readonly server: FastifyInstance;
  private readonly writer: Writer;
  private readonly database: Database;
  private stopping: Promise<void> | undefined;

  private constructor(server: FastifyInstance, writer: Writer, database: Database, address: AddressInfo) {
    this.server = server;
    this.writer = writer;
    this.database = database;
    this.host = address.address;
    this.port = address.port;
  }

  /**
   * Opens a data directory and serves it.
   *
   * @throws StoreError when the directory is in use, of a newer format or cannot be used; a system
   *   error such as EADDRINUSE when the port cannot be listened on
   */
  static async start(options: LogStoreOptions): Promise<LogStore> {
    const { dataDirectory: directory, log } = options;
    await makeDirectory(directory);
    const database = await Database.open({
      directory,
      threads: options.threads ?? availableParallelism(),
      memoryBytesMax: options.memoryBytesMax ?? Math.min(MEMORY_BYTES_DEFAULT, totalmem() / 4),
      searchesMax: options.searchesMax ?? 4,
      log,
    });
    let writer: Writer | undefined;
    let server: FastifyInstance | undefined;
    try {
      const catalog = await Catalog.open(directory);
      database.onSetAside = (day) => {
        for (const index of catalog.indices.values()) index.days.delete(day);
        catalog.changed();
      };
      writer = await Writer.open(catalog, database, { directory, flushMs: options.flushMs ?? 400, log });
      const searcher = new Searcher(database, options.searchTimeoutMs ?? 30_000);
      server = serve({ catalog, database, writer, searcher, log }, options.bodyBytesMax ?? 104_857_600);
      await server.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 9200 });
      const address = server.server.address() as AddressInfo;
      log?.info({ host: address.address, port: address.port, directory }, 'store is listening');
      return new LogStore(server, writer, database, address);
    } catch (error) {
      await server?.close();
      await writer?.close();
      await database.close();
      throw error;
    }
  }

  /** Answers the requests under way, makes everything durable in the day files and closes them. */
  stop(): Promise<void> {
    this.stopping ??= this.stopNow();
    return this.stopping;
  }

  private async stopNow(): Promise<void> {
    await this.server.close();
    await this.writer.close();
    await this.database.close();
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new StoreError(
      'ERR_WARREN_STORE_DIRECTORY',
      `the data directory ${directory} cannot be made: choose another or mend its permissions`,
      error,
    );
  }
}

function serve(context: ApiContext, bodyBytesMax: number): FastifyInstance {
  const server = fastify({
    bodyLimit: bodyBytesMax,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 2000, ignoreTrailingSlash: true },
  });
  setUpReplies(server, context.log);
  clusterRoutes(server, context);
  bulkRoutes(server, context);
  searchRoutes(server, context);
  msearchRoutes(server, context);
  fieldCapsRoutes(server, context);
  templateRoutes(server, context);
  dataStreamRoutes(server, context);
  indexRoutes(server, context);
  documentRoutes(server, context);
  return server;
}

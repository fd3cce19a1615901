/** What the endpoints work with. */
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Catalog, Index } from '../catalog/catalog.js';
import { resolveIndices } from '../catalog/index-expression.js';
import type { Searcher } from '../search/search.js';
import type { Database } from '../segment/database.js';
import type { Writer } from '../segment/writer.js';
import { flag, query } from './reply.js';

/** What the endpoints work with. */
export interface ApiContext {
  catalog: Catalog;
  database: Database;
  writer: Writer;
  searcher: Searcher;
  log: Logger | undefined;
}

/** The Elasticsearch version the store speaks for. */
export const VERSION = '8.19.0';

/** The indices named in a request's path, by its options. @throws ApiError 404 */
export function indicesOf(context: ApiContext, request: FastifyRequest, expression?: string): Index[] {
  const { index } = request.params as { index?: string };
  const parameters = query(request);
  return resolveIndices(context.catalog, expression ?? index ?? '', {
    ignoreUnavailable: flag(parameters['ignore_unavailable']),
    allowNoIndices: flag(parameters['allow_no_indices'], true),
  });
}
